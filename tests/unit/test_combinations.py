# -*- coding: utf-8 -*-
"""``response_*`` keys that cannot be sent together are refused, and others are not."""
import io

import pytest

from httptestserver.http1.fields import has_field
from httptestserver.scripting.combinations import (
    check_end, check_possible, check_script, two_codings)
from httptestserver.scripting.vocabulary import MOMENTS


def refusal(keys, *args, **options):
    with pytest.raises(ValueError) as caught:
        check_script(keys, *args, **options)
    return str(caught.value)


@pytest.mark.parametrize('keys', [
    {}, {'response_content': None, 'response_json': 1}, {'response_fault': 'reset'},
    {'response_fault': 'stall', 'response_fault_at': 'accept'},
    {'response_content_encoding': 'gzip', 'response_headers': None},
    {'response_content_encoding': 'gzip', 'response_headers': lambda request: {}},
    {'response_early': True, 'response_status': lambda request: 413}])
def test_keys_that_go_together_are_accepted(keys):
    check_script(keys)


@pytest.mark.parametrize('keys, text', [
    ({'response_content': 'a', 'response_json': 1},
     'response_content and response_json are both set: which one is sent? Drop the other'),
    ({'response_fault_at': 'body'},
     "response_fault_at is set without response_fault, which is one of 'disconnect', 'reset', "
     "'stall'"),
    ({'response_fault': 'reset', 'response_fault_at': 'accept',
      'response_timeout': lambda request: 1},
     "response_timeout is a callable of the request, but at 'accept' there is no request yet"),
    ({'response_content_encoding': 'gzip', 'response_headers': {'content-encoding': 'br'}},
     str(two_codings()))])
def test_keys_that_do_not_go_together_are_refused(keys, text):
    assert refusal(keys) == text


def test_a_moment_may_be_written_before_its_fault():
    check_script({'response_fault_at': 'body'}, whole=False)


def test_what_the_server_cannot_do_is_refused_with_the_reason():
    keys = {'response_fault': 'reset', 'response_fault_at': 'handshake'}
    cannot = {('response_fault_at', 'handshake'): 'this server speaks plain http'}
    check_script(keys)
    check_script(keys, {})
    check_script({'response_fault': 'reset', 'response_fault_at': 'accept'}, cannot)
    assert refusal(keys, cannot) == (
        "response_fault_at is 'handshake', but this server speaks plain http")
    assert refusal({'response_fault': 'reset'}, {('response_fault', 'reset'): 'there is none'}) == (
        "response_fault is 'reset', but there is none")


def test_a_value_with_a_comparison_of_its_own_is_not_compared():
    class Strange(object):
        __hash__ = None

        def __eq__(self, other):
            raise AssertionError('compared')

    check_possible({'response_fault': Strange()}, {('response_fault', 'reset'): 'there is none'})


@pytest.mark.parametrize('keys', [
    {'response_fault': 'reset', 'response_fault_at': 'request'}, {'response_early': True}])
def test_what_is_chosen_late_cannot_come_early(keys):
    check_script(keys, moments=MOMENTS[2:])
    assert 'this response is chosen ' in refusal(keys, moments=MOMENTS[3:])


def test_a_field_is_found_by_its_name_in_any_case():
    assert has_field([('A', 'b'), ('Content-TYPE', 'c')], 'content-type')
    assert not has_field((), 'a') and not has_field([('AB', '')], 'a')


def test_a_fault_that_ends_connections_may_be_one_that_the_server_has_not():
    for fault in ('disconnect', 'reset'):
        check_end(fault, {})
    cannot = {('response_fault', 'reset'): 'this server has none'}
    check_end('disconnect', cannot)
    for fault, known, text in [
            ('reset', cannot, "one of 'disconnect', got 'reset' (str); this server has none"),
            ('stall', cannot, "one of 'disconnect', got 'stall' (str)"),
            ([], {}, "one of 'disconnect', 'reset', got [] (list)")]:
        with pytest.raises(ValueError) as caught:
            check_end(fault, known)
        assert str(caught.value) == 'fault is ' + text


@pytest.mark.parametrize('keys, text', [
    ({'response_content': [b'a']}, 'such as bytes, str or a file, but response_content is a list'),
    ({'response_content': iter(())}, 'but response_content is a '),
    ({'response_events': []}, 'and response_events has none. Drop one of them'),
    ({'response_raw': b''}, 'and response_raw has none. Drop one of them'),
])
def test_ranges_need_a_length(keys, text):
    with pytest.raises(ValueError) as caught:
        check_script(dict(keys, response_ranges=True))
    assert str(caught.value).startswith('response_ranges needs content whose length is known')
    assert text in str(caught.value)
    check_script(dict(keys, response_ranges=False))


@pytest.mark.parametrize('keys', [
    {}, {'response_content': b'a'}, {'response_content': None}, {'response_content': u'a'},
    {'response_json': [1]}, {'response_content': io.BytesIO()},
    {'response_content': lambda request: [b'a']}])
def test_what_may_have_a_length_is_allowed(keys):
    check_script(dict(keys, response_ranges=True))
