# -*- coding: utf-8 -*-
"""A recorded request: a dict that is shown, copied and compared by what it is of the exchange."""
import copy
import json
import pickle
import traceback

import pytest

from httptestserver.http1.fields import Headers
from httptestserver.recording import decoding, request as request_module
from httptestserver.recording.absence import KEYS
from httptestserver.recording.request import (
    LIVE, RecordedRequest, displayed_target, facts_of, limit_of, located_target_of, note_limit,
    note_tunnel, source_of, target_of)
from support.packing import GZIP, packed

try:
    from unittest import mock
except ImportError:
    import mock


def test_an_entry_is_a_dict_that_shows_its_request_and_its_response():
    keys = {'command': 'GET', 'path': '/a', 'body': b'abc'}
    entry = RecordedRequest(keys)
    assert entry == keys and isinstance(entry, dict)
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> no response yet>'
    entry['response_status'] = 404
    assert repr(entry) == '<RecordedRequest GET /a, 3 bytes -> 404>'


def test_a_request_of_a_tunnel_shows_its_url():
    entry = RecordedRequest(command='GET', path='/a', body=b'', tls={},
                            headers=Headers(b'Host: a.test\r\n'))
    assert displayed_target(entry) == '/a' and entry.tunnel is None
    note_tunnel(entry, None)
    assert entry.tunnel is None
    note_tunnel(entry, 'a.test:80')
    assert (entry.tunnel, entry.url) == ('a.test:80', 'http://a.test/a')
    entry['tls'] = {'version': 'TLSv1.3'}
    assert displayed_target(entry) == entry.url == 'https://a.test/a'
    assert repr(entry) == '<RecordedRequest GET https://a.test/a, 0 bytes -> no response yet>'


def test_without_a_host_field_the_host_is_that_of_the_tunnel():
    entry = RecordedRequest(path='/a', headers=Headers(b''))
    assert entry.url == 'http:///a' and located_target_of(entry).origin == 'http://'
    note_tunnel(entry, 'a.test:80')
    assert entry.url == 'http://a.test:80/a' and located_target_of(entry).origin == 'http://a.test'


def test_the_tunnel_survives_copies_and_pickles():
    entry = RecordedRequest(path='/a')
    note_tunnel(entry, 'a.test:80')
    for other in (entry.copy(), copy.copy(entry), copy.deepcopy(entry),
                  pickle.loads(pickle.dumps(entry))):
        assert other.tunnel == 'a.test:80' and other == entry
    assert entry == RecordedRequest(path='/a') and 'tunnel' not in entry


def test_an_entry_without_facts_can_be_shown():
    assert repr(RecordedRequest()).startswith('<RecordedRequest ')


def test_an_entry_is_shown_copied_and_compared_by_itself_and_else_a_plain_dict():
    own = set(vars(RecordedRequest)) & set(vars(dict)) - {'__doc__'}
    assert own == {'__repr__', 'copy', '__eq__', '__ne__', '__hash__'}


def test_an_entry_has_the_attributes_of_the_reference_and_of_a_dict():
    public = {name for name in set(dir(RecordedRequest)) - set(dir(dict)) if name[0] != '_'}
    assert public == {'auth', 'content', 'cookies', 'files', 'form', 'json', 'method', 'params',
                      'query', 'route', 'text', 'tunnel', 'url'}


def responded():
    """Return an entry as it stands in history once its response has been made."""
    entry = RecordedRequest(command='GET', path='/a', body=b'abc', duration=None)
    entry.update(duration=0.5, response_status=404, response_reason='Not Found',
                 response_headers=(('X-A', '1'),), response_content=b'ok')
    return entry


@pytest.mark.parametrize('whole', [
    dict, lambda entry: dict(entry, **entry), lambda entry: (lambda **keys: keys)(**entry),
    copy.copy, copy.deepcopy, lambda entry: pickle.loads(pickle.dumps(entry)),
    RecordedRequest, facts_of],
    ids=['dict', 'merge', 'keywords', 'copy', 'deepcopy', 'pickle', 'entry', 'facts'])
def test_a_copy_of_an_entry_has_the_response(whole):
    copied = whole(responded())
    assert {key: copied[key] for key in copied if key not in ('body', 'command', 'path')} == {
        'duration': 0.5, 'response_status': 404, 'response_reason': 'Not Found',
        'response_content': b'ok', 'response_headers': (('X-A', '1'),)}


# Keys as attributes, and what is said of one that is missing.

def test_each_key_is_an_attribute_too():
    entry = RecordedRequest({key: [key] for key in KEYS})
    assert all(getattr(entry, key) is entry[key] for key in KEYS)
    entry['mood'] = 'good'
    assert entry.mood == 'good' and hasattr(entry, 'mood')


def test_an_attribute_is_what_the_key_is_now():
    entry = responded()
    assert entry.duration == 0.5
    entry['duration'] = 1.5
    assert entry.duration == 1.5
    del entry['duration']
    assert not hasattr(entry, 'duration')


@pytest.mark.parametrize('name', ['items', 'keys', 'get', 'json', 'method', 'copy', '__len__'])
def test_a_key_hides_no_attribute_of_a_dict_or_a_view(name):
    entry = responded()
    kept = getattr(entry, name)
    entry[name] = 'hidden'
    assert getattr(entry, name) == kept and entry[name] == 'hidden'


def test_completion_finds_the_keys_and_the_views():
    entry = RecordedRequest({'command': 'GET', 'mood': 'good', 5: 6})
    names = dir(entry)
    assert names == sorted(names)
    assert {'command', 'mood', 'method', 'json', 'items', '__eq__'} <= set(names)


ALL = ('body, body_discarded, client_address, close_connection, command, connection, '
       'connection_index, duration, exchange_index, headers, path, raw_requestline, request, '
       'request_version, requestline, response_content, response_fault, response_fault_at, '
       'response_headers, response_informational, response_raw, response_reason, '
       'response_status, response_trailers, rfile, server, time, tls, trailers, wfile')


@pytest.mark.parametrize('key, text', [
    ('method', "there is no key 'method', but request.method is an attribute"),
    ('url', "there is no key 'url', but request.url is an attribute"),
    ('route', "there is no key 'route', but request.route is an attribute"),
    ('json', "there is no key 'json', but request.json() is a method"),
    ('bdy', "there is no key 'bdy'; did you mean 'body'?"),
    (u'bdy', "there is no key 'bdy'; did you mean 'body'?"),
    ('header', "there is no key 'header'; did you mean 'headers'?"),
    ('pth', "there is no key 'pth'; did you mean 'path'?"),
    ('methd', "there is no key 'methd'; did you mean request.method?"),
    ('jsn', "there is no key 'jsn'; did you mean request.json()?"),
    ('status', "there is no key 'status'; did you mean 'response_status'?"),
    ('response_stauts', "there is no key 'response_stauts'; did you mean 'response_status'?"),
    ('response_json', "there is no key 'response_json'; did you mean 'response_content'?"),
    ('content', "there is no key 'content', but request.content is an attribute"),
    ('response_content_encoding',
     "there is no key 'response_content_encoding'; did you mean 'response_headers'?"),
    ('mod', "there is no key 'mod'; did you mean 'mood'?"),
    ('items', "there is no key 'items'. All of them: " + ALL.replace(', path', ', mood, path')),
    ('', "there is no key ''. All of them: " + ALL.replace(', path', ', mood, path')),
])
def test_a_wrong_key_is_a_key_error_with_the_nearest_key_or_attribute(key, text):
    entry = responded()
    entry['mood'] = 'good'
    with pytest.raises(KeyError) as caught:
        entry[key]
    assert type(caught.value) is KeyError
    assert str(caught.value) == text


@pytest.mark.parametrize('name, text', [
    ('bdy', 'a recorded request has no attribute bdy; did you mean request.body?'),
    ('jsn', 'a recorded request has no attribute jsn; did you mean request.json()?'),
    ('querry', 'a recorded request has no attribute querry; did you mean request.query?'),
    ('status_code', 'a recorded request has no attribute status_code; did you mean '
                    'request.response_status?'),
    ('args', 'a recorded request has no attribute args; did you mean request.query?'),
    ('mod', 'a recorded request has no attribute mod; did you mean request.mood?'),
    ('x', 'a recorded request has no attribute x. All of them: auth, ' + ALL.replace(
        'connection_index', 'connection_index, content, cookies').replace(
        'headers, path', 'files, form, headers, json, method, mood, params, path, query').replace(
        'rfile, server, time', 'rfile, route, server, text, time').replace(
        'trailers, wfile', 'trailers, tunnel, url, wfile')),
])
def test_a_wrong_attribute_is_an_attribute_error_with_the_nearest(name, text):
    entry = responded()
    entry['mood'] = 'good'
    with pytest.raises(AttributeError) as caught:
        getattr(entry, name)
    assert type(caught.value) is AttributeError
    assert str(caught.value) == text
    # Python 3.12 and later would add a suggestion of their own.
    assert traceback.format_exception_only(AttributeError, caught.value) == [
        'AttributeError: %s\n' % text]


@pytest.mark.parametrize('keys, key, reason', [
    ({}, 'body_discarded', 'the whole body was kept'),
    ({'duration': None}, 'response_status',
     'no response has been made, or the client left before its end'),
    ({'duration': None}, 'response_raw',
     'no response has been made, or the client left before its end'),
    ({'duration': 1}, 'response_raw', 'no raw bytes were sent'),
    ({'duration': 1}, 'response_fault', 'there was no fault'),
    ({'duration': 1}, 'response_fault_at', 'there was no fault'),
    ({'duration': 1}, 'response_trailers', 'no trailers were sent'),
    ({'duration': 1}, 'response_informational', 'no interim response was sent'),
    ({'duration': 1, 'response_raw': b'x'}, 'response_status',
     'raw bytes were sent, see response_raw'),
    ({'duration': 1, 'response_fault': 'reset'}, 'response_status', 'a fault came before it'),
    ({'duration': 1}, 'response_content', 'it was not sent'),
    ({}, 'server', 'a copy leaves it out'),
    ({}, 'path', 'the handler has not recorded it'),
])
def test_a_key_that_this_entry_lacks_is_not_called_unknown(keys, key, reason):
    entry = RecordedRequest(keys)
    with pytest.raises(KeyError) as caught:
        entry[key]
    assert str(caught.value) == 'the key %r is absent from this request: %s' % (key, reason)
    with pytest.raises(AttributeError) as caught:
        getattr(entry, key)
    assert str(caught.value) == 'the attribute %s is absent from this request: %s' % (key, reason)


@pytest.mark.parametrize('key', [5, None, ('path',), b'\xff'])
def test_a_key_that_is_no_text_is_a_plain_key_error(key):
    with pytest.raises(KeyError):
        RecordedRequest()[key]


def test_a_key_with_any_letters_is_a_key_error():
    with pytest.raises(KeyError) as caught:
        RecordedRequest()[u'caf\xe9']
    assert 'there is no key ' in str(caught.value)


def test_what_a_dict_does_without_an_error_it_does_still():
    entry = responded()
    assert entry.get('bdy') is None and entry.get('bdy', 7) == 7
    assert 'bdy' not in entry and 'method' not in entry
    assert entry.pop('bdy', 7) == 7 and entry.setdefault('body', 7) == b'abc'
    assert '%(path)s' % entry == '/a' and '{path}'.format(**entry) == '/a'
    assert json.loads(json.dumps(RecordedRequest(path='/a'))) == {'path': '/a'}
    with pytest.raises(KeyError):
        entry.pop('bdy')


def test_what_looks_for_special_names_finds_none():
    entry = responded()
    names = ['_private', '__wrapped__', '__dataclass_fields__', '__attrs_attrs__', '_fields',
             '__array__', '__html__', '__await__', '__getinitargs__', '__iter_not__']
    assert [name for name in names if hasattr(entry, name)] == []
    assert not callable(entry)
    entry['_private'] = 1
    assert not hasattr(entry, '_private')
    assert entry == mock.ANY and mock.Mock(return_value=entry)() is entry


def test_an_entry_without_slots_has_their_defaults():
    entry = responded()
    assert entry.params == {} and source_of(entry).place is None
    assert target_of(entry) is target_of(entry) and target_of(entry) == '/a'
    assert entry.tunnel is None
    assert vars(RecordedRequest)['__slots__'] == (
        '_content', '_params', '_source', '_target', '_tunnel')
    assert not hasattr(entry, '__dict__')


def test_a_view_that_fails_shows_its_own_error():
    entry = RecordedRequest(headers=5)
    with pytest.raises(AttributeError) as caught:
        entry.cookies
    assert 'recorded request' not in str(caught.value) and 'cookies' not in str(caught.value)
    with pytest.raises(ValueError):
        RecordedRequest(body=b'{', headers=Headers(b'')).json()


def test_keys_that_need_the_connection_are_among_all():
    assert set(LIVE) < set(KEYS)


# The content.

def coded(body, fields=b'Content-Encoding: gzip\r\n', **facts):
    return RecordedRequest(facts, body=body, headers=Headers(fields),
                           requestline='POST / HTTP/1.1')


def test_the_content_is_decoded_once_and_the_body_stays_as_it_came(monkeypatch):
    calls = []

    def counted(body, codings, limit):
        calls.append(codings)
        return undone(body, codings, limit)

    undone = decoding.undone
    monkeypatch.setattr(decoding, 'undone', counted)
    body = packed(b'{"a": 1}', GZIP)
    entry = coded(body)
    for _ in range(3):
        assert entry.content == b'{"a": 1}' and entry.json() == {'a': 1}
        assert entry.text == '{"a": 1}' and entry.form and entry.files == {}
    assert entry.body is body and calls == [['gzip']]
    broken = coded(b'no gzip')
    for _ in range(3):
        for look in (lambda: broken.content, broken.json, lambda: broken.text,
                     lambda: broken.form, lambda: broken.files):
            with pytest.raises(ValueError) as caught:
                look()
            assert str(caught.value).startswith(
                'the body of POST / HTTP/1.1 cannot be decoded as gzip: incorrect header check')
    assert calls == [['gzip'], ['gzip']]


def test_the_content_is_that_of_the_body_which_the_entry_has_now():
    entry = coded(packed(b'one', GZIP))
    assert entry.content == b'one'
    entry['body'] = packed(b'two', GZIP)
    assert entry.content == b'two'
    entry['body'] = b''
    assert entry.content == b''


@pytest.mark.parametrize('fields', [
    b'', b'Content-Encoding: identity\r\n', b'Content-Encoding: \r\n'])
def test_a_body_without_coding_is_the_content(fields):
    body = b'hello'
    assert coded(body, fields).content is body


def test_a_body_that_was_cut_has_no_content():
    for fields in (b'', b'Content-Encoding: gzip\r\n'):
        entry = coded(b'12', fields, body_discarded=3)
        with pytest.raises(ValueError) as caught:
            entry.content
        assert str(caught.value) == (
            'the body of POST / HTTP/1.1 is cut: body_limit kept 2 of 5 bytes')
        assert entry.body == b'12'
    # An early response leaves the body unread, and that in chunks has no known size.
    for discarded in (5, 0):
        entry = coded(b'', b'', body_discarded=discarded)
        for look in (lambda: entry.content, lambda: entry.text, entry.json, lambda: entry.form):
            with pytest.raises(ValueError) as caught:
                look()
            assert str(caught.value) == (
                "the body of POST / HTTP/1.1 was not read, because of response_early or a fault at "
                "'request'")


def test_a_body_of_which_nothing_is_kept_was_cut():
    entry = coded(b'', b'', body_discarded=5)
    note_limit(entry, 0)
    with pytest.raises(ValueError) as caught:
        entry.content
    assert str(caught.value) == (
        'the body of POST / HTTP/1.1 is cut: body_limit kept 0 of 5 bytes')


def test_a_copy_has_the_content_and_its_limit():
    entry = coded(packed(b'0' * 1000, GZIP))
    note_limit(entry, 999)
    for entry in (entry, entry.copy(), copy.copy(entry), copy.deepcopy(entry)) + tuple(
            [pickle.loads(pickle.dumps(entry, protocol)) for protocol in (0, 1, 2)]):
        assert limit_of(entry) == 999
        with pytest.raises(ValueError) as caught:
            entry.content
        assert str(caught.value) == (
            'the body of POST / HTTP/1.1 cannot be decoded as gzip: it becomes more than 999 '
            'bytes, see body_limit')
        assert RecordedRequest(entry).content == b'0' * 1000


def test_a_pickle_of_an_earlier_release_is_restored():
    assert request_module._restore({'body': b'a'}, {'id': '7'}).params == {'id': '7'}


def test_the_message_about_a_long_request_line_is_cut():
    entry = coded(b'no gzip')
    entry['requestline'] = 'POST /%s HTTP/1.1' % ('a' * 1000)
    with pytest.raises(ValueError) as caught:
        entry.content
    assert len(str(caught.value)) < 200 and 'as gzip' in str(caught.value)
