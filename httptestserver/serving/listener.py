# -*- coding: utf-8 -*-
"""Accepts connections, gives each a thread of its own, and ends them all.

The accepting thread never waits for a client. A thread whose connection has ended is reused for
another one: a hand-over takes 17 us, starting a thread 76 us. All threads are daemons, and
`Listener.close` ends them.
"""
import logging
import socket
import threading

# Not from six.moves.socketserver: to import that changes the loader of the real module, of which
# Python 3.15 warns in each traceback.
from six.moves import BaseHTTPServer, socketserver

from httptestserver.http1.address import family_of, address_words, reachable
from httptestserver.http1.connection import accept, end, new_socket
from httptestserver.serving.connections import Connection, Connections
from httptestserver.waiting import (
    POLLS, ConnectionThread, Guard, Interrupt, getpid, monotonic, sleep)

__all__ = ['Listener']

log = logging.getLogger('httptestserver')

#: `Listener.close` waits at most so long for responses and for user code.
PATIENCE = 1.0          # seconds

#: After this part of the patience the connections whose responses are not sent are cut.
CUT_AFTER = 0.6

#: On Python 2 a thread is checked this often until it has ended, because `join` is slower.
POLL = 0.00005          # seconds

#: On Windows, SO_REUSEADDR lets a second program listen on the same address. This option, which
#: only Windows has, prevents that.
EXCLUSIVE = getattr(socket, 'SO_EXCLUSIVEADDRUSE', None)

#: After an error of accept() the next attempt follows after this time.
BACKOFF = 0.02          # seconds


class Worker(ConnectionThread):
    """Serves one connection after another until it is ended."""

    def __init__(self, listener):
        super(Worker, self).__init__(name='httptestserver connection')
        self.daemon = True
        self._listener = listener
        self._job = None
        # A semaphore: it is released once for each job, and once to end the thread.
        self._gate = threading.Lock()
        self._gate.acquire()

    def give(self, connection, client_address):
        """Let the thread serve *connection*. The thread must be new or parked."""
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
            # When Python 2 exits it sets all globals to None while threads still run, even the
            # name `Exception`.
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


class Listener(socketserver.ThreadingMixIn, BaseHTTPServer.HTTPServer, object):
    """A bound address, and the connections to it.

    It overrides the hooks of `socketserver`. Their ``request`` is a `Connection` here.

    :param address: (host, port) to bind. With port 0 the system chooses a free one.
    :param serve: called with a connection, the client's address and the listener, in the
        connection's thread.
    :param connections: the `Connections` of the server; by default, others.
    :raises OSError: (socket.error on Python 2) the address cannot be bound. The message has it.
    :raises ValueError: there cannot be such an address.
    """

    # The standard library's 5 makes 300 simultaneous clients wait for over 10 s.
    request_queue_size = 1024
    allow_reuse_address = EXCLUSIVE is None
    daemon_threads = True

    #: Whether its connections have what only those of TCP have: TCP_NODELAY, and a reset.
    tcp = True

    def __init__(self, address, serve, connections=None):
        self._connections = connections or Connections(Guard())
        self._lock = threading.RLock()
        self._workers = set()       # guarded by _lock
        # Workers that wait for a connection.
        self._parked = []           # guarded by _lock
        self._closing = Interrupt()
        self._accepted = 0
        self._thread = None
        self._freed = False
        self._process = getpid()
        try:
            self.address_family = self.family(*address)
            # That of `TCPServer` looks up `socket.socket`, which a test may have patched.
            socketserver.BaseServer.__init__(self, address, serve)
            self._bind()
        except socket.error as error:
            raise type(error)(error.errno, _cannot_listen(address, error.strerror or error))
        except (OverflowError, TypeError, ValueError) as error:
            raise ValueError(_cannot_listen(address, error))

    def family(self, host, port):
        """Return the family of the address."""
        return family_of(host, port)

    def _bind(self):
        self.socket = None
        try:
            self.socket = new_socket(self.address_family)
            self.server_bind()
            self.server_activate()
        except BaseException:
            if self.socket is not None:
                self.server_close()
            raise

    @property
    def forked(self):
        """Whether this process is a forked child of the one that made the listener.

        A child has no threads of it.
        """
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
        if EXCLUSIVE is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, EXCLUSIVE, 1)
        # `HTTPServer.server_bind` looks up the host's name, which takes seconds on some machines.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def start(self):
        """Start the thread that accepts connections.

        :raises RuntimeError: (thread.error on Python 2) no thread can be started.
        """
        self._thread = threading.Thread(target=self.serve_forever, name='httptestserver accept')
        self._thread.daemon = True
        self._thread.start()

    def serve_forever(self, poll_interval=None):
        """Accept connections until `shutdown`. It does not poll, so *poll_interval* is ignored."""
        while not self.closing:
            try:
                connection, client_address = self.get_request()
            except socket.error as error:
                # Descriptors may be exhausted until some connections are closed.
                if not self._closing.wait(BACKOFF):
                    log.warning('cannot accept a connection: %s', error)
                continue
            if self.verify_request(connection, client_address):
                self.process_request(connection, client_address)
            else:
                self.shutdown_request(connection)
            del connection

    def get_request(self):
        """Block until a client connects. Returns a new `Connection` and the client's address."""
        accepted, client_address = accept(self.socket)
        connection = Connection(self._accepted, client_address, accepted, self)
        self._accepted += 1
        return connection, client_address

    def process_request(self, request, client_address):
        """Hand a connection over to a parked worker, or to a new one."""
        try:
            # Before `closing` is read, so that `close` finds it or it is shut down here.
            self._connections.add(request)
            with self._lock:
                worker = self._parked.pop() if self._parked and not self.closing else None
            if self.closing:
                self.shutdown_request(request)
            else:
                (worker or self._new_worker()).give(request, client_address)
        except Exception as error:
            # Threads or memory are exhausted, but later connections must still be accepted.
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
        """Keep *worker* for another connection. Returns False if the listener is closing."""
        with self._lock:
            if self.closing:
                # It stays in the set, so that `close` waits for its last steps.
                return False
            self._parked.append(worker)
            return True

    def shutdown_request(self, request):
        """Close the current socket of a connection."""
        request.close()
        # Afterwards, so that `close` finds it if an exception comes before.
        self._connections.discard(request)

    def handle_error(self, request, client_address):
        """Log the exception that is being handled."""
        log.exception('connection %s ended', request.index)

    def shutdown(self, patience=PATIENCE):
        """Accept no more connections, and end the accepting thread.

        A forked child must not call this, because it would end the address of its parent.

        :param patience: seconds to wait for the accepting thread. A log handler may block it.
        """
        self._closing.set()
        deadline = monotonic() + patience
        # On Linux this wakes accept(). On other systems it fails, and a connection wakes accept().
        woken = end(self.socket)
        thread = self._thread
        if thread is threading.current_thread():
            return
        while thread is not None and thread.is_alive() and monotonic() < deadline:
            if not woken:
                self._connect()
            _await_end(thread, deadline - monotonic() if woken else BACKOFF)

    def _connect(self):
        """Connect to the address once, which wakes accept()."""
        try:
            client = new_socket(self.address_family)
        except socket.error:
            # Descriptors are exhausted.
            return
        try:
            client.settimeout(1)
            client.connect(self._target())
        except socket.error:
            # Nobody accepts any more.
            pass
        finally:
            client.close()

    def _target(self):
        return (reachable(self.server_address[0]),) + self.server_address[1:]

    def free(self, patience=PATIENCE):
        """Accept no more connections, and free the address: the beginning of `close`.

        Idempotent: the patience is spent once.
        """
        if not self._freed:
            self.shutdown(patience)
            self.server_close()
            self._freed = True

    def close(self, patience=PATIENCE):
        """Free the address, and end all connections and threads.

        May be called from any thread, also from a connection's own. If an exception ends a call,
        another call does the rest.

        :param patience: seconds to wait for responses that are being sent, and for threads that
            run user code. A thread that is still busy then is left behind; it is a daemon.
        """
        if self.forked:
            # The child closes its copy of the socket. The parent goes on listening.
            self.server_close()
            return
        self.free(patience)
        deadline = monotonic() + patience
        with self._lock:
            workers = list(self._workers)
            for worker in workers:
                worker.end()
        connections = self._connections.of(self)
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
            elif not connection.own:
                # It was cut, and its thread is left behind.
                self._connections.discard(connection)


def _join(threads, deadline):
    """Wait for the end of *threads* until the *deadline*. Returns whether they have ended.

    :param deadline: as of `monotonic`.
    """
    ended = True
    for thread in threads:
        # Python 2 polls in a join with a limit, so a thread that has ended is not joined.
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join(max(0, deadline - monotonic()))
            ended = ended and not thread.is_alive()
    return ended


def _await_end(thread, patience):
    """Wait for the end of *thread* for at most *patience* seconds, faster than `join` polls."""
    if not POLLS:
        thread.join(patience)
    deadline = monotonic() + patience
    while POLLS and thread.is_alive() and monotonic() < deadline:
        sleep(POLL)


def _cannot_listen(address, reason):
    return 'cannot listen on %s: %s' % (address_words(*address), reason)
