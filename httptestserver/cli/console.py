# -*- coding: utf-8 -*-
"""Shows requests and their answers to people, in lines of text.

Nothing that a client sent can speak to the terminal: what is not printable is escaped.
An `Output` may be used from any thread.
"""
import os
import threading
import time
import unicodedata

from six import ensure_str, ensure_text

from httptestserver.wording import shown
from httptestserver.har import content_size, first, header_fields, name_of, sent_fields, text_of
from httptestserver.recording.messages import outcome

__all__ = ['Output', 'messages', 'painted', 'plain', 'summary']

BODY = 2000             # characters of a body that are shown, and
TARGET = 200            # of a target

DIM, BOLD, RED = '2', '1', '31'
COLOURS = {'1': '36', '2': '32', '3': '36', '4': '33', '5': RED}    # by a status's first digit


class Output(object):
    """Writes whole lines at once, from any thread. ``closed`` is set once nobody reads them.

    ``colour`` tells whether they may be coloured: on a terminal that can, unless the user
    does not want that, see https://no-color.org.
    """

    def __init__(self, stream):
        self.closed = threading.Event()
        self.colour = (stream.isatty() and not os.environ.get('NO_COLOR')
                       and os.environ.get('TERM', 'dumb') != 'dumb')
        self._encoding = getattr(stream, 'encoding', None) or 'ascii'
        self._lock = threading.Lock()
        self._stream = stream               # guarded by _lock

    def write(self, text):
        """Write *text* and a line end; what the stream cannot encode is escaped."""
        octets = (ensure_text(text) + u'\n').encode(self._encoding, 'backslashreplace')
        with self._lock:
            try:
                self._stream.write(ensure_str(octets, self._encoding))
                self._stream.flush()
            except EnvironmentError:
                # What could not be written is tried again at exit: let that succeed.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self.closed.set()


def plain(text, colour):
    """Return *text*."""
    return text


def painted(text, colour):
    """Return *text* as a terminal shows it in *colour*, a number of ECMA-48's SGR."""
    return u'\x1b[%sm%s\x1b[0m' % (colour, text)


def summary(request, paint=plain):
    """Return a line: ``12:30:00 POST /users -> 201, 15 B in, 5 B out, 0.4 ms``.

    :param paint: a function of text and a colour.
    """
    clock = time.strftime('%H:%M:%S', time.localtime(request['time']))
    # In octets, of which only the line as it came tells.
    method, target = [ensure_text(repr(word).lstrip('b')[1:-1])
                      for word in request['raw_requestline'].split()[:2]]
    if len(target) > TARGET:
        target = u'%s... (%d characters)' % (target[:TARGET], len(target))
    status = ensure_text(outcome(request))
    faulty = 'response_fault' in request or 'response_status' not in request
    return u'%s %s %s -> %s, %s' % (
        paint(ensure_text(clock), DIM), paint(method, BOLD), target,
        paint(status, RED if faulty else COLOURS.get(status[0], BOLD)),
        paint(u', '.join(_measures(request)), DIM))


def _measures(request):
    size, duration = content_size(request), request['duration']
    yield u'%d B in' % (len(request['body']) + request.get('body_discarded', 0))
    yield u'? B out' if size < 0 else u'%d B out' % size
    if duration is not None:
        yield u'%.1f ms' % (1000 * duration) if duration < 1 else u'%.2f s' % duration


def messages(request, paint=plain):
    """Return lines of the fields and the body of a *request*, and of its answer."""
    content = request.get('response_raw', request.get('response_content', b''))
    return (_message(u'  >', header_fields(request['headers']), request['body'], paint)
            + _message(u'  <', sent_fields(request), content, paint))


def _message(mark, fields, content, paint):
    lines = [printable(u'%s: %s' % field) for field in fields]
    body = _body(content, first(fields, 'content-type'))
    if lines and body:
        lines.append(u'')
    return [(paint(mark, DIM) + u' ' + line).rstrip() for line in lines + body]


def _body(content, content_type):
    """Return the lines of a body, cut with its size where it is long."""
    if not isinstance(content, bytes):
        return [printable(u'(streamed from %s)' % name_of(content))]
    text = text_of(content, content_type)
    if text is None:
        return [ensure_text(shown(content))]
    lines = text[:BODY].split(u'\n') if text else []
    if len(text) > BODY:
        lines.append(u'... (%d B)' % len(content))
    elif lines and not lines[-1]:
        lines.pop()                         # it ends with a line end, as text does
    return [printable(line.rstrip(u'\r')) for line in lines]


def printable(text):
    """Return *text*, a line, with what would not show, or could deceive, escaped."""
    return u''.join([each if each in u' \t' or unicodedata.category(each)[0] not in 'CZ'
                     else each.encode('unicode_escape').decode('ascii') for each in text])
