# -*- coding: utf-8 -*-
"""Every response_* key in data, enqueue(), route() and a callback's result; what is refused."""
import json
import os
import threading
import warnings

import pytest

from httptestserver import Handler, http_server
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.wording import shown
from support.client import Client, request

FAULTS = "one of 'disconnect', 'reset', 'stall'"
MOMENTS = ("one of 'accept', 'handshake', 'request', 'response', 'body', 'end', or how many bytes "
           'of the body are sent before it')
HEADERS = 'a dict, or a sequence of (name, value)'
CLEAN = 'made of names and values without CR, LF and NUL'
INTERIM = 'a list of (status, headers), each status from 100 to 199 but 101'
CONTENT = ('bytes, str (sent as UTF-8), a path object, an open binary file, an iterable of '
           'bytes or a Stream')
CODINGS = "one of 'gzip', 'deflate'"

#: What follows the message about a wrong value, by its repr.
HINTS = {'None': '; to unset the key, delete it or leave it out', "'10'": '; did you mean 10?',
         "'br'": '; for another coding, compress the content and set Content-Encoding'}

FACTORIES = ['data', 'update', 'enqueue', 'enqueue dict', 'route', 'route data', 'route enqueue',
             'callback', 'route callback']


def script(server, where, keys):
    """Script *keys* in one of the places that take them."""
    if where == 'data':
        for key in keys:
            server.data[key] = keys[key]
    elif where == 'update':
        server.data.update(keys)
    elif where == 'enqueue':
        server.enqueue(**keys)
    elif where == 'enqueue dict':
        server.enqueue(keys)
    elif where == 'route':
        server.route('GET', '/', **keys)
    elif where == 'route data':
        server.route('GET', '/').data.update(keys)
    elif where == 'route enqueue':
        server.route('GET', '/').enqueue(**keys)
    elif where == 'callback':
        server.data['response_callback'] = lambda request: keys
    else:
        server.route('GET', '/', response_callback=lambda request: keys)


def exchange(server):
    """Return all bytes of the response to a GET."""
    with Client(server) as client:
        client.send(request('GET', '/', 'Connection: close'))
        return client.rest()


everywhere = pytest.mark.parametrize('where', FACTORIES)
written = pytest.mark.parametrize('where', FACTORIES[:7])


def set_event():
    event = threading.Event()
    event.set()
    return event


#: A folder without an index.
HERE = os.path.dirname(os.path.abspath(__file__))

#: Keys, and what the response holds that would not be there without them.
WORKING = [
    ({'response_status': 404}, b'HTTP/1.1 404 Not Found\r\n'),
    ({'response_status': 299}, b'HTTP/1.1 299 \r\n'),
    ({'response_reason': 'Fine'}, b'HTTP/1.1 200 Fine\r\n'),
    ({'response_reason': ''}, b'HTTP/1.1 200 \r\n'),
    ({'response_reason': u'\u20ac'}, b'HTTP/1.1 200 \xe2\x82\xac\r\n'),
    ({'response_headers': {'X-A': 'b'}}, b'\r\nX-A: b\r\n'),
    ({'response_headers': [('X-A', 'b'), ('X-A', 'c')]}, b'\r\nX-A: b\r\nX-A: c\r\n'),
    ({'response_content': b'bytes'}, b'\r\n\r\nbytes'),
    ({'response_content': u'\u20ac'}, b'\r\n\r\n\xe2\x82\xac'),
    ({'response_content': [b'a', b'bc']}, b'\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'),
    ({'response_content': b'', 'response_content_encoding': 'gzip'}, b'\r\n\r\n\x1f\x8b'),
    ({'response_content_encoding': 'deflate', 'response_content': []},
     b'Content-Encoding: deflate\r\n'),
    ({'response_folder': HERE}, b'HTTP/1.1 404 '),
    ({'response_ranges': True}, b'Accept-Ranges: bytes\r\n'),
    ({'response_json': {'a': [1, None, True]}}, b'\r\n\r\n{"a": [1, null, true]}'),
    ({'response_json': None}, b'\r\n\r\nnull'),
    ({'response_json': u'\u20ac'}, b'\r\n\r\n"\\u20ac"'),
    ({'response_json': 0}, b'Content-Type: application/json\r\n'),
    ({'response_json': 0, 'response_headers': {'content-TYPE': 'x/y'}}, b'content-TYPE: x/y\r\n'),
    ({'response_events': [u'a', {'id': 7}, b'b']},
     b'\r\n\r\n9\r\ndata: a\n\n\r\n7\r\nid: 7\n\n\r\n1\r\nb\r\n0\r\n\r\n'),
    ({'response_events': []}, b'Content-Type: text/event-stream\r\n'),
    ({'response_trailers': {'X-T': 'u'}}, b'\r\n0\r\nX-T: u\r\n\r\n'),
    ({'response_informational': [(103, {'Link': 'a'})]},
     b'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n'),
    ({'response_timeout': 0.01}, b'HTTP/1.1 200 OK\r\n'),
    ({'response_hold': set_event()}, b'HTTP/1.1 200 OK\r\n'),
    ({'response_rate': 100000.0, 'response_content': b'paced'}, b'\r\n\r\npaced'),
    ({'response_raw': b'raw'}, b'raw'),
    ({'response_raw': bytearray(b'raw')}, b'raw'),
    ({'response_callback': lambda request: b'called'}, b'\r\n\r\ncalled'),
    ({'response_times': 2, 'response_status': 503}, b'HTTP/1.1 503 Service Unavailable\r\n'),
    ({'response_clear': True, 'response_status': 503}, b'HTTP/1.1 503 Service Unavailable\r\n'),
    ({'response_reset': True, 'response_status': 503}, b'HTTP/1.1 503 Service Unavailable\r\n'),
]


@everywhere
@pytest.mark.parametrize('keys, expected', WORKING)
def test_a_key_works(server, where, keys, expected):
    script(server, where, keys)
    assert expected in exchange(server)
    server.check()


@everywhere
@pytest.mark.parametrize('at, expected', [
    ('response', b''), ('body', b'\r\n\r\n012'), (2, b'\r\n\r\n01'), ('end', b'\r\n\r\n012345')])
def test_a_fault_works(server, where, at, expected):
    script(server, where, {'response_fault': 'disconnect', 'response_fault_at': at,
                           'response_content': b'012345'})
    received = exchange(server)
    assert received.endswith(expected) and bool(received) is bool(expected)
    server.check()


@written
def test_an_early_response_works(server, where):
    script(server, where, {'response_early': True, 'response_status': 413})
    with Client(server) as client:
        client.send(request('GET', '/', 'Content-Length: 1'))
        received = client.rest()
    assert received.startswith(b'HTTP/1.1 413 ') and b'Connection: close\r\n' in received
    server.check()


def test_every_key_is_tried():
    tried = set(key for keys, _ in WORKING for key in keys)
    apart = set(['response_fault', 'response_fault_at', 'response_early', 'response_forward',
                 'response_forward_cafile'])
    assert tried | apart == set(VOCABULARY)


@everywhere
@pytest.mark.parametrize('key, value, expected', [
    ('response_status', 404, b'HTTP/1.1 404 '), ('response_reason', 'Fine', b'200 Fine\r\n'),
    ('response_headers', {'X-A': 'b'}, b'X-A: b\r\n'), ('response_content', b'made', b'made'),
    ('response_content_encoding', 'gzip', b'Content-Encoding: gzip\r\n'),
    ('response_ranges', True, b'Accept-Ranges: bytes\r\n'),
    ('response_folder', HERE, b'HTTP/1.1 404 '), ('response_json', [1], b'[1]'),
    ('response_trailers', {'X-T': 'u'}, b'X-T: u\r\n'),
    ('response_informational', [(103, {})], b'HTTP/1.1 103 '),
    ('response_timeout', 0.01, b'HTTP/1.1 200'), ('response_hold', set_event(), b'HTTP/1.1 200'),
    ('response_rate', 100000, b'HTTP/1.1 200'), ('response_raw', b'raw', b'raw'),
])
def test_a_value_may_be_made_by_a_callable_of_the_request(server, where, key, value, expected):
    asked = []
    script(server, where, {key: lambda request: asked.append(request['path']) or value})
    assert expected in exchange(server)
    assert asked == ['/']


@pytest.mark.parametrize('key, value, kind, allowed', [
    ('response_reason', 5, TypeError, 'a str'), ('response_reason', None, TypeError, 'a str'),
    ('response_reason', 'a\r\nb', ValueError, CLEAN), ('response_reason', 'a\0', ValueError, CLEAN),
    ('response_trailers', 'A: b', TypeError, HEADERS), ('response_trailers', 5, TypeError, HEADERS),
    ('response_trailers', {'A': 'b\n'}, ValueError, CLEAN),
    ('response_informational', 103, TypeError, INTERIM),
    ('response_informational', [103], TypeError, INTERIM),
    ('response_informational', [(200, {})], ValueError, INTERIM),
    ('response_informational', [(101, {})], ValueError, INTERIM),
    ('response_informational', [(99, {})], ValueError, INTERIM),
    ('response_informational', [('103', {})], ValueError, INTERIM),
    ('response_informational', {103: 'x'}, TypeError, INTERIM),
    ('response_informational', iter([(103, {})]), TypeError, INTERIM),
    ('response_hold', 5, TypeError, 'an object with wait(timeout), such as threading.Event'),
    ('response_hold', True, TypeError, 'an object with wait(timeout), such as threading.Event'),
    ('response_rate', 0, ValueError, 'a number of bytes per second, more than 0'),
    ('response_rate', -1, ValueError, 'a number of bytes per second, more than 0'),
    ('response_rate', float('nan'), ValueError, 'a number of bytes per second, more than 0'),
    ('response_rate', float('inf'), ValueError, 'a number of bytes per second, more than 0'),
    ('response_rate', '10', TypeError, 'a number of bytes per second, more than 0'),
    ('response_rate', True, TypeError, 'a number of bytes per second, more than 0'),
    ('response_raw', u'text', TypeError, 'bytes, sent as they are'),
    ('response_raw', 5, TypeError, 'bytes, sent as they are'),
    ('response_callback', 5, TypeError, 'a callable of the request'),
    ('response_callback', 'name', TypeError, 'a callable of the request'),
    ('response_times', 0, ValueError, 'an int of 1 or more'),
    ('response_times', -1, ValueError, 'an int of 1 or more'),
    ('response_times', 1.0, TypeError, 'an int of 1 or more'),
    ('response_times', True, TypeError, 'an int of 1 or more'),
    ('response_times', len, TypeError, 'an int of 1 or more'),
    ('response_clear', len, TypeError, 'True or False'),
    ('response_folder', 1, TypeError, 'a str or a path object of a directory that exists'),
    ('response_folder', HERE + 'x', ValueError,
     'a str or a path object of a directory that exists'),
    ('response_ranges', 1, TypeError, 'True or False'),
    ('response_fault', 'crash', ValueError, FAULTS), ('response_fault', 5, ValueError, FAULTS),
    ('response_fault', None, ValueError, FAULTS), ('response_fault', [], ValueError, FAULTS),
    ('response_content_encoding', 'br', ValueError, CODINGS),
    ('response_content_encoding', 5, ValueError, CODINGS),
    ('response_content_encoding', [], ValueError, CODINGS),
    ('response_fault_at', 'middle', ValueError, MOMENTS),
    ('response_fault_at', -1, ValueError, MOMENTS), ('response_fault_at', 1.5, ValueError, MOMENTS),
    ('response_fault_at', True, ValueError, MOMENTS),
    ('response_fault_at', [], ValueError, MOMENTS),
    ('response_content', object(), TypeError, CONTENT),
])
@written
def test_a_wrong_value_is_refused_at_its_line(server, where, key, value, kind, allowed):
    with pytest.raises(kind) as caught:
        script(server, where, {key: value})
    text = shown(value)
    if key in ('response_reason', 'response_trailers') and kind is ValueError:
        text = shown(value['A'] if isinstance(value, dict) else value)
    assert type(caught.value) is kind
    assert str(caught.value) == '%s is %s, got %s (%s)%s' % (
        key, allowed, text, shown_type(value, kind, key), HINTS.get(repr(value), ''))
    assert server.response_data == {}
    assert exchange(server).startswith(b'HTTP/1.1 200 OK\r\n')


def shown_type(value, kind, key):
    if key == 'response_trailers' and kind is ValueError:
        return 'str'
    return type(value).__name__


@pytest.mark.parametrize('value', [5, {'a': 1}, [1], [{'a': 1}], True])
@written
def test_content_that_json_could_hold_leads_to_the_key_for_json(server, where, value):
    with pytest.raises(TypeError) as caught:
        script(server, where, {'response_content': value})
    assert str(caught.value) == (
        'response_content is %s, got %r (%s); did you mean response_json?'
        % (CONTENT, value, type(value).__name__))


@pytest.mark.parametrize('value', [object(), set([1]), {'a': object()}, b'\xff'])
@written
def test_what_json_cannot_hold_is_refused_at_its_line(server, where, value):
    with pytest.raises((TypeError, ValueError)) as caught:
        script(server, where, {'response_json': value})
    assert str(caught.value).startswith('response_json is a value that JSON can hold: ')


if str is not bytes:        # Python 2 encodes half of a surrogate pair too
    @pytest.mark.parametrize('key, value', [
        ('response_content', '\ud800'), ('response_content', ['a', '\ud800']),
        ('response_reason', '\ud800'), ('response_headers', {'X-A': '\ud800'}),
        ('response_headers', {'\ud800': 'a'}), ('response_trailers', [('X-A', '\ud800')]),
        ('response_informational', [(103, {'X-A': '\ud800'})]),
    ])
    @written
    def test_text_that_utf_8_cannot_encode_is_refused_at_its_line(server, where, key, value):
        with pytest.raises(ValueError) as caught:
            script(server, where, {key: value})
        assert str(caught.value).startswith(key + ' is ')
        assert 'UTF-8' in str(caught.value)


@pytest.mark.parametrize('key', ['response_timeout', 'response_rate'])
@written
def test_a_number_beyond_those_with_a_fraction_is_refused_at_its_line(server, where, key):
    with pytest.raises(ValueError) as caught:
        script(server, where, {key: 10 ** 400})
    assert str(caught.value).startswith(key + ' is a number of ')


@written
def test_json_that_is_nested_too_deep_is_refused_at_its_line(server, where):
    value = []
    for _ in range(100000):
        value = [value]
    with pytest.raises(ValueError) as caught:
        script(server, where, {'response_json': value})
    assert str(caught.value).startswith('response_json is a value that JSON can hold: ')
    while value:
        # One by one, because Python 2 crashes if it frees all of them at once.
        value = value.pop()


@pytest.mark.parametrize('key, near', [
    ('response_statsu', 'response_status'), ('response_header', 'response_headers'),
    ('response_body', 'response_content'), ('response_falut', 'response_fault'),
    ('response_delay', 'response_timeout'), ('response_faultat', 'response_fault_at'),
    ('response_name', None)])
@written
def test_a_key_that_does_not_exist_is_refused_with_the_nearest_and_all(server, where, key, near):
    with pytest.raises(ValueError) as caught:
        script(server, where, {key: 1})
    assert str(caught.value) == '%s is not a key of a response%s All of them: %s' % (
        key, '; did you mean %s?' % near if near else '.', ', '.join(sorted(VOCABULARY)))


@pytest.mark.parametrize('key, meant', [
    ('status', 'response_status'), ('status_code', 'response_status'), ('code', 'response_status'),
    ('json', 'response_json'), ('headers', 'response_headers'), ('content', 'response_content'),
    ('body', 'response_content'), ('data', 'response_content'), ('text', 'response_content'),
    ('timeout', 'response_timeout'), ('delay', 'response_timeout')])
@pytest.mark.parametrize('where', ['enqueue', 'route enqueue'])
def test_a_keyword_of_another_library_leads_to_the_key(server, where, key, meant):
    with pytest.raises(ValueError) as caught:
        script(server, where, {key: 1})
    assert str(caught.value) == (
        '%s is not a key of a response; did you mean %s? All of them: ' % (key, meant)
        + ', '.join(sorted(VOCABULARY)))


def test_a_dict_for_json_is_refused_with_the_key_that_sends_it(server):
    with pytest.raises(ValueError) as caught:
        server.enqueue({'response_status': 200}, {'name': 'Ada'})
    assert str(caught.value) == ('name is not a key of a response; to send this dict as JSON: '
                                 "{'response_json': {...}}")
    assert exchange(server).endswith(b'\r\n\r\n')
    server.check(unserved=True)


def test_a_handler_has_keys_beside_which_others_are_unknown():
    class Moody(Handler):
        response_keys = {'response_mood': None}

    with http_server(handler=Moody) as server:
        with pytest.raises(ValueError) as caught:
            server.data['response_mod'] = 1
        assert str(caught.value).startswith(
            'response_mod is not a key of a response; did you mean response_mood? All of them: ')


@pytest.mark.parametrize('where', ['update', 'enqueue', 'enqueue dict', 'route', 'route data'])
def test_content_and_json_at_once_are_refused(server, where):
    with pytest.raises(ValueError) as caught:
        script(server, where, {'response_content': b'a', 'response_json': 1})
    assert str(caught.value) == ('response_content and response_json are both set: which one is '
                                 'sent? Drop the other')


def test_content_beside_the_json_that_is_there_is_refused(server):
    server.data['response_json'] = 1
    with pytest.raises(ValueError):
        server.data['response_content'] = b'a'
    del server.data['response_json']
    server.data['response_content'] = b'a'
    with pytest.raises(ValueError):
        server.enqueue(b'short', response_json=1)


@pytest.mark.parametrize('where', ['enqueue', 'enqueue dict', 'route', 'route enqueue'])
def test_a_moment_without_a_fault_is_refused(server, where):
    with pytest.raises(ValueError) as caught:
        script(server, where, {'response_fault_at': 'body'})
    assert str(caught.value) == ('response_fault_at is set without response_fault, which is '
                                 "one of 'disconnect', 'reset', 'stall'")


def test_data_take_fault_and_moment_one_after_the_other(server):
    server.data['response_fault_at'] = 'response'
    server.data['response_fault'] = 'disconnect'
    assert exchange(server) == b''


@pytest.mark.parametrize('where', FACTORIES[:4])
@pytest.mark.parametrize('key, value', [
    ('response_fault', 'reset'), ('response_timeout', 0.01), ('response_hold', set_event())])
def test_a_moment_before_there_is_a_request_is_refused_beside_what_is_made_of_one(
        server, where, key, value):
    with pytest.raises(ValueError) as caught:
        script(server, where, dict({'response_fault': 'reset', 'response_fault_at': 'accept'},
                                   **{str(key): lambda request: value}))
    assert str(caught.value) == (
        "%s is a callable of the request, but at 'accept' there is no request yet" % key)


@written
@pytest.mark.parametrize('fault', ['disconnect', 'reset', 'stall'])
def test_a_handshake_is_refused_where_there_is_none(server, where, fault):
    with pytest.raises(ValueError) as caught:
        script(server, where, {'response_fault': fault, 'response_fault_at': 'handshake'})
    assert "'handshake'" in str(caught.value)
    if not where.startswith('route'):
        assert str(caught.value) == ("response_fault_at is 'handshake', but this server speaks "
                                     'plain http')


@pytest.mark.parametrize('where', ['route', 'route data', 'route enqueue'])
def test_a_moment_before_there_is_a_request_is_refused_for_a_route(server, where):
    with pytest.raises(ValueError) as caught:
        script(server, where, {'response_fault': 'reset', 'response_fault_at': 'accept'})
    assert str(caught.value) == (
        "response_fault_at is 'accept', but this response is chosen later; here it "
        "is one of 'request', 'response', 'body', 'end'")


@pytest.mark.parametrize('criteria', [{'body': b'a'}, {'json': [1]}, {'form': {'a': 'b'}},
                                      {'match': lambda request: True}])
def test_a_moment_before_the_body_is_refused_for_a_route_that_looks_at_it(server, criteria):
    with pytest.raises(ValueError) as caught:
        server.route(response_fault='reset', response_fault_at='request', **criteria)
    assert str(caught.value) == (
        "response_fault_at is 'request', but this response is chosen later; here it "
        "is one of 'response', 'body', 'end'")


def test_what_was_refused_leaves_no_route(server):
    with pytest.raises(ValueError):
        server.route('GET', '/', response_status=99)
    assert exchange(server).startswith(b'HTTP/1.1 200')


def test_one_wrong_key_of_several_writes_none(server):
    with pytest.raises(ValueError):
        server.data.update(response_content=b'a', response_status=99)
    assert server.response_data == {}


def test_the_keys_of_an_entry_may_be_scripted_again(server):
    server.enqueue(response_status=418, response_reason='Pot', response_headers={'X-A': 'b'},
                   response_content=[b'a', b'b'], response_trailers={'X-T': 'u'},
                   response_informational=[(103, {'Link': 'c'})])
    first = exchange(server)
    entry = server.history[0]
    keys = {key: entry[key] for key in entry if key.startswith('response_')}
    assert set(keys) == set(['response_status', 'response_reason', 'response_headers',
                             'response_content', 'response_trailers', 'response_informational'])
    server.enqueue(keys)
    assert exchange(server).split(b'\r\n\r\n')[1] == first.split(b'\r\n\r\n')[1]


def test_history_records_json_as_the_content_that_was_sent(server):
    server.enqueue(response_json={'a': 1})
    exchange(server)
    assert json.loads(server.history[0]['response_content'].decode('ascii')) == {'a': 1}


def test_what_is_json_may_change_in_place(server):
    value = {'a': 1}
    server.data['response_json'] = value
    assert b'{"a": 1}' in exchange(server)
    value['a'] = 2
    assert b'{"a": 2}' in exchange(server)


@pytest.mark.parametrize('key, value', [('response_clear', True), ('response_times', 1)])
def test_a_response_that_serves_once_is_gone_then(server, key, value):
    server.data.update({'response_status': 503, key: value, 'kept': 1})
    assert exchange(server).startswith(b'HTTP/1.1 503')
    assert server.response_data == {} and server.data['kept'] == 1
    assert exchange(server).startswith(b'HTTP/1.1 200')


@everywhere
def test_a_response_may_reset_the_server(server, where):
    script(server, where, {'response_reset': True, 'response_content': b'reset'})
    server.data['mine'] = 1
    assert exchange(server).endswith(b'reset')
    assert server.history == [] and server.data == {}
    assert exchange(server).endswith(b'\r\n\r\n')


def test_a_key_that_scripts_nothing_is_warned_of(server):
    with pytest.warns(UserWarning) as caught:
        server.data['status'] = 404
    assert [str(each.message) for each in caught] == [
        'status in data is not a key of a response, and scripts nothing; did you mean '
        'response_status?']
    assert caught[0].filename.startswith(__file__.rsplit('.', 1)[0])
    assert exchange(server).startswith(b'HTTP/1.1 200 OK')
    with pytest.warns(UserWarning):
        server.route().data.update(json=[1])


def test_user_code_of_a_response_may_keep_such_keys():
    class Keeping(Handler):
        def do_PUT(self):
            self.server.data['status'] = self.path
            self.handle_request()

    def keep(request):
        request.server.data.update(content=request.body)
        return 202

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        with http_server(handler=Keeping) as server:
            server.enqueue(keep)
            with Client(server) as client:
                client.send(request('PUT', '/a', body=b'kept'))
                assert client.answer().status == 202
            assert (server.data['status'], server.data['content']) == ('/a', b'kept')
    assert caught == []
