# -*- coding: utf-8 -*-
"""Accepts connections, gives each a thread of its own, and ends them all.

The accepting thread never talks to a client. Threads wait for their next connection
instead of ending: to hand over to one costs 17 us, to start one 76 us. They, and the
accepting thread, are daemons; `Listener.close` ends them.
"""
import logging
import os
import socket
import threading
import time

from six.moves.BaseHTTPServer import HTTPServer
from six.moves.socketserver import TCPServer, ThreadingMixIn

from httptestserver.waiting import POLLS, monotonic

log = logging.getLogger('httptestserver')

__all__ = ['Listener']

PATIENCE = 1.0          # seconds that close() waits for threads busy with a test's own code
POLL = 0.00005          # seconds between looks at a thread that ends, where a join looks less often
BACKOFF = 0.02          # seconds between accepts that fail: descriptors are exhausted


def shut(connection):
    """End both directions of *connection*, which wakes the thread that waits for it.

    Returns whether there was something to end.
    """
    try:
        # The socket's own method: that of `ssl` forgets the session under the other thread.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
        return True
    except socket.error:
        return False


class Worker(threading.Thread):
    """Serves one connection after another until it is told to end."""

    def __init__(self, listener):
        super(Worker, self).__init__(name='httptestserver connection')
        self.daemon = True
        self._listener = listener
        self._job = None
        self._given = threading.Lock()              # held while there is no job
        self._given.acquire()

    def give(self, job):
        """Serve *job*, the arguments of `Listener.serve`; None ends the thread."""
        self._job = job
        self._given.release()

    def run(self):
        try:
            self._serve_all()
        except:                                                 # noqa: E722
            # Python 2 takes all names, `Exception` too, from a thread that outlives it.
            if not self._listener.closing:
                raise

    def _serve_all(self):
        while True:
            self._given.acquire()
            job, self._job = self._job, None
            if job is None:
                return
            self._listener.serve(*job)
            del job
            if not self._listener.park(self):
                return


class Listener(ThreadingMixIn, HTTPServer, object):
    """A bound address, and the connections to it.

    :param address: (host, port) to bind; port 0 lets the system choose a free one.
    :param serve: called with (listener, connection, client address, index) in the
        connection's thread; index counts connections from 0. It closes the connection and
        does not raise.
    :raises OSError: (socket.error on Python 2) the address cannot be bound; names it.
    """

    request_queue_size = 1024       # with 5, 300 clients at once take over 10 s
    allow_reuse_address = os.name == 'posix'        # elsewhere it lets two servers share
    daemon_threads = True

    def __init__(self, address, serve):
        self._serve = serve
        self._lock = threading.RLock()
        self._connections = {}      # index: socket; guarded by _lock
        self._workers = set()       # guarded by _lock
        self._parked = []           # workers without a connection; guarded by _lock
        self._closing = threading.Event()
        self._accepted = 0
        self._thread = None
        self._process = os.getpid()
        try:
            self.address_family = _family(*address)
            HTTPServer.__init__(self, address, None)
        except socket.error as error:
            raise type(error)(error.errno, _cannot_listen(address, error.strerror or error))
        except (OverflowError, TypeError, UnicodeError) as error:
            raise ValueError(_cannot_listen(address, error))

    @property
    def forked(self):
        """Whether this is a child's copy; threads are the parent's alone."""
        return self._process != os.getpid()

    @property
    def closing(self):
        """Whether `close` was called."""
        return self._closing.is_set()

    def server_bind(self):
        # HTTPServer's own asks the resolver for the host's name: seconds on some machines.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def start(self):
        """Accept connections, in a thread of its own.

        :raises RuntimeError: (thread.error on Python 2) there is none to be had.
        """
        thread = threading.Thread(target=self.serve_forever, name='httptestserver accept')
        thread.daemon = True
        thread.start()
        self._thread = thread

    def serve_forever(self):
        """Accept connections until `close`. Blocks in accept, so that waiting costs nothing."""
        while not self._closing.is_set():
            try:
                connection, address = self.socket.accept()
            except socket.error as error:
                if not self._closing.wait(BACKOFF):
                    log.warning('cannot accept a connection: %s', error)
                continue
            self.process_request(connection, address)
            del connection

    def process_request(self, connection, client_address):
        """Hand *connection* to a thread."""
        index = self._accepted
        self._accepted += 1
        with self._lock:
            if self._closing.is_set():
                connection.close()
                return
            self._connections[index] = connection
            worker = self._parked.pop() if self._parked else None
        try:
            (worker or self._new_worker()).give((connection, client_address, index))
        except Exception as error:      # of threads or memory; accepting goes on in any case
            log.warning('no thread for connection %d: %s', index, error)
            self.forget(index)
            connection.close()

    def _new_worker(self):
        worker = Worker(self)
        worker.start()
        with self._lock:
            self._workers.add(worker)
        return worker

    def serve(self, connection, client_address, index):
        """Serve one connection to its end, whatever happens; for workers."""
        try:
            self._serve(self, connection, client_address, index)
        finally:
            self.forget(index)

    def park(self, worker):
        """Keep *worker* for the next connection. False: there will be none."""
        with self._lock:
            if self._closing.is_set():
                self._workers.discard(worker)
                return False
            self._parked.append(worker)
            return True

    def replace(self, index, connection):
        """Let `close` end *connection* in place of the one that it wraps."""
        with self._lock:
            self._connections[index] = connection
        if self._closing.is_set():
            shut(connection)

    def forget(self, index):
        """Leave the connection alone from now on: it is closed, or about to be."""
        with self._lock:
            self._connections.pop(index, None)

    def close(self, patience=PATIENCE):
        """Free the address, end every connection and every thread.

        May be called from any thread, a connection's own too, and again.

        :param patience: seconds to wait for threads that run a test's own code. What is
            still busy then is left behind, a daemon.
        """
        if self.forked:
            self.server_close()         # a forked child's copies; the parent goes on
            return
        self.free(patience)
        with self._lock:
            connections = list(self._connections.values())
            parked, self._parked = self._parked, []
            workers = list(self._workers)
            for connection in connections:
                shut(connection)
        for worker in parked:
            worker.give(None)
            worker.join()
        self._join(workers, patience)

    def free(self, patience=PATIENCE):
        """Accept no more connections, and free the address: the beginning of `close`.

        Not for a forked child: it would end what the parent has.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        # Refuses clients at once, and wakes accept; where it does not, a client does.
        woken, deadline = shut(self.socket), monotonic() + patience
        thread = self._thread
        # That thread, too, may be busy with code of the test: a handler of log records.
        if thread is not threading.current_thread():
            while thread is not None and thread.is_alive() and monotonic() < deadline:
                if not woken:
                    self._connect()
                _await_end(thread, deadline - monotonic() if woken else BACKOFF)
        self.server_close()

    def _connect(self):
        try:
            socket.create_connection(self.server_address[:2], 1).close()
        except socket.error:
            pass                    # nobody accepts any more, or descriptors are exhausted

    def _join(self, workers, patience):
        deadline = monotonic() + patience
        for worker in workers:
            # A thread that is over is not asked to be joined in time: Python 2 polls for that.
            if worker.is_alive() and worker is not threading.current_thread():
                worker.join(max(0, deadline - monotonic()))
                if worker.is_alive():
                    log.warning('%s is busy with code of the test', worker.name)


def _await_end(thread, patience):
    if not POLLS:
        thread.join(patience)
    deadline = monotonic() + patience
    while POLLS and thread.is_alive() and monotonic() < deadline:
        time.sleep(POLL)


def _family(host, port):
    """Return the address family of *host*: IPv4 where it has both, as ``localhost`` does."""
    found = socket.getaddrinfo(host or None, port, 0, socket.SOCK_STREAM, 0,
                               socket.AI_PASSIVE)
    families = [each[0] for each in found]
    return socket.AF_INET if socket.AF_INET in families else families[0]


def _cannot_listen(address, reason):
    return 'cannot listen on %r port %r: %s' % (tuple(address) + (reason,))
