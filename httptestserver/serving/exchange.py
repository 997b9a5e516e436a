# -*- coding: utf-8 -*-
"""The state of one request and its response.

An exchange belongs to the thread of its connection. It holds no lock while it runs user code.
"""
from httptestserver.http1.writer import UNFRAMED
from httptestserver.recording.request import KEPT, CutContent
from httptestserver.waiting import clock, monotonic

__all__ = ['ABORTED', 'CHOSEN', 'Exchange', 'RECEIVED', 'ResponseFile', 'SENT', 'STARTED',
           'TRANSITIONS', 'UNSTARTED']

#: The states of an exchange: the head of the request was read; the script was chosen; a byte of
#: the response may have been sent; the whole response was sent; the exchange was aborted.
RECEIVED, CHOSEN, STARTED, SENT, ABORTED = 'received', 'chosen', 'started', 'sent', 'aborted'

#: The states in which an error can still become a 500, because nothing was sent.
UNSTARTED = (RECEIVED, CHOSEN)


class _Successors(dict):
    """The states that may follow one *state*: each key is its own value.

    A lookup returns the new state. For a transition that is not allowed it raises RuntimeError.
    """

    def __init__(self, state, *successors):
        super(_Successors, self).__init__((each, each) for each in successors)
        self._state = state

    def __missing__(self, state):
        raise RuntimeError('an exchange that is %s cannot become %s' % (self._state, state))


#: The states that may follow each state: see "The states of an exchange" in the design. Each
#: state may be set again, and a `Handler` subclass may respond without a script.
TRANSITIONS = {
    RECEIVED: _Successors(RECEIVED, CHOSEN, STARTED, ABORTED),
    CHOSEN: _Successors(CHOSEN, STARTED, ABORTED),
    STARTED: _Successors(STARTED, SENT, ABORTED),
    SENT: _Successors(SENT),
    ABORTED: _Successors(ABORTED),
}

#: A `ResponseFile` flushes itself if it holds more than this.
FLUSHED_AT = 65536      # bytes


class Exchange(object):
    """One request and its response.

    :param backend: the `Backend` of the server.
    :param writer: the `Writer` of the connection.
    :param command: the method of the request.
    :param version: the version of the request, such as ``'HTTP/1.1'``.
    """

    # In slots, because one is made for each request.
    __slots__ = ('_backend', '_writer', '_begun', '_head', '_reset', 'command', 'version', 'state',
                 'entry', 'facts', 'names', 'scripted', 'script', 'interrupt', 'persistent')

    def __init__(self, backend, writer, command, version):
        self._backend = backend
        self._writer = writer
        self._begun = monotonic()
        self._head = None
        self._reset = False
        self.command = command
        self.version = version
        self.state = RECEIVED
        #: The `RecordedRequest`; None before it is recorded.
        self.entry = None
        #: The facts that data shows when the request is recorded; None to leave data as it is.
        self.facts = None
        #: The names of the facts as a shared frozenset, or None: see `Scripts.publish`.
        self.names = None
        #: Whether a script makes the response. If not, a method of a `Handler` subclass does.
        self.scripted = False
        #: The chosen script, a dict of ``response_*`` keys; None before one is chosen.
        self.script = None
        #: The `Interrupt` that ends the waits of the response; None before the request is recorded.
        self.interrupt = None
        #: Whether the connection stays open after the response.
        self.persistent = True

    def record(self, entry):
        """Record the request as *entry*, for a method of a subclass that responds by itself."""
        self.entry = entry
        self.interrupt = self._backend.router.record(entry, self.facts, self.names)

    def choose(self, entry, recorded=False):
        """Choose the script, and record *entry* in the same step unless it is *recorded*."""
        self.state = TRANSITIONS[self.state][CHOSEN]
        self.entry = entry
        self.script, self.interrupt = self._backend.router.answer(
            entry, self.facts, self.names, recorded)

    def amend(self, facts):
        """Add *facts* to the entry, which was recorded before. Once known, its duration stays."""
        if 'duration' in facts:
            facts = dict(facts, duration=self.entry.get('duration'))
        self._backend.router.amend(self.entry, facts)

    def choose_early(self, entry):
        """Choose the script and record *entry* if the script is due before the body is read.

        :returns: whether it is.
        """
        script, interrupt = self._backend.router.early('request', entry)
        if script is None:
            return False
        self.state = TRANSITIONS[self.state][CHOSEN]
        self.entry, self.script, self.interrupt = entry, script, interrupt
        return True

    def choose_tunnel(self, entry):
        """Choose the script for a CONNECT to a proxy. Record *entry* if a route has the script.
        """
        script, self.interrupt = self._backend.router.connect(entry)
        self.state = TRANSITIONS[self.state][CHOSEN]
        self.entry, self.script = entry if script is not None else None, script or {}

    @property
    def pseudonym(self):
        """The name of this server in the Via fields of requests that it forwards."""
        return self._backend.pseudonym

    @property
    def body_limit(self):
        """How many bytes of a body are kept; None for all."""
        return self._backend.body_limit

    def report(self, reason):
        """Let ``check()`` report that the response failed, for a *reason* of one line or more."""
        self._backend.router.add_error(self.entry.get('requestline', self.command), reason)

    def interim(self, status, reason, fields):
        """Send an interim response, unless the request is of HTTP/1.0. RFC 9110, section 15.2."""
        if self.version != 'HTTP/1.0':
            self._writer.interim(status, reason, fields)

    def start(self, message, length):
        """Start the response. The head is sent with the first piece of content.

        :param message: a `Response` or a `ResponseFile`.
        :param length: the size of the content in bytes; None if it is not known yet.
        :returns: the `Head`.
        """
        self.state = TRANSITIONS[self.state][STARTED]
        head = UNFRAMED
        if message.raw is None:
            head = self._backend.heads.get(
                clock(), message.status, message.reason, message.headers, length,
                message.trailers, self.command, self.version, self.persistent)
        self._head = head
        self._reset = message.reset
        self.persistent = head.persistent
        self._writer.start(head)
        return head

    def respond(self, response, content):
        """Send a plain *response* with its *content*, bytes, in one write.

        It does what start(), complete(), write() and finish() do. By these most requests would
        take 3% longer.
        """
        self.state = TRANSITIONS[self.state][STARTED]
        head = self._backend.heads.get(
            clock(), response.status, response.reason, response.headers, len(content), (),
            self.command, self.version, self.persistent)
        self.persistent = head.persistent
        if not head.has_body:
            content = b''
        entry = self.entry
        if entry is not None:
            entry['response_status'] = head.status
            entry['response_reason'] = head.reason
            entry['response_headers'] = head.fields
            entry['response_content'] = content
            self._backend.router.complete(entry, monotonic() - self._begun)
            if self._backend.observer is not None:
                self._backend.observer(entry)
        if response.reset:
            self._backend.router.reset(self.interrupt)
        self._writer.send(head, content)
        self.state = TRANSITIONS[self.state][SENT]

    @property
    def chunked(self):
        """Whether the content is sent in chunks. The response must have been started."""
        return self._head.chunked

    @property
    def sent(self):
        """How many bytes of the content were sent."""
        return self._writer.sent

    def write(self, content):
        """Send a piece of content: see `Writer.write`."""
        self._writer.write(content)

    def client_has_ended(self):
        """Whether the client has closed its sending side, or the connection. Does not block."""
        return self._writer.has_ended()

    def cut(self):
        """End the connection at once. May be called from any thread."""
        self._writer.cut()

    def finish(self, trailers=()):
        """Send what is left of the response: see `Writer.finish`."""
        self._writer.finish(trailers)
        self.state = TRANSITIONS[self.state][SENT]

    def abort(self, fault=None):
        """Abort the exchange, and carry out *fault* on the connection unless it is None."""
        # A fault at 'end' comes after the whole response, so it aborts only the connection.
        if self.state != SENT:
            self.state = TRANSITIONS[self.state][ABORTED]
        if fault is not None:
            self._writer.abort(fault, self.interrupt)

    def complete(self, facts, reset=False):
        """Complete the entry, and reset the server if the response asks for that.

        It is called before the last byte of the response is sent.

        :param facts: a dict of the ``response_*`` keys without those of the head. It is changed.
        :param reset: whether a response without a head asks for a reset.
        """
        entry = self.entry
        if entry is not None:
            head = self._head
            if head is not None and head is not UNFRAMED:
                facts.update(response_status=head.status, response_reason=head.reason,
                             response_headers=head.fields)
            observer = self._backend.observer
            if observer is not None and entry.get('duration') is not None:
                # The entry was completed before, and each is observed only once.
                observer = None
            entry.update(facts)
            self._backend.router.complete(entry, monotonic() - self._begun)
            if observer is not None:
                observer(entry)
        if reset or self._reset:
            self._backend.router.reset(self.interrupt)

    def end(self):
        """Abort the exchange unless its response was sent. Observe an entry without response."""
        if self.state not in (SENT, ABORTED):
            self.state = TRANSITIONS[self.state][ABORTED]
        if self.entry is None or self._backend.observer is None:
            return
        if self.entry.get('duration') is None:
            self._backend.observer(self.entry)


class ResponseFile(object):
    """The ``wfile`` of a handler, to which a method of a subclass writes its response.

    It holds what is written until `flush`, until it holds more than 64 KiB, or until the method
    ends. A response that is not flushed before its end gets a Content-Length.

    It has the attributes of `Response` that `Exchange.start` reads.

    :param record: a function that records the request if it is not recorded, and returns its
        `Exchange`. It is called before anything is sent.
    """

    reset = False

    def __init__(self, record):
        self._record = record
        self.closed = False
        self.begin(None, None)

    def begin(self, status, reason):
        """Start a response. With None as *status*, bytes are sent without head and framing."""
        self.status, self.reason = status, reason
        #: Whether a response was begun or written to, and has not ended.
        self.pending = status is not None
        self.headers = self.trailers = ()
        self._head = None
        self._held, self._size = [], 0
        self._kept, self._room = [], KEPT

    @property
    def raw(self):
        """None if the response has a head, as in `Response`."""
        return b'' if self.status is None else None

    def write(self, data):
        """Add *data*, bytes, to the content. Returns how many bytes it has.

        :raises ValueError: the connection is closed.
        """
        if self.closed:
            raise ValueError('the connection is closed')
        data = memoryview(data).tobytes()
        self._held.append(data)
        self._size += len(data)
        self.pending = True
        if self._size > FLUSHED_AT:
            self.flush()
        return len(data)

    def writelines(self, lines):
        """Write each of *lines*, bytes."""
        for line in lines:
            self.write(line)

    def writable(self):
        return True

    def flush(self):
        """Send what was written so far.

        Because the length is not known yet, the content is sent in chunks, or ends with the
        connection.
        """
        if self.pending:
            exchange = self._record()
            self._start(exchange, None)
            exchange.write(self._take())

    def end(self):
        """Send what is left of the response, and complete the entry before its last byte."""
        exchange = self._record()
        content = self._take()
        self._start(exchange, len(content))
        kept = b''.join(self._kept) if self._head.has_body else b''
        if self._room < 0 and kept:
            kept = CutContent(kept)
        exchange.complete({'response_content': kept})
        exchange.write(content)
        exchange.finish()
        self.begin(None, None)

    def close(self):
        """Drop what was not sent. Later writes raise ValueError."""
        self.begin(None, None)
        self.closed, self._record = True, None

    def _start(self, exchange, length):
        if self._head is None:
            self._head = exchange.start(self, length)

    def _take(self):
        """Remove and return the held bytes. The entry keeps at most `KEPT` bytes of them."""
        content = b''.join(self._held)
        self._held, self._size = [], 0
        if self._room > 0:
            self._kept.append(content[:self._room])
        self._room -= len(content)
        return content
