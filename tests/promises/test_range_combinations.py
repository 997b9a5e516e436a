# -*- coding: utf-8 -*-
"""Ranges beside other keys: what was announced, what was sent and what history says agree.

hypothesis draws requests and scripts. The same request to the same script without a fault and a
rate is what each is compared with, and that is compared with the standard.
"""
from __future__ import unicode_literals

import io
import os

import pytest

from support.client import Client, ask, request
from support.contents import content_of
from support.paths import Path
from support.representation import Representation
from support.servers import serve
from support.strategies import HOME, examples, given, st
from support.waiting import eventually

CONTENT = content_of(1024)
PATH = os.path.join(HOME, 'ranged')

#: Ranges, each with what is sent of content of *size* bytes.
RANGES = {
    None: '200',
    'bytes=0-': '206 0-{last}',
    'bytes=5-9': '206 5-9',
    'bytes=-7': '206 {seventh}-{last}',
    'bytes=3-3,6-{last}': '206 3-3,6-{last}',
    'bytes=99999-': '416',
    'bytes=0-5,3-9': '200',
    'items=1-2': '200',
}


#: Functions that make the content of a script.
KINDS = {
    'bytes': lambda: CONTENT,
    'path': lambda: Path(PATH),
    'file': lambda: io.BytesIO(CONTENT),
    'function': lambda: lambda request: CONTENT,
}

moments = st.one_of(st.sampled_from(['response', 'body', 'end']), st.integers(0, 1100))
exchanges = st.fixed_dictionaries({
    'kind': st.sampled_from(sorted(KINDS)),
    'coding': st.sampled_from([None, None, 'gzip', 'deflate']),
    'rate': st.sampled_from([None, None, 1e6]),
    'delay': st.sampled_from([None, None, 0.001]),
    'method': st.sampled_from(['GET', 'GET', 'HEAD', 'PUT']),
    'range': st.sampled_from(sorted(RANGES, key=str)),
    'condition': st.sampled_from(['', '', 'If-None-Match', 'If-Range', 'If-Match']),
    'is_current': st.booleans(),
})
faults = st.one_of(st.none(), st.tuples(st.sampled_from(['disconnect', 'reset']), moments))
conversations = st.tuples(st.lists(exchanges, min_size=1, max_size=4), faults, st.booleans())


def script(drawn):
    """Return the ``response_*`` keys of a *drawn* exchange, without what disturbs it."""
    keys = {'response_content': KINDS[drawn['kind']](), 'response_ranges': True,
            'response_headers': {'Content-Type': 'a/b'}}
    if drawn['coding']:
        keys['response_content_encoding'] = drawn['coding']
    return keys


def disturbed(drawn, fault=None):
    """Return the keys of a *drawn* exchange, with a *fault* or without one."""
    keys = script(drawn)
    if drawn['rate']:
        keys['response_rate'] = drawn['rate']
    if drawn['delay']:
        keys['response_timeout'] = drawn['delay']
    if fault:
        keys['response_fault'], keys['response_fault_at'] = fault
    return keys


def whole_of(server, drawn):
    """Return the response without any field of a condition, and the size of its content."""
    server.enqueue(script(drawn))
    return ask(server, 'GET', '/')


def lines_of(drawn, whole):
    """Return the lines of the *drawn* fields."""
    lines = []
    if drawn['range']:
        lines.append('Range: ' + drawn['range'].format(last=len(whole.body) - 1))
    if drawn['condition'] and whole.get('etag'):
        lines.append('%s: %s' % (drawn['condition'],
                                 whole.get('etag') if drawn['is_current'] else '"other"'))
    return lines


def expected(drawn, whole):
    """Return what the standard says, as `Representation.wrong` reads it."""
    condition, is_current = drawn['condition'], drawn['is_current']
    if condition == 'If-Match' and not is_current:
        return '412'
    if condition == 'If-None-Match' and is_current:
        return '412' if drawn['method'] == 'PUT' else '304'
    if drawn['method'] != 'GET' or condition == 'If-Range' and not is_current:
        return '200'
    size = len(whole.body)
    return RANGES[drawn['range']].format(last=size - 1, seventh=size - 7)


def is_ranged(drawn):
    """Whether the length is known: that of a file in a coding is not, so it is sent whole."""
    return not (drawn['coding'] and drawn['kind'] in ('path', 'file'))


def undisturbed(server, drawn):
    """Return the request and the response that the *drawn* one has without a fault."""
    whole = whole_of(server, drawn)
    lines = lines_of(drawn, whole)
    server.enqueue(script(drawn))
    answer = ask(server, drawn['method'], '/', *lines)
    if is_ranged(drawn):
        # In a response to PUT, a tag would be that of what was stored.
        names = ('content-type',) if drawn['method'] == 'PUT' else ('etag', 'content-type')
        fields = dict((name, whole.get(name)) for name in names)
        wrong = Representation(whole.body, **fields).wrong(
            answer, expected(drawn, whole), drawn['method'])
        assert wrong == '', (drawn, lines)
    return request(drawn['method'], '/', *lines), answer


def sent_before(fault, method, answer):
    """Return how many bytes of the content of *answer* a client gets with this *fault*."""
    at = fault[1]
    if at == 'body':
        return len(answer.body) // 2
    return len(answer.body) if at == 'end' else 0 if at == 'response' else at


def check_last(client, entry, fault, method, answer):
    """Check the response that a fault ends. *answer* is that without one."""
    head, end, body = client.rest().partition(b'\r\n\r\n')
    wanted = answer.body[:sent_before(fault, method, answer)]
    entry = eventually(entry)
    if fault[1] == 'response':
        assert (head, body) == (b'', b'') and 'response_status' not in entry
        return
    assert end and int(head.split()[1]) == entry['response_status'] == answer.status
    announced = [line for line in head.decode('latin-1').split('\r\n')
                 if line.lower().startswith('content-length')]
    length = answer.get('content-length')
    assert announced == ([] if length is None else ['Content-Length: ' + length])
    if announced:
        assert body == wanted
        assert is_same_content(entry['response_content'], wanted)


def same(answer, other):
    """Fail unless two responses have the same status, fields and content."""
    assert (answer.status, answer.body) == (other.status, other.body)
    for name in ('content-length', 'content-range', 'content-type', 'etag', 'last-modified',
                 'accept-ranges', 'content-encoding', 'transfer-encoding'):
        assert answer.get(name) == other.get(name), name


def check(server, drawn, fault, is_pipelined):
    """Have the *drawn* exchanges on one connection. The last one ends with the *fault*."""
    server.reset()
    if fault and fault[1] == 'body' and not is_ranged(drawn[-1]):
        # Half of a length that is not known is an error of the script.
        fault = fault[0], 3
    pairs = [undisturbed(server, each) for each in drawn]
    server.enqueue(*[disturbed(each, fault if index == len(drawn) - 1 else None)
                     for index, each in enumerate(drawn)])
    start = len(server.history)
    octets = [sent for sent, _ in pairs]
    with Client(server) as client:
        for index, (each, (_, answer)) in enumerate(zip(drawn, pairs)):
            if not is_pipelined:
                client.send(octets[index])
            elif index == 0:
                client.send(b''.join(octets))
            if fault and index == len(drawn) - 1:
                check_last(client, lambda: finished(server, start + index), fault,
                           each['method'], answer)
                continue
            same(client.answer(each['method']), answer)
            entry = eventually(lambda: finished(server, start + index))
            assert entry['response_status'] == answer.status
            assert is_same_content(entry['response_content'], answer.body)
    server.check(unserved=True)


def is_same_content(recorded, body):
    """Whether what history has *recorded* is *body*. A file is recorded as its source."""
    return recorded == body or CONTENT.startswith(body) and not isinstance(recorded, bytes)


def finished(server, index):
    """Return the entry at *index* if its response has ended; None if not."""
    history = server.history
    entry = history[index] if len(history) > index else {}
    return entry if entry.get('duration') is not None else None


@pytest.mark.parametrize('scheme, count', [('http', 60), ('https', 5)])
def test_ranges_agree_with_other_keys(scheme, count):
    with io.open(PATH, 'wb') as file:
        file.write(CONTENT)

    @examples(count)
    @given(conversations)
    def run(drawn):
        check(server, *drawn)

    with serve(scheme) as server:
        run()
