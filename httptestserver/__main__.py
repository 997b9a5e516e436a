# -*- coding: utf-8 -*-
"""Serves from the command line: ``python -m httptestserver --help``.

Prints the server's URL and a command to try, then a line for each request as it arrives.
Ends on Ctrl-C, on SIGTERM, and when nobody reads its output any more.
"""
import argparse
import contextlib
import os
import signal
import sys
import threading
import time

from six.moves import shlex_quote

from httptestserver.grammar import shown
from httptestserver.response import check
from httptestserver.server import DEFAULT_HOST, DEFAULT_PORT, Handler, Server

__all__ = ['main']

PROGRAM = 'python -m httptestserver'
WAKE = 1.0          # seconds; Python 2, and Windows, see Ctrl-C only between two waits

#: Return the octets of an argument: Python 3 has decoded them, Python 2 has not.
_octets = getattr(os, 'fsencode', bytes)


def main(argv=None):
    """Serve until a signal comes or the output is closed. For the main thread.

    :param argv: the arguments, by default those of the process.
    :returns: the exit status: 0, or 1 if the address cannot be listened on.
    :raises SystemExit: with status 2 for wrong arguments, 0 for ``--help``.
    """
    options = _parser().parse_args(argv)
    try:
        with _signals_interrupt():
            return _serve(options, Output(sys.stdout))
    except KeyboardInterrupt:
        return 0


def _serve(options, output):
    try:
        # Nothing reads the history, so it must not grow.
        server = Server(options.host, options.port, options.scheme, _handler(output),
                        history_limit=1)
    except (EnvironmentError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        sys.stderr.write('%s: %s\n' % (PROGRAM, reason))
        return 1
    server.data.update({key: value for key, value in vars(options).items()
                        if key.startswith('response_') and value is not None})
    with server:
        output.write(_greeting(server))
        while not output.closed.wait(WAKE):
            pass
    return 0


@contextlib.contextmanager
def _signals_interrupt():
    """Have SIGINT and SIGTERM raise KeyboardInterrupt, even in a shell's background job."""
    before = [(number, signal.signal(number, signal.default_int_handler))
              for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, action in before:
            signal.signal(number, action)


class Output(object):
    """Writes whole lines at once, from any thread. ``closed`` is set once nobody reads them."""

    def __init__(self, stream):
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._stream = stream               # guarded by _lock

    def write(self, text):
        with self._lock:
            try:
                self._stream.write(text + '\n')
                self._stream.flush()
            except EnvironmentError:
                # What could not be written is tried again at exit: let that succeed.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self.closed.set()


def _handler(output):
    """Return a handler class that writes a line to *output* for each request."""
    class WritingHandler(Handler):
        def save_history(self):
            super(WritingHandler, self).save_history()
            output.write(_line(self.time, self.raw_requestline, self.body))
    return WritingHandler


def _line(seconds, request_line, body):
    """Return what is shown of a request: ``12:30:00 POST /users '{"name": "Ada"}'``."""
    method, target = request_line.split()[:2]
    # Neither may end the line or speak to the terminal; shown() takes care of the body.
    words = [time.strftime('%H:%M:%S', time.localtime(seconds))]
    words += [repr(word).lstrip('b')[1:-1] for word in (method, target)]
    return ' '.join(words + [shown(body)] * bool(body))


def _greeting(server):
    url = server.url()
    trust = '--cacert %s ' % shlex_quote(server.cafile) if server.cafile else ''
    return ('Serving %s until Ctrl-C. Try:\n'
            '  curl -i -d hello %s%s' % (url, trust, url))


def _parser():
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description='Serve every request with one answer, and print a line for each.')
    where = parser.add_argument_group('where to listen')
    where.add_argument('--host', default=DEFAULT_HOST,
                       help='name or address (default: %(default)s)')
    where.add_argument('--port', type=_number(int, 'a port: 0 to 65535', 0, 65535),
                       default=DEFAULT_PORT, help='0 to 65535 (default: one that is free)')
    where.add_argument('--https', dest='scheme', action='store_const', const='https',
                       default='http', help='speak TLS, with the bundled certificate')
    answer = parser.add_argument_group('what to answer')
    answer.add_argument('--status', dest='response_status', metavar='STATUS',
                        type=_number(int, 'a status: 100 to 999', 100, 999),
                        help='100 to 999 (default: 200)')
    answer.add_argument('--header', dest='response_headers', metavar="'NAME: VALUE'",
                        type=_field, action='append',
                        help='a header field; may be given more than once')
    answer.add_argument('--content', dest='response_content', metavar='TEXT', type=_content,
                        help='the body; @FILE takes it from a file (default: none)')
    answer.add_argument('--timeout', dest='response_timeout', metavar='SECONDS',
                        type=_number(float, 'a number of seconds: 0 to 86400', 0, 86400),
                        help='delay before the answer, 0 to 86400 (default: 0)')
    return parser


def _number(kind, allowed, low, high):
    """Return an argparse type: a number of that *kind*, from *low* to *high*."""
    def parse(text):
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError('%r is not %s' % (text, allowed))
        return number
    return parse


def _field(text):
    """Return the pair that ``Name: value`` stands for."""
    name, colon, value = [part.strip(b' \t') for part in _octets(text).partition(b':')]
    if not (name and colon):
        raise argparse.ArgumentTypeError("%r is not of the form 'Name: value'" % (text,))
    try:
        check('response_headers', [(name, value)])
    except ValueError as error:
        raise argparse.ArgumentTypeError(error)
    return name, value


def _content(text):
    """Return the octets of *text*, or of the file that ``@FILE`` names."""
    if not text.startswith('@'):
        return _octets(text)
    try:
        with open(text[1:], 'rb') as content:
            return content.read()
    except EnvironmentError as error:
        raise argparse.ArgumentTypeError('cannot read %s: %s' % (text[1:], error.strerror))


if __name__ == '__main__':
    sys.exit(main())
