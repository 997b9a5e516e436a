# -*- coding: utf-8 -*-
"""Resolves a script to the response for one request.

Resolving runs user code. Nothing here takes a lock.
"""
import json

from six import text_type

from httptestserver.http1.fields import has_field, pairs
from httptestserver.http1.response_head import REASONS, has_body
from httptestserver.scripting.combinations import check_possible, check_script, two_codings
from httptestserver.scripting.content import BYTES, content_bytes, streamed
from httptestserver.scripting.shorthand import short_form
from httptestserver.scripting.vocabulary import CONTENTS, MOMENTS, VOCABULARY, check, is_made
from httptestserver.wording import name_of

__all__ = ['Response', 'resolve']

#: Content that is not larger than this is sent in one write with its head.
WITH_HEAD = 65536       # bytes

#: A callback may return another callback. At most so many are called in a row.
MAX_CALLBACKS = 8

#: The Content-Type of a content key, unless the headers have one.
TYPES = {'response_json': 'application/json', 'response_events': 'text/event-stream'}

#: Keys whose values are mutable, such as lists and dicts. A test may change them in place.
MUTABLE = ('response_headers', 'response_json', 'response_trailers', 'response_informational')

#: Keys that make a response of its own for each request.
NOT_FIXED = frozenset(['response_callback', 'response_events', 'response_folder',
                       'response_forward', 'response_ranges'])


def resolve(script, request, vocabulary=VOCABULARY, cannot=None):
    """Return the `Response` that *script* makes for *request*. Runs user code, which may raise.

    :param vocabulary: the known keys, as `VOCABULARY`.
    :param cannot: what the server cannot do: see `check_possible`. None if not known.
    :raises TypeError, ValueError: user code returned a wrong value.
    """
    if _is_fixed(script):
        return Response(script, fixed=True)
    keys = _with_callback(script, request, vocabulary, cannot)
    for key in keys:
        if is_made(key, keys[key]):
            keys[key] = keys[key](request)
            check(key, keys[key], vocabulary)
            if cannot:
                check_possible({key: keys[key]}, cannot)
    if 'response_forward' in keys:
        # A callback or a function may have made a key that does not go with it.
        check_script(keys, cannot)
    if 'response_folder' in keys:
        # Imported here, because few tests need it.
        from httptestserver.scripting.files import from_folder
        return from_folder(keys, request, Response)
    response = Response(keys)
    if keys.get('response_ranges'):
        # Imported here, because few tests need it.
        from httptestserver.scripting.ranges import with_ranges
        return with_ranges(response, keys, request)
    return response


def _is_fixed(script):
    """Whether *script* makes the same response for each request, so that it can be cached."""
    if not isinstance(script.get('response_content', b''), (bytes, text_type, type(None))):
        return False
    if not NOT_FIXED.isdisjoint(script):
        return False
    return not any(
        is_made(key, script[key]) or key in MUTABLE and script[key] is not None
        for key in script)


def _with_callback(script, request, vocabulary, cannot):
    """Return the keys of *script*, updated with those that its callback returns."""
    keys = dict(script)
    for _ in range(MAX_CALLBACKS):
        callback = keys.pop('response_callback', None)
        if callback is None:
            return keys
        made = _returned(callback(request), callback, vocabulary, cannot)
        if any(key in made for key in CONTENTS):
            # Only one content can be sent, so a new one replaces the others.
            for key in CONTENTS:
                keys.pop(key, None)
        keys.update(made)
    if 'response_callback' in keys:
        raise ValueError('%d callbacks in a row returned a callback, and none a response'
                         % MAX_CALLBACKS)
    return keys


def _returned(result, callback, vocabulary, cannot):
    """Return the dict of keys for the *result* of a *callback*.

    :raises TypeError, ValueError: it is no response. The message names the callback.
    """
    try:
        made = short_form(result)
        for key in made:
            check(key, made[key], vocabulary)
        check_script(made, cannot, moments=MOMENTS[3:])
    except (TypeError, ValueError) as error:
        # The same exception is raised, because a new one would show two tracebacks on Python 3.
        error.args = ('the result of the callback %s is wrong: %s' % (name_of(callback), error),)
        raise
    return made


class Response(object):
    """What is sent for one request, with every value resolved.

    ``status`` is an int. ``headers`` and ``trailers`` are tuples of (name, value) pairs of str.
    ``interim`` is a tuple of (status, reason, pairs). ``content`` is bytes or a
    `StreamedContent`. ``delay`` is in seconds, ``rate`` in bytes per second. ``reset`` is whether
    the server is reset.

    ``fixed`` is whether the same script makes the same response for each request, because it has
    no user code and no mutable value. ``plain`` is whether the response is only a head and a
    small content, which one write can send.

    :param keys: a script without functions of the request.
    """

    __slots__ = ('status', 'reason', 'headers', 'content', 'delay', 'reset', 'fixed', 'plain',
                 'trailers', 'interim', 'hold', 'rate', 'fault', 'fault_at', 'raw')

    def __init__(self, keys, fixed=False):
        get = keys.get
        self.status = get('response_status', 200)
        self.reason = get('response_reason', REASONS.get(self.status, ''))
        self.headers = _headers(keys)
        self.trailers = _pairs(keys, 'response_trailers')
        self.interim = _interim(keys)
        self.content = _content(keys)
        self.raw = get('response_raw')
        self.delay = get('response_timeout') or 0
        self.hold, self.rate = get('response_hold'), get('response_rate')
        self.fault, self.fault_at = get('response_fault'), get('response_fault_at', 'response')
        self.reset = get('response_reset') or False
        self.fixed = fixed
        self.plain = self._is_plain()

    def replace(self, status, headers, content):
        """Send these instead of those of the script. The caller closes a content that it drops.

        :param headers: a tuple of (name, value) pairs of str.
        :param content: bytes or a `StreamedContent`.
        """
        if status != self.status:
            self.status, self.reason = status, REASONS.get(status, '')
        self.headers, self.content = headers, content
        self.plain = self._is_plain()

    def _is_plain(self):
        extras = (self.delay, self.trailers, self.interim, self.rate, self.fault)
        return (self.hold is None and self.raw is None and not any(extras)
                and isinstance(self.content, bytes) and len(self.content) <= WITH_HEAD)


def _pairs(keys, key):
    value = keys.get(key)
    return pairs(value, key) if value else ()


def _headers(keys):
    headers = _pairs(keys, 'response_headers')
    for key in TYPES:
        if key in keys and not has_field(headers, 'content-type'):
            headers += (('Content-Type', TYPES[key]),)
    if 'response_content_encoding' in keys:
        headers += _coding_field(keys, headers)
    return headers


def _coding_field(keys, headers):
    """Return the field to add to the *headers* for a coding.

    :raises ValueError: they have it already, because user code has made one of the two.
    """
    if has_field(headers, 'content-encoding'):
        raise two_codings()
    # A response without a body, such as a 304, has nothing in that coding. One to HEAD has the
    # fields of one to GET.
    if not has_body(keys.get('response_status', 200), 'GET'):
        return ()
    return (('Content-Encoding', str(keys['response_content_encoding'])),)


def _interim(keys):
    return tuple([(status, REASONS.get(status, ''), pairs(fields, 'response_informational'))
                  for status, fields in keys.get('response_informational', ())])


def _content(keys):
    content = _uncoded_content(keys)
    if 'response_content_encoding' not in keys:
        return content
    # Imported here, because few scripts have a coding.
    from httptestserver.scripting.encoding import coded
    return coded(content, str(keys['response_content_encoding']))


def _uncoded_content(keys):
    if 'response_json' in keys:
        return json.dumps(keys['response_json']).encode('utf-8')
    if 'response_events' in keys:
        # Imported here, because few tests need it.
        from httptestserver.scripting.events import events_content
        return events_content(keys['response_events'])
    if 'response_forward' in keys:
        # Imported here, because few tests need it.
        from httptestserver.scripting.destination import Forwarding
        return Forwarding(keys['response_forward'], keys.get('response_forward_cafile'))
    content = keys.get('response_content')
    if content is None:
        return b''
    if isinstance(content, BYTES + (text_type,)):
        return content_bytes(content, 'response_content')
    return streamed(content)
