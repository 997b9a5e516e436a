# -*- coding: utf-8 -*-
"""A recorded request shows what its client sent, by attributes, and outlives its connection."""
from __future__ import unicode_literals

import copy
import pickle
import threading

import pytest
import requests
import urllib3
from six import ensure_str

from httptestserver import Handler, http_server, https_server
from httptestserver.http1.fields import get_all
from httptestserver.recording.forms import File
from httptestserver.recording.request import LIVE, RecordedRequest, facts_of
from support.client import Client, request
from support.waiting import eventually

FORM = 'Content-Type: application/x-www-form-urlencoded'
MULTIPART = 'Content-Type: multipart/form-data; boundary=B'


@pytest.fixture
def sent(server):
    """A function that sends a request and returns what was recorded."""
    def sent(method='GET', path='/', *fields, **keys):
        with Client(server) as client:
            client.send(request(method, path, *fields, **keys))
            client.answer(method)
        return server.history[-1]

    return sent


def native(value):
    return ensure_str(value)


def part(disposition, content=b'x', *fields):
    """Return the bytes of a part of a multipart body whose boundary is B."""
    head = '\r\n'.join(('--B', 'Content-Disposition: ' + disposition) + fields)
    return head.encode('utf-8') + b'\r\n\r\n' + content + b'\r\n'


def upload(sent, *parts):
    return sent('POST', '/', MULTIPART, body=b''.join(parts) + b'--B--\r\n')


def error(look):
    with pytest.raises(ValueError) as caught:
        look()
    return str(caught.value)


# The target

@pytest.mark.parametrize('method', ['GET', 'POST', 'brew', 'M-SEARCH'])
def test_the_method_is_as_it_was_sent(sent, method):
    assert sent(method).method == method


@pytest.mark.parametrize('path, query', [
    ('/', {}), ('/?', {}), ('/?a', {'a': ''}), ('/?a=', {'a': ''}),
    ('/?a=1&b=2', {'a': '1', 'b': '2'}),
    ('/?a=1&a=2&a=', {'a': ['1', '2', '']}), ('/?a=b=c', {'a': 'b=c'}), ('/?=x', {'': 'x'}),
    ('/?a+b=c%20d%26', {'a b': 'c d&'}), ('/?a=1?b=2', {'a': '1?b=2'}), ('/?&&a=1&', {'a': '1'}),
    ('/?a=1;b=2', {'a': '1;b=2'}), ('/?%C3%A9=%C3%A8', {'\xe9': '\xe8'}),
    ('/?\xe9=\xe8', {'\xe9': '\xe8'}), ('http://a.test/x?a=1', {'a': '1'})])
def test_the_query_has_names_and_decoded_values(sent, path, query):
    assert sent('GET', path).query == {
        native(name): [native(each) for each in value] if isinstance(value, list) else (
            native(value)) for name, value in query.items()}


def test_a_query_with_a_semicolon_is_matched_by_the_same_text(server, sent):
    sent('GET', '/?a=1;b=2')
    server.assert_requested(path='/?a=1;b=2', count=1)
    server.assert_not_requested(path='/?a=1')


def test_the_url_is_that_of_the_request(server, sent):
    assert sent('GET', '/a?b=c').url == 'http://localhost/a?b=c'
    assert sent('GET', 'http://a.test/x?y').url == 'http://a.test/x?y'
    assert requests.get(server.url('/a?b=%20'), timeout=20).status_code == 200
    assert server.history[-1].url == server.url('/a?b=%20')


def test_the_url_over_tls_is_https():
    with https_server() as server:
        with Client(server) as client:
            client.get('/a')
        assert server.history[-1].url == 'https://localhost/a'


@pytest.mark.parametrize('method, target', [('OPTIONS', '*'), ('CONNECT', 'a.test:443')])
def test_a_target_that_is_no_path_is_the_url(server, method, target):
    with Client(server) as client:
        client.send(request(method, target))
        assert server.wait()[0].url == target
        assert server.history[0].query == {}


def test_params_are_there_for_requests_that_a_template_matched(server, sent):
    server.route('GET', '/users/{id}/{what}')
    assert sent('GET', '/users/a%2Fb/x').params == {'id': 'a/b', 'what': 'x'}
    assert sent('GET', '/users').params == {}


# Text and JSON

@pytest.mark.parametrize('charset, encoding', [
    (None, 'utf-8'), ('utf-8', 'utf-8'), ('UTF-8', 'utf-8'), ('"utf-16"', 'utf-16'),
    ('iso-8859-1', 'iso-8859-1'), ('windows-1252; x=y', 'cp1252')])
def test_text_is_decoded_by_its_charset(sent, charset, encoding):
    fields = ['Content-Type: text/plain; Charset=' + charset] if charset else []
    assert sent('POST', '/', *fields, body='h\xe9'.encode(encoding)).text == 'h\xe9'


def test_the_text_of_no_body_is_empty(sent):
    assert sent().text == ''


def test_text_of_another_charset_is_an_error_that_names_it(sent):
    text = error(lambda: sent('POST', '/a', body=b'caf\xe9').text)
    assert text.startswith('the body of POST /a HTTP/1.1 is not text in utf-8: ')
    assert '0xe9 in position 3' in text
    found = sent('POST', '/a', 'Content-Type: a/b; charset=nonsense', body=b'x')
    assert error(lambda: found.text) == (
        'the body of POST /a HTTP/1.1 is not text in nonsense: unknown encoding: nonsense')


@pytest.mark.parametrize('body, value', [
    (b'{"a": [1, 2.5, null, true]}', {'a': [1, 2.5, None, True]}), (b' 5 ', 5), (b'""', ''),
    (b'"\xc3\xa9"', '\xe9'), (b'"\\u00e9"', '\xe9')])
def test_json_is_the_value_of_the_body(sent, body, value):
    assert sent('POST', '/', body=body).json() == value


def test_json_is_decoded_by_its_charset(sent):
    fields = 'Content-Type: application/json; charset=iso-8859-1'
    assert sent('POST', '/', fields, body=b'"\xe9"').json() == '\xe9'


@pytest.mark.parametrize('body', [b'', b'{"a": }', b'\xff', b'{"a": 1} x', b'[' * 100000])
def test_a_body_that_is_no_json_is_an_error_that_shows_it(sent, body):
    text = error(sent('POST', '/a', body=body).json)
    assert text.startswith('the body of POST /a HTTP/1.1 is not JSON: ')
    assert text.endswith("; it is %s" % (
        repr(body).lstrip('b') if len(body) <= 200 else "'%s'... (100000 bytes)" % ('[' * 200)))


def test_a_body_that_is_nested_too_deep_for_json_is_no_match_and_no_error(server, sent):
    server.route(json={'a': 1})
    assert sent('POST', '/', body=b'[' * 100000)['response_status'] == 404


# Forms and cookies

@pytest.mark.parametrize('body, form', [
    (b'', {}), (b'a=1&b=2', {'a': '1', 'b': '2'}), (b'a=1&a=2', {'a': ['1', '2']}),
    (b'a=&b', {'a': '', 'b': ''}), (b'a+b=%26+%C3%A9', {'a b': '& \xe9'}),
    (b'a=1;b=2', {'a': '1;b=2'}), (b'\xc3\xa9=\xc3\xa8', {'\xe9': '\xe8'})])
def test_an_urlencoded_form_has_names_and_decoded_values(sent, body, form):
    found = sent('POST', '/', FORM, body=body)
    assert found.form == {
        native(name): [native(each) for each in value] if isinstance(value, list) else (
            native(value)) for name, value in form.items()}
    assert found.files == {}


@pytest.mark.parametrize('fields, cookies', [
    ([], {}), (['Cookie: a=1'], {'a': '1'}),
    (['Cookie: a=1; b=2;c = 3'], {'a': '1', 'b': '2', 'c': '3'}),
    (['Cookie: a=b=c'], {'a': 'b=c'}), (['Cookie: a="q r"; b='], {'a': 'q r', 'b': ''}),
    (['Cookie: a=1', 'cookie: b=2'], {'a': '1', 'b': '2'}),
    (['Cookie: nonsense; ;a=1'], {'a': '1'})])
def test_cookies_have_names_and_values(sent, fields, cookies):
    assert sent('GET', '/', *fields).cookies == cookies


# Multipart

def test_a_multipart_form_has_fields_and_files(sent):
    found = upload(
        sent, part('form-data; name="a"', b'1'), part('form-data; name="b"', b'2\r\n3\r\n'),
        part('form-data; name="f"; filename="x.txt"', b'\x00\xff\r\n', 'Content-Type: image/png'),
        part('form-data; name="a"', b'4'), part('form-data; name="g"; filename="y"', b''))
    assert found.form == {'a': ['1', '4'], 'b': '2\r\n3\r\n'}
    assert found.files == {'f': File('x.txt', 'image/png', b'\x00\xff\r\n'),
                           'g': File('y', 'text/plain', b'')}


def test_files_of_one_name_are_a_list(sent):
    found = upload(sent, part('form-data; name="f"; filename="1"', b'a'),
                   part('form-data; name="f"; filename="2"', b'b'))
    assert [each.content for each in found.files['f']] == [b'a', b'b']
    assert [each.filename for each in found.files['f']] == ['1', '2']


def test_an_empty_multipart_form_is_empty(sent):
    found = upload(sent)
    assert found.form == {} and found.files == {}


@pytest.mark.parametrize('disposition, filename', [
    ('form-data; name="f"; filename="a b.txt"', 'a b.txt'),
    ('form-data; name=f; filename=a.txt', 'a.txt'),
    ('Form-Data; NAME="f"; FileName="a"', 'a'),
    ('form-data;name="f";filename="a"', 'a'),
    ('form-data; filename="a"; name="f"', 'a'),
    ('form-data; name="f"; filename=""', ''),
    ('form-data; name="f"; filename="a;b=c; name=x"', 'a;b=c; name=x'),
    (r'form-data; name="f"; filename="a\"b\\c"', r'a"b\c'),
    (r'form-data; name="f"; filename="C:\dir\x.txt"', r'C:\dir\x.txt'),
    ('form-data; name="f"; filename="a%22b"', 'a%22b'),
    ('form-data; name="f"; filename="\u20ac\xe9"', '\u20ac\xe9'),
    ("form-data; name=f; filename*=UTF-8''%e2%82%ac%20x", '\u20ac x'),
    ("form-data; name=f; filename*=utf-8'en'it%27s", "it's"),
    ("form-data; name=f; filename=\"euro\"; filename*=utf-8''%e2%82%ac", '\u20ac'),
    ("form-data; name=f; filename*=utf-8''%e2%82%ac; filename=\"euro\"", '\u20ac'),
    ("form-data; name=f; filename*=\"utf-8''x\"", 'x'),
    ('form-data;\r\n name="f";\r\n\tfilename="a"', 'a')])
def test_the_name_of_a_file_is_read_as_browsers_and_libraries_write_it(sent, disposition, filename):
    found = upload(sent, part(disposition))
    assert found.files == {'f': File(native(filename), 'text/plain', b'x')}
    assert type(found.files['f'].filename) is str and found.form == {}


@pytest.mark.parametrize('disposition, name', [
    ('form-data; name="\xe9"', '\xe9'), (r'form-data; name="a\"b"', 'a"b'),
    ('form-data; name=""', ''),
    ('form-data; name="a[b]"', 'a[b]'), ("form-data; name*=utf-8''%c3%a9", '\xe9')])
def test_the_name_of_a_field_is_read_too(sent, disposition, name):
    assert upload(sent, part(disposition)).form == {native(name): 'x'}


@pytest.mark.parametrize('content_type, body, text', [
    ('text/plain', b'\xc3\xa9', '\xe9'), ('text/plain; charset=iso-8859-1', b'\xe9', '\xe9'),
    ('text/plain; charset="utf-16-le"', b'\xe9\x00', '\xe9'), ('text/plain', b'\xe9', '\ufffd')])
def test_the_charset_of_a_part_is_honoured(sent, content_type, body, text):
    found = upload(sent, part('form-data; name="a"', body, 'Content-Type: ' + content_type))
    assert found.form == {'a': native(text)}


def test_the_charset_of_the_form_is_honoured(sent):
    body = part('form-data; name="a"', b'\xe9') + b'--B--'
    found = sent('POST', '/', MULTIPART + '; charset=iso-8859-1', body=body)
    assert found.form == {'a': native('\xe9')}


@pytest.mark.parametrize('boundary, sent_as', [
    ('"a b"', b'a b'), ("'()+_,-./:=?", None), ('"x\'()+_,-./:=?"', b"x'()+_,-./:=?"),
    ('----WebKitFormBoundary7MA4YWxkTrZu0gW', None)])
def test_a_boundary_may_have_all_that_it_may_have(sent, boundary, sent_as):
    delimiter = b'--' + (sent_as or boundary.encode('ascii'))
    body = part('form-data; name="a"', b'1').replace(b'--B', delimiter) + delimiter + b'--'
    assert sent('POST', '/', 'Content-Type: multipart/form-data; boundary=' + boundary,
                body=body).form == {'a': '1'}


def test_what_stands_around_the_parts_is_no_part(sent):
    body = b'before\r\n' + part('form-data; name="a"').replace(b'--B', b'--B \t') + (
        b'--B--\r\nafter' + part('form-data; name="b"'))
    assert sent('POST', '/', MULTIPART, body=body).form == {'a': 'x'}


def test_a_part_without_a_name_is_left_out(sent):
    found = upload(sent, part('attachment'), b'--B\r\n\r\nx\r\n', b'--B\r\nnonsense\r\n',
                   part('form-data; name="a"'))
    assert found.form == {'a': 'x'} and found.files == {}


@pytest.mark.parametrize('view', ['form', 'files'])
@pytest.mark.parametrize('fields, body, why', [
    ('Content-Type: multipart/form-data', b'x',
     'the body of POST / HTTP/1.1 has no boundary: multipart/form-data'),
    (MULTIPART, b'', None), (MULTIPART, b'--B', None),
    (MULTIPART, part('form-data; name="a"'), None),
    (MULTIPART, part('form-data; name="a"') + b'--C--', None),
    (MULTIPART, part('form-data; name="a"').replace(b'\r\n', b'\n') + b'--B--', None)])
def test_a_broken_multipart_body_is_an_error_that_says_why(sent, fields, body, why, view):
    found = sent('POST', '/', fields, body=body)
    assert error(lambda: getattr(found, view)) == (why or (
        'the body of POST / HTTP/1.1 has no closing delimiter --B--, '
        'so it is cut or has another boundary'))


def test_an_unknown_charset_of_a_part_is_an_error_that_names_it(sent):
    found = upload(sent, part('form-data; name="a"', b'x', 'Content-Type: a/b; charset=nonsense'))
    assert error(lambda: found.form) == (
        'a part of POST / HTTP/1.1 is not text: unknown encoding: nonsense')


def test_a_broken_multipart_body_is_no_match_and_no_error(server, sent):
    server.route(form={'a': 'b'})
    nonsense = part('form-data; name="a"', b'x', 'Content-Type: a/b; charset=nonsense')
    for body in (part('form-data; name="a"'), nonsense + b'--B--'):
        assert sent('POST', '/', MULTIPART, body=body)['response_status'] == 404
    with pytest.raises(AssertionError):
        server.check()


@pytest.mark.parametrize('filename', ['a.txt', 'a "b".txt', 'a\\b.txt', '\u20ac\xe9.txt'])
def test_files_that_requests_and_urllib3_send_are_found(server, filename):
    content = b'\x00--B\r\n\r\n\xff'
    requests.post(server.url(), {'a': ['1', '2'], 'b': '\xe9'.encode('utf-8')}, timeout=20,
                  files={'f': (filename, content, 'image/png')})
    with urllib3.PoolManager() as pool:
        pool.request(str('POST'), server.url(), fields={
            'a': '1', 'f': (filename, content, 'image/png')}).close()
    for found in server.history:
        assert found.files['f'].content_type == 'image/png'
        assert found.files['f'].content == content
        # Newer ones write quotation marks as browsers do, so the original is not known.
        assert found.files['f'].filename.replace(str('%22'), str('"')) == native(filename)
    assert server.history[0].form == {'a': ['1', '2'], 'b': native('\xe9')}
    assert server.history[1].form == {'a': '1'}


# Compare, copy, pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def pickled(entry, protocol):
    return pickle.loads(pickle.dumps(entry, protocol))


def copies(entry):
    return [copy.copy(entry), copy.deepcopy(entry), entry.copy()] + [
        pickled(entry, protocol) for protocol in PROTOCOLS]


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_every_protocol_pickles_an_entry(sent, protocol):
    entry = sent('POST', '/', 'X-A: b', body=b'x')
    assert pickled(entry, protocol) == entry


def test_copies_are_equal_and_whole_but_for_live_objects(server, sent):
    server.route('POST', '/{name}', response_json={'a': 1}, response_headers={'X-A': 'b'})
    entry = sent('POST', '/x?a=b', 'Cookie: c=d', 'X-Y: 1', 'X-Y: 2', body=b'{"a": 1}')
    for each in copies(entry):
        assert type(each) is RecordedRequest and each == entry and not each != entry
        assert set(each) == set(entry) - set(LIVE)
        assert each.params == {'name': 'x'} and each.json() == {'a': 1}
        assert each.query == {'a': 'b'} and each.cookies == {'c': 'd'} and each.url == entry.url
        assert get_all(each.headers, 'X-Y') == get_all(each.headers, 'x-y') == ['1', '2']
        assert each['headers'] == entry['headers'] and repr(each) == repr(entry)
        assert copies(each)[-1] == entry
    assert set(LIVE) <= set(entry)


def test_headers_that_were_not_looked_at_yet_are_copied_too(server, sent):
    entry = sent('GET', '/', 'X-A: b')
    for index in range(len(copies(entry))):
        entry = sent('GET', '/', 'X-A: b')
        assert copies(entry)[index]['headers']['X-A'] == 'b'


def test_entries_of_a_request_over_tls_are_pickled():
    with https_server() as server:
        with Client(server) as client:
            client.get('/a')
        entry, = server.history
        assert all(each == entry and each['tls'] == entry['tls'] for each in copies(entry))


def test_copies_are_separate(sent):
    entry = sent('GET', '/')
    for each in copies(entry):
        each['path'] = '/other'
        each.params['a'] = 'b'
        assert each != entry and not each == entry
    assert entry['path'] == '/' and entry.params == {}


def test_a_deep_copy_shares_no_headers(sent):
    entry = sent('GET', '/', 'X-A: b')
    del copy.deepcopy(entry)['headers']['X-A']
    assert entry['headers']['X-A'] == 'b'


def test_entries_are_compared_by_what_outlives_the_connection(sent):
    entry = sent('GET', '/a')
    facts = {key: entry[key] for key in entry if key not in LIVE}
    assert type(facts_of(entry)) is dict and facts_of(entry) == facts
    assert entry == facts and facts == entry and entry == dict(entry) and dict(entry) == entry
    assert entry == dict(facts, server='another')
    for wrong in (dict(facts, path='/b'), dict(facts, more=1), {}, None, 5, 'x'):
        assert entry != wrong and wrong != entry and not entry == wrong
    # It came at another time and on another connection.
    assert entry != sent('GET', '/a')


def test_entries_cannot_be_hashed(sent):
    with pytest.raises(TypeError):
        hash(sent())


# While the response is not made yet

def test_an_entry_is_whole_but_for_the_response_while_that_is_held_back(server):
    release = threading.Event()
    server.data['response_hold'] = release
    with Client(server) as client:
        client.send(request('POST', '/a?b=c', 'X-A: b', body=b'{"d": 5}'))
        try:
            eventually(lambda: server.history)
            entry, = server.history
            assert (entry.method, entry.query, entry.json()) == ('POST', {'b': 'c'}, {'d': 5})
            assert repr(entry) == '<RecordedRequest POST /a?b=c, 8 bytes -> no response yet>'
            made = copies(entry)
            assert all(each == entry and each['duration'] is None for each in made)
        finally:
            release.set()
        client.answer()
    assert entry['response_status'] == 200 and entry['duration'] >= 0
    assert all(each != entry and 'response_status' not in each for each in made)


class Interfering(str):
    """A key that changes the entry in the middle of each look at its keys."""

    entry = None

    def __eq__(self, other):
        if self.entry is not None:
            self.entry['response_%d' % len(self.entry)] = 1
        return str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


@pytest.mark.parametrize('look', [
    facts_of, lambda entry: entry.copy(), lambda entry: entry == {'a': 1},
    lambda entry: {'a': 1} == entry, lambda entry: copy.deepcopy(entry),
    lambda entry: pickle.dumps(entry)])
def test_a_response_that_is_added_meanwhile_disturbs_nobody(look):
    key = Interfering('key')
    entry = RecordedRequest({key: 1, 'path': '/', 'body': b''})
    for number in range(40):
        entry['key %d' % number] = number
    key.entry = entry
    try:
        look(entry)
    except (pickle.PicklingError, AttributeError, TypeError) as wrong:
        assert 'changed size' not in str(wrong)


# repr

@pytest.mark.parametrize('script, text', [
    ({'response_status': 503}, '503'), ({'response_fault': 'disconnect'}, 'disconnect'),
    ({'response_raw': b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'}, 'raw bytes')])
def test_a_request_is_shown_in_one_line_with_its_response(server, script, text):
    server.data.update({native(key): script[key] for key in script})
    with Client(server) as client:
        client.send(request('POST', '/a?b=c', body=b'abc'))
        client.socket.recv(1)
    assert repr(server.history[-1]) == '<RecordedRequest POST /a?b=c, 3 bytes -> %s>' % text


def test_a_long_target_is_cut_in_that_line(sent):
    assert repr(sent('GET', '/' + 'x' * 5000)) == (
        '<RecordedRequest GET /%s... (5001 characters), 0 bytes -> 200>' % ('x' * 119))


# Keys as attributes

def test_each_key_of_an_entry_is_an_attribute_too(sent, server):
    server.data['response_content'] = b'ok'
    entry = sent('POST', '/a?b=c', 'X-A: b', body=b'body')
    assert (entry.command, entry.path, entry.body) == ('POST', '/a?b=c', b'body')
    assert entry.headers['x-a'] == 'b' and entry.trailers == () and entry.tls is None
    assert (entry.connection_index, entry.exchange_index) == (0, 0)
    assert entry.time > 0 and entry.duration > 0
    assert (entry.response_status, entry.response_content) == (200, b'ok')
    assert entry.server is server
    assert {key for key in entry if getattr(entry, key) is not entry[key]} == set()
    assert set(entry) <= set(dir(entry))


def test_a_copy_of_an_entry_has_the_attributes_too(sent):
    for copied in (copy.copy(sent()), copy.deepcopy(sent()), pickle.loads(pickle.dumps(sent()))):
        assert copied.path == '/' and copied.response_status == 200
        with pytest.raises(AttributeError) as caught:
            copied.server
        assert str(caught.value) == (
            'the attribute server is absent from this request: a copy leaves it out')


def test_what_a_handler_records_is_an_attribute_too():
    class Moody(Handler):
        def update_state(self):
            self.mood = 'good'
            super(Moody, self).update_state()

    with http_server(handler=Moody) as server:
        with Client(server) as client:
            client.get('/')
        entry, = server.history
        assert entry.mood == entry['mood'] == 'good'
        for look in (lambda: entry['mod'], lambda: entry.mod):
            with pytest.raises((KeyError, AttributeError)) as caught:
                look()
            assert 'did you mean ' in str(caught.value) and 'mood' in str(caught.value)


def test_a_response_that_waits_is_not_there_yet(server, client):
    server.data['response_hold'] = hold = threading.Event()
    client.send(request())
    entry, = server.wait()
    with pytest.raises(AttributeError) as caught:
        entry.response_status
    assert str(caught.value) == ('the attribute response_status is absent from this request: no '
                                 'response has been made, or the client left before its end')
    hold.set()
    client.answer()
    assert entry.response_status == 200


def test_a_callback_may_use_the_attributes(server, client):
    server.data['response_callback'] = lambda request: request.command + request.path
    assert client.get('/a').body == b'GET/a'


def test_a_wrong_key_in_a_callback_is_reported(server, client):
    server.data['response_callback'] = lambda request: request['bdy']
    assert client.get('/').body.decode('ascii') == (
        "the response failed: KeyError: there is no key 'bdy'; did you mean 'body'?\n")
    with pytest.raises(AssertionError) as caught:
        server.check()
    assert "KeyError: there is no key 'bdy'; did you mean 'body'?" in caught.value.args[0]
