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

#: What each state may turn into. A subclass of `Handler` may respond without a script.
TRANSITIONS = {
    RECEIVED: (CHOSEN, STARTED, ABORTED),
    CHOSEN: (STARTED, ABORTED),
    STARTED: (SENT, ABORTED),
    SENT: (),
    ABORTED: (),
}

FLUSHED_AT = 65536      # bytes that a `ResponseFile` holds at most


class Exchange(object):
    """One request and its response.

    ``entry`` is its `RecordedRequest`, None before it is recorded. ``script`` holds the
    ``response_*`` keys that were chosen, None before, and ``interrupt`` ends what the response
    waits for. ``persistent`` says whether the connection goes on afterwards.

    :param backend: the `Backend` of the server.
    :param writer: of the connection.
    :param command: the method of the request.
    :param version: that of the request, such as ``'HTTP/1.1'``.
    """

    __slots__ = ('_backend', '_writer', '_begun', 'command', 'version', 'persistent', 'state',
                 'entry', 'facts', 'scripted', 'script', 'interrupt', '_head', '_reset')

    def __init__(self, backend, writer, command, version):
        self._backend = backend
        self._writer = writer
        self._begun = monotonic()
        self.command = command
        self.version = version
        self.persistent = True
        self.state = RECEIVED
        self.entry = None
        #: Those that `Handler.update_state` published, None if it published none.
        self.facts = None
        #: Whether a script responds, and no method of a subclass.
        self.scripted = False
        self.script = None
        self.interrupt = None
        self._head = None
        self._reset = False

    def _move(self, state):
        if state not in TRANSITIONS[self.state]:
            raise RuntimeError('an exchange that is %s cannot become %s' % (self.state, state))
        self.state = state

    def record(self, entry):
        """Record the request as *entry*; if a script responds, choose it in the same step."""
        if self.scripted:
            self.choose(entry)
        else:
            self.entry = entry
            self.interrupt = self._backend.router.record(entry, self.facts)

    def choose(self, entry, recorded=False):
        """Choose the script of the response, and record *entry* unless that was done."""
        self._move(CHOSEN)
        self.entry = entry
        self.script, self.interrupt = self._backend.router.answer(entry, self.facts, recorded)

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
        self._move(CHOSEN)
        self.entry, self.script, self.interrupt = entry, script, interrupt
        return True

    def resolve(self):
        """Return the `Response` of the script; runs user code."""
        return self._backend.resolve(self.script, self.entry)

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
        self._move(STARTED)
        if message.raw is not None:
            self._head = UNFRAMED
        else:
            self._head = self._backend.heads.get(
                clock(), message.status, message.reason, message.headers, length,
                message.trailers, self.command, self.version, self.persistent)
        self.persistent = self._head.persistent
        self._reset = message.reset
        self._writer.start(self._head)
        return self._head

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
        self._move(SENT)

    def abort(self, fault=None):
        """End the exchange here, and the connection as *fault* says."""
        # After a fault at 'end' the response is whole, and only its connection ends.
        if self.state != SENT:
            self._move(ABORTED)
        if fault is not None:
            self._writer.abort(fault, self.interrupt)

    def complete(self, **facts):
        """Complete the entry with the response, before its last byte is sent.

        :param facts: the content, and what else was sent beside the head.
        """
        if self.entry is not None:
            head = self._head
            if head is not None and head.status is not None:
                facts.update(response_status=head.status, response_reason=head.reason,
                             response_headers=head.fields)
            self.entry.update(facts)
            first = self.entry.get('duration') is None
            # At last, because it says that the entry is complete.
            self.amend({'duration': monotonic() - self._begun})
            if first:
                self._backend.observe(self.entry)
        if self._reset:
            self._backend.router.reset(self.interrupt)

    def end(self):
        """Abort the exchange unless its response was sent; there is no more of it."""
        if self.state not in (SENT, ABORTED):
            self._move(ABORTED)
        if self.entry is not None and self.entry.get('duration') is None:
            self._backend.observe(self.entry)


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
        self.headers = self.trailers = ()
        self._head = None
        self._held = []
        self._kept = []

    @property
    def raw(self):
        """None if a response was begun, as in `Response`."""
        return b'' if self.status is None else None

    @property
    def pending(self):
        """Whether there is anything of a response that has not ended."""
        return self.status is not None or bool(self._held) or self._head is not None

    def write(self, data):
        """Add *data*, bytes, to the content. Returns how many there were."""
        if self.closed:
            raise ValueError('the connection is closed')
        data = memoryview(data).tobytes()
        self._held.append(data)
        if sum(map(len, self._held)) > FLUSHED_AT:
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
        exchange.complete(response_content=b''.join(self._kept))
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
        self._held = []
        self._kept.append(content[:max(0, KEPT - sum(map(len, self._kept)))])
        return content
