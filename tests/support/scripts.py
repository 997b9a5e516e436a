# -*- coding: utf-8 -*-
"""Scripts made of any ``response_*`` keys, and what a client is to see of them.

hypothesis draws a `Script`; `Script.put` writes it in one of its places, and `expected` works out
from the documented meaning of the keys, without the library, what becomes of a request.
"""
from __future__ import unicode_literals

import io
import json
import os
import threading
import zlib

from support.paths import Path
from support.peer import wire
from support.strategies import HOME, fields, pieces, reasons, st

__all__ = ['Gate', 'KEYS', 'Script', 'expected', 'scripts']

#: At these moments a connection is aborted, and there is no request.
EARLY = ('accept', 'handshake')
#: Only one of them is in a script.
CONTENTS = ('response_content', 'response_json', 'response_events')
NOT_MADE = ('response_callback', 'response_times', 'response_clear', 'response_early')
#: Keys that the result of a callback is not drawn with.
OUTER = ('response_callback', 'response_early')
#: The places that take a script.
PLACES = ('data', 'update', 'queue', 'route', 'route data', 'route queue')
#: The server's data, which serve once a route has been used up.
FALLBACK = {'response_status': 299}
#: Stands for the length that the content has; nothing else that is drawn looks like it.
TRUE = b'\0'


class Gate(object):
    """A hold that is open, and sets an event once a response has come to it."""

    def __init__(self):
        self.reached = threading.Event()

    def wait(self, timeout=None):
        self.reached.set()
        return True


def path_of(octets):
    """Return a path object of a file of these *octets*."""
    name = os.path.join(HOME, 'content')
    with io.open(name, 'wb') as file:
        file.write(octets)
    return Path(name)


class Pipe(object):
    """An open file that cannot seek."""

    def __init__(self, octets):
        self.read = io.BytesIO(octets).read


class Content(object):
    """What ``response_content`` may hold, of one *kind*."""

    KINDS = {'bytes': b''.join, 'str': lambda pieces: b''.join(pieces).decode('latin-1'),
             'bytearray': lambda pieces: bytearray(b''.join(pieces)),
             'path': lambda pieces: path_of(b''.join(pieces)),
             'file': lambda pieces: io.BytesIO(b''.join(pieces)),
             'pipe': lambda pieces: Pipe(b''.join(pieces)), 'list': list,
             'texts': lambda pieces: [piece.decode('latin-1') for piece in pieces],
             'generator': lambda pieces: (piece for piece in pieces)}
    # Their length is known only at their end.
    UNMEASURED = ('pipe', 'list', 'texts', 'generator')
    READ_ONCE = ('pipe', 'generator')
    FILES = ('path', 'file')

    def __init__(self, kind, pieces):
        self.kind = kind
        if kind == 'pipe':              # one reading of it is the whole
            pieces = [b''.join(pieces)[:60000]]
        self.octets = b''.join(pieces)
        if kind in ('str', 'texts'):
            self.octets = self.octets.decode('latin-1').encode('utf-8')
        self.measured = kind not in self.UNMEASURED
        # A file has a length, but not if it is coded.
        self.streamed = kind in self.FILES or not self.measured
        self._pieces = pieces

    def __repr__(self):
        return '%s of %r, %d octets' % (
            self.kind, [piece[:20] for piece in self._pieces], len(self.octets))

    def value(self):
        return self.KINDS[self.kind](self._pieces)

    def pieces(self):
        """Return the pieces in which the content is read if it is streamed."""
        if self.kind in self.FILES:
            return [self.octets[start:start + 65536]
                    for start in range(0, len(self.octets), 65536)]
        if self.kind == 'texts':
            return [piece.decode('latin-1').encode('utf-8') for piece in self._pieces]
        return self._pieces


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 10 ** 20), st.just('\u20ac"\\')),
    lambda inner: st.one_of(st.lists(inner, max_size=3),
                            st.dictionaries(reasons, inner, max_size=3)), max_leaves=5)
framing = st.one_of(st.just([]), st.sampled_from([
    [('Content-Length', '5')], [('content-length', TRUE)], [('Content-Length', TRUE)],
    [('Content-Length', TRUE), ('Transfer-Encoding', 'chunked')],
    [('Transfer-Encoding', 'chunked')], [('TRANSFER-ENCODING', 'gzip')],
    [('Connection', 'close')], [('Connection', 'Keep-Alive')], [('Date', 'today')],
    [('Server', 'mine'), ('Content-Type', 'a/b')]]))
small = pieces(st.binary(max_size=40))

#: Every key, with the values that it may hold. Those of a callback are drawn apart.
KEYS = {
    'response_status': st.one_of(st.sampled_from([200, 204, 205, 304, 503]),
                                 st.integers(200, 599)),
    'response_reason': reasons,
    'response_headers': st.tuples(framing, fields).map(lambda pair: pair[0] + [
        # Beside a coding, this field is refused.
        (name.decode('latin-1'), value) for name, value in pair[1]
        if name.lower() != b'content-encoding']),
    'response_content': st.builds(Content, st.sampled_from(sorted(Content.KINDS)),
                                  st.one_of(small, small, small, pieces())),
    'response_content_encoding': st.sampled_from(['gzip', 'deflate']),
    'response_json': json_values,
    # As bytes, which are sent as they are.
    'response_events': st.builds(Content, st.sampled_from(['generator', 'list']), small),
    'response_trailers': fields,
    'response_informational': st.lists(st.tuples(st.sampled_from([100, 102, 103, 199]), fields),
                                       max_size=2),
    'response_timeout': st.sampled_from([0, 0.001, 0.004]),
    'response_hold': st.builds(Gate),
    'response_rate': st.sampled_from([30000, 1e7, 1e300]),
    'response_fault': st.sampled_from(['disconnect', 'reset', 'stall']),
    'response_fault_at': st.one_of(
        st.sampled_from(['accept', 'handshake', 'request', 'response', 'body', 'end']),
        st.integers(0, 30)),
    'response_raw': st.one_of(st.binary(max_size=40), st.just(b'HTTP/1.1 200 OK\r\n\r\n')),
    'response_callback': st.sampled_from(['keys', 'twice', 'short']),
    'response_times': st.integers(1, 3),
    'response_clear': st.booleans(),
    'response_reset': st.booleans(),
    'response_early': st.booleans(),
}
COMMON = ('response_status', 'response_headers', 'response_content', 'response_fault_at')
often = st.sampled_from([True, True, False])
seldom = st.sampled_from([False, False, False, True])


@st.composite
def chosen(draw, names, always=()):
    """Draw {key: (value, whether a function makes it)} of some of *names*, *always* of these."""
    keys = {}
    for key in sorted(names):
        if key == 'response_fault_at' and 'response_fault' not in keys:
            continue
        if key in always or draw(often if key in COMMON else seldom):
            made = key not in NOT_MADE and draw(seldom)
            keys[key] = draw(KEYS[key]), made
    for key in [key for key in CONTENTS if key in keys][1:]:
        del keys[key]
    return keys


@st.composite
def scripts(draw, scheme, always=()):
    """Draw a `Script` that a server of this *scheme* takes, *always* with these keys."""
    outer = draw(chosen([key for key in KEYS if not always or key != 'response_raw'], always))
    place = draw(st.sampled_from(PLACES))
    how = outer.pop('response_callback', (None,))[0]
    inner = draw(chosen([key for key in KEYS if key not in OUTER])) if how else {}
    if how == 'short':
        inner = {key: (inner[key][0], False) for key in inner if key == 'response_status'}
    for keys in (outer, inner):
        moment, made = keys.get('response_fault_at', (None, False))
        if moment == 'handshake' and scheme == 'http':
            keys['response_fault_at'] = 'accept', made
        if keys is inner or place.startswith('route'):
            past = EARLY + (('request',) if keys is inner else ())
            if keys.get('response_fault_at', (None,))[0] in past:
                keys['response_fault_at'] = 'response', made
    if outer.get('response_fault_at', (None,))[0] in EARLY:
        for key in ('response_fault', 'response_fault_at', 'response_timeout', 'response_hold'):
            if key in outer:
                outer[key] = outer[key][0], False       # there is no request to make it of
        outer['response_hold'] = Gate(), False          # so that a test knows when it happens
    coded = any('response_content_encoding' in keys for keys in (outer, inner))
    contents = [keys[key][0] for keys in (outer, inner)
                for key in ('response_content', 'response_events') if key in keys]
    for keys in (outer, inner):
        if not all(content.measured and not (coded and content.streamed)
                   for content in contents) and (
                keys.get('response_fault_at', (None,))[0] == 'body'):
            keys['response_fault_at'] = 3, False
    return Script(place, outer, inner, how, draw(st.booleans()))


class Script(object):
    """Keys in their *place*, and those that a callback adds.

    :param how: how a callback gives the *inner* keys; None without one.
    :param short: whether a single status or content stands for itself.
    """

    def __init__(self, place, outer, inner, how, short):
        self.place, self.outer, self.inner, self.how = place, outer, inner, how
        self.short = short

    def __repr__(self):
        return 'Script(%s)' % ', '.join('%s=%r' % pair for pair in sorted(vars(self).items()))

    def put(self, server):
        """Write it in its place, and return the keys that were written."""
        keys = self._written(self.outer)
        if self.how:
            keys['response_callback'] = self._callback()
        if self.place == 'data':
            for key in keys:
                server.data[key] = keys[key]
        elif self.place == 'update':
            server.data.update(keys)
        elif self.place == 'queue':
            server.enqueue(self._shortened(keys))
        else:
            self._put_route(server, keys)

    def _put_route(self, server, keys):
        server.data.update(FALLBACK)
        if self.place == 'route':
            server.route(path='/', **{str(key): keys[key] for key in keys})
        elif self.place == 'route data':
            server.route(path='/').data.update(keys)
        else:
            server.route(path='/').enqueue(self._shortened(keys))

    def _written(self, drawn):
        keys = {}
        for key in drawn:
            value, made = drawn[key]
            keys[key] = self._value(key, value, made)
        return keys

    def _value(self, key, value, made):
        if key == 'response_headers':
            value = [(name, self._length() if field == TRUE else field)
                     for name, field in value]
        if not isinstance(value, Content):
            return (lambda request: value) if made else value
        return (lambda request: value.value()) if made else value.value()

    def _length(self):
        return str(len(effective(self)['content']))

    def _shortened(self, keys):
        if self.short and list(keys) == ['response_status']:
            return keys['response_status']
        content = keys.get('response_content')
        if self.short and len(keys) == 1 and isinstance(content, (bytes, type(''))):
            return content
        return keys

    def _callback(self):
        keys = self._written(self.inner)
        if self.how == 'twice':
            return lambda request: lambda request: keys
        if self.how == 'short' and keys:
            return lambda request: keys['response_status']
        return lambda request: keys


def _coded(keys, pieces):
    """Return *pieces* of content as the script encodes them."""
    wbits = {'gzip': 31, 'deflate': 15}[keys['content_encoding']]
    encoder = zlib.compressobj(-1, zlib.DEFLATED, wbits)
    if keys['measured']:
        return encoder.compress(b''.join(pieces)) + encoder.flush()
    return b''.join([encoder.compress(piece) + encoder.flush(zlib.Z_SYNC_FLUSH)
                     for piece in pieces if piece] + [encoder.flush()])


def effective(script):
    """Return the keys in force, as a dict without their prefix; all of them are there."""
    outer = dict(script.outer)
    if any(key in script.inner for key in CONTENTS):
        for key in CONTENTS:
            outer.pop(key, None)
    drawn = dict(outer, **{key: script.inner[key] for key in script.inner
                           if key not in ('response_times', 'response_clear')})
    keys = {key[len('response_'):]: drawn[key][0] for key in drawn}
    key = 'response_events' if 'events' in keys else 'response_content'
    content = keys.pop('events', keys.get('content'))
    keys['measured'] = content is None or content.measured
    keys['content'] = content.octets if content is not None else b''
    if 'json' in keys:
        keys['content'] = json.dumps(keys['json']).encode('ascii')
    if 'content_encoding' in keys:
        keys['measured'] = keys['measured'] and (content is None or not content.streamed)
        keys['content'] = _coded(keys, [keys['content']] if keys['measured'] else content.pieces())
    keys['length'] = b'%d' % len(keys['content'])       # before the content has been read
    keys['fault_made'] = drawn.get('response_fault_at', (None, False))[1]
    if outer.get('response_fault_at', (None,))[0] in EARLY and not outer['response_fault_at'][1]:
        # No request, so no callback, and nothing that comes with a response.
        keys.update(fault=outer['response_fault'][0], fault_at=outer['response_fault_at'][0],
                    fault_made=False, reset=False)
    once = content is not None and not drawn[key][1]
    keys['read_once'] = content.kind if once and content.kind in Content.READ_ONCE else None
    return keys


class Expected(object):
    """What a client and history are to have of one exchange.

    ``content`` is what arrives of the body; ``whole`` whether the message does. ``cut`` is how
    many bytes of content come before a fault in it. ``false`` is whether the script's own fields
    are wrong about the framing, ``kept`` whether the head says that the connection goes on, and
    ``ended`` whether it ends all the same.
    """

    def __init__(self, request, keys):
        get = keys.get
        self.status, self.reason = get('status', 200), get('reason')
        self.headers = [(wire(name), wire(value)) for name, value in get('headers', ())]
        if 'content_encoding' in keys and self.status not in (204, 205, 304):
            self.headers.append((b'Content-Encoding', wire(keys['content_encoding'])))
        self.old = request.version == b'1.0'
        self.carries = not (request.method == b'HEAD' or self.status in (204, 205, 304))
        self.informational = [] if self.old else [
            (status, list(more)) for status, more in get('informational', ())]
        self.raw, self.reset, self.delay = get('raw'), get('reset', False), get('timeout', 0)
        self.fault, self.moment = get('fault'), get('fault_at', 'response')
        self.made, self.ended = keys['fault_made'], get('early', False)
        self._all = keys['content'] if self.raw is None else self.raw
        self._measured = keys['measured']
        self._frame(keys, request)
        if self.raw is not None:
            self.chunked = self.by_close = self.false = self.kept = False
            self.trailers = []
        self._cut()

    def _frame(self, keys, request):
        """RFC 9112, section 6, as the script's own fields leave it."""
        given = {name.lower(): value for name, value in self.headers}
        length = given.get(b'content-length')
        if length == TRUE:
            length = keys['length']
        self.headers = [(name, length if name.lower() == b'content-length' else value)
                        for name, value in self.headers]
        coded = b'transfer-encoding' in given
        # Only the script knows the length of a stream in advance. The server comes to its end when
        # the client may have read it.
        self.late = length is not None and not self._measured
        wanted = b'0' if self.status == 205 else b'%d' % len(keys['content'])
        matters = self.carries or self.status == 205 and request.method != b'HEAD'
        self.false = coded or matters and length not in (None, wanted)
        # A client has nothing else to go by.
        self.misled = self.false and matters
        trailers = [] if self.old else list(keys.get('trailers', ()))
        self.chunked = not self.old and self.carries and not coded and length is None and (
            bool(trailers) or not self._measured)
        self.trailers = trailers if self.chunked else []
        self.by_close = self.carries and self.old and length is None and not self._measured
        closed = b'close' if self.ended else b''
        self.kept = not (self.old or self.raw is not None or b'close' in given.get(
            b'connection', closed).lower()) and not (
                matters and (coded or length is not None and not (
                    length == wanted and (self._measured or self.status == 205))))

    def _cut(self):
        carries = self.carries or self.raw is not None
        self.content = self._all if carries else b''
        self.before = bool(self.fault) and self.moment in EARLY + ('request', 'response')
        # A function names the moment only when there is a request.
        self.early = bool(self.fault) and self.moment in EARLY and not self.made
        if self.early:
            self.informational = []
        self.reads = self.carries and self.raw is None and not self.before
        self.whole = not self.before
        if self.before:
            self.content = b''
        elif self.fault and self.moment != 'end' and carries:
            cut = len(self._all) // 2 if self.moment == 'body' else self.moment
            self.content = self._all[:cut]
            self.whole = not self.chunked and (len(self._all) <= cut or self.by_close)


def expected(script, request, first=None):
    """Return the `Expected` of a *request*, after that of the *first* if it is the second."""
    keys = effective(script)
    default = {'content': b'', 'measured': True, 'fault_made': False}
    if first is not None and _served_once(script, keys):
        if keys.get('reset') or script.place in ('data', 'update', 'queue', 'route queue'):
            return Expected(request, default)
        return Expected(request, dict(default, status=299))
    if first is not None and not first.early and (
            keys['read_once'] == 'generator' or keys['read_once'] and first.reads):
        keys['content'] = _coded(keys, []) if 'content_encoding' in keys else b''
    return Expected(request, keys)


def _served_once(script, keys):
    queued = 'queue' in script.place
    times = script.outer.get('response_times', (1 if queued else 2,))[0]
    cleared = not queued and script.outer.get('response_clear', (False,))[0]
    return times == 1 or cleared or keys.get('reset', False)
