# -*- coding: utf-8 -*-
"""The credentials in an Authorization field, and the criterion for them.

Nothing here does I/O or takes a lock.
"""
import binascii
import re

from six import ensure_str, string_types

from httptestserver.http1.fields import to_str
from httptestserver.recording.expected import compares, instead
from httptestserver.wording import shown, wrong

__all__ = ['credentials', 'wanted_credentials']

_ALLOWED = '(user, password) for Basic or a str for a Bearer token'

_is_base64 = re.compile(r'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z').match


def credentials(field):
    """Return (scheme, credentials) of an Authorization field: RFC 9110, section 11.6.2.

    The scheme is in lower case. The credentials of Basic are (user, password), each a str. For
    other schemes, and if they are not valid, they are the text that follows the scheme.

    :param field: the value of the field, a str; None if there is no such field.
    :returns: None if there are no credentials.
    """
    scheme, _, rest = (field or '').strip().partition(' ')
    if not scheme:
        return None
    scheme, rest = scheme.lower(), rest.strip()
    pair = _pair(rest) if scheme == 'basic' else None
    return scheme, pair or rest


def _pair(coded):
    """Return (user, password) of the credentials of Basic, or None: RFC 7617, section 2."""
    if not _is_base64(coded):
        return None
    user, colon, password = binascii.a2b_base64(coded).partition(b':')
    return (to_str(user), to_str(password)) if colon else None


def wanted_credentials(auth):
    """Return what `credentials` returns for a request that meets the criterion *auth*.

    :raises TypeError: *auth* is neither a token nor a pair.
    :raises ValueError: a user has a colon (RFC 7617, section 2), or a token a space (RFC 6750,
        section 2.1).
    """
    if isinstance(auth, (tuple, list)) and len(auth) == 2:
        # It is the value of `RecordedRequest.auth`, which has the scheme too.
        if isinstance(auth[1], (tuple, list)):
            raise wrong(TypeError, 'auth', _ALLOWED, auth, 'did you mean %s?' % shown(auth[1]))
        user, password = [_part(each) for each in auth]
        if isinstance(user, str) and ':' in user:
            raise wrong(ValueError, 'auth', _ALLOWED, auth, 'a user has no colon')
        return 'basic', (user, password)
    token = _part(auth)
    if isinstance(token, str) and ' ' in token:
        raise wrong(ValueError, 'auth', _ALLOWED, auth, _instead_of_token(token))
    return 'bearer', token


def _instead_of_token(text):
    """Return a hint for a *text* that is no token, because it has a space."""
    scheme, sent = credentials(text) or ('', '')
    if isinstance(sent, tuple) or scheme == 'bearer' and ' ' not in sent:
        return 'did you mean %s?' % shown(sent)
    return 'a token has no space'


def _part(value):
    if isinstance(value, string_types):
        return ensure_str(value)
    if compares(value):
        return value
    raise wrong(TypeError, 'auth', _ALLOWED, value, instead(value))
