# -*- coding: utf-8 -*-
"""What is sent for one request: a script with every value made.

To resolve a script runs user code; nothing here takes a lock.
"""
import json

from six import text_type

from httptestserver.http1.fields import pairs
from httptestserver.http1.response_head import REASONS
from httptestserver.scripting.content import StreamedContent
from httptestserver.scripting.vocabulary import (
    MOMENTS, VOCABULARY, check, check_script, is_made, short_form)

__all__ = ['Response', 'resolve']

STEP = 65536            # octets of content that are sent with their head
DEPTH = 8               # callbacks that may stand in for one another


def resolve(script, request, vocabulary=VOCABULARY, scheme=None):
    """Return the `Response` that *script* makes for *request*. Runs code of the test's."""
    keys = dict(script)
    for _ in range(DEPTH):
        callback = keys.pop('response_callback', None)
        if callback is None:
            break
        made = short_form(callback(request))
        for key in made:
            check(key, made[key], vocabulary)
        if 'response_content' in made or 'response_json' in made:
            keys.pop('response_content', None)
            keys.pop('response_json', None)
        keys.update(made)
        check_script(made, scheme, moments=MOMENTS[3:])
    if 'response_callback' in keys:
        raise ValueError('%d callbacks stood in for one another, without a response' % DEPTH)
    for key in keys:
        if is_made(key, keys[key]):
            keys[key] = keys[key](request)
            check(key, keys[key], vocabulary)
    response = Response(keys)
    response.fixed = response.fixed and not any(
        key == 'response_callback' or is_made(key, script[key]) for key in script)
    return response


class Response(object):
    """What is sent for one request, every value resolved.

    ``status`` is an int, ``headers`` and ``trailers`` tuples of (name, value) pairs of
    str, ``content`` bytes or a `StreamedContent`, ``delay`` seconds, ``rate`` octets a second.
    ``fixed`` tells whether the same keys always make the same response: none of them is
    made for each request or holds what its author may change in place. ``plain`` tells
    that it is a head and bytes, sent at once.
    """

    __slots__ = ('status', 'reason', 'headers', 'content', 'delay', 'reset', 'fixed', 'plain',
                 'trailers', 'informational', 'hold', 'rate', 'fault', 'fault_at', 'raw')

    def __init__(self, keys):
        get = keys.get
        self.status = get('response_status', 200)
        self.reason = get('response_reason', REASONS.get(self.status, ''))
        headers = get('response_headers')
        self.headers = pairs(headers) if headers else ()
        self.content = self._content(keys)
        self.delay = get('response_timeout') or 0
        self.reset = get('response_reset') or False
        self.trailers = pairs(get('response_trailers', ()))
        self.informational = tuple([
            (status, REASONS.get(status, ''), pairs(fields))
            for status, fields in get('response_informational', ())])
        self.hold, self.rate = get('response_hold'), get('response_rate')
        self.fault, self.fault_at = get('response_fault'), get('response_fault_at', 'response')
        self.raw = get('response_raw')
        self.fixed = not any(is_made(key, keys[key]) for key in keys) and isinstance(
            keys.get('response_content'), (bytes, text_type, type(None))) and not (
            headers or 'response_callback' in keys or 'response_json' in keys
            or 'response_trailers' in keys or 'response_informational' in keys)
        self.plain = isinstance(self.content, bytes) and len(self.content) <= STEP and not (
            self.delay or self.trailers or self.informational or self.hold or self.rate
            or self.fault or self.raw is not None)

    def _content(self, keys):
        if 'response_json' in keys:
            if 'content-type' not in [name.lower() for name, _ in self.headers]:
                self.headers += (('Content-Type', 'application/json'),)
            return json.dumps(keys['response_json']).encode('utf-8')
        content = keys.get('response_content')
        if content is None:
            return b''
        if isinstance(content, text_type):
            return content.encode('utf-8')
        if isinstance(content, (bytearray, memoryview)):
            return memoryview(content).tobytes()
        if isinstance(content, bytes):
            return content                      # 1 GiB of it takes no other
        return StreamedContent(content)
