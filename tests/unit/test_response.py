# -*- coding: utf-8 -*-
"""A script that is resolved for one request: what is sent."""
import pytest

from httptestserver.scripting.response import Response


def test_a_response_of_no_keys_is_200_without_content():
    response = Response({})
    assert (response.status, response.reason, response.headers, response.content,
            response.delay, response.reset) == (200, 'OK', (), b'', 0, False)


def test_a_response_settles_every_key():
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
