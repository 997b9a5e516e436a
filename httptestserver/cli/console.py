# -*- coding: utf-8 -*-
"""Shows requests and their responses on a terminal, in lines of text.

Characters that are not printable are escaped, so that a client cannot control the terminal. An
`Output` may be used from any thread.
"""
import os
import threading
import time

from six import ensure_str, ensure_text

from httptestserver.recording.messages import outcome
from httptestserver.recording.text import (
    content_size, decoded, message_lines, printable, request_fields, response_fields)

__all__ = ['Lines', 'Output', 'failure_line', 'messages', 'notice', 'painted', 'plain',
           'summary']

#: At most so many characters of a body are shown.
BODY = 2000

#: At most so many characters of a target are shown.
TARGET = 200

# Parameters of SGR, the control function of ECMA-48 for colours and styles.
DIM, BOLD, RED = '2', '1', '31'

#: The colours of statuses, by their first digit.
COLOURS = {'1': '36', '2': '32', '3': '36', '4': '33', '5': RED}


class Output(object):
    """Writes whole lines to a stream, from any thread.

    ``closed`` is an event that is set if the stream fails, because nobody reads it any more.
    ``colour`` is whether lines may be coloured: on a terminal with colours, unless the environment
    has NO_COLOR (https://no-color.org).
    """

    def __init__(self, stream):
        self.closed = threading.Event()
        self.colour = (stream.isatty() and not os.environ.get('NO_COLOR')
                       and os.environ.get('TERM', 'dumb') != 'dumb')
        self._encoding = getattr(stream, 'encoding', None) or 'ascii'
        self._lock = threading.Lock()
        self._stream = stream       # guarded by _lock

    def write(self, text):
        """Write *text* and a line end. Characters that the stream cannot encode are escaped."""
        line = (ensure_text(text) + u'\n').encode(self._encoding, 'backslashreplace')
        with self._lock:
            try:
                self._stream.write(ensure_str(line, self._encoding))
                self._stream.flush()
            except EnvironmentError:
                # When Python exits it flushes the stream again, and must not fail then.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self.closed.set()


class Lines(object):
    """Shows exchanges, tunnels and failures as lines of text.

    :param output: the `Output` for the lines. It decides whether they are coloured.
    :param verbose: whether to show header fields and bodies.
    """

    def __init__(self, output, verbose):
        self._paint = paint_of(output)
        self._verbose = verbose

    def exchange(self, request):
        """Return text for a `RecordedRequest` whose exchange is complete."""
        lines = [summary(request, self._paint)]
        if self._verbose:
            lines += messages(request, self._paint)
        return u'\n'.join(lines)

    def failure(self, failure):
        """Return text for a `Failure`."""
        return failure_line(failure, self._paint)

    def tunnel(self, tunnel):
        """Return text for a `Tunnel`."""
        return u'%s %s: connection %d to %s' % (
            _time_of_day(tunnel.time, self._paint), self._paint(u'tunnel', BOLD),
            tunnel.connection_index, printable(decoded(tunnel.target)))


def notice(text, output, wrong=False):
    """Return a line with the time of day and *text*, for *output*; red if it is *wrong*."""
    paint = paint_of(output)
    text = printable(ensure_text(text, errors='replace'))
    return u'%s %s' % (_time_of_day(None, paint), paint(text, RED) if wrong else text)


def paint_of(output):
    """Return `painted` if *output* shows colours, and `plain` if not."""
    return painted if output.colour else plain


def plain(text, colour):
    """Return *text* unchanged. It has the interface of `painted`."""
    return text


def painted(text, colour):
    """Return *text* with the escape sequences for *colour*, such as `RED`."""
    return u'\x1b[%sm%s\x1b[0m' % (colour, text)


def summary(request, paint=plain):
    """Return a line such as ``12:30:00 POST /users -> 201, 15 B in, 5 B out, 0.4 ms``.

    :param request: a `RecordedRequest`.
    :param paint: `painted` or `plain`.
    """
    # The raw request line is shown, because it has the bytes that the client sent.
    method, target = [ensure_text(repr(word).lstrip('b')[1:-1])
                      for word in request['raw_requestline'].split()[:2]]
    if request.tunnel:
        target = _origin(request) + target
    if len(target) > TARGET:
        target = u'%s... (%d characters)' % (target[:TARGET], len(target))
    status = ensure_text(outcome(request))
    faulty = 'response_fault' in request or 'response_status' not in request
    return u'%s %s %s -> %s, %s' % (
        _time_of_day(request['time'], paint), paint(method, BOLD), target,
        paint(status, RED if faulty else COLOURS.get(status[0], BOLD)),
        paint(u', '.join(_measures(request)), DIM))


def _origin(request):
    """Return what comes before the target in the URL of a *request*; '' if nothing does."""
    if request['path'][:1] != '/':
        return u''
    return printable(decoded(request.url[:-len(request['path'])]))


def failure_line(failure, paint=plain):
    """Return a line such as ``12:30:00 failure: connection 0 from 127.0.0.1:51234: REASON``.

    :param failure: a `Failure`.
    """
    return u'%s %s: %s' % (_time_of_day(failure.time, paint), paint(u'failure', RED),
                           printable(ensure_text(str(failure), errors='replace')))


def _time_of_day(seconds, paint):
    """Return the local time of day of *seconds* since the epoch; None stands for now."""
    clock = time.strftime('%H:%M:%S', time.localtime(seconds))
    return paint(ensure_text(clock), DIM)


def _measures(request):
    size, duration = content_size(request), request['duration']
    yield u'%d B in' % (len(request['body']) + request.get('body_discarded', 0))
    yield u'? B out' if size < 0 else u'%d B out' % size
    if duration is not None:
        yield u'%.1f ms' % (1000 * duration) if duration < 1 else u'%.2f s' % duration


def messages(request, paint=plain):
    """Return a list of lines with the fields and the body of a *request* and its response."""
    content = request.get('response_raw', request.get('response_content', b''))
    return (_message(u'  >', request_fields(request), request['body'], paint)
            + _message(u'  <', response_fields(request), content, paint))


def _message(mark, fields, content, paint):
    return [(paint(mark, DIM) + u' ' + line).rstrip()
            for line in message_lines(fields, content, BODY)]
