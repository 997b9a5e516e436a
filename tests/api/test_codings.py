# -*- coding: utf-8 -*-
"""Content codings: responses that are sent in one, and requests that came in some."""
from __future__ import unicode_literals

import base64
import io
import json
import re
import threading
import zlib

import pytest
import requests
from six.moves import queue

from httptestserver import Handler, http_server
from httptestserver.cli.scriptfile import Scenario, ScriptError
from httptestserver.recording import decoding
from support.client import Client, request
from support.marks import both_schemes
from support.packing import GZIP, RAW, ZLIB, packed, unpacked
from support.paths import Path
from support.processes import run
from support.servers import serve
from support.waiting import TIMEOUT, eventually

FORMATS = {'gzip': GZIP, 'deflate': ZLIB}
BOTH = pytest.mark.parametrize('coding', sorted(FORMATS))
GZIPPED = 'Content-Encoding: gzip'


def ask(server, *what):
    with Client(server) as client:
        client.send(request(*what))
        return client.answer(*what[:1])


def error(look):
    with pytest.raises(ValueError) as caught:
        look()
    return str(caught.value)


# Responses: content that is known.

@BOTH
@pytest.mark.parametrize('keys, content', [
    ({'response_content': b'hello ' * 1000}, b'hello ' * 1000),
    ({'response_content': 'caf\xe9'}, 'caf\xe9'.encode('utf-8')),
    ({'response_json': {'a': [1]}}, b'{"a": [1]}'),
    ({'response_content': b''}, b''), ({}, b''), ({'response_content': None}, b''),
    ({'response_content': bytearray(b'hello')}, b'hello'),
    ({'response_content': b'0' * 3000000}, b'0' * 3000000),
])
def test_known_content_is_coded_whole(server, coding, keys, content):
    server.data.update(keys, response_content_encoding=coding)
    first, second = ask(server), ask(server)
    assert first.get('content-encoding') == coding
    assert first.get('content-length') == str(len(first.body))
    assert first.get('transfer-encoding') is None
    assert unpacked(first.body, FORMATS[coding]) == content
    assert first.body == second.body
    assert server.history[0]['response_content'] == first.body
    assert ('Content-Encoding', coding) in server.history[0]['response_headers']
    assert 'response_content_encoding' not in server.history[0]


@both_schemes
@BOTH
def test_a_client_decodes_what_it_gets(scheme, coding):
    with serve(scheme) as server:
        server.data.update(response_json=['Ada'] * 100, response_content_encoding=coding)
        session = requests.Session()
        session.trust_env = False
        try:
            answer = session.get(server.url(), timeout=TIMEOUT, verify=server.cafile)
            assert answer.json() == ['Ada'] * 100
            assert answer.headers['Content-Type'] == 'application/json'
        finally:
            session.close()


def test_the_coding_is_never_chosen_from_the_request(server):
    server.enqueue('a', 'a', 'a', response_content_encoding='gzip')
    for field in ('Accept-Encoding: identity', 'Accept-Encoding: deflate, gzip;q=0', 'A: b'):
        assert ask(server, 'GET', '/', field).get('content-encoding') == 'gzip'
    server.enqueue('a')
    assert ask(server, 'GET', '/', 'Accept-Encoding: gzip').get('content-encoding') is None


def test_a_head_is_that_of_a_get(server):
    server.data.update(response_content='hello', response_content_encoding='gzip')
    got, head = ask(server), ask(server, 'HEAD')
    assert head.fields == got.fields and head.body == b''
    assert server.history[1]['response_content'] == b''


@pytest.mark.parametrize('status', [204, 205, 304])
def test_a_response_that_cannot_have_a_body_has_no_coding(server, status):
    server.data.update(response_status=status, response_content='hello',
                       response_content_encoding='gzip')
    for content in ('hello', [b'hello']):
        server.data['response_content'] = content
        with Client(server) as client:
            client.send(request())
            answer = client.answer('HEAD')
            assert (answer.status, answer.get('content-encoding')) == (status, None)
            assert client.get().status == status


def test_raw_bytes_have_no_coding(server):
    server.enqueue(response_raw=b'HTTP/1.1 200 OK\r\n\r\nraw', response_content_encoding='gzip',
                   response_content='hello')
    with Client(server) as client:
        client.send(request())
        assert client.rest() == b'HTTP/1.1 200 OK\r\n\r\nraw'


def test_trailers_follow_the_coded_content(server):
    server.enqueue('hello', response_content_encoding='gzip', response_trailers={'Digest': 'x'})
    with Client(server) as client:
        client.send(request('GET', '/', 'Connection: close'))
        received = client.rest()
    head, _, body = received.partition(b'\r\n\r\n')
    assert b'Content-Encoding: gzip' in head and b'Transfer-Encoding: chunked' in head
    assert body.endswith(b'\r\n0\r\nDigest: x\r\n\r\n')
    assert unpacked(server.history[0]['response_content'], GZIP) == b'hello'


def test_a_fault_counts_coded_bytes(server):
    body = packed(b'hello ' * 100, GZIP)
    server.enqueue(response_content=b'hello ' * 100, response_content_encoding='gzip')
    assert ask(server).body == body
    for at, cut in ((7, 7), ('body', len(body) // 2), (0, 0), (10 ** 6, len(body))):
        server.enqueue(response_content=b'hello ' * 100, response_content_encoding='gzip',
                       response_fault='disconnect', response_fault_at=at)
        with Client(server) as client:
            client.send(request())
            head, _, content = client.rest().partition(b'\r\n\r\n')
        assert content == body[:cut]
        assert ('Content-Length: %d' % len(body)).encode('ascii') in head
        assert server.history[-1]['response_content'] == body[:cut]


def test_a_rate_counts_coded_bytes(server):
    server.enqueue(b'0' * 10000000, response_content_encoding='gzip', response_rate=100000)
    assert unpacked(ask(server).body, GZIP) == b'0' * 10000000
    # Uncoded it would take 100 seconds.
    assert server.history[0]['duration'] < 50


# Responses: content that comes in pieces.

@BOTH
def test_each_piece_arrives_before_the_next_one_is_taken(server, coding):
    pieces = queue.Queue()
    server.data.update(response_content=lambda request: iter(pieces.get, None),
                       response_content_encoding=coding)
    with Client(server) as client:
        client.send(request())
        decoder = zlib.decompressobj(FORMATS[coding])
        received, came = b'', b''
        for number in range(20):
            piece = b'piece %d ' % number if str is not bytes else str('piece %d ') % number
            pieces.put(piece)
            while not came.endswith(piece):
                octets = client.socket.recv(65536)
                assert octets
                received += octets
                came = decoded_so_far(received, coding)
        pieces.put(None)
        assert decoder and client.answer_begun(received).get('transfer-encoding') == 'chunked'
    assert unpacked(server.history[0]['response_content'], FORMATS[coding]) == came


def decoded_so_far(received, coding):
    """Return what the beginning of a chunked response decodes to."""
    head, _, rest = received.partition(b'\r\n\r\n')
    decoder, content = zlib.decompressobj(FORMATS[coding]), b''
    while b'\r\n' in rest:
        size, _, rest = rest.partition(b'\r\n')
        content += decoder.decompress(rest[:int(size, 16)])
        rest = rest[int(size, 16) + 2:]
    return content


@BOTH
def test_files_and_iterables_are_sent_in_chunks(server, coding, tmpdir):
    path = tmpdir.join('content')
    path.write_binary(b'0123456789' * 20000)

    with io.open(str(path), 'rb') as file:
        for source in (Path(path), file, [b'0123456789' * 10000] * 2):
            server.data.update(response_content=source, response_content_encoding=coding)
            for _ in range(2):
                answer = ask(server)
                assert answer.get('content-encoding') == coding
                assert answer.get('transfer-encoding') == 'chunked'
                assert answer.get('content-length') is None
                assert unpacked(answer.body, FORMATS[coding]) == b'0123456789' * 20000
                assert server.history[-1]['response_content'] == answer.body


def test_an_empty_stream_is_a_whole_coded_content(server):
    server.data.update(response_content=[], response_content_encoding='gzip')
    assert unpacked(ask(server).body, GZIP) == b''


def test_a_stream_to_http_1_0_ends_with_the_connection(server):
    server.data.update(response_content=[b'a', b'b'], response_content_encoding='gzip')
    with Client(server) as client:
        client.send(b'GET / HTTP/1.0\r\n\r\n')
        head, _, body = client.rest().partition(b'\r\n\r\n')
    assert b'Content-Encoding: gzip' in head and b'chunked' not in head
    assert unpacked(body, GZIP) == b'ab'


def test_a_head_of_a_stream_takes_no_piece_and_closes_it(server):
    taken, closed = [], threading.Event()

    def pieces(request):
        try:
            taken.append(request)
            yield b'a'
        finally:
            closed.set()

    server.data.update(response_content=pieces, response_content_encoding='gzip')
    assert ask(server, 'HEAD').get('content-encoding') == 'gzip'
    assert taken == []


def test_a_stream_is_closed_when_its_client_leaves(server):
    closed = threading.Event()

    def pieces(request):
        try:
            while True:
                yield b'0123456789' * 10000
        finally:
            closed.set()

    server.data.update(response_content=pieces, response_content_encoding='gzip')
    with Client(server) as client:
        client.send(request())
        client.socket.recv(100)
    assert closed.wait(TIMEOUT)
    assert eventually(lambda: server.failures)


def test_a_fault_in_a_stream_counts_coded_bytes(server):
    server.enqueue(response_content=[b'hello'] * 3, response_content_encoding='gzip',
                   response_fault='disconnect', response_fault_at=30)
    with Client(server) as client:
        client.send(request())
        client.rest()
    assert len(server.history[0]['response_content']) == 30
    server.enqueue(response_content=[b'hello'], response_content_encoding='gzip',
                   response_fault='disconnect', response_fault_at='body')
    assert b'half of a stream' in ask(server).body
    with pytest.raises(AssertionError):
        server.check()


def received_until(client, received, coding, end):
    """Read the chunks of a response that has begun with *received* until it decodes to *end*."""
    while not decoded_so_far(received, coding).endswith(end):
        octets = client.socket.recv(65536)
        assert octets
        received += octets
    return received


@BOTH
@pytest.mark.parametrize('key', ['response_content', 'response_events'])
def test_what_a_test_writes_to_a_stream_arrives_at_once(server, coding, key):
    stream = server.stream()
    server.data.update({key: stream, 'response_content_encoding': coding})
    with Client(server) as client, Client(server) as other:
        for each in (client, other):
            each.send(request())
        stream.wait_opened(2)
        received = {client: b'', other: b''}
        for number in range(10):
            stream.send('event %d' % number)
            for each in received:
                received[each] = received_until(each, received[each], coding,
                                                ('event %d\n\n' % number).encode('ascii'))
        stream.close()
        for each in received:
            answer = each.answer_begun(received[each])
            content = unpacked(answer.body, FORMATS[coding])
            assert content.count(b'data: ') == 10
            assert answer.get('content-encoding') == coding
            assert (answer.get('content-type') == 'text/event-stream') is (
                key == 'response_events')
    stream.wait_closed(2)


def test_a_coded_stream_that_is_aborted_is_cut_off(server):
    stream = server.stream()
    server.data.update(response_content=stream, response_content_encoding='gzip')
    with Client(server) as client:
        client.send(request())
        stream.wait_opened()
        stream.write('hello')
        received = received_until(client, b'', 'gzip', b'hello')
        stream.abort()
        received += client.rest()
    stream.wait_closed()
    assert not received.endswith(b'0\r\n\r\n')
    assert decoded_so_far(received, 'gzip') == b'hello'


def test_a_coded_stream_notices_that_its_client_left(server):
    stream = server.stream()
    server.data.update(response_content=stream, response_content_encoding='gzip')
    with Client(server) as client:
        client.send(request())
        stream.wait_opened()
    stream.wait_closed()
    stream.write('kept')
    stream.close()
    assert unpacked(ask(server).body, GZIP) == b'kept'


def test_events_of_an_iterable_are_coded(server):
    server.data.update(response_events=['a', {'data': 'b'}], response_content_encoding='gzip')
    answer = ask(server)
    assert unpacked(answer.body, GZIP) == b'data: a\n\ndata: b\n\n'
    assert answer.get('content-type') == 'text/event-stream'


# Responses: where the key may stand.

def test_the_key_works_in_every_place(server, tmpdir):
    users = server.route('GET', '/users', response_json=[1], response_content_encoding='gzip')
    server.route('GET', '/made', response_content='made',
                 response_content_encoding=lambda request: 'deflate')
    server.route('GET', '/called', response_content_encoding='gzip',
                 response_callback=lambda request: 'called')
    server.route('GET', '/dict', response_callback=lambda request: {
        'response_content': [b'di', b'ct'], 'response_content_encoding': 'deflate'})
    users.enqueue('queued', response_content_encoding='deflate')
    for path, wbits, content in (
            ('/users', ZLIB, b'queued'), ('/users', GZIP, b'[1]'), ('/made', ZLIB, b'made'),
            ('/called', GZIP, b'called'), ('/dict', ZLIB, b'dict')):
        assert unpacked(ask(server, 'GET', path).body, wbits) == content
    server.check()


def test_a_script_file_has_the_key(server, tmpdir):
    tmpdir.join('body.txt').write('hello')
    file = tmpdir.join('script.json')
    file.write('{"routes": [{"path": "/a", "response_content": {"file": "body.txt"},'
               ' "response_content_encoding": "gzip"}]}')
    Scenario(str(file)).apply(server)
    assert unpacked(ask(server, 'GET', '/a').body, GZIP) == b'hello'
    file.write('{"data": {"response_content_encoding": "br"}}')
    with pytest.raises(ScriptError) as caught:
        Scenario(str(file))
    assert 'data.response_content_encoding is one of "gzip", "deflate"' in str(caught.value)


def test_a_coding_is_served_as_often_as_its_response(server):
    server.enqueue('a', response_content_encoding='gzip', response_times=2)
    assert [ask(server).get('content-encoding') for _ in range(3)] == ['gzip', 'gzip', None]
    server.data.update(response_content='b', response_content_encoding='gzip',
                       response_clear=True)
    assert [ask(server).get('content-encoding') for _ in range(2)] == ['gzip', None]


@pytest.mark.parametrize('value', ['br', 'zstd', 'GZIP', 'x-gzip', 'identity', '', None, True, 9,
                                   b'br', ['gzip']])
def test_another_coding_is_refused_where_it_is_written(server, value):
    for write in (lambda: server.data.update(response_content_encoding=value),
                  lambda: server.enqueue(response_content_encoding=value),
                  lambda: server.route(response_content_encoding=value)):
        assert error(write).startswith(
            "response_content_encoding is one of 'gzip', 'deflate', got ")


@pytest.mark.parametrize('headers', [
    {'Content-Encoding': 'gzip'}, {'content-encoding': 'br'},
    [('A', 'b'), (b'CONTENT-Encoding', 1)]])
def test_two_codings_are_refused_where_the_second_is_written(server, headers):
    keys = {'response_headers': headers, 'response_content_encoding': 'gzip'}
    text = ('response_content_encoding adds the field Content-Encoding, but response_headers has '
            'one too. Drop one of them')
    assert error(lambda: server.enqueue(dict(keys))) == text
    assert error(lambda: server.route(**{str(key): keys[key] for key in keys})) == text
    assert error(lambda: server.data.update(keys)) == text
    for first, second in (sorted(keys), sorted(keys, reverse=True)):
        server.reset()
        server.data[first] = keys[first]
        with pytest.raises(ValueError):
            server.data[second] = keys[second]


@pytest.mark.parametrize('keys', [
    {'response_callback': lambda request: {'response_headers': {'content-encoding': 'br'}},
     'response_content_encoding': 'gzip'},
    {'response_headers': lambda request: {'content-encoding': 'br'},
     'response_content_encoding': 'gzip'},
    {'response_headers': {'Content-Encoding': 'br'},
     'response_content_encoding': lambda request: 'gzip'},
    {'response_callback': lambda request: {'response_content_encoding': 'gzip',
                                           'response_headers': {'Content-Encoding': 'br'}}},
    {'response_content_encoding': lambda request: 'br'},
])
def test_user_code_that_makes_a_wrong_coding_is_a_500(server, keys):
    if not callable(keys.get('response_content_encoding')) or 'response_headers' not in keys:
        server.enqueue(keys)
        answer = ask(server)
        assert answer.status == 500 and b'ontent' in answer.body
        with pytest.raises(AssertionError):
            server.check()
    else:
        # Two keys of one script are compared at once, as far as they are known.
        with pytest.raises(ValueError):
            server.enqueue(keys)


def test_a_habit_leads_to_the_key(server):
    for name in ('content_encoding', 'encoding', 'compression'):
        with pytest.raises(TypeError) as caught:
            server.route('GET', '/', **{str(name): 'gzip'})
        assert 'did you mean response_content_encoding?' in str(caught.value)


# Requests.

def sent(server, body, *fields, **keys):
    with Client(server) as client:
        client.send(request('POST', '/', *fields, body=body, **keys))
        client.answer()
    return server.history[-1]


@pytest.mark.parametrize('fields, formats', [
    ([GZIPPED], [GZIP]), (['Content-Encoding: x-gzip'], [GZIP]),
    (['content-encoding: DEFLATE'], [ZLIB]), (['Content-Encoding: deflate'], [RAW]),
    (['Content-Encoding: gzip, deflate'], [GZIP, ZLIB]),
    (['Content-Encoding: deflate', GZIPPED], [RAW, GZIP]),
    (['Content-Encoding: identity'], []), (['Content-Encoding: identity, gzip'], [GZIP])])
@pytest.mark.parametrize('chunked', [False, True])
def test_the_content_of_a_request_is_decoded(server, fields, formats, chunked):
    body = content = b'{"name": "Ada"}'
    for wbits in formats:
        body = packed(body, wbits)
    if chunked:
        with Client(server) as client:
            client.send(request('POST', '/', 'Transfer-Encoding: chunked', *fields))
            for octet in [body[index:index + 1] for index in range(len(body))]:
                client.send(b'1\r\n' + octet + b'\r\n')
            client.send(b'0\r\n\r\n')
            client.answer()
        entry = server.history[-1]
    else:
        entry = sent(server, body, *fields)
    assert entry.body == body
    assert entry.content == content
    assert entry.text == '{"name": "Ada"}' and entry.json() == {'name': 'Ada'}


def test_forms_and_files_are_decoded(server):
    form = sent(server, packed(b'a=1&b=2', GZIP), GZIPPED,
                'Content-Type: application/x-www-form-urlencoded')
    assert form.form == {'a': '1', 'b': '2'}
    upload = sent(server, packed(
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nhello\r\n--B--',
        ZLIB), 'Content-Encoding: deflate', 'Content-Type: multipart/form-data; boundary=B')
    assert upload.files['f'].content == b'hello'


def test_criteria_see_the_content(server):
    users = server.route('POST', json={'name': 'Ada'}, response_status=201)
    forms = server.route('POST', form={'a': '1'}, response_status=202)
    sent(server, packed(b'{"name": "Ada"}', GZIP), GZIPPED)
    sent(server, packed(b'a=1', GZIP), GZIPPED)
    assert [each['response_status'] for each in server.history] == [201, 202]
    assert len(users.history) == len(forms.history) == 1
    server.assert_requested('POST', json={'name': 'Ada'}, count=1)
    assert server.wait(form={'a': '1'}) == [server.history[1]]


@pytest.mark.parametrize('criterion', [
    {'body': re.compile('"name": "[A-Z]da"')}, {'json_has': {'name': 'Ada'}},
    {'match': lambda request: request.content.startswith(b'{')}])
def test_further_criteria_see_the_content(server, criterion):
    server.route('POST', response_status=201, **{str(key): criterion[key] for key in criterion})
    body = packed(b'{"name": "Ada", "id": 7}', ZLIB)
    assert sent(server, body, 'Content-Encoding: deflate')['response_status'] == 201


def test_the_criterion_for_files_sees_the_content(server):
    server.route('POST', files={'f': b'hello'}, response_status=201)
    body = b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nhello\r\n--B--'
    entry = sent(server, packed(body, GZIP), GZIPPED,
                 'Content-Type: multipart/form-data; boundary=B')
    assert entry['response_status'] == 201


def test_bytes_as_criterion_are_compared_with_the_body_as_it_came(server):
    body = packed(b'hello', GZIP)
    server.route('POST', body=body, response_status=201)
    server.route('POST', body=b'hello', response_status=202)
    assert sent(server, body, GZIPPED)['response_status'] == 201


def test_criteria_decode_a_request_once(server, monkeypatch):
    calls = []
    undone = decoding.undone
    monkeypatch.setattr(decoding, 'undone', lambda *args: calls.append(args) or undone(*args))
    for number in range(50):
        server.route('POST', json=number)
        server.route('POST', form={'a': str(number)})
        server.route('POST', json_has={'a': number})
        server.route('POST', body=re.compile('a%d' % number))
    entry = sent(server, packed(b'[1]', GZIP), GZIPPED)
    assert entry['response_status'] == 404 and entry.json() == [1]
    server.assert_requested(json=[1])
    assert len(calls) == 1
    server.reset()


@pytest.mark.parametrize('body, fields, reason', [
    (b'hello', [GZIPPED], 'cannot be decoded as gzip: incorrect header check'),
    (packed(b'hello', GZIP)[:-1], [GZIPPED], 'cannot be decoded as gzip: it is cut off'),
    (packed(b'hello', GZIP) + b'more', [GZIPPED],
     "cannot be decoded as gzip: other bytes follow its end: 'more'"),
    (b'hello', ['Content-Encoding: br'],
     "cannot be decoded as 'br': only gzip, x-gzip, deflate and identity are undone"),
    (b'hello', ['Content-Encoding: zstd'], "cannot be decoded as 'zstd': only gzip, x-gzip"),
])
def test_a_body_that_does_not_decode_is_an_error_of_the_view(server, body, fields, reason):
    server.route('POST', json=[1])
    server.route('POST', form={'a': '1'})
    with Client(server) as client:
        for _ in range(2):
            client.send(request('POST', '/', *fields, body=body))
            answer = client.answer()
            assert answer.status == 404 and reason[:50] in answer.body.decode('utf-8')
    entry = server.history[0]
    assert entry.body == body
    for look in (lambda: entry.content, lambda: entry.text, entry.json, lambda: entry.form,
                 lambda: entry.files):
        assert error(look).startswith('the body of POST / HTTP/1.1 ' + reason)
    with pytest.raises(AssertionError) as caught:
        server.assert_requested(json=[1])
    assert 'json: expected [1], got the body of POST / HTTP/1.1 ' + reason[:50] in str(caught.value)
    assert server.failures == []
    server.reset()


def test_a_request_without_body_has_no_content(server):
    with Client(server) as client:
        client.get('/', GZIPPED)
    assert server.history[0].content == b'' and server.history[0].form == {}


def test_a_body_limit_bounds_what_is_decoded():
    with http_server(body_limit=1000) as server:
        assert sent(server, packed(b'0' * 1000, GZIP), GZIPPED).content == b'0' * 1000
        bomb = sent(server, packed(b'0' * 1001, GZIP), GZIPPED)
        assert error(lambda: bomb.content) == (
            'the body of POST / HTTP/1.1 cannot be decoded as gzip: it becomes more than 1000 '
            'bytes, see body_limit')
        cut = sent(server, b'0' * 1001)
        assert error(lambda: cut.text) == (
            'the body of POST / HTTP/1.1 is cut: body_limit kept 1000 of 1001 bytes')
        assert len(cut.body) == 1000
        data = [each['request']['postData'] for each in server.har()['log']['entries']]
        assert data[0]['text'] == '0' * 1000
        assert data[1]['comment'].endswith('it becomes more than 1000 bytes, see body_limit')
        server.route(json=0)
        with Client(server) as client:
            client.send(request('POST', body=b'0' * 1001))
            assert b'is cut: body_limit kept 1000 of 1001 bytes' in client.answer().body
        server.reset()


def test_the_limit_holds_in_a_handler_of_ones_own():
    class Own(Handler):
        def do_POST(self):
            self.save_history()
            self.send_response(200)
            self.end_headers()

        def do_PUT(self):
            self.handle_request()

    with http_server(body_limit=1000, handler=Own) as server:
        for method in ('POST', 'PUT'):
            with Client(server) as client:
                client.send(request(method, '/', GZIPPED, body=packed(b'0' * 1001, GZIP)))
                client.answer()
            assert 'more than 1000 bytes' in error(lambda: server.history[-1].content)


def test_a_test_without_codings_imports_nothing_for_them():
    assert run('''
        import sys
        from httptestserver import http_server
        from support.client import Client, request
        with http_server() as server:
            server.route('POST', json=[1], form={}, response_json=[1])
            with Client(server) as client:
                client.send(request('POST', body=b'[1]'))
                assert client.answer().status == 200
            server.har()
        names = 'httptestserver.recording.decoding', 'httptestserver.scripting.encoding'
        print([name for name in names if name in sys.modules])
    ''') == '[]\n'


# Reports and HAR.

def test_har_has_decoded_content_and_the_sizes_on_the_wire(server):
    server.enqueue(response_json=['Ada'] * 100, response_content_encoding='gzip')
    body = packed(b'{"name": "Ada"}' * 10, ZLIB)
    sent(server, body, 'Content-Encoding: deflate', 'Content-Type: text/plain')
    entry, = server.har()['log']['entries']
    post = entry['request']
    assert post['postData'] == {'mimeType': 'text/plain', 'text': '{"name": "Ada"}' * 10}
    assert post['bodySize'] == len(body)
    response = entry['response']
    content = response['content']
    assert json.loads(content['text']) == ['Ada'] * 100
    assert content['size'] == 700 and response['bodySize'] < 100
    assert content['compression'] == 700 - response['bodySize']


def test_har_shows_what_does_not_decode_as_it_is_and_says_why(server):
    server.enqueue(b'\xff', response_headers={'Content-Encoding': 'br'})
    sent(server, b'\xffno gzip', GZIPPED)
    entry, = server.har()['log']['entries']
    data = entry['request']['postData']
    assert base64.b64decode(data['text']) == b'\xffno gzip' and data['_encoding'] == 'base64'
    assert data['comment'].startswith('it cannot be decoded as gzip: ')
    content = entry['response']['content']
    assert content['comment'].startswith('it cannot be decoded as \'br\': ')
    assert (content['encoding'], content['size']) == ('base64', 1)
