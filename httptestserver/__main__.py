# -*- coding: utf-8 -*-
"""Serves from the command line: ``python -m httptestserver --help``.

Prints the server's URL and a command to try, then a line for each request, when its answer is
known. Ends on Ctrl-C, on SIGTERM, when nobody reads its output any more, after ``--count``
requests and after ``--timeout-exit`` seconds.
"""
import argparse
import contextlib
import io
import json
import os
import signal
import sys
import threading
import time
import unicodedata

from six import ensure_str, ensure_text, integer_types, string_types, text_type
from six.moves import shlex_quote

from httptestserver import har
from httptestserver.grammar import shown
from httptestserver.matching import CRITERIA
from httptestserver.report import answer
from httptestserver.response import VOCABULARY, check, nearest
from httptestserver.server import DEFAULT_HOST, DEFAULT_PORT, Handler, Server
from httptestserver.service import Service
from httptestserver.timing import monotonic

__all__ = ['main']

PROGRAM = 'python -m httptestserver'
SIGNALS = (signal.SIGINT, signal.SIGTERM)
BODY = 2000         # octets of a body, and
TARGET = 200        # characters of a target, that are shown

#: Seconds that one wait may take; Python 2, and Windows, see Ctrl-C only between two of them.
WAKE = 1.0 if os.name == 'nt' or hasattr(threading, '_sleep') else 3600.0

#: Return the octets of an argument: Python 3 has decoded them, Python 2 has not.
_octets = getattr(os, 'fsencode', bytes)

EXAMPLES = '''\
examples:
  %(prog)s --port 8080 --status 503 --header 'Retry-After: 5'
  %(prog)s --https --content @page.html --header 'Content-Type: text/html'
  %(prog)s --script api.json --count 10 --timeout-exit 60 --har traffic.har

a script is a JSON file, in the words that tests use; each part may be absent:
  {
    "data": {"response_status": 404},
    "queue": [503, {"response_fault": "reset"}],
    "routes": [
      {"method": "GET", "path": "/users/{id}", "response_json": {"name": "Ada"}},
      {"method": "POST", "path": "/users", "json": {"name": "Ada"},
       "response_status": 201, "response_headers": {"Location": "/users/1"}},
      {"path": "/flaky", "queue": [503, 503], "response_content": "at last"}
    ]
  }
The last route that matches a request answers it; else the next of the queue, else data.
A route may have these criteria: %(criteria)s.
The response_* keys: https://httptestserver.readthedocs.io
'''


def main(argv=None):
    """Serve until something ends it. For the main thread.

    :param argv: the arguments, by default those of the process.
    :returns: the exit status: 0, or 1 if the address cannot be listened on, the HAR file not
        be written, or ``--timeout-exit`` seconds passed.
    :raises SystemExit: with status 2 for wrong arguments, 0 for ``--help``.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        _prepare(Service(scheme=options.scheme), options)
    except ScriptError as error:
        parser.error('argument --script: %s' % error)
    except ValueError as error:
        parser.error(str(error))
    try:
        with _signals_interrupt():
            return _serve(options, Output(sys.stdout))
    except KeyboardInterrupt:
        return 0


def _serve(options, output):
    session = Session(output, options.verbose, options.count)
    try:
        # Without a HAR file nothing reads the history, so it must not grow.
        server = Server(options.host, options.port, options.scheme, _handler(session),
                        history_limit=None if options.har else 1)
    except (EnvironmentError, ValueError) as error:
        return _complain(error)
    _prepare(server, options)
    try:
        with _har_written(server, options.har), server:
            output.write(_greeting(server))
            return 0 if session.wait(options.timeout_exit) else 1
    except HarError as error:
        return _complain(error)
    finally:
        server.stop()


def _complain(error):
    sys.stderr.write('%s: %s\n' % (PROGRAM, getattr(error, 'strerror', None) or error))
    return 1


def _prepare(service, options):
    """Script *service*, a server or what stands for one, as the *options* say."""
    if options.script:
        _follow(service, *options.script)
    service.data.update({key: value for key, value in vars(options).items()
                         if key.startswith('response_') and value is not None})


@contextlib.contextmanager
def _signals_interrupt():
    """Have SIGINT and SIGTERM raise KeyboardInterrupt, even in a shell's background job."""
    before = [(number, signal.signal(number, _interrupt)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, action in before:
            signal.signal(number, action)


def _interrupt(*_):
    # What is left to do takes a second at most: a second signal must not cut it off.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


class HarError(Exception):
    """The HAR file cannot be written."""


@contextlib.contextmanager
def _har_written(server, path):
    """Write the server's history to *path* at the end; an empty one now, which may fail."""
    if path:
        _write_har(server, path)
    try:
        yield
    finally:
        if path:
            _write_har(server, path)


def _write_har(server, path):
    text = json.dumps(server.har(), indent=1, sort_keys=True)
    try:
        with io.open(path, 'w', encoding='ascii', newline='\n') as file:
            file.write(ensure_text(text) + u'\n')
    except EnvironmentError as error:
        raise HarError('cannot write %s: %s' % (path, error.strerror))


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
        text = (ensure_text(text) + u'\n').encode(self._encoding, 'backslashreplace')
        with self._lock:
            try:
                self._stream.write(ensure_str(text, self._encoding))
                self._stream.flush()
            except EnvironmentError:
                # What could not be written is tried again at exit: let that succeed.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self.closed.set()


class Session(object):
    """Tells of requests, and knows when there were enough. May be used from any thread.

    :param output: an `Output`.
    :param verbose: whether to show header fields and bodies.
    :param count: of how many requests, None for any number.
    """

    def __init__(self, output, verbose, count):
        self._output = output
        self._verbose = verbose
        self._lock = threading.Lock()
        self._left = count                  # guarded by _lock
        self._over = output.closed

    def tell(self, request):
        """Print what came and what it is answered with."""
        paint = _painted if self._output.colour else _plain
        lines = [_line(request, paint)]
        if self._verbose:
            lines += _messages(request, paint)
        self._output.write(u'\n'.join(lines))

    def count(self):
        """Count a request whose answer is out."""
        with self._lock:
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self._over.set()

    def wait(self, seconds):
        """Block until there were enough requests, or nobody reads the output.

        :param seconds: False is returned after so many; None for no limit.
        """
        deadline = monotonic() + (float('inf') if seconds is None else seconds)
        while not self._over.is_set():
            left = deadline - monotonic()
            if left <= 0:
                return False
            self._over.wait(min(left, WAKE))
        return True


def _handler(session):
    """Return a handler class that tells *session* of each request."""
    class TellingHandler(Handler):
        __slots__ = ('_told',)      # an attribute would be recorded

        def complete(self, *args, **keys):
            super(TellingHandler, self).complete(*args, **keys)
            self._tell()

        def handle_one_request(self):
            self._entry = self._told = None
            super(TellingHandler, self).handle_one_request()
            if self._entry is not None:
                self._tell()        # it was not answered
                session.count()

        def _tell(self):
            if self._told is not self._entry:
                self._told = self._entry
                session.tell(self._entry)
    return TellingHandler


def _plain(text, colour):
    return text


def _painted(text, colour):
    return u'\x1b[%sm%s\x1b[0m' % (colour, text)


DIM = '2'
BOLD = '1'
#: By the first digit of a status.
COLOURS = {'1': '36', '2': '32', '3': '36', '4': '33', '5': '31'}


def _line(request, paint):
    """Return a line: ``12:30:00 POST /users -> 201, 15 B in, 5 B out, 0.4 ms``."""
    words = [ensure_text(repr(word).lstrip('b')[1:-1])      # must not speak to the terminal
             for word in request['raw_requestline'].split()[:2]]
    if len(words[1]) > TARGET:
        words[1] = u'%s... (%d characters)' % (words[1][:TARGET], len(words[1]))
    size, duration = har.content_size(request), request['duration']
    status = ensure_text(answer(request))
    facts = [u'%d B in' % len(request['body']), u'%s B out' % (u'?' if size < 0 else size)]
    if duration is not None:
        facts.append(u'%.1f ms' % (1000 * duration) if duration < 1 else u'%.2f s' % duration)
    faulty = 'response_fault' in request or 'response_status' not in request
    colour = '31' if faulty else COLOURS.get(status[:1], BOLD)
    clock = time.strftime('%H:%M:%S', time.localtime(request['time']))
    return u'%s %s %s -> %s, %s' % (
        paint(ensure_text(clock), DIM), paint(words[0], BOLD), words[1], paint(status, colour),
        paint(u', '.join(facts), DIM))


def _messages(request, paint):
    """Return the lines of a request's fields and body, and of its answer's."""
    fields = har.header_fields(request['headers'])
    lines = [paint(u'  > ', DIM) + line
             for line in _message(fields, request['body'])]
    content = request.get('response_raw', request.get('response_content', b''))
    fields = har.header_fields(dict.fromkeys(())) if False else [
        (ensure_text(name), ensure_text(value))
        for name, value in request.get('response_headers', ())]
    return lines + [paint(u'  < ', DIM) + line for line in _message(fields, content)]
