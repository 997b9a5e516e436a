# -*- coding: utf-8 -*-
"""Serves from the command line: ``python -m httptestserver --help``.

It prints the server's URL and a command to try. Then it prints a line for each request when its
entry is complete, and for each failure of a connection. It ends on Ctrl-C and SIGTERM, if nobody
reads its output any more, after ``--count`` requests and after ``--timeout-exit`` seconds.
"""
import contextlib
import functools
import signal
import sys
import threading

from httptestserver.cli.console import Lines, Output, notice
from httptestserver.cli.greeting import greeting
from httptestserver.cli.jsonlines import JsonLines
from httptestserver.cli.options import (
    check_identity, new_parser, parse, secure_options, with_option)
from httptestserver.cli.scriptfile import Scenario
from httptestserver.cli.watch import INTERVAL, Watch
from httptestserver.scripting.endpoint import ServerEndpoint
from httptestserver.scripting.routing import Router
from httptestserver.server import Server
from httptestserver.serving.options import not_possible
from httptestserver.waiting import monotonic

__all__ = ['main', 'run']

SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: The longest single wait. A signal that comes just before a wait does not end it. On Python 2
#: and on Windows, signals are handled only between two waits.
WAKE = 1.0              # seconds


def main(argv=None):
    """Block and serve until something ends it. It must be called in the main thread.

    :param argv: a list of arguments. Default: those of the process.
    :returns: the exit status. It is 1 if the address cannot be bound, if the HAR file cannot be
        written, or after ``--timeout-exit`` seconds. Otherwise it is 0.
    :raises SystemExit: with status 2 for wrong arguments, 0 for ``--help`` and ``--version``.
    """
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    try:
        return _main(argv)
    finally:
        for number, action in before:
            signal.signal(number, action)


def run():
    """Be the whole process, which ends with the exit status of `main`.

    What `main` does about signals stays, because one that comes late must not change the status.
    """
    sys.exit(_main(None))


def _main(argv):
    parser = new_parser()
    options = parse(parser, argv)
    try:
        check_identity(options)
        watch = Watch(options.script) if options.watch else None
        scenario = _load(options)
    except (EnvironmentError, ImportError, TypeError, ValueError) as error:
        parser.error(with_option(options, _message(error)))
    try:
        with _signals_interrupt():
            return _serve(options, scenario, watch)
    except KeyboardInterrupt:
        return 0
    except (EnvironmentError, ValueError) as error:
        sys.stderr.write('%s: %s\n' % (parser.prog, getattr(error, 'strerror', None) or error))
        return 1


def _message(error):
    """Return the message of *error*, with the path of the file if it is about one."""
    if getattr(error, 'filename', None):
        return 'cannot read %s: %s' % (error.filename, error.strerror)
    return str(error)


def _serve(options, scenario, watch):
    """Serve until something ends it, and return the exit status.

    :raises EnvironmentError, ValueError: the address cannot be bound; or the HAR file cannot be
        written.
    """
    if not options.har:
        return _serve_until_end(options, scenario, watch)
    # Imported here, because few commands write a HAR file.
    from httptestserver.cli.harfile import HarFile
    har_file = HarFile(options.har, options.redact or ())
    try:
        status = _serve_until_end(options, scenario, watch, har_file)
    except KeyboardInterrupt:
        status = 0
    finally:
        # After the server has stopped, because that completes the last entries.
        har_file.close()
    if har_file.error is not None:
        raise ValueError(har_file.error)
    return status


def _serve_until_end(options, scenario, watch, har_file=None):
    output = Output(sys.stdout)
    # Programs read the lines of JSON, so other lines go to standard error.
    notices = Output(sys.stderr) if options.json else output
    session = Session(output, JsonLines() if options.json else Lines(output, options.verbose),
                      options.count, har_file and _recorder(har_file, notices))
    server = _new_server(options, session)
    try:
        _apply(options, scenario, server)
        with _threads_without_signals():
            server.start()
        with server, session:
            notices.write(greeting(server, options.client_cafile, options.proxy))
            poll = watch and functools.partial(_poll, watch, options, server, notices)
            return 0 if session.wait(options.timeout_exit, poll) else 1
    finally:
        server.stop()


def _recorder(har_file, notices):
    """Return a function that adds a request to a `HarFile`, and shows its error once."""
    def record(request):
        if not har_file.add(request):
            notices.write(notice(har_file.error, notices, wrong=True))
    return record


def _new_server(options, session):
    # Nothing reads the history, so it must not grow.
    server = Server(options.host, options.port, options.scheme, proxy=options.proxy,
                    history_limit=1, **secure_options(options))
    server._backend.observer = session.observe
    server._backend.failure_observer = session.observe_failure
    if options.proxy:
        server._backend.proxy.observer = session.observe_tunnel
    return server


def _load(options):
    """Return the `Scenario` of the *options*, or None.

    It is applied to an endpoint without a socket first, so that errors show before it is used.

    :raises TypeError, ValueError: it is wrong, or does not fit other options.
    """
    scenario = Scenario(options.script) if options.script else None
    cannot = not_possible(options.scheme, options.host, options.proxy)
    _apply(options, scenario, ServerEndpoint(Router(cannot=cannot)))
    return scenario


def _apply(options, scenario, server):
    """Script *server*, a `ServerEndpoint`, with the *scenario*, if any, and the *options*."""
    # Before the scenario, whose routes are newer and so come first.
    if options.replay and not server.replay(options.replay):
        raise ValueError('%s has no entry that can be replayed' % options.replay)
    if scenario is not None:
        scenario.apply(server)
    server.data.update({key: value for key, value in vars(options).items()
                        if key.startswith('response_') and value is not None})


def _poll(watch, options, server, notices):
    """Read the script again if it has changed, and use it unless it is wrong."""
    try:
        scenario = watch.poll(functools.partial(_load, options))
    except (TypeError, ValueError) as error:
        notices.write(notice('kept the old script: %s' % _message(error), notices, wrong=True))
        return
    if scenario is not None:
        _replace(options, scenario, server)
        notices.write(notice('read %s again' % options.script, notices))


def _replace(options, scenario, server):
    """Replace all scripts of *server* in one step. Responses chosen before are still sent."""
    router = server._backend.router
    with router.guard.lock:
        old = router.clear_scripts()
        _apply(options, scenario, server)
    # Dropped without the lock, because closing a file may take time.
    del old


@contextlib.contextmanager
def _signals_interrupt():
    """Make SIGINT and SIGTERM raise KeyboardInterrupt, and ignore them afterwards.

    A background job would ignore SIGINT.
    """
    _set_action(_interrupt)
    try:
        yield
    finally:
        _set_action(signal.SIG_IGN)


def _interrupt(*_):
    # Stopping takes up to two seconds, and another signal must not interrupt it.
    _set_action(signal.SIG_IGN)
    raise KeyboardInterrupt


def _set_action(action):
    for number in SIGNALS:
        signal.signal(number, action)


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


class Session(object):
    """Shows what happens, and counts the requests. It may be used from any thread.

    After its ``with`` block it shows no more failures, because stopping the server causes some.

    :param output: an `Output`.
    :param display: an object with the methods of `Lines`.
    :param count: after how many requests `wait` returns; None for no limit.
    :param record: a function that is called with each request before it is shown, or None.
    """

    def __init__(self, output, display, count, record=None):
        self._output = output
        self._display = display
        self._record = record
        self._lock = threading.Lock()
        self._remaining = count     # guarded by _lock
        self._ended = False

    def observe(self, request):
        """Record, show and count a *request* whose exchange is complete."""
        if self._record is not None:
            self._record(request)
        self._output.write(self._display.exchange(request))
        if self._count_down():
            self._output.closed.set()

    def observe_failure(self, failure):
        """Show a `Failure`."""
        if not self._ended:
            self._output.write(self._display.failure(failure))

    def observe_tunnel(self, tunnel):
        """Show a `Tunnel` that opens."""
        self._output.write(self._display.tunnel(tunnel))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._ended = True

    def _count_down(self):
        """Count one request. Returns whether it was the last one."""
        with self._lock:
            if self._remaining is None:
                return False
            self._remaining -= 1
            return self._remaining <= 0

    def wait(self, seconds, poll=None):
        """Block until there were *count* requests, or until nobody reads the output.

        :param seconds: how long at most; None for no limit.
        :param poll: called every `INTERVAL` seconds; None for nothing.
        :returns: False if that time has passed.
        """
        deadline = monotonic() + (float('inf') if seconds is None else seconds)
        while not self._output.closed.is_set():
            left = deadline - monotonic()
            if left <= 0:
                return False
            self._output.closed.wait(min(left, INTERVAL if poll else WAKE))
            if poll:
                poll()
        return True


if __name__ == '__main__':
    run()
