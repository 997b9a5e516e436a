# -*- coding: utf-8 -*-
"""Serves from the command line: ``python -m httptestserver --help``.

It prints the server's URL and a command to try, and then a line for each request when its entry is
complete. It ends on Ctrl-C and SIGTERM, if nobody reads its output any more, after ``--count``
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

from six import ensure_text
from six.moves import shlex_quote

from httptestserver.cli.console import Output, messages, painted, plain, summary
from httptestserver.cli.scriptfile import Scenario
from httptestserver.scripting.endpoint import ServerEndpoint
from httptestserver.scripting.routing import Router
from httptestserver.scripting.vocabulary import check
from httptestserver.server import DEFAULT_HOST, DEFAULT_PORT, Server
from httptestserver.waiting import monotonic

__all__ = ['main']

SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: The longest single wait. A signal that comes just before a wait does not end it. On Python 2
#: and on Windows, signals are handled only between two waits.
WAKE = 1.0              # seconds

# Converts an argument to the bytes that the user gave. Only Python 3 has decoded it.
_to_bytes = getattr(os, 'fsencode', bytes)

EXAMPLES = '''\
examples:
  %(prog)s --port 8080 --status 503
  %(prog)s --https --content @page.html --verbose
  %(prog)s --script api.json --har traffic.har --count 10

a script, such as api.json; each of its three parts may be absent:
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

  Of the routes that match a request the last one responds: first with its queue, then
  with its response_* keys. If no route matches, the queue responds, and then the data.
  Criteria of routes: method, path, query, headers, body, json, form and cookies.
'''


def main(argv=None):
    """Block and serve until something ends it. It must be called in the main thread.

    :param argv: a list of arguments. Default: those of the process.
    :returns: the exit status. It is 1 if the address cannot be bound, if the HAR file cannot be
        written, or after ``--timeout-exit`` seconds. Otherwise it is 0.
    :raises SystemExit: with status 2 for wrong arguments, 0 for ``--help``.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        options.scenario = Scenario(options.script) if options.script else None
        # The script is tried on an endpoint without a socket, so errors show before it listens.
        _apply(options, ServerEndpoint(Router(scheme=options.scheme)))
    except (TypeError, ValueError) as error:
        parser.error(str(error))
    try:
        with _signals_interrupt():
            return _serve(options, Output(sys.stdout))
    except KeyboardInterrupt:
        return 0
    except (EnvironmentError, ValueError) as error:
        sys.stderr.write('%s: %s\n' % (parser.prog, getattr(error, 'strerror', None) or error))
        return 1


def _serve(options, output):
    session = Session(output, options.verbose, options.count)
    # Without a HAR file nothing reads the history, so it must not grow.
    server = Server(options.host, options.port, options.scheme,
                    history_limit=None if options.har else 1)
    server._backend.observer = session.observe
    try:
        _apply(options, server)
        with _har_written(server, options.har):
            with _threads_without_signals():
                server.start()
            with server:
                output.write(_greeting(server))
                return 0 if session.wait(options.timeout_exit) else 1
    finally:
        server.stop()


def _apply(options, server):
    """Script *server*, a `ServerEndpoint`, with the script file and the *options*."""
    if options.scenario:
        options.scenario.apply(server)
    server.data.update({key: value for key, value in vars(options).items()
                        if key.startswith('response_') and value is not None})


@contextlib.contextmanager
def _signals_interrupt():
    """Make SIGINT and SIGTERM raise KeyboardInterrupt. A background job would ignore SIGINT."""
    before = [(number, signal.signal(number, _interrupt)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, action in before:
            signal.signal(number, action)


def _interrupt(*_):
    # Stopping takes up to two seconds, and another signal must not interrupt it.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _threads_without_signals():
    """Block signals in all threads that are started in this context, and in their own threads.

    The system may deliver a signal to any thread that does not block it. In another than the main
    thread it would not end the wait of the main thread.
    """
    # Windows and Python 2 have no pthread_sigmask.
    set_mask = getattr(signal, 'pthread_sigmask', None)
    before = set_mask(signal.SIG_BLOCK, SIGNALS) if set_mask else None
    try:
        yield
    finally:
        if set_mask:
            set_mask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _har_written(server, path):
    """Write the *server*'s history to *path*, if any, at the end of the context.

    It is written at the beginning too, so that an error shows before anything is served.
    """
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
        raise ValueError('cannot write %s: %s' % (path, error.strerror))


class Session(object):
    """Shows requests and counts them. It may be used from any thread.

    :param output: an `Output`.
    :param verbose: whether to show header fields and bodies.
    :param count: after how many requests `wait` returns; None for no limit.
    """

    def __init__(self, output, verbose, count):
        self._output = output
        self._verbose = verbose
        self._paint = painted if output.colour else plain
        self._lock = threading.Lock()
        self._remaining = count     # guarded by _lock

    def observe(self, request):
        """Show and count a *request* whose exchange is complete."""
        lines = [summary(request, self._paint)]
        if self._verbose:
            lines += messages(request, self._paint)
        self._output.write(u'\n'.join(lines))
        if self._count_down():
            self._output.closed.set()

    def _count_down(self):
        """Count one request. Returns whether it was the last one."""
        with self._lock:
            if self._remaining is None:
                return False
            self._remaining -= 1
            return self._remaining <= 0

    def wait(self, seconds):
        """Block until there were *count* requests, or until nobody reads the output.

        :param seconds: how long at most; None for no limit.
        :returns: False if that time has passed.
        """
        deadline = monotonic() + (float('inf') if seconds is None else seconds)
        while not self._output.closed.is_set():
            left = deadline - monotonic()
            if left <= 0:
                return False
            self._output.closed.wait(min(left, WAKE))
        return True


def _greeting(server):
    url = server.url()
    trust = '--cacert %s ' % shlex_quote(server.cafile) if server.cafile else ''
    return ('Serving %s until Ctrl-C. Try:\n'
            '  curl -i -d hello %s%s' % (url, trust, url))


def _program():
    name = os.path.basename(sys.argv[0])
    return 'httptestserver' if name.startswith('httptestserver') else 'python -m httptestserver'


class _Page(argparse.RawDescriptionHelpFormatter):
    """Formats the help. The column of option names is wide enough for the longest one."""

    def __init__(self, *args, **settings):
        super(_Page, self).__init__(*args, max_help_position=27, **settings)


def _parser():
    parser = argparse.ArgumentParser(
        prog=_program(), usage='%(prog)s [options]', epilog=EXAMPLES, formatter_class=_Page,
        description='Serve HTTP, respond as scripted, and print a line for each request.')
    address = parser.add_argument_group('where to listen')
    address.add_argument('--host', default=DEFAULT_HOST,
                         help='name or address (default: %(default)s)')
    address.add_argument('--port', type=_number(int, 'a port: 0 to 65535', 0, 65535),
                         default=DEFAULT_PORT, help='0 to 65535 (default: one that is free)')
    address.add_argument('--https', dest='scheme', action='store_const', const='https',
                         default='http', help='speak TLS, with the bundled certificate')
    _add_response(parser.add_argument_group('how to respond'))
    show = parser.add_argument_group('what to show')
    show.add_argument('--verbose', action='store_true',
                      help='print header fields and bodies too')
    show.add_argument('--har', metavar='FILE',
                      help='at the end, write all traffic here, for developer tools')
    end = parser.add_argument_group('when to end, if not on Ctrl-C')
    end.add_argument('--count', metavar='N',
                     type=_number(int, 'a number of requests: 1 or more', 1, float('inf')),
                     help='after N requests, with status 0')
    end.add_argument('--timeout-exit', metavar='SECONDS',
                     type=_number(float, 'a number of seconds: 0 to 31536000', 0, 31536000),
                     help='after this time, with status 1')
    return parser


def _add_response(group):
    group.add_argument('--status', dest='response_status', metavar='STATUS',
                       type=_number(int, 'a status: 100 to 999', 100, 999),
                       help='100 to 999 (default: 200)')
    group.add_argument('--header', dest='response_headers', metavar="'NAME: VALUE'",
                       type=_field, action='append',
                       help='a header field; may be given more than once')
    group.add_argument('--content', dest='response_content', metavar='TEXT', type=_content,
                       help='the body; @FILE takes it from a file (default: none)')
    group.add_argument('--timeout', dest='response_timeout', metavar='SECONDS',
                       type=_number(float, 'a number of seconds: 0 to 86400', 0, 86400),
                       help='delay before the response, 0 to 86400 (default: 0)')
    group.add_argument('--script', metavar='FILE',
                       help='a JSON file with routes and a queue: see below')


def _number(kind, allowed, low, high):
    """Return an argparse type for numbers from *low* to *high*.

    :param kind: int or float.
    :param allowed: what is allowed, for the message of an error.
    """
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
    """Return the (name, value) of a header field, ``Name: value``, as bytes."""
    name, colon, value = [part.strip(b' \t') for part in _to_bytes(text).partition(b':')]
    if not (name and colon):
        raise argparse.ArgumentTypeError("%r is not of the form 'Name: value'" % (text,))
    try:
        check('response_headers', [(name, value)])
    except ValueError as error:
        raise argparse.ArgumentTypeError(error)
    return name, value


def _content(text):
    """Return the bytes of *text*, or of the file that ``@FILE`` names."""
    if not text.startswith('@'):
        return _to_bytes(text)
    try:
        with open(text[1:], 'rb') as content:
            return content.read()
    except EnvironmentError as error:
        raise argparse.ArgumentTypeError('cannot read %s: %s' % (text[1:], error.strerror))


if __name__ == '__main__':
    sys.exit(main())
