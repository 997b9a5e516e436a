# -*- coding: utf-8 -*-
"""What is made of the entries that recorders write."""
from __future__ import unicode_literals

import base64

import pytest

from httptestserver.http1.fields import to_bytes
from httptestserver.scripting.hardocument import Part
from httptestserver.scripting.harentry import Entry
from support.recorded import recorded


def request(**others):
    return dict({'method': 'POST', 'url': 'https://x.example/a?b=1', 'headers': []}, **others)


def response(status=200, fields=(), **others):
    return dict({'status': status, 'statusText': 'OK', 'httpVersion': 'HTTP/1.1',
                 'headers': [{'name': name, 'value': value} for name, value in fields],
                 'content': {}}, **others)


def entry(asked=None, answered=None, is_ours=False, is_proxy=False, folder=None):
    return Entry(Part({'request': asked or request(), 'response': answered or response()},
                      'log.entries[3]', folder), is_ours, is_proxy)


def keys(answered=None, is_ours=False, folder=None, **asked):
    return entry(request(**asked), answered, is_ours, folder=folder).keys()


def failed(function, *args):
    with pytest.raises(ValueError) as caught:
        function(*args)
    return str(caught.value)


def criteria(is_proxy=False, **asked):
    return entry(request(**asked), None, is_proxy=is_proxy).criteria()


def posted(body, kind='', target='/a?b=1'):
    head = 'POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n\r\n' % (target, kind)
    return recorded(head.encode('ascii') + body)


# Requests.

@pytest.mark.parametrize('method, url, shown', [
    ('GET', 'http://x/a b?c=\xe9', "GET /a%20b query={'c': '\xe9'}"),
    ('GET', 'http://x', 'GET / query={}'),
    ('GET', 'http://x?a=1', "GET / query={'a': '1'}"),
    ('GET', 'http://x/{id}/<b>#top', 'GET /%7Bid%7D/%3Cb%3E query={}'),
    ('GET', 'HTTP://x//y', 'GET //y query={}'),
    ('OPTIONS', 'http://x', 'OPTIONS * query={}'),
    ('CONNECT', 'http://x:443', 'CONNECT x:443 query={}'),
    ('get', 'http://x/', 'GET / query={}')])
def test_the_target_is_that_of_the_url(method, url, shown):
    expected = str(shown) if str is not bytes else shown.encode('utf-8')
    if str is bytes:
        expected = expected.replace("'\xc3\xa9'".encode('latin-1'), repr(b'\xc3\xa9').encode())
    assert str(criteria(method=method, url=url)) == expected + " body=''"


def test_only_for_a_proxy_the_origin_counts():
    assert str(criteria(url='https://me:pw@x.example:8443/a')).startswith('POST /a ')
    assert str(criteria(True, url='https://me:pw@x.example:8443/a')).startswith(
        'POST https://x.example:8443/a ')


@pytest.mark.parametrize('data', [
    {'mimeType': '', 'text': 'caf\xe9'},
    {'mimeType': '', 'text': 'Y2Fmw6k=', '_encoding': 'base64'},
    {'mimeType': '', 'text': 'Y2Fmw6k=', 'encoding': 'base64'},
    {'mimeType': 'application/octet-stream', 'text': 'caf\udcc3\udca9'}])
def test_a_body_is_text_or_base64(data):
    assert criteria(postData=data).match(posted(b'caf\xc3\xa9'))
    assert not criteria(postData=data).match(posted(b'cafe'))


def test_a_body_has_the_charset_of_its_type():
    data = {'mimeType': 'text/plain; charset=latin-1', 'text': '\xe9'}
    assert criteria(postData=data).match(posted(b'\xe9'))
    data['mimeType'] = 'text/plain; charset=unheard-of'
    assert criteria(postData=data).match(posted(b'\xc3\xa9'))


def test_the_type_may_stand_in_the_fields_only():
    fields = [{'name': 'Content-Type', 'value': 'application/json'}]
    assert criteria(headers=fields, postData={'text': '{"a": 1}'}).match(posted(b'{"a":1}'))


@pytest.mark.parametrize('text', [{}, {'text': ''}])
def test_params_stand_for_a_form_without_text(text):
    data = dict(text, mimeType='application/x-www-form-urlencoded', params=[
        {'name': 'a b', 'value': '\xe9&'}, {'name': 'c'}])
    assert criteria(postData=data).match(posted(b'c=&a+b=%C3%A9%26'))
    assert not criteria(postData=data).match(posted(b'c=1&a+b=%C3%A9%26'))


def test_params_stand_for_a_multipart_form_without_text():
    data = {'mimeType': 'multipart/form-data; boundary=x', 'params': [
        {'name': 'a"', 'value': '1'},
        {'name': 'f', 'value': 'content', 'fileName': 'x.txt', 'contentType': 'text/plain'}]}
    body = (b'--y\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n\r\ncontent\r\n'
            b'--y\r\nContent-Disposition: form-data; name="a\\""\r\n\r\n1\r\n--y--\r\n')
    kind = 'multipart/form-data; boundary=y'
    assert criteria(postData=data).match(posted(body, kind))
    assert not criteria(postData=data).match(posted(body.replace(b'content\r', b'c\r'), kind))
    del data['params'][1]['value']
    assert 'is a file without its content' in failed(lambda: criteria(postData=data))


@pytest.mark.parametrize('asked, words', [
    ({'bodySize': 5}, 'log.entries[3].request has no postData, though its body has 5 bytes'),
    ({'headers': [{'name': 'Content-Length', 'value': '5'}]},
     'log.entries[3].request has no postData, though its body has 5 bytes'),
    ({'bodySize': 5, 'postData': {'mimeType': '', 'text': '', 'params': []}},
     'log.entries[3].request.postData has no text'),
    ({'postData': {'mimeType': '', 'comment': 'Request bodies are not included.'}},
     'log.entries[3].request.postData has no text'),
    ({'postData': {'mimeType': '', 'text': '?', 'encoding': 'base64'}},
     'log.entries[3].request.postData has text that is not base64'),
    ({'postData': {'mimeType': '', 'text': '?', 'encoding': 'rot13'}},
     "log.entries[3].request.postData has the encoding 'rot13', and only base64 is known"),
    ({'method': 'CONNECT', 'url': 'http://x'}, 'log.entries[3].request: path is a host and a port'),
])
def test_a_request_that_is_not_whole_is_named(asked, words):
    assert failed(lambda: criteria(**asked)).startswith(words)


@pytest.mark.parametrize('text, body', [
    ('\x00\xff\x80', b'\x00\xff\x80'), ('\xe9\u20ac\x81', b'\xe9\x80\x81'),
    ('\xc3\xa9.', b'\xc3\xa9.')])
def test_bytes_that_were_read_as_text_are_those_of_the_length(text, body):
    fields = [{'name': 'Content-Length', 'value': '3'}]
    # Firefox counts characters.
    data = {'mimeType': '', 'text': text}
    assert criteria(headers=fields, bodySize=2, postData=data).match(posted(body))


def test_a_request_body_that_was_cut_is_named():
    asked = request(comment='the first 2 bytes of the body were kept', postData={'text': 'ab'})
    assert failed(entry(asked, is_ours=True).criteria) == (
        'log.entries[3].request was cut: the first 2 bytes of the body were kept')
    # A remark of another recorder says nothing about the body.
    entry(asked).criteria()


def test_a_body_that_this_library_has_not_received_is_none():
    asked = request(headers=[{'name': 'Content-Length', 'value': '5'}])
    assert entry(asked, is_ours=True).criteria().match(posted(b''))


# Responses.

def test_a_response_has_the_recorded_status_fields_and_content():
    assert keys(response(201, [('X-A', '1'), ('x-a', '2')], content={'text': 'caf\xe9'})) == {
        'response_status': 201, 'response_reason': 'OK', 'response_content': b'caf\xc3\xa9',
        'response_headers': [('X-A', '1'), ('x-a', '2')]}


def test_the_reason_is_that_of_http_1_only():
    assert keys(response(statusText='', httpVersion='http/1.1'))['response_reason'] == ''
    for version in ('HTTP/2.0', 'h3', ''):
        assert 'response_reason' not in keys(response(statusText='', httpVersion=version))


def test_base64_is_decoded():
    content = {'text': base64.b64encode(b'\xff\x00').decode('ascii'), 'encoding': 'base64'}
    assert keys(response(content=content))['response_content'] == b'\xff\x00'


def test_text_has_the_charset_of_the_response():
    fields = [('Content-Type', 'text/html; charset=ISO-8859-1')]
    assert keys(response(200, fields, content={'text': '\xe9'}))['response_content'] == b'\xe9'
    # Browsers read it as windows-1252. What that does not have is sent as UTF-8.
    assert keys(response(200, fields, content={'text': '\u20ac'}))['response_content'] == b'\x80'
    assert keys(response(200, fields, content={'text': '\u2192'}))['response_content'] == (
        b'\xe2\x86\x92')


def test_a_field_has_the_bytes_that_were_no_text():
    made = keys(response(200, [('X-A', 'caf\udce9'), ('X-B', 'caf\xe9')]))
    assert [to_bytes(value) for _, value in made['response_headers']] == [b'caf\xe9'] * 2


def test_a_path_has_the_bytes_that_were_no_text():
    assert str(criteria(url='http://x/caf\udce9')).startswith('POST /caf%E9 ')


def test_fields_of_the_connection_and_of_the_coding_are_left_out():
    fields = [(name, 'x') for name in (
        ':status', 'Connection', 'Content-Length', 'Content-Encoding', 'Transfer-Encoding', 'Date',
        'Keep-Alive', 'Trailer', 'Upgrade', 'Content-MD5', 'ETag', 'Server')]
    names = [name for name, _ in keys(response(200, fields, content={'text': 'x'}))[
        'response_headers']]
    assert names == ['ETag', 'Server']


def test_without_content_a_coding_stays():
    fields = [('Content-Encoding', 'gzip'), ('Content-Length', '100')]
    answered = response(200, fields, content={'size': 100})
    assert keys(answered, method='HEAD')['response_headers'] == fields


def test_content_that_could_not_be_decoded_keeps_its_coding():
    answered = response(200, [('Content-Encoding', 'gzip')], content={
        'text': 'x', 'comment': 'it cannot be decoded as gzip'})
    assert keys(answered, is_ours=True)['response_headers'] == [('Content-Encoding', 'gzip')]
    assert keys(answered)['response_headers'] == []


def test_values_that_are_joined_by_line_ends_are_several_fields():
    answered = response(200, [('Set-Cookie', 'a=b\nc=d')])
    assert keys(answered)['response_headers'] == [('Set-Cookie', 'a=b'), ('Set-Cookie', 'c=d')]


@pytest.mark.parametrize('answered, words', [
    (response(content={'size': 10}), 'content has no text, though its size is 10'),
    (response(content={'size': 0, 'comment': 'Response bodies are not included.'}),
     'content has no text'),
    (response(content={'size': 10, 'text': 'abc'}), 'content was cut: it has 3 of 10 bytes'),
    (response(200, [('content-length', '10')], content={'size': 0, 'text': ''}),
     'content was cut: it has 0 of 10 bytes'),
    (response(200, [('Content-Length', '10')], content={'size': 0}),
     'content has no text, though its size is 10'),
    (response(content={'_file': 'a.json'}), "content is in a file: 'a.json'"),
    (response(content={'text': 'x', 'encoding': 'gzip'}), "content has the encoding 'gzip'"),
    (response(1000), ' has the status 1000'),
    (response(200, [('a', 'x\0')]), ' has a wrong field: '),
])
def test_a_response_that_is_not_whole_is_named(answered, words):
    place = 'log.entries[3].response' + ('' if words[0] == ' ' else '.')
    assert failed(keys, answered).startswith(place + words)


@pytest.mark.parametrize('comment', ['the first 65536 bytes', 'streamed from x.bin'])
def test_content_that_is_not_whole_is_named(comment):
    answered = response(content={'size': -1, 'text': 'x', 'comment': comment})
    assert failed(lambda: keys(answered, True)) == (
        'log.entries[3].response.content is not whole: ' + comment)


@pytest.mark.parametrize('content', [
    {'size': 3, 'text': ''}, {'size': -1}, {'size': 22, 'compression': -20, 'text': 'ok'},
    {'size': 2, 'compression': 0, 'text': '\u20ac'}])
def test_sizes_that_recorders_count_otherwise_are_no_cut(content):
    keys(response(content=content))


def test_with_a_coding_the_size_may_be_that_before_it_was_undone():
    fields = [('Content-Encoding', 'gzip'), ('Content-Length', '20')]
    assert 'response_content' not in keys(response(200, fields, content={'size': 20, 'text': ''}))


@pytest.mark.parametrize('content', [
    {'size': 154}, {'size': 0, 'comment': 'Response bodies are not included.'}])
def test_a_redirect_needs_no_content(content):
    answered = response(302, [('Location', 'https://y/')], content=content)
    assert keys(answered)['response_headers'] == [('Location', 'https://y/')]


def test_content_may_stand_in_a_file_beside_the_document(tmpdir):
    tmpdir.join('a1.bin').write_binary(b'\xff')
    answered = response(content={'_file': 'a1.bin', 'size': 1})
    assert keys(answered, folder=str(tmpdir))['response_content'] == b'\xff'


@pytest.mark.parametrize('name', ['../a', '/etc/passwd', 'a/b', '..', '.a', '', 'C:a', 'a\\b'])
def test_a_file_elsewhere_is_not_read(tmpdir, name):
    answered = response(content={'_file': name})
    assert 'is in a file whose name has other characters' in failed(
        lambda: keys(answered, folder=str(tmpdir.mkdir('x'))))


@pytest.mark.parametrize('answered, url', [
    (response(0), 'http://x/'), (response(-1), 'http://x/'), (response(101), 'http://x/'),
    (response(200, _error='net::ERR_FAILED'), 'http://x/'),
    (response(200, _failureText='net::ERR_ABORTED'), 'http://x/'),
    (response(), 'data:text/plain,x'), (response(), 'ws://x/'), (response(), 'blob:http://x/1'),
    (response(0, comment='reset at response'), 'http://x/')])
def test_what_is_no_response_of_http_is_left_out(answered, url):
    assert not entry(request(url=url), answered).is_replayed


@pytest.mark.parametrize('url', ['', '/users', 'api.example.com/users', '//api.example.com/'])
def test_a_url_without_a_scheme_is_an_error(url):
    message = failed(lambda: entry(request(url=url), response()).is_replayed)
    assert "request has the url '%s', which has no scheme" % url in message


@pytest.mark.parametrize('comment, text, expected', [
    ('reset at response', None, {'response_fault': 'reset', 'response_fault_at': 'response'}),
    ('stall at request', None, {'response_fault': 'stall', 'response_fault_at': 'request'}),
    ('raw bytes in place of a response', 'raw', {'response_raw': b'raw'}),
    ('disconnect at body', 'raw', {'response_raw': b'raw', 'response_fault': 'disconnect',
                                   'response_fault_at': 3})])
def test_a_fault_of_this_library_is_repeated(comment, text, expected):
    answered = response(0, comment=comment, content={'text': text} if text else {})
    made = entry(answered=answered, is_ours=True)
    assert made.is_replayed and made.keys() == expected


def test_a_fault_within_the_content_keeps_the_length_that_was_announced():
    answered = response(200, [('Content-Length', '6')], comment='reset at body',
                        content={'text': 'abc'})
    made = keys(answered, is_ours=True)
    assert made['response_headers'] == [('Content-Length', '6')]
    assert (made['response_content'], made['response_fault_at']) == (b'abc', 3)


def test_fields_that_connection_names_are_left_out_and_a_challenge_of_a_proxy_is_kept():
    answered = response(407, [('Connection', 'X-Hop, close'), ('x-hop', '1'),
                              ('Proxy-Authenticate', 'Basic realm="a"'), ('A', 'b')])
    assert keys(answered)['response_headers'] == [
        ('Proxy-Authenticate', 'Basic realm="a"'), ('A', 'b')]


def test_no_response_is_left_out():
    answered = response(0, comment='no response')
    assert not entry(answered=answered, is_ours=True).is_replayed
