# -*- coding: utf-8 -*-
"""One request and its response, and how far they have come.

An exchange belongs to the thread of its connection. No lock is held while it calls what the
test gave.
"""
from httptestserver.http1.writer import UNFRAMED
from httptestserver.recording.request import KEPT
from httptestserver.waiting import clock, monotonic

__all__ = ['ABORTED', 'CHOSEN', 'Exchange', 'RECEIVED', 'ResponseFile', 'SENT', 'STARTED',
           'TRANSITIONS']

#: The states of an exchange: its request was read; the script of its response was chosen; the
#: response has a head, so some of it may have left; all of it has; it will never be whole.
RECEIVED, CHOSEN, STARTED, SENT, ABORTED = 'received', 'chosen', 'started', 'sent', 'aborted'


class _Successors(dict):
    """The states that may follow one state, each by itself. Another raises RuntimeError."""

    def __init__(self, state, *successors):
        super(_Successors, self).__init__((each, each) for each in successors)
        self._state = state

    def __missing__(self, state):
        raise RuntimeError('an exchange that is %s cannot become %s' % (self._state, state))


#: What each state may turn into. A subclass of `Handler` may respond without a script.
TRANSITIONS = {
    RECEIVED: _Successors(RECEIVED, CHOSEN, STARTED, ABORTED),
    CHOSEN: _Successors(CHOSEN, STARTED, ABORTED),
    STARTED: _Successors(STARTED, SENT, ABORTED),
    SENT: _Successors(SENT),
    ABORTED: _Successors(ABORTED),
}

FLUSHED_AT = 65536      # bytes that a `ResponseFile` holds at most


class Exchange(object):
    """One request and its response.

    :param backend: the `Backend` of the server.
    :param writer: of the connection.
    :param command: the method of the request.
    :param version: that of the request, such as ``'HTTP/1.1'``.
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
        #: The facts that `Handler.update_state` published; None if it published none.
        self.facts = None
        #: The names of these facts, if they are those of most requests.
        self.names = None
        #: Whether a script responds, and no method of a subclass.
        self.scripted = False
        #: The ``response_*`` keys that were chosen; None before.
        self.script = None
        #: The `Interrupt` that ends what the response waits for; None before it is recorded.
        self.interrupt = None
        #: Whether the connection goes on afterwards.
        self.persistent = True

    def record(self, entry):
        """Record the request as *entry*; a method of a subclass responds."""
        self.entry = entry
        self.interrupt = self._backend.router.record(entry, self.facts, self.names)

    def choose(self, entry, recorded=False):
        """Choose the script of the response, and record *entry* unless that was done."""
        self.state = TRANSITIONS[self.state][CHOSEN]
        self.entry = entry
        self.script, self.interrupt = self._backend.router.answer(
            entry, self.facts, self.names, recorded)

    def amend(self, facts):
        """Record newer *facts* of the request."""
        self._backend.router.amend(self.entry, facts)

    def choose_early(self, entry):
        """Choose the script, and record *entry*, if its fault comes before the body is read.

        :returns: whether there is such a script.
        """
        script, interrupt = self._backend.router.early('request', entry)
        if script is None:
            return False
        self.state = TRANSITIONS[self.state][CHOSEN]
        self.entry, self.script, self.interrupt = entry, script, interrupt
        return True

    def interim(self, status, reason, fields):
        """Send an interim response; HTTP/1.0 has none. RFC 9110, section 15.2."""
        if self.version != 'HTTP/1.0':
            self._writer.interim(status, reason, fields)

    def start(self, message, length):
        """Give the response its head, which leaves with the first piece of content.

        :param message: a `Response` or a `ResponseFile`.
        :param length: of the content, in bytes; None if only its end will tell.
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
        """Send a plain *response* with its *content*, in one write.

        As start(), complete(), write() and finish() do in more steps, which would take 3% of
        the time of a request.
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
        """Whether the content is sent in chunks; only for a response that was started."""
        return self._head.chunked

    @property
    def sent(self):
        """How many bytes of the content were sent."""
        return self._writer.sent

    def write(self, content):
        """Send a piece of content; an empty one sends the head alone."""
        self._writer.write(content)

    def finish(self, trailers=()):
        """Send what ends the response."""
        self._writer.finish(trailers)
        self.state = TRANSITIONS[self.state][SENT]

    def abort(self, fault=None):
        """End the exchange here, and the connection as *fault* says."""
        # After a fault at 'end' the response is whole, and only its connection ends.
        if self.state != SENT:
            self.state = TRANSITIONS[self.state][ABORTED]
        if fault is not None:
            self._writer.abort(fault, self.interrupt)

    def complete(self, facts, reset=False):
        """Complete the entry with the response, before its last byte is sent.

        :param facts: a dict of the content, and of what else was sent beside the head.
        :param reset: whether the server forgets all then, for a response without a head.
        """
        entry = self.entry
        if entry is not None:
            head = self._head
            if head is not None and head is not UNFRAMED:
                facts.update(response_status=head.status, response_reason=head.reason,
                             response_headers=head.fields)
            observer = self._backend.observer
            if observer is not None and entry.get('duration') is not None:
                # It was complete, but the response went on.
                observer = None
            entry.update(facts)
            self._backend.router.complete(entry, monotonic() - self._begun)
            if observer is not None:
                observer(entry)
        if reset or self._reset:
            self._backend.router.reset(self.interrupt)

    def end(self):
        """Abort the exchange unless its response was sent; there is no more of it."""
        if self.state not in (SENT, ABORTED):
            self.state = TRANSITIONS[self.state][ABORTED]
        if self.entry is None or self._backend.observer is None:
            return
        if self.entry.get('duration') is None:
            self._backend.observer(self.entry)


class ResponseFile(object):
    """The ``wfile`` of a handler: its own method writes a response to it.

    What is written is held until `flush`, 64 KiB or the end of the method. So a response
    that was never flushed gets its Content-Length if the method gave none, and its request is
    recorded before any of it leaves.

    :param record: called before anything is sent; returns the `Exchange`.
    """

    reset = False

    def __init__(self, record):
        self._record = record
        self.closed = False
        self.begin(None, None)

    def begin(self, status, reason):
        """Start a response; with None as status what is written is sent as it is."""
        self.status, self.reason = status, reason
        #: Whether there is anything of a response that has not ended.
        self.pending = status is not None
        self.headers = self.trailers = ()
        self._head = None
        self._held, self._size = [], 0
        self._kept, self._room = [], KEPT

    @property
    def raw(self):
        """None if a response was begun, as in `Response`."""
        return b'' if self.status is None else None

    def write(self, data):
        """Add *data*, bytes, to the content. Returns how many there were."""
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
        """Send what was written so far; the rest goes out in chunks, or until the close."""
        if self.pending:
            exchange = self._record()
            self._start(exchange, None)
            exchange.write(self._take())

    def end(self):
        """Send what is left, and what ends the content."""
        exchange = self._record()
        content = self._take()
        self._start(exchange, len(content))
        kept = b''.join(self._kept) if self._head.has_body else b''
        exchange.complete({'response_content': kept})
        exchange.write(content)
        exchange.finish()
        self.begin(None, None)

    def close(self):
        """Take no more."""
        self.begin(None, None)
        self.closed, self._record = True, None

    def _start(self, exchange, length):
        if self._head is None:
            self._head = exchange.start(self, length)

    def _take(self):
        content = b''.join(self._held)
        self._held, self._size = [], 0
        if self._room > 0:
            self._kept.append(content[:self._room])
            self._room -= len(content)
        return content
