# -*- coding: utf-8 -*-
"""Which ``response_*`` keys of a script go together.

A combination that cannot be sent raises when a test writes it. Nothing here does I/O or takes a
lock.
"""
from six import string_types

from httptestserver.http1.fields import has_field, pairs
from httptestserver.scripting.content import is_measured
from httptestserver.scripting.vocabulary import CONTENTS, ENDS, FAULTS, MOMENTS, is_made
from httptestserver.wording import one_of, wrong

__all__ = ['check_end', 'check_possible', 'check_ranges', 'check_script', 'two_codings']

#: The keys of what another server decides if the request is forwarded to it. An early response is
#: one of them, because the whole request is sent there.
_OF_RESPONSE = ('response_status', 'response_reason', 'response_headers', 'response_trailers',
                'response_content_encoding', 'response_raw', 'response_early', 'response_ranges')

#: The moments before there is a request.
_BEFORE_REQUEST = MOMENTS[:2]


def check_script(keys, cannot=None, whole=True, moments=MOMENTS):
    """Check that *keys*, a dict, go together.

    :param cannot: what the server cannot do: see `check_possible`. None if not known.
    :param whole: False if more keys may follow, because ``server.data`` is written key by key.
    :param moments: the moments at which a fault of this script can happen.
    :raises ValueError: they do not go together, or the server cannot do one of them.
    """
    if cannot:
        check_possible(keys, cannot)
    contents = [key for key in CONTENTS if key in keys]
    if len(contents) > 1:
        _check_contents(keys, contents)
    if 'response_content_encoding' in keys:
        _check_coding(keys)
    if 'response_forward' in keys or 'response_forward_cafile' in keys:
        _check_forward(keys, whole)
    if keys.get('response_ranges'):
        check_ranges(keys)
    if keys.get('response_fault_at') is not None:
        _check_moment(keys, whole, moments)
    if keys.get('response_early') and 'request' not in moments:
        raise ValueError('response_early is set, but this response is chosen after the body was '
                         'read; it may be in server.data, in the queue of the server, or in a '
                         'route whose criteria do not need the body')


def check_possible(keys, cannot):
    """Check that the server can do all of *keys*, a dict.

    :param cannot: a dict from (key, value) to the reason why the server cannot do that, such as
        ``{('response_fault_at', 'handshake'): 'this server speaks plain http'}``.
    :raises ValueError: it cannot. The message has the reason.
    """
    for key, value in cannot:
        # A value may be of the user's own class, whose comparison is user code.
        if isinstance(keys.get(key), (bool,) + string_types) and keys[key] == value:
            raise ValueError('%s is %r, but %s' % (key, value, cannot[key, value]))


def check_end(fault, cannot):
    """Check that *fault*, an argument, ends connections of the server.

    :param cannot: as of `check_possible`.
    :raises ValueError: it does not.
    """
    ends = [end for end in ENDS if ('response_fault', end) not in cannot]
    if fault not in ends:
        reason = cannot['response_fault', fault] if fault in ENDS else ''
        raise wrong(ValueError, 'fault', one_of(ends), fault, reason)


def _check_contents(keys, contents):
    """Check that only one of *contents*, content keys that are in *keys*, is set."""
    # None as response_content is the same as no content.
    contents = [key for key in contents
                if key != 'response_content' or keys[key] is not None]
    if len(contents) > 1:
        raise ValueError('%s and %s are both set: which one is sent? Drop the other'
                         % tuple(contents[:2]))


def _check_coding(keys):
    headers = keys.get('response_headers')
    if not is_made('response_headers', headers) and has_field(
            pairs(headers or (), 'response_headers'), 'content-encoding'):
        raise two_codings()


def check_ranges(keys):
    """Check that *keys* with ``response_ranges`` may have a content of known length.

    :raises ValueError: they cannot.
    """
    for key in ('response_events', 'response_raw'):
        if key in keys:
            raise ValueError('response_ranges needs content whose length is known, and %s has '
                             'none. Drop one of them' % key)
    content = keys.get('response_content')
    if is_made('response_content', content) or content is None or is_measured(content):
        return
    raise ValueError('response_ranges needs content whose length is known, such as bytes, str or a '
                     'file, but response_content is a %s' % type(content).__name__)


def two_codings():
    """Return the exception for a script that has a Content-Encoding beside the key."""
    return ValueError('response_content_encoding adds the field Content-Encoding, but '
                      'response_headers has one too. Drop one of them')


def _check_forward(keys, whole):
    """Check that the other keys say nothing of the response, which is another server's."""
    if 'response_forward' not in keys:
        if whole:
            raise ValueError('response_forward_cafile is set without response_forward, which is '
                             'the URL of a server')
        return
    for key in _OF_RESPONSE:
        # None and False are the same as no key.
        if keys.get(key):
            raise ValueError('response_forward and %s are both set, but the response is that of '
                             'the other server. Drop one of them' % key)


def _check_moment(keys, whole, moments):
    """Check that the moment of a fault can come, and that the other keys work at it."""
    if whole and 'response_fault' not in keys:
        raise ValueError('response_fault_at is set without response_fault, which is %s'
                         % one_of(FAULTS))
    at = keys['response_fault_at']
    for key in ('response_fault', 'response_timeout', 'response_hold'):
        if at in _BEFORE_REQUEST and is_made(key, keys.get(key)):
            raise ValueError('%s is a callable of the request, but at %r there is no request yet'
                             % (key, at))
    if isinstance(at, string_types) and at not in moments:
        raise ValueError('response_fault_at is %r, but this response is chosen later; here it is %s'
                         % (at, one_of(moments)))
