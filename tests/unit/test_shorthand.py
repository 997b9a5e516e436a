# -*- coding: utf-8 -*-
"""The short forms of a response, and what is said of what is none."""
import pytest

from httptestserver.scripting.shorthand import short_form


def made(request):
    return 204


@pytest.mark.parametrize('response, keys', [
    (404, {'response_status': 404}), (b'a', {'response_content': b'a'}),
    (u'a', {'response_content': u'a'}), (bytearray(b'a'), {'response_content': b'a'}),
    ({}, {}), ({'response_status': 404}, {'response_status': 404}),
    ({'response_status': 404, 'other': 1}, {'response_status': 404, 'other': 1}),
    (made, {'response_callback': made})])
def test_a_short_form_stands_for_keys(response, keys):
    assert short_form(response) == keys


SHORT = ('a response is a status (int), content (bytes or str), a dict of response_* keys or a '
         'callable of the request, got ')


@pytest.mark.parametrize('response, kind, text', [
    (None, TypeError,
     SHORT + "None (NoneType); a response without a body is 200; for null: "
     "{'response_json': None}"),
    ([1], TypeError,
     SHORT + "[1] (list); to send this list as JSON: {'response_json': [...]}"),
    (3.5, TypeError, SHORT + "3.5 (float); to send it as JSON: {'response_json': 3.5}"),
    (True, TypeError, SHORT + "True (bool); to send it as JSON: {'response_json': True}"),
    (({}, 201), TypeError, SHORT + "({}, 201) (tuple); name its parts: "
     "{'response_json': {...}, 'response_status': 201}"),
    (([], 201), TypeError, SHORT + "([], 201) (tuple); name its parts: "
     "{'response_json': [...], 'response_status': 201}"),
    (('a', 201), TypeError, SHORT + "('a', 201) (tuple); name its parts: "
     "{'response_content': ..., 'response_status': 201}"),
    ((503, b''), TypeError, SHORT + "(503, %r) (tuple); name its parts: "
     "{'response_status': 503, 'response_content': ...}" % b''),
    ((1, 2), TypeError, SHORT + "(1, 2) (tuple); name its parts: "
     "{'response_status': ..., 'response_headers': ..., 'response_content': ...}"),
    ((201, {}, 'a'), TypeError, SHORT + "(201, {}, 'a') (tuple); name its parts: "
     "{'response_status': ..., 'response_headers': ..., 'response_content': ...}"),
    ((), TypeError, SHORT + "() (tuple); name its parts: "
     "{'response_status': ..., 'response_headers': ..., 'response_content': ...}"),
    (1j, TypeError, SHORT + '1j (complex)'),
    ({'name': 'Ada'}, ValueError, 'name is not a key of a response; to send this dict as JSON: '
     "{'response_json': {...}}"),
    ({'status': 404}, ValueError, 'status is not a key of a response; did you mean '
     "response_status? To send this dict as JSON: {'response_json': {...}}"),
    ({'id': 1, 'status': 'open'}, ValueError, 'status is not a key of a response; did you mean '
     "response_status? To send this dict as JSON: {'response_json': {...}}"),
    ({'zip': 1, 'id': 5}, ValueError, 'id is not a key of a response; to send this dict as JSON: '
     "{'response_json': {...}}"),
    ({5: 1}, ValueError, '5 is not a key of a response; to send this dict as JSON: '
     "{'response_json': {...}}"),
])
def test_what_is_no_response_is_refused_with_what_to_write(response, kind, text):
    with pytest.raises(kind) as caught:
        short_form(response)
    assert type(caught.value) is kind and str(caught.value) == text


@pytest.mark.parametrize('response', [iter([]), set(), (each for each in ())])
def test_an_iterable_is_refused_with_the_key_that_streams_it(response):
    with pytest.raises(TypeError) as caught:
        short_form(response)
    assert str(caught.value).endswith("; to send its content: {'response_content': ...}")


class Awaitable(object):
    """What a function with async returns, with syntax that Python 2 reads."""

    def __await__(self):
        return iter(())

    def __repr__(self):
        return '<coroutine>'


def test_an_awaitable_is_refused():
    with pytest.raises(TypeError) as caught:
        short_form(Awaitable())
    assert str(caught.value) == ('a response is a plain value, got <coroutine> (Awaitable); '
                                 'nothing awaits it: give the value itself')
