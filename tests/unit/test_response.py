# -*- coding: utf-8 -*-
"""A script that is resolved for one request: what is sent."""
import pytest

from httptestserver.scripting.response import Response, resolve


def test_a_response_of_no_keys_is_200_without_content():
    response = Response({})
    assert (response.status, response.reason, response.headers, response.content,
            response.delay, response.reset) == (200, 'OK', (), b'', 0, False)


def test_a_response_resolves_every_key():
    response = Response({'response_status': 404, 'response_headers': {'A': 1},
                         'response_content': u'\u20ac', 'response_timeout': 1.5,
                         'response_reset': True})
    assert (response.status, response.reason, response.headers, response.content,
            response.delay, response.reset) == (
                404, 'Not Found', (('A', '1'),), b'\xe2\x82\xac', 1.5, True)


@pytest.mark.parametrize('status, reason', [
    (100, 'Continue'), (103, 'Early Hints'), (200, 'OK'), (204, 'No Content'),
    (308, 'Permanent Redirect'), (418, "I'm a Teapot"), (421, 'Misdirected Request'),
    (429, 'Too Many Requests'), (451, 'Unavailable For Legal Reasons'),
    (511, 'Network Authentication Required'), (299, ''), (999, '')])
def test_a_status_has_its_standard_reason_on_every_python(status, reason):
    assert Response({'response_status': status}).reason.lower() == reason.lower()


@pytest.mark.parametrize('value, content', [
    (b'a', b'a'), (bytearray(b'a'), b'a'), (memoryview(b'a'), b'a'), (u'\xe9', b'\xc3\xa9'),
    ('', b''), (None, b'')])
def test_content_is_bytes(value, content):
    found = Response({'response_content': value}).content
    assert found == content and type(found) is bytes


@pytest.mark.parametrize('script', [
    {}, {'response_content': b'a'}, {'response_content': u'a'}, {'response_content': None},
    {'response_headers': None}, {'response_json': None}, {'response_raw': b'a'},
    {'response_status': 404, 'response_reason': 'Gone', 'response_timeout': 0.5}])
def test_a_script_of_values_that_never_change_is_fixed(script):
    assert resolve(script, None).fixed


@pytest.mark.parametrize('key, value', [
    ('response_headers', {}), ('response_headers', [('A', 'b')]), ('response_json', {}),
    ('response_trailers', []), ('response_informational', []), ('response_content', [b'a']),
    ('response_content', bytearray(b'a')), ('response_content', lambda request: b'a'),
    ('response_status', lambda request: 404), ('response_callback', lambda request: 404)])
def test_a_script_that_may_change_or_runs_user_code_is_not_fixed(key, value):
    assert not resolve({'response_status': 200, key: value}, None).fixed


@pytest.mark.parametrize('script', [
    {}, {'response_content': b'a' * 65536}, {'response_headers': {'A': 'b'}},
    {'response_json': 1}, {'response_timeout': None}, {'response_callback': lambda request: b'a'}])
def test_a_head_and_a_small_content_that_are_sent_at_once_are_plain(script):
    assert resolve(script, None).plain


class Hold(object):
    """An object to wait for that is false, as one with a length of 0 is."""

    def wait(self, timeout):
        return True

    def __len__(self):
        return 0


@pytest.mark.parametrize('key, value', [
    ('response_content', b'a' * 65537), ('response_content', [b'a']), ('response_raw', b''),
    ('response_trailers', {'A': 'b'}), ('response_informational', [(103, {})]),
    ('response_timeout', 0.1), ('response_hold', Hold()), ('response_rate', 1),
    ('response_fault', 'reset')])
def test_what_is_more_than_a_head_and_a_small_content_is_not_plain(key, value):
    assert not resolve({key: value}, None).plain


def test_interim_responses_have_their_standard_reason():
    response = Response({'response_informational': [(103, {'A': 1}), [199, []]]})
    assert response.interim == ((103, 'Early Hints', (('A', '1'),)), (199, '', ()))


@pytest.mark.parametrize('script', [
    {'response_fault': lambda request: 'reset'},
    {'response_callback': lambda request: {'response_fault': 'reset'}}])
def test_user_code_cannot_ask_for_what_the_server_cannot_do(script):
    cannot = {('response_fault', 'reset'): 'this server has none'}
    assert resolve(script, None).fault == 'reset'
    with pytest.raises(ValueError) as caught:
        resolve(script, None, cannot=cannot)
    assert str(caught.value).endswith("response_fault is 'reset', but this server has none")
