# -*- coding: utf-8 -*-
"""Credentials: what an Authorization field says, and the criterion for them."""
import base64

import pytest
from six import ensure_str

from httptestserver.recording.credentials import credentials, wanted_credentials
from support.equal import Anything

ALLOWED = '(user, password) for Basic or a str for a Bearer token'


def basic(pair):
    return 'Basic ' + base64.b64encode(pair).decode('ascii')


@pytest.mark.parametrize('field, expected', [
    (None, None), ('', None), ('  ', None),
    (basic(b'ann:pw'), ('basic', ('ann', 'pw'))), (basic(b':'), ('basic', ('', ''))),
    (basic(b'ann:p:w'), ('basic', ('ann', 'p:w'))), ('BASIC  YTpi ', ('basic', ('a', 'b'))),
    (basic(b'ann'), ('basic', 'YW5u')), ('Basic', ('basic', '')), ('Basic !', ('basic', '!')),
    ('Basic YW5uOnB3=', ('basic', 'YW5uOnB3=')), ('Basic YTpi YTpi', ('basic', 'YTpi YTpi')),
    ('Bearer t1', ('bearer', 't1')), ('bearer  t1', ('bearer', 't1')),
    ('Digest username="a", realm="b"', ('digest', 'username="a", realm="b"')),
    ('token', ('token', ''))])
def test_credentials_are_a_scheme_and_what_follows(field, expected):
    assert credentials(field) == expected


@pytest.mark.parametrize('octets', [b'\xc3\xa9:\xc3\xa8', b'\xe9:\xe8'])
def test_a_password_is_utf_8_or_iso_8859_1(octets):
    user, password = (u'\xe9', u'\xe8') if str is not bytes else octets.split(b':')
    assert credentials(basic(octets)) == ('basic', (user, password))


@pytest.mark.parametrize('auth, expected', [
    (('ann', 'pw'), ('basic', ('ann', 'pw'))), (['ann', u'pw'], ('basic', ('ann', 'pw'))),
    ('t1', ('bearer', 't1')), (u'\xe9', ('bearer', ensure_str(u'\xe9')))])
def test_a_pair_is_basic_and_text_is_bearer(auth, expected):
    assert wanted_credentials(auth) == expected


def test_an_object_with_an_eq_of_its_own_decides():
    assert wanted_credentials(('ann', Anything())) == credentials(basic(b'ann:pw'))
    assert wanted_credentials(Anything()) == credentials('Bearer t1')
    assert wanted_credentials(Anything()) != credentials(basic(b'ann:pw'))


@pytest.mark.parametrize('auth, hint', [
    (5, "5 (int); did you mean '5'?"), (('ann',), "('ann',) (tuple)"),
    (('ann', 5), "5 (int); did you mean '5'?"), (('ann', None), 'None (NoneType)'),
    (('a', 'b', 'c'), "('a', 'b', 'c') (tuple)"), ({'ann': 'pw'}, "{'ann': 'pw'} (dict)")])
def test_what_is_neither_is_refused(auth, hint):
    with pytest.raises(TypeError) as caught:
        wanted_credentials(auth)
    assert str(caught.value) == 'auth is %s, got %s' % (ALLOWED, hint)


def test_the_form_of_request_auth_leads_to_that_of_the_criterion():
    with pytest.raises(TypeError) as caught:
        wanted_credentials(('basic', ('ann', 'pw')))
    assert str(caught.value) == (
        "auth is %s, got ('basic', ('ann', 'pw')) (tuple); did you mean ('ann', 'pw')?" % ALLOWED)


@pytest.mark.parametrize('auth, hint', [
    ('Bearer t1', "did you mean 't1'?"), (u'bearer  t1', "did you mean 't1'?"),
    ('Basic YTpi', "did you mean ('a', 'b')?"), ('Basic a', 'a token has no space'),
    ('a b', 'a token has no space')])
def test_a_token_with_a_space_is_refused(auth, hint):
    with pytest.raises(ValueError) as caught:
        wanted_credentials(auth)
    assert str(caught.value) == 'auth is %s, got %r (%s); %s' % (
        ALLOWED, str(auth), type(auth).__name__, hint)


def test_a_user_with_a_colon_is_refused():
    with pytest.raises(ValueError) as caught:
        wanted_credentials(('a:b', 'c'))
    assert str(caught.value) == (
        "auth is %s, got ('a:b', 'c') (tuple); a user has no colon" % ALLOWED)
