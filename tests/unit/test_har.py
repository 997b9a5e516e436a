# -*- coding: utf-8 -*-
"""History as a HAR document: valid by the published schema, and the same bytes in it."""
from __future__ import unicode_literals

import base64
import copy
import io
import json
import os
import pickle
import re
import socket
import sys
import time

import pytest
from six import string_types

import httptestserver
from httptestserver import http_server, https_server
from httptestserver.har import har
from httptestserver.server import Handler
from httptestserver.recording.request import KEPT
from support import installed
from support.client import Client, request
from support.marks import both_schemes, needs_extra
from support.servers import serve
from support.tunnels import TunnelClient

HERE = os.path.dirname(os.path.abspath(__file__))
with io.open(os.path.join(HERE, 'har_schema.json'), encoding='utf-8') as _file:
    SCHEMAS = json.load(_file)

#: The Pythons on which the independent readers run; `violations` reads the schema on every Python.
READERS = sys.version_info >= (3, 6)


# Reading the schema.

def inlined(schema):
    """Return *schema* with what it refers to in place."""
    if isinstance(schema, list):
        return [inlined(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if '$ref' in schema:
        return inlined(SCHEMAS[schema['$ref'].rstrip('#')])
    return {name: inlined(schema[name]) for name in schema if name != '$id'}


SCHEMA = inlined(SCHEMAS['har.json'])
TYPES = {'object': dict, 'array': list, 'string': string_types, 'number': (int, float),
         'integer': int, 'boolean': bool, 'null': type(None)}


def formed(form, text):
    """Whether *text* has a *form* that the schema names."""
    families = {'ipv4': socket.AF_INET, 'ipv6': socket.AF_INET6}
    if form in families:
        try:
            return bool(socket.inet_pton(families[form], str(text)))
        except socket.error:
            return False
    if form == 'uri':
        return re.match(r"[a-z][a-z0-9+.-]*:([!$&'()*+,;=:@/?\[\]._~0-9A-Za-z-]|%[0-9A-F]{2})*$",
                        text) is not None
    return re.match(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', text) is not None


def violations(value, schema=SCHEMA, place='har'):
    """Return the places and reasons at which *value* breaks *schema*, a list."""
    types = schema.get('type', ())
    types = types if isinstance(types, list) else [types] if types else []
    if types and not any(isinstance(value, TYPES[each]) for each in types):
        return ['%s is no %s: %r' % (place, types, value)]
    found = []
    if isinstance(value, dict):
        found += ['%s lacks %s' % (place, name) for name in schema.get('required', ())
                  if name not in value]
        for name in schema.get('properties', ()):
            if name in value:
                found += violations(value[name], schema['properties'][name],
                                    '%s.%s' % (place, name))
    if isinstance(value, list):
        for index, each in enumerate(value):
            found += violations(each, schema.get('items', {}), '%s[%d]' % (place, index))
    if isinstance(value, string_types):
        found += ['%s is no %s: %r' % (place, schema[rule], value) for rule, fits in (
            ('pattern', lambda rule: re.match(rule, value)),
            ('format', lambda rule: formed(rule, value)))
            if rule in schema and not fits(schema[rule])]
    if 'oneOf' in schema and sum(not violations(value, each) for each in schema['oneOf']) != 1:
        found.append('%s is not one of %r: %r' % (place, schema['oneOf'], value))
    return found


def checked(document):
    """Return *document* as it reads from a file, once it has been found valid."""
    document = json.loads(json.dumps(document))
    assert violations(document) == []
    for entry in document['log']['entries']:
        times = entry['timings']
        assert min(times['send'], times['wait'], times['receive']) >= 0
        assert entry['time'] == sum(each for each in times.values() if each != -1)
    return document


def only(server):
    """Return the one entry of the server's document, valid."""
    entry, = checked(server.har())['log']['entries']
    return entry


def exchange(server, raw, method='GET'):
    with Client(server) as client:
        client.send(raw)
        # A response to CONNECT has no body, like one to HEAD.
        return client.answer('HEAD' if method == 'CONNECT' else method)


def pairs(named):
    return [(each['name'], each['value']) for each in named]


# What there may be in a history.

class Writing(Handler):
    """Responds to one path by itself."""

    def do_WRITE(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'written')


def everything(server, directory):
    """Have *server* go through all kinds of requests and responses."""
    directory.join('page').write_binary(b'<p>')
    server.enqueue(
        200, {'response_json': {'name': 'Ada'}}, b'\xff\x00', {'response_status': 999},
        {'response_content': iter([b'a', b'b']), 'response_trailers': {'X-Sum': '1'}},
        {'response_content': directory.join('page')},
        {'response_informational': [(103, {'Link': '</a>'})]},
        {'response_headers': [('Set-Cookie', 'a=b; Path=/; HttpOnly'), ('Location', '/x')],
         'response_status': 302})
    requests = [request('GET', '/a?b=c'), request('HEAD'), request('POST', body=b'a=b'),
                request('PUT', '/\u2615', body=b'\xff'), request('OPTIONS', '*'),
                request('GET', 'http://other:1/x?y=z'), request('CONNECT', '[::1]:443'),
                request('GET', '/', 'Cookie: a=b; c="d"', 'X: \u2615'), request('WRITE'),
                b'GET /old HTTP/1.0\r\n\r\n']
    for raw in requests:
        with Client(server) as client:
            client.send(raw)
            client.answer('HEAD' if raw.startswith((b'HEAD', b'CONNECT')) else 'GET')
    for keys in ({'response_raw': b'no HTTP'}, {'response_raw': b'\xff'},
                 {'response_fault': 'disconnect'}, {'response_fault': 'reset'},
                 {'response_fault': 'disconnect', 'response_fault_at': 'body',
                  'response_content': b'abcd'},
                 {'response_fault': 'reset', 'response_fault_at': 'request'}):
        server.enqueue(keys)
        with Client(server) as client:
            client.send(request('POST', body=b'fault'))
            client.rest()
    server.enqueue({'response_timeout': 3600})
    client = Client(server)
    client.send(request('GET', '/slow'))
    server.wait(17)
    return client


@both_schemes
def test_every_kind_of_request_is_valid(scheme, tmpdir):
    with serve(scheme, handler=Writing) as server:
        everything(server, tmpdir).close()
        entries = checked(server.har())['log']['entries']
        assert len(entries) == 17
        assert [entry['response']['status'] for entry in entries] == [
            200, 200, 200, 999, 200, 200, 200, 302, 200, 200, 0, 0, 0, 0, 200, 0, 0]


@pytest.mark.skipif(not READERS, reason='no reader runs here; violations() does')
@both_schemes
def test_jsonschema_finds_it_valid(scheme, tmpdir):
    jsonschema = installed.module('jsonschema')
    with serve(scheme, handler=Writing) as server:
        everything(server, tmpdir).close()
        document = json.loads(json.dumps(server.har()))
    jsonschema.Draft6Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft6Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    assert [str(error) for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize('place, value', [
    ('request', None), ('request method', 5), ('request headers', {}), ('time', '1'),
    ('startedDateTime', 'today'), ('serverIPAddress', 'localhost'), ('connection', 1),
    ('response content size', None), ('response status', '200'), ('cache', DeprecationWarning),
], ids=lambda value: value if isinstance(value, string_types) else '')
def test_the_schema_refuses_what_is_wrong(place, value):
    with http_server() as server:
        exchange(server, request())
        document = json.loads(json.dumps(server.har()))
    parent = document['log']['entries'][0]
    words = place.split()
    for word in words[:-1]:
        parent = parent[word]
    parent[words[-1]] = value
    # The class stands for a key that is absent.
    if value is DeprecationWarning:
        del parent[words[-1]]
    assert violations(document)
    if READERS:
        jsonschema = installed.module('jsonschema')
        assert not jsonschema.Draft6Validator(
            SCHEMA, format_checker=jsonschema.FormatChecker()).is_valid(document)


@pytest.mark.skipif(not READERS, reason='haralyzer does not run here')
def test_a_viewers_parser_opens_it(tmpdir):
    HarParser = installed.module('haralyzer').HarParser
    with http_server(handler=Writing) as server:
        everything(server, tmpdir).close()
        parser = HarParser.from_string(json.dumps(server.har()))
        page, = parser.pages
        assert (parser.version, parser.creator['name']) == ('1.2', 'httptestserver')
        assert [each.request.method for each in page.entries] == [
            each.method for each in server.history]
        assert [each.request.url for each in page.entries[:2]] == [
            'http://localhost/a?b=c', 'http://localhost/']
        assert page.entries[0].startTime.timestamp() == pytest.approx(
            server.history[0]['time'], abs=0.001)
        assert page.entries[0].serverAddress == '127.0.0.1'
        assert [each.response.status for each in page.filter_entries(status_code='302')] == [302]
        assert page.entries[2].request.text == 'a=b'
        assert page.entries[2].response.textEncoding == 'base64'
        assert page.get_load_time(asynchronous=False) == pytest.approx(
            sum(1000 * (each['duration'] or 0) for each in server.history), abs=0.1)


# What an entry holds.

def test_an_entry_tells_time_connection_and_address():
    with http_server() as server:
        before = time.time()
        exchange(server, request())
        exchange(server, request())
        recorded = server.history[1]
        first, entry = checked(server.har())['log']['entries']
    assert (first['connection'], entry['connection']) == ('0', '1')
    assert entry['serverIPAddress'] == '127.0.0.1'
    assert entry['time'] == entry['timings']['wait'] == round(1000 * recorded['duration'], 3)
    assert entry['startedDateTime'][:-5] == time.strftime(
        '%Y-%m-%dT%H:%M:%S', time.gmtime(recorded['time']))
    assert int(entry['startedDateTime'][-4:-1]) == int(recorded['time'] * 1000) % 1000
    assert before <= recorded['time']


@pytest.mark.parametrize('seconds, date_time', [
    (0, '1970-01-01T00:00:00.000Z'), (1.9996, '1970-01-01T00:00:01.999Z'),
    (951782400.25, '2000-02-29T00:00:00.250Z')])
def test_a_date_time_is_in_utc_with_milliseconds(seconds, date_time):
    entry, = har([{'time': seconds}])['log']['entries']
    assert entry['startedDateTime'] == date_time


def test_an_address_that_stands_for_all_is_not_told():
    with httptestserver.Server('0.0.0.0', 0) as server:
        exchange(server, request())
        assert 'serverIPAddress' not in only(server)


@pytest.mark.parametrize('target, fields, url', [
    ('/a?b=%20', '', 'http://localhost/a?b=%20'),
    ('/\u2615"<|', '', 'http://localhost/%E2%98%95%22%3C%7C'),
    ('http://other:1/x', '', 'http://other:1/x'),
], ids=['origin', 'bytes', 'absolute'])
def test_the_url_is_the_target_uri(target, fields, url):
    with http_server() as server:
        exchange(server, request('GET', target))
        assert only(server)['request']['url'] == url


@pytest.mark.parametrize('raw, url', [
    (b'OPTIONS * HTTP/1.1\r\nHost: a:1\r\n\r\n', 'http://a:1'),
    (b'CONNECT b:443 HTTP/1.1\r\nHost: c\r\n\r\n', 'http://b:443'),
    (b'GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n', 'http://a/%FF'),
    (b'GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n', 'http://a/%C3%A9'),
], ids=['asterisk', 'authority', 'bytes', 'UTF-8'])
def test_the_url_of_other_forms_is_that_of_rfc_9112(raw, url):
    with http_server() as server:
        exchange(server, raw, 'CONNECT')
        assert only(server)['request']['url'] == url


def test_a_request_without_host_was_for_the_server():
    with http_server() as server:
        exchange(server, b'GET /x HTTP/1.0\r\n\r\n')
        assert only(server)['request']['url'] == server.url('/x')
        copied, = har([server.history[0].copy()])['log']['entries']
        assert copied['request']['url'] == 'http://localhost/x'


@needs_extra
@pytest.mark.usefixtures('guard')
@pytest.mark.parametrize('field, tls, url', [
    (b'', False, 'http://a.example:8080/x'),
    (b'Host: b.example\r\n', False, 'http://b.example/x'),
    (b'Host: b.example\r\n', True, 'https://b.example/x')])
def test_the_url_of_a_request_in_a_tunnel_is_that_of_the_client(field, tls, url):
    with http_server(proxy=True) as server:
        with TunnelClient(server, 'a.example:8080', tls=tls) as client:
            client.send(b'GET /x HTTP/1.0\r\n' + field + b'\r\n')
            assert client.answer().status == 200
        assert only(server)['request']['url'] == url
        assert only(server)['serverIPAddress'] == server.host


def test_a_unix_socket_has_no_address_and_no_host(unix_host):
    with http_server(unix_host) as server:
        exchange(server, b'GET /x HTTP/1.0\r\n\r\n')
        assert only(server)['request']['url'] == 'http://localhost/x'
        assert 'serverIPAddress' not in only(server)


def test_a_url_tells_the_scheme():
    with https_server() as server:
        exchange(server, request())
        assert only(server)['request']['url'] == 'https://localhost/'


def test_a_query_keeps_order_repetition_and_blanks():
    with http_server() as server:
        exchange(server, request('GET', '/?b=1&a=%E2%98%95&b=2&c='))
        assert pairs(only(server)['request']['queryString']) == [
            ('b', '1'), ('a', '\u2615'), ('b', '2'), ('c', '')]


def test_header_fields_keep_order_case_and_repetition():
    raw = request('GET', '/', 'x-b: 1', 'X-A: \u2615', 'X-B: 2')
    with http_server() as server:
        server.data['response_headers'] = [('x-d', 'e'), ('X-C', '\u2615'), ('x-d', 'f')]
        exchange(server, raw)
        entry = only(server)
    assert pairs(entry['request']['headers']) == [
        ('Host', 'localhost'), ('x-b', '1'), ('X-A', '\u2615'), ('X-B', '2')]
    assert [pair for pair in pairs(entry['response']['headers'])
            if pair[0].lower().startswith('x')] == [('x-d', 'e'), ('X-C', '\u2615'), ('x-d', 'f')]


def test_sizes_are_those_on_the_wire():
    raw = request('POST', '/', 'X: \u2615', body=b'12345')
    with http_server() as server:
        server.data['response_content'] = b'123'
        with Client(server) as client:
            client.send(raw.replace(b'HTTP/1.1\r\n', b'HTTP/1.1\r\nConnection: close\r\n'))
            received = client.rest()
        entry = only(server)
    assert entry['request']['bodySize'] == 5
    assert entry['request']['headersSize'] == len(raw) + len(b'Connection: close\r\n') - 5
    assert entry['response']['bodySize'] == entry['response']['content']['size'] == 3
    assert entry['response']['headersSize'] == len(received) - 3


@pytest.mark.parametrize('content_type, body, text', [
    ('text/plain', b'caf\xc3\xa9\r\n\t', 'caf\u00e9\r\n\t'),
    ('', b'a', 'a'),
    ('text/plain; charset=ISO-8859-1', b'caf\xe9', 'caf\u00e9'),
    # The last one counts, as everywhere. White space is not allowed there.
    ('text/plain; charset=utf-8; charset=iso-8859-1', b'\xe9', '\u00e9'),
    ('text/plain; charset=iso-8859-1; charset=utf-8', b'\xe9', None),
    ('text/plain; charset = iso-8859-1', b'\xe9', None),
    ('text/plain; charset="utf-16-le"', b'a\0b\0', 'ab'),
    ('text/plain', b'caf\xe9', None),
    ('text/plain', b'a\0b', None),
    ('text/plain; charset=ascii', b'caf\xc3\xa9', None),
    # Half of a surrogate pair.
    ('text/plain; charset=utf-7', b'+2AA-', None),
    # Encoding it again would add a byte order mark.
    ('text/plain; charset=utf-8-sig', b'abc', None),
    ('text/plain; charset=none', b'abc', None),
    # Python 2 decodes it to bytes.
    ('text/plain; charset=hex', b'6162', None),
    ('text/plain; charset=zip', b'abc', None),
    ('image/png', b'\x89PNG\r\n', None),
])
def test_a_body_is_text_where_it_is_exactly_that(content_type, body, text):
    with http_server() as server:
        server.data.update(response_content=body)
        if content_type:
            server.data['response_headers'] = {'Content-Type': content_type}
        exchange(server, request('POST', '/', *['Content-Type: ' + content_type]
                                 if content_type else [], body=body))
        entry = only(server)
    posted, content = entry['request']['postData'], entry['response']['content']
    assert posted['mimeType'] == content['mimeType'] == content_type
    expected = text or base64.b64encode(body).decode('ascii')
    assert posted['text'] == content['text'] == expected
    expected = None if text else 'base64'
    assert content.get('encoding') == expected
    assert posted.get('_encoding') == posted.get('encoding') == expected


def test_a_form_has_its_parameters_beside_its_text():
    with http_server() as server:
        exchange(server, request('POST', '/', 'Content-Type: application/x-www-form-urlencoded',
                                 body=b'b=1&a=%E2%98%95&b=&c'))
        posted = only(server)['request']['postData']
    assert posted['text'] == 'b=1&a=%E2%98%95&b=&c'
    assert pairs(posted['params']) == [('b', '1'), ('a', '\u2615'), ('b', ''), ('c', '')]


def test_a_request_without_body_has_no_post_data():
    with http_server() as server:
        exchange(server, request())
        assert 'postData' not in only(server)['request']


def test_a_body_that_was_not_kept_whole_is_marked_as_cut():
    with http_server(body_limit=3) as server:
        exchange(server, request('POST', body=b'12345'))
        entry = only(server)['request']
    assert (entry['bodySize'], entry['postData']['text']) == (5, '123')
    assert entry['comment'] == 'the first 3 bytes of the body were kept'


@pytest.mark.parametrize('field, size', [('Content-Length: 5', 5),
                                         ('Transfer-Encoding: chunked', -1)])
def test_the_size_of_a_body_that_was_not_read_is_what_its_head_says(field, size):
    with http_server() as server:
        server.enqueue(413, response_early=True)
        assert exchange(server, request('PUT', '/', field)).status == 413
        entry = only(server)
    assert entry['request']['bodySize'] == size and 'postData' not in entry['request']
    assert entry['request']['comment'] == 'the first 0 bytes of the body were kept'
    assert entry['response']['status'] == 413


def test_cookies_keep_order_and_repetition():
    with http_server() as server:
        exchange(server, request('GET', '/', 'Cookie: b=1; a="x=y"; b=2', 'Cookie: c=3'))
        assert pairs(only(server)['request']['cookies']) == [
            ('b', '1'), ('a', 'x=y'), ('b', '2'), ('c', '3')]


@pytest.mark.parametrize('field, cookie', [
    ('a=b', {}),
    ('a=b; Path=/x; Domain=example.com; Secure; HttpOnly',
     {'path': '/x', 'domain': 'example.com', 'secure': True, 'httpOnly': True}),
    ('a=b; expires=Tue, 29 Feb 2000 00:00:00 GMT', {'expires': '2000-02-29T00:00:00.000Z'}),
    ('a=b; Expires=Tue, 29-Feb-2000 00:00:00 GMT', {'expires': '2000-02-29T00:00:00.000Z'}),
    ('a=b; Expires=Tue, 30 Feb 99999 00:00:00 GMT', {}),
    ('a=b; Expires=\u2615; Path', {}), ('a=b; Expires', {}), ('a = "b" ; ;', {}),
])
def test_a_cookie_that_is_set_has_its_attributes(field, cookie):
    with http_server() as server:
        server.data['response_headers'] = {'Set-Cookie': field}
        exchange(server, request())
        expected = dict({'name': 'a', 'value': 'b', 'secure': False, 'httpOnly': False}, **cookie)
        assert only(server)['response']['cookies'] == [expected]


def test_a_redirect_tells_where_to():
    with http_server() as server:
        server.enqueue({'response_status': 302, 'response_headers': {'location': '/x'}}, 200)
        exchange(server, request())
        exchange(server, request())
        entries = checked(server.har())['log']['entries']
    assert [each['response']['redirectURL'] for each in entries] == ['/x', '']
    assert [each['response']['statusText'] for each in entries] == ['Found', 'OK']


# Responses that are not bytes, or not HTTP, or missing.

def test_a_streamed_file_is_named_and_not_read(tmpdir):
    path = tmpdir.join('page')
    path.write_binary(b'12345')
    with http_server() as server:
        with io.open(str(path), 'rb') as file:
            server.enqueue({'response_content': file})
            exchange(server, request())
        path.remove()
        response = only(server)['response']
    assert (response['bodySize'], response['content']['size']) == (5, 5)
    assert 'text' not in response['content']
    assert response['content']['comment'] == 'streamed from %s' % path


def test_a_streamed_file_that_broke_off_is_of_unknown_size(tmpdir):
    tmpdir.join('page').write_binary(b'12345')
    with http_server() as server:
        server.enqueue({'response_content': tmpdir.join('page'), 'response_fault': 'disconnect',
                        'response_fault_at': 'body'})
        with Client(server) as client:
            client.send(request())
            client.rest()
        response = only(server)['response']
    assert (response['status'], response['bodySize'], response['content']['size']) == (200, -1, -1)


def test_a_long_stream_is_marked_as_cut():
    with http_server() as server:
        server.enqueue({'response_content': iter([b'x' * KEPT, b'y'])})
        exchange(server, request())
        response = only(server)['response']
    assert response['bodySize'] == response['content']['size'] == -1
    assert response['content']['text'] == 'x' * KEPT
    assert response['content']['comment'] == 'the first %d bytes' % KEPT


def test_a_stream_that_was_kept_whole_is_not_marked():
    with http_server() as server:
        server.enqueue({'response_content': iter([b'x' * KEPT])})
        exchange(server, request())
        content = only(server)['response']['content']
        copied, = har([server.history[0].copy()])['log']['entries']
    assert content['size'] == KEPT and 'comment' not in content
    assert copied['response']['content'] == content


def test_a_cut_content_stays_marked_in_a_copy():
    with http_server() as server:
        server.enqueue({'response_content': iter([b'x' * KEPT, b'y'])})
        exchange(server, request())
        entry = server.history[0]
    assert isinstance(entry['response_content'], bytes)
    for other in (entry.copy(), copy.deepcopy(entry), pickle.loads(pickle.dumps(entry, 2))):
        copied, = har([other])['log']['entries']
        assert copied['response']['content']['comment'] == 'the first %d bytes' % KEPT


@pytest.mark.parametrize('keys, comment, text', [
    ({'response_fault': 'disconnect'}, 'disconnect at response', None),
    ({'response_fault': 'reset', 'response_fault_at': 'request'}, 'reset at request', None),
    ({'response_fault': 'disconnect', 'response_fault_at': 2, 'response_content': b'abcd'},
     'disconnect at 2', 'ab'),
    ({'response_raw': b'no HTTP'}, 'raw bytes in place of a response', 'no HTTP'),
])
def test_what_is_no_response_is_commented(keys, comment, text):
    with http_server() as server:
        server.enqueue(keys)
        with Client(server) as client:
            client.send(request())
            client.rest()
        response = only(server)['response']
    assert response['comment'] == comment
    assert response['content'].get('text') == text


def test_a_request_that_waits_has_no_answer():
    with http_server() as server:
        server.enqueue({'response_timeout': 3600})
        with Client(server) as client:
            client.send(request())
            server.wait()
            entry = only(server)
    assert entry['time'] == 0
    assert (entry['response']['status'], entry['response']['comment']) == (0, 'no response')
    assert (entry['response']['headersSize'], entry['response']['bodySize']) == (-1, 0)


def test_head_and_304_have_no_content():
    with http_server() as server:
        server.enqueue({'response_content': b'abc'}, 304)
        exchange(server, request('HEAD'), 'HEAD')
        exchange(server, request())
        entries = checked(server.har())['log']['entries']
    assert [each['response']['bodySize'] for each in entries] == [0, 0]


def test_a_subclass_that_records_less_is_rendered_too():
    checked(har([{}, {'command': str('GET')}, {'path': str(''), 'body': b'x'},
                 {'response_status': 200}, {'response_content': 5, 'response_fault': 'reset'},
                 {'time': None, 'server': None, 'tls': {}}]))


# The document.

def test_the_same_history_makes_the_same_document(tmpdir):
    with http_server(handler=Writing) as server:
        everything(server, tmpdir).close()
        server.stop()
        before = json.dumps(server.har(), sort_keys=True)
        for each in server.history:
            # The reader parses the fields when it is asked for them.
            assert len(each['headers']) >= 0
        assert json.dumps(server.har(), sort_keys=True) == before


def test_copies_make_the_same_document_but_for_the_server():
    with http_server() as server:
        exchange(server, request('POST', body=b'abc'))
        copies = [function(server.history) for function in (
            lambda history: [copy.copy(each) for each in history], copy.deepcopy,
            lambda history: pickle.loads(pickle.dumps(history, 2)))]
        document = server.har()
    del document['log']['entries'][0]['serverIPAddress']
    for copied in copies:
        assert har(copied) == document


def test_an_empty_history_is_a_valid_document():
    with http_server() as server:
        document = checked(server.har())
    assert document['log']['entries'] == []
    assert document['log']['creator'] == {
        'name': 'httptestserver', 'version': httptestserver.__version__}


def test_it_is_safe_while_requests_are_answered():
    with http_server() as server:
        sizes = []
        with Client(server) as client:
            for _ in range(10):
                client.send(request('POST', body=b'abc') * 20)
                for _ in range(3):
                    sizes.append(len(json.dumps(server.har())))
                for _ in range(20):
                    client.answer()
        assert sizes == sorted(sizes)
        assert len(checked(server.har())['log']['entries']) == 200


# What is left out.

SECRETS = ['Authorization: Bearer s3cret', 'Cookie: sid=s3cret; b="s3cret"', 'X-Key: s3cret']


@pytest.fixture
def secretive(server):
    """A server whose only request and response have credentials in their fields."""
    server.data['response_headers'] = [
        ('Set-Cookie', 'sid=s3cret; Path=/'), ('Set-Cookie', 'b=s3cret'), ('X-Key', 's3cret'),
        ('Location', '/s3cret')]
    with Client(server) as client:
        client.get('/a', *SECRETS)
    return server


def values(message, *names):
    return [field['value'] for field in message['headers'] if field['name'] in names]


@pytest.mark.parametrize('names', [
    ['authorization', 'COOKIE', 'set-cookie', 'X-Key', 'Location'],
    ('Authorization', 'Cookie', 'Set-Cookie', 'x-key', 'location'),
    {'Authorization', 'Cookie', 'Set-Cookie', 'X-Key', 'Location'},
    frozenset(['Authorization', 'Cookie', 'Set-Cookie', 'X-Key', 'location', 'Not-There'])])
def test_the_values_of_fields_are_left_out_of_both_messages(secretive, names):
    document = checked(secretive.har(redact=names))
    entry, = document['log']['entries']
    assert 's3cret' not in json.dumps(document)
    assert values(entry['request'], 'Authorization', 'X-Key') == ['REDACTED'] * 2
    assert values(entry['response'], 'Set-Cookie', 'X-Key') == ['REDACTED'] * 3
    # The names of the cookies stay, because they help to read the traffic.
    assert [(each['name'], each['value']) for each in entry['request']['cookies']] == [
        ('sid', 'REDACTED'), ('b', 'REDACTED')]
    assert [(each['name'], each['value']) for each in entry['response']['cookies']] == [
        ('sid', 'REDACTED'), ('b', 'REDACTED')]
    assert entry['response']['redirectURL'] == 'REDACTED'


def test_what_is_not_named_stays(secretive):
    whole, = secretive.har()['log']['entries']
    assert json.dumps(whole).count('s3cret') == 13
    entry, = secretive.har(redact=['Cookie'])['log']['entries']
    assert [each['value'] for each in entry['request']['cookies']] == ['REDACTED'] * 2
    # Each of the two directions has a name of its own.
    assert entry['response'] == whole['response']
    assert values(entry['request'], 'Authorization') == ['Bearer s3cret']


def test_history_keeps_what_the_document_leaves_out(secretive):
    secretive.har(redact=['Authorization', 'Set-Cookie'])
    request, = secretive.history
    assert request.headers['Authorization'] == 'Bearer s3cret'
    assert ('Set-Cookie', 'b=s3cret') in request['response_headers']


def test_a_message_without_fields_has_nothing_to_leave_out():
    checked(har([{}, {'command': str('GET')}], ['Location', 'Cookie']))


def test_a_cookie_without_a_name_is_left_out_and_so_is_its_value(server, client):
    server.data['response_headers'] = [
        ('Set-Cookie', 'secret'), ('Set-Cookie', 'secret; Max-Age=1'), ('Set-Cookie', 'a=secret')]
    client.get('/', 'Cookie: secret; b=secret')
    document = checked(server.har(redact=['Cookie', 'Set-Cookie']))
    entry, = document['log']['entries']
    assert [cookie['name'] for cookie in entry['request']['cookies']] == ['b']
    assert [cookie['name'] for cookie in entry['response']['cookies']] == ['a']
    assert 'secret' not in json.dumps(document)


@pytest.mark.parametrize('redact, kind, message', [
    ('Authorization', TypeError, "redact is a list or tuple of names of header fields, got "
     "'Authorization' (str); did you mean redact=('Authorization',)?"),
    (b'Cookie', TypeError, "did you mean redact=('Cookie',)?"),
    (None, TypeError, 'redact is a list or tuple of names of header fields, got None (NoneType)'),
    ({'Cookie': 1}, TypeError, 'redact is a list or tuple of names of header fields, got {'),
    ([5], TypeError, 'a name in redact is a str, got 5 (int)'),
    (['Cookie:'], ValueError, "a name in redact is that of a header field, got 'Cookie:' (str); "
     "did you mean 'Cookie'?"),
    (['Cookie: a=b'], ValueError, "did you mean 'Cookie'?"),
    (['A', ''], ValueError, "a name in redact is that of a header field, got '' (str)"),
    (['a b'], ValueError, "got 'a b' (str)"),
    (['Cookie\n'], ValueError, "got 'Cookie\\n' (str); did you mean"),
])
def test_names_that_cannot_be_left_out_are_refused(redact, kind, message):
    if isinstance(redact, list):
        redact = [str(each) if isinstance(each, string_types) else each for each in redact]
    elif isinstance(redact, string_types):
        redact = str(redact)
    with pytest.raises(kind) as raised:
        har([], redact)
    assert message in str(raised.value)
