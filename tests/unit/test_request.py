# -*- coding: utf-8 -*-
"""What is recorded: header fields beside the standard library's, entries and failures."""
import collections
import copy
import io
import pickle
import random
import threading

import pytest
from six import ensure_str

from httptestserver.http1.fields import Headers, to_str, to_bytes, parse_fields
from httptestserver.http1.response_head import Heads
from httptestserver.recording.history import Failure
from httptestserver.recording.request import RecordedRequest

try:
    from http.client import parse_headers
except ImportError:
    from mimetools import Message

    def parse_headers(lines):
        return Message(lines, 0)

NAMES = ('Host Accept ACCEPT accept Content-Type Content-Length X-A x-a Cookie Set-Cookie From '
         'Subject Date User-Agent X_y 0 !x Transfer-Encoding').split()

ANY_BYTE = bytearray(range(0x21, 0x7f)) + bytearray(range(0xa0, 0x100))


def random_block(chance):
    """Return the octets of a header section that every parser reads alike."""
    lines = []
    for _ in range(chance.randint(0, 12)):
        words = []
        for _ in range(chance.randint(0, 4)):
            words.append(bytes(bytearray(chance.choice(ANY_BYTE)
                                         for _ in range(chance.randint(1, 12)))))
        gap = chance.choice([b' ', b'', b'  ', b'\t']) if words else b''
        lines.append(chance.choice(NAMES).encode('ascii') + b':' + gap + b' '.join(words))
    return b''.join(line + b'\r\n' for line in lines)


def looks(message):
    """Return the looks at a header section that this Python has, by name."""
    found = {
        'length': lambda: len(message),
        'items': lambda: list(message.items()),
        'keys': lambda: list(message.keys()),
        'values': lambda: list(message.values()),
        'text': lambda: str(message),
        'get': lambda: [message.get(name) for name in NAMES],
        'default': lambda: message.get('No-Such', 5),
        'in': lambda: [name in message for name in NAMES + ['No-Such']],
        'bool': lambda: bool(message),
    }
    for name in ('get_all', 'getheaders', 'getallmatchingheaders'):
        if hasattr(type(message), name):
            found[name] = lambda name=name: [getattr(message, name)(each) for each in NAMES]
    for name in ('get_content_type', 'get_content_charset', 'get_params', 'get_content_maintype',
                 'is_multipart', 'get_payload', 'as_string', 'gettype', 'getplist',
                 'getparamnames'):
        if hasattr(type(message), name):
            found[name] = getattr(message, name)
    return found


def outcome(look):
    try:
        return look()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize('seed', range(150))
def test_headers_look_as_those_of_the_standard_library(seed):
    chance = random.Random(seed)
    block = random_block(chance)
    expected = parse_headers(io.BytesIO(block + b'\r\n'))
    names = sorted(looks(expected))       # each as the first look, which parses; then all
    for name in names:
        assert outcome(looks(Headers(block))[name]) == outcome(looks(expected)[name]), name
    one = looks(Headers(block))
    chance.shuffle(names)
    for name in names:
        assert outcome(one[name]) == outcome(looks(expected)[name]), name


def test_headers_are_of_the_standard_librarys_class():
    expected = parse_headers(io.BytesIO(b'\r\n')).__class__
    assert isinstance(Headers(b''), expected)


def test_names_of_headers_are_found_in_any_case():
    headers = Headers(b'X-Thing: 1\r\n')
    for name in ('X-Thing', 'x-thing', 'X-THING'):
        assert headers[name] == '1' and name in headers and headers.get(name) == '1'


def test_whitespace_around_a_value_is_no_part_of_it():
    headers = Headers(b'A:b\r\nC: \t d \t\r\nE:\r\nF: \t \r\nG:  h  i \r\n')
    assert [headers[name] for name in 'ACEFG'] == ['b', 'd', '', '', 'h  i']


def test_a_header_that_repeats_keeps_order_and_values():
    headers = Headers(b'A: 1\r\nB: 2\r\na: 3\r\n')
    get_all = getattr(headers, 'get_all', None) or headers.getheaders
    assert get_all('A') == ['1', '3']
    assert get_all('b') == ['2']


def test_values_of_headers_are_native_text():
    value = Headers(b'A: \xc3\xa9\r\n')['A']
    assert type(value) is str
    assert value == ensure_str(b'\xc3\xa9', 'iso-8859-1')


def test_headers_can_be_written_before_they_are_looked_at():
    headers = Headers(b'A: 1\r\nB: 2\r\n')
    headers['C'] = '3'
    del headers['A']
    assert sorted(headers.items()) in ([('B', '2'), ('C', '3')], [('b', '2'), ('c', '3')])


@pytest.mark.parametrize('copied', [copy.copy, copy.deepcopy])
@pytest.mark.parametrize('looked', [False, True])
def test_a_copy_of_headers_holds_the_same(copied, looked):
    headers = Headers(b'A: 1\r\nB: 2\r\n')
    if looked:
        assert headers['A'] == '1'
    assert list(copied(headers).items()) == list(headers.items())


def test_two_headers_of_one_block_are_separate():
    block = b'A: 1\r\n'
    first, second = Headers(block), Headers(block)
    first['B'] = '2'
    assert 'B' not in second


@pytest.mark.parametrize('looked', [False, True])
def test_headers_have_no_attribute_that_messages_do_not_have(looked):
    headers = Headers(b'')
    if looked:
        len(headers)
    with pytest.raises(AttributeError):
        headers.no_such_thing


def test_threads_that_look_first_all_see_the_whole_of_headers():
    block = ''.join('A%d: %d\r\n' % (n, n) for n in range(50)).encode('ascii')
    wrong = []
    for _ in range(60):
        headers, gate = Headers(block), threading.Event()

        def look():
            gate.wait(10)
            try:
                assert len(headers) == 50 and headers['a49'] == '49'
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join(10)
    assert not wrong


def test_what_another_thread_has_parsed_meanwhile_is_found():
    headers = Headers(b'A: 1\r\n')
    len(headers)
    for name in ('dict', 'headers') if hasattr(headers, 'dict') else ('_headers', 'policy'):
        assert headers.__getattr__(name) == getattr(headers, name)


@pytest.mark.parametrize('block, pairs', [
    (b'', []),
    (b'A: b\r\n', [('A', 'b')]),
    (b'A:b: c\r\nA:\r\n', [('A', 'b: c'), ('A', '')]),
    (b'a: \t1 2\t \r\n', [('a', '1 2')])])
def test_fields_are_pairs_in_the_order_of_the_wire(block, pairs):
    found = parse_fields(block)
    assert found == pairs
    assert all(type(part) is str for pair in found for part in pair)


def test_every_octet_that_a_value_may_have_is_kept():
    value = bytes(bytearray(range(0x21, 0x7f)) + bytearray(range(0x80, 0x100)))
    (name, found), = parse_fields(b'A: x' + value + b'x\r\n')
    assert found == 'x' + ensure_str(value, 'iso-8859-1') + 'x'
    assert Headers(b'A: x' + value + b'x\r\n')['A'] == found or bytes is str


@pytest.mark.parametrize('raw, encoding', [
    (b'', 'utf-8'), (b'abc', 'utf-8'), (u'\xe9\u20ac'.encode('utf-8'), 'utf-8'),
    (b'\xff', 'iso-8859-1'), (b'\xc3', 'iso-8859-1')])
def test_octets_become_native_text(raw, encoding):
    assert type(to_str(raw)) is str
    assert to_str(raw) == ensure_str(raw, encoding)


@pytest.mark.parametrize('text, raw', [
    (b'\xff', b'\xff'), (u'abc', b'abc'), (u'\xe9', b'\xe9'),
    (u'\u20ac\xe9', b'\xe2\x82\xac\xc3\xa9')])
def test_text_goes_over_the_wire_as_iso_8859_1_or_else_utf_8(text, raw):
    assert to_bytes(text) == raw


# Entries and failures.

def test_an_entry_is_a_dict_that_shows_its_request_and_its_answer():
    keys = {'command': 'GET', 'path': '/a', 'body': b'abc'}
    entry = RecordedRequest(keys)
    assert entry == keys and isinstance(entry, dict)
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> no answer yet>'
    entry['response_status'] = 404
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> 404>'


def test_an_entry_without_facts_can_be_shown():
    assert repr(RecordedRequest()).startswith('<RecordedRequest ')


#: Every way to look at a dict, or to change it, by the name of the method that does it.
DICT_LOOKS = {
    '__class_getitem__': None, '__contains__': lambda entry: 'response_content' in entry,
    '__delitem__': lambda entry: entry.__delitem__('response_reason'),
    '__eq__': lambda entry: entry == dict(entry), '__ne__': lambda entry: entry != dict(entry),
    '__getitem__': lambda entry: entry['response_status'],
    '__ior__': lambda entry: entry.__ior__({'response_status': 1}),
    '__iter__': lambda entry: list(entry), '__len__': len,
    '__or__': lambda entry: list((entry | {}).items()),
    '__repr__': None,                       # tells more, and is tested above
    '__reversed__': lambda entry: list(reversed(entry)),
    '__ror__': lambda entry: list(({} | entry).items()),
    '__setitem__': lambda entry: entry.__setitem__('response_status', 1),
    'clear': lambda entry: entry.clear(), 'copy': lambda entry: sorted(entry.copy()),
    'fromkeys': None, 'get': lambda entry: entry.get('response_reason'),
    'has_key': lambda entry: entry.has_key('response_status'),      # noqa: W601
    'items': lambda entry: list(entry.items()), 'iteritems': lambda entry: list(entry.iteritems()),
    'iterkeys': lambda entry: list(entry.iterkeys()),
    'itervalues': lambda entry: list(entry.itervalues()), 'keys': lambda entry: list(entry.keys()),
    'pop': lambda entry: entry.pop('response_reason'),
    'popitem': lambda entry: sorted(repr(entry.popitem()) for _ in range(8)),
    'setdefault': lambda entry: entry.setdefault('response_status', 1),
    'update': lambda entry: entry.update(response_status=1),
    'values': lambda entry: list(entry.values()),
    'viewitems': lambda entry: list(entry.viewitems()),
    'viewkeys': lambda entry: list(entry.viewkeys()),
    'viewvalues': lambda entry: list(entry.viewvalues()),
}
NOT_LOOKS = ('__cmp__', '__doc__', '__ge__', '__getattribute__', '__gt__', '__hash__', '__init__',
             '__le__', '__lt__', '__new__', '__sizeof__')


def answered():
    """Return an entry as one finds it in history, at which nobody has looked yet."""
    entry = RecordedRequest(command='GET', path='/a', body=b'abc', duration=None)
    head = Heads('software').get(0, 404, 'Not Found', (('X-A', '1'),), 2, (), 'GET', 'HTTP/1.1',
                                 True)
    entry.answer(0.5, head, b'ok', {})
    return entry


def test_every_method_of_dict_is_one_that_is_looked_through():
    assert set(vars(dict)) - set(DICT_LOOKS) - set(NOT_LOOKS) == set()


@pytest.mark.parametrize('name', sorted(
    name for name in DICT_LOOKS if DICT_LOOKS[name] and hasattr(dict, name)))
def test_an_answered_entry_looks_as_a_dict_that_had_it_all_from_the_start(name):
    plain = collections.OrderedDict(answered().items())
    plain = dict(plain) if name in ('copy', 'has_key') or not hasattr(plain, name) else plain
    assert len(plain) == 8
    entry = answered()
    assert DICT_LOOKS[name](entry) == DICT_LOOKS[name](plain)
    assert dict(entry) == dict(plain)


@pytest.mark.parametrize('whole', [
    dict, lambda entry: dict(entry, **entry), lambda entry: (lambda **keys: keys)(**entry),
    copy.copy, copy.deepcopy, lambda entry: pickle.loads(pickle.dumps(entry)),
    lambda entry: RecordedRequest(entry), lambda entry: entry.facts()],
    ids=['dict', 'merge', 'keywords', 'copy', 'deepcopy', 'pickle', 'entry', 'facts'])
def test_a_copy_of_an_answered_entry_has_the_answer(whole):
    copied = whole(answered())
    assert {key: copied[key] for key in copied if key not in ('body', 'command', 'path')} == {
        'duration': 0.5, 'response_status': 404, 'response_reason': 'Not Found',
        'response_content': b'ok', 'response_headers': (
            ('Server', 'software'), ('Date', 'Thu, 01 Jan 1970 00:00:00 GMT'), ('X-A', '1'),
            ('Content-Length', '2'))}


def test_a_key_that_an_answered_entry_has_not_is_a_key_error():
    with pytest.raises(KeyError) as caught:
        answered()['response_fault']
    assert caught.value.args == ('response_fault',)


def test_what_a_test_changes_in_an_answered_entry_stays():
    entry = answered()
    entry['response_status'] = 500
    del entry['response_reason']
    assert entry['response_status'] == 500 and 'response_reason' not in entry


@pytest.mark.parametrize('address, text', [
    (('127.0.0.1', 80), 'connection 3 from 127.0.0.1:80: why'),
    (('::1', 80, 0, 0), 'connection 3 from ::1:80: why')])
def test_a_failure_is_one_line(address, text):
    failure = Failure(address, 3, 1.5, 'why')
    assert str(failure) == text
    assert failure == (address, 3, 1.5, 'why')
    assert (failure.client_address, failure.connection_index, failure.time, failure.reason) == (
        failure)
