# -*- coding: utf-8 -*-
"""Accepts connections, gives each a thread of its own, and ends them all.

The accepting thread never waits for a client. A thread whose connection is over waits for the
next one: to hand over to it takes 17 us, to start one 76 us. All of them are daemons, and
`Listener.close` ends them.
"""
import logging
import os
import socket
import threading
from os import getpid

from six.moves.BaseHTTPServer import HTTPServer
from six.moves.socketserver import TCPServer, ThreadingMixIn

from httptestserver.http1.connection import accept, close, end
from httptestserver.waiting import POLLS, Interrupt, monotonic, sleep

__all__ = ['Connection', 'Listener']

log = logging.getLogger('httptestserver')

PATIENCE = 1.0          # seconds
CUT_AFTER = 0.9         # of the patience, for a response that is under way
POLL = 0.00005          # seconds between looks at a thread that ends, if a join looks less often
BACKOFF = 0.02          # seconds between two attempts to accept


class Connection(object):
    """What is known of one accepted connection, whatever it speaks.

    ``index`` counts from 0, ``peer`` is the client's address. ``socket`` is the current one:
    TLS wraps that which was accepted. ``tls`` is what it says of its session, or None.
    """

    __slots__ = ('index', 'peer', 'socket', 'tls', 'busy', 'ending', 'thread')

    def __init__(self, index, peer, socket):
        self.index = index
        self.peer = peer
        self.socket = socket
        self.tls = None
        #: Whether a response is under way. Its thread alone writes it.
        self.busy = False
        #: Whether the server stops, so that no further request is read.
        self.ending = False
        self.thread = None

    # The order of the writes matters in what follows: end() looks at `busy` after it has set
    # `ending`, and the thread at `ending` after it has changed `busy` or the socket. So one of
    # the two sees what the other did.

    def end(self):
        """End the connection after its response, at once if there is none. For any thread."""
        self.ending = True
        if not self.busy and self.thread is not threading.current_thread():
            end(self.socket)

    def cut(self):
        """End the connection at once. For any thread."""
        if self.thread is not threading.current_thread():
            end(self.socket)

    def rest(self):
        """Let `end` act at once from now on, because no response is under way."""
        self.busy = False
        if self.ending:
            end(self.socket)

    def replace(self, socket):
        """Go on with a *socket* that wraps the current one."""
        self.socket = socket
        if self.ending:
            end(socket)


class Worker(threading.Thread):
    """Serves one connection after another until it is ended."""

    def __init__(self, listener):
        super(Worker, self).__init__(name='httptestserver connection')
        self.daemon = True
        self._listener = listener
        self._job = None
        # Held while there is no job.
        self._gate = threading.Lock()
        self._gate.acquire()

    def give(self, connection, client_address):
        """Serve *connection*."""
        self._job = connection, client_address
        self._gate.release()

    def end(self):
        """End the thread once it has no connection. May be called again."""
        try:
            self._gate.release()
        except threading.ThreadError:
            # It was called before, or a connection came.
            pass

    def run(self):
        try:
            self._serve_all()
        except:                                                 # noqa: E722
            # At its exit Python 2 sets all names to None, even `Exception`, under threads that
            # outlive it.
            if not self._listener.closing:
                raise

    def _serve_all(self):
        while True:
            self._gate.acquire()
            job, self._job = self._job, None
            if job is None:
                return
            job[0].thread = self
            self._listener.process_request_thread(*job)
            del job
            if not self._listener.park(self):
                return


class Listener(ThreadingMixIn, HTTPServer, object):
    """A bound address, and the connections to it.

    It has the hooks of `socketserver`. What passes through them as request is a
    `Connection`.

    :param address: (host, port) to bind; port 0 lets the system choose a free one.
    :param serve: called with a connection, the client's address and the listener, in the
        connection's thread.
    :raises OSError: (socket.error on Python 2) the address cannot be bound; names it.
    """

    # With the 5 of the standard library 300 clients at once need over 10 s.
    request_queue_size = 1024
    # On Windows it would let two servers share an address.
    allow_reuse_address = os.name == 'posix'
    daemon_threads = True

    def __init__(self, address, serve):
        self._lock = threading.RLock()
        self._connections = set()   # guarded by _lock
        self._workers = set()       # guarded by _lock
        self._parked = []           # workers without a connection; guarded by _lock
        self._closing = Interrupt()
        self._accepted = 0
        self._thread = None
        self._freed = False
        self._process = getpid()
        try:
            self.address_family = _family(*address)
            HTTPServer.__init__(self, address, serve)
        except socket.error as error:
            raise type(error)(error.errno, _cannot_listen(address, error.strerror or error))
        except (OverflowError, TypeError, UnicodeError) as error:
            raise ValueError(_cannot_listen(address, error))

    @property
    def forked(self):
        """Whether this is a child's copy; the threads are the parent's."""
        return self._process != getpid()

    @property
    def serving(self):
        """Whether connections are accepted."""
        return self._thread is not None and not self.closing

    @property
    def closing(self):
        """Whether `shutdown` was called."""
        return self._closing.is_set()

    def server_bind(self):
        # HTTPServer's own asks the resolver for the host's name: seconds on some machines.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def start(self):
        """Accept connections, in a thread of its own.

        :raises RuntimeError: (thread.error on Python 2) there is none to be had.
        """
        self._thread = threading.Thread(target=self.serve_forever, name='httptestserver accept')
        self._thread.daemon = True
        self._thread.start()

    def serve_forever(self, poll_interval=None):
        """Accept connections until `shutdown`. Blocks in accept, so that waiting costs nothing."""
        while not self.closing:
            try:
                connection, client_address = self.get_request()
            except socket.error as error:
                # Descriptors may be exhausted, which clients that leave will mend.
                if not self._closing.wait(BACKOFF):
                    log.warning('cannot accept a connection: %s', error)
                continue
            if self.verify_request(connection, client_address):
                self.process_request(connection, client_address)
            else:
                self.shutdown_request(connection)
            del connection

    def get_request(self):
        """Block until a client connects. Returns its `Connection` and its address."""
        accepted, client_address = accept(self.socket)
        connection = Connection(self._accepted, client_address, accepted)
        self._accepted += 1
        return connection, client_address

    def process_request(self, request, client_address):
        """Hand a connection over to a thread that waits, or to a new one."""
        try:
            with self._lock:
                self._connections.add(request)
                worker = self._parked.pop() if self._parked and not self.closing else None
            if self.closing:
                self.shutdown_request(request)
            else:
                (worker or self._new_worker()).give(request, client_address)
        except Exception as error:
            # Threads or memory are exhausted; accepting goes on in any case.
            log.warning('no thread for connection %d: %s', request.index, error)
            self.shutdown_request(request)

    def _new_worker(self):
        worker = Worker(self)
        with self._lock:
            self._workers.add(worker)
        try:
            worker.start()
        except Exception:
            with self._lock:
                self._workers.discard(worker)
            raise
        return worker

    def park(self, worker):
        """Keep *worker* for the next connection. False: there will be none."""
        with self._lock:
            if self.closing:
                self._workers.discard(worker)
                return False
            self._parked.append(worker)
            return True

    def shutdown_request(self, request):
        """Close the current socket of a connection."""
        close(request.socket)
        # Afterwards, so that `close` finds it if an exception comes before.
        with self._lock:
            self._connections.discard(request)

    def handle_error(self, request, client_address):
        """Log the exception that is being handled."""
        log.exception('connection %s ended', request.index)

    def shutdown(self, patience=PATIENCE):
        """Accept no more connections. Not for a forked child: the address is the parent's.

        :param patience: seconds to wait for the thread that accepts: a handler of log
            records may block it.
        """
        self._closing.set()
        deadline = monotonic() + patience
        # On Linux this refuses clients at once and wakes accept(). Elsewhere a client does.
        woken = end(self.socket)
        thread = self._thread
        if thread is threading.current_thread():
            return
        while thread is not None and thread.is_alive() and monotonic() < deadline:
            if not woken:
                self._connect()
            _await_end(thread, deadline - monotonic() if woken else BACKOFF)

    def _connect(self):
        try:
            socket.create_connection(self.server_address[:2], 1).close()
        except socket.error:
            # Nobody accepts any more, or descriptors are exhausted.
            pass

    def free(self, patience=PATIENCE):
        """Accept no more connections, and free the address: the beginning of `close`.

        Idempotent: the patience is spent once.
        """
        if not self._freed:
            self.shutdown(patience)
            self.server_close()
            self._freed = True

    def close(self, patience=PATIENCE):
        """Free the address, end every connection and every thread.

        May be called from any thread, a connection's own too, and again: if an exception
        ended the first call, the second does the rest.

        :param patience: seconds to wait for responses that are under way, and for threads
            that run user code. What is still busy then is left behind, a daemon.
        """
        if self.forked:
            # A forked child has copies; the parent goes on.
            self.server_close()
            return
        self.free(patience)
        deadline = monotonic() + patience
        with self._lock:
            connections, workers = list(self._connections), list(self._workers)
            for worker in workers:
                worker.end()
        for connection in connections:
            connection.end()
        if not _join(workers, monotonic() + patience * CUT_AFTER):
            for connection in connections:
                connection.cut()
            for worker in workers:
                if not _join([worker], deadline):
                    log.warning('%s is busy with user code', worker.name)
        for connection in connections:
            # An exception may have ended its thread, or kept it from getting one.
            if connection.thread is None or not connection.thread.is_alive():
                self.shutdown_request(connection)


def _join(threads, deadline):
    """Wait for the end of *threads* until the *deadline*. Returns whether they have ended."""
    ended = True
    for thread in threads:
        # A thread that is over is not joined with a limit: Python 2 polls for that.
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join(max(0, deadline - monotonic()))
            ended = ended and not thread.is_alive()
    return ended


def _await_end(thread, patience):
    if not POLLS:
        thread.join(patience)
    deadline = monotonic() + patience
    while POLLS and thread.is_alive() and monotonic() < deadline:
        sleep(POLL)


def _family(host, port):
    """Return the address family of *host*: IPv4 if it has both, as ``localhost`` does."""
    found = socket.getaddrinfo(host or None, port, 0, socket.SOCK_STREAM, 0,
                               socket.AI_PASSIVE)
    families = [each[0] for each in found]
    return socket.AF_INET if socket.AF_INET in families else families[0]


def _cannot_listen(address, reason):
    return 'cannot listen on %r port %r: %s' % (tuple(address) + (reason,))
