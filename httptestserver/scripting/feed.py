# -*- coding: utf-8 -*-
"""What a test has sent to a stream, and the responses that read it: one buffer for all of them.

Each reader has a position in the buffer. What all of them have passed is dropped. A feed has a
lock of its own, under which neither user code nor I/O runs. Its methods may be called from any
thread; a `FeedReader` belongs to the thread of its connection.
"""
import collections

from httptestserver.recording.expected import is_int
from httptestserver.recording.messages import blocked_loop
from httptestserver.scripting.content import ContentAborted, KeptContent
from httptestserver.waiting import Guard, monotonic
from httptestserver.wording import wrong

__all__ = ['Feed', 'FeedReader', 'make_feed']

#: A reader that waits checks this often whether its client has left.
CHECKED_EVERY = 0.015   # seconds

#: A reader takes at most so much at once: what is sent in one write.
PIECE = 65536           # bytes

_ENDED = 'the stream has ended with stop() or reset() of its server'


class Feed(object):
    """A buffer that many responses read at the same time.

    What is written while no response reads is kept for the next one. A response reads until
    `close`, or until an `abort` that came while it was reading. The offsets count the bytes since
    the feed was made.

    :param limit: how many bytes a reader may be behind, and how many are kept for the next one.
    """

    def __init__(self, limit):
        self._limit = limit
        self._guard = Guard()
        self._lock = self._guard.lock
        self._buffer = bytearray()              # guarded by _lock
        # The offset of the first byte of the buffer.
        self._start = 0                         # guarded by _lock
        # The offset at which the next reader begins if nobody reads.
        self._kept = 0                          # guarded by _lock
        # (offset, fault) of each abort that waits for a reader.
        self._aborts = collections.deque()      # guarded by _lock
        self._closed = False                    # guarded by _lock
        # Whether the server was stopped or reset.
        self._dead = False                      # guarded by _lock
        # The readers that have not come to their end. Those that have an end do not read what is
        # written now.
        self._readers = []                      # guarded by _lock
        # How many readers have opened, and how many of these have left.
        self._opened = self._left = 0           # guarded by _lock

    def write(self, piece):
        """Add *piece*, bytes. Readers that are too far behind are cut. Does not block.

        :raises ValueError: the feed is closed or dead, or the piece does not fit in the limit.
            Then nothing of it is added.
        """
        with self._lock:
            self._require_open()
            self._require_room(len(piece))
            self._buffer += piece
            late = [each for each in self._readers
                    if self._written() - each.position > self._limit]
            for reader in late:
                reader.recipient.reason = (
                    'the client was more than %d bytes behind its stream' % self._limit)
                self._remove(reader)
            self._trim()
            self._guard.notify()
        # Without the lock, because it acts on the socket.
        for reader in late:
            reader.recipient.cut()

    def close(self):
        """End the responses after what was written. Further calls have no effect."""
        with self._lock:
            self._closed = True
            self._end_readers(None)
            self._guard.notify()

    def abort(self, fault):
        """End the responses that read, or else the next one, with *fault* after what was written.

        :raises ValueError: the feed is closed or dead.
        """
        with self._lock:
            self._require_open()
            if not self._end_readers(fault):
                self._aborts.append((self._written(), fault))
            self._guard.notify()

    def end(self):
        """Cut all responses and drop the buffer. From then on the feed is dead."""
        with self._lock:
            self._dead = True
            readers = list(self._readers)
            self._start = self._kept = self._written()
            self._buffer = bytearray()
            self._guard.notify()
        for reader in readers:
            reader.recipient.cut()

    def wait(self, left, count, timeout):
        """Block until *count* readers have opened since the feed was made.

        :param left: whether they must have left, too.
        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over.
        """
        deadline = monotonic() + timeout
        with self._lock:
            while self._count(left) < count and self._guard.wait(deadline):
                pass
            if self._count(left) >= count:
                return
            opened, closed, ended = self._opened, self._left, '; ' + _ENDED if self._dead else ''
        raise AssertionError(
            'within %s s expected %d %s %s of the stream, got %d opened and %d closed%s%s' % (
                timeout, count, 'closed' if left else 'opened',
                'response' if count == 1 else 'responses', opened, closed, ended, blocked_loop()))

    def counts(self):
        """Return how many readers have opened, and how many of these have left."""
        with self._lock:
            return self._opened, self._left

    def _count(self, left):
        """Return how many readers have left, or else have opened. The lock is held."""
        return self._left if left else self._opened

    def _written(self):
        """Return the offset of what is written next. The lock is held."""
        return self._start + len(self._buffer)

    def _is_read(self):
        """Whether a reader gets what is written now. The lock is held."""
        return any(each.end is None for each in self._readers)

    def _require_alive(self):
        """Raise ValueError if the feed is dead. The lock is held."""
        if self._dead:
            raise ValueError(_ENDED)

    def _require_open(self):
        """Raise ValueError if the feed is dead or closed. The lock is held."""
        self._require_alive()
        if self._closed:
            raise ValueError('the stream is closed')

    def _require_room(self, size):
        """Raise ValueError if *size* bytes more are over the limit. The lock is held."""
        kept = 0 if self._is_read() else self._written() - self._kept
        if kept + size > self._limit:
            beside = ', and %d that nobody has read are kept' % kept if kept else ''
            raise ValueError('the limit of the stream is %d bytes; these are %d%s'
                             % (self._limit, size, beside))

    def _end_readers(self, fault):
        """Let those that read end here, with *fault* or in order. The lock is held.

        :returns: whether there are any.
        """
        reading = [each for each in self._readers if each.end is None]
        for reader in reading:
            reader.end, reader.fault = self._written(), fault
        if reading:
            self._kept = self._written()
        return bool(reading)

    def _remove(self, reader):
        """Remove *reader*, if it is there. The lock is held."""
        if reader in self._readers:
            self._readers.remove(reader)
            if reader.end is None and not self._is_read():
                # What it has not read was meant for it, and not for the next one.
                self._kept = self._written()

    def _trim(self):
        """Drop the bytes that all readers have passed. The lock is held."""
        needed = [each.position for each in self._readers]
        needed.append(self._written() if self._is_read() else self._kept)
        passed = min(needed) - self._start
        # On Python 2 and PyPy this copies the rest, so it waits until the rest is smaller.
        if passed * 2 >= len(self._buffer):
            del self._buffer[:passed]
            self._start += passed

    def admit(self, reader):
        """Add *reader*, and set its position, end and fault.

        :raises ValueError: the feed is dead.
        """
        with self._lock:
            self._require_alive()
            is_first = not self._is_read()
            reader.position = self._kept if is_first else self._written()
            if self._aborts:
                reader.end, reader.fault = self._aborts.popleft()
            elif self._closed:
                reader.end = self._written()
            if is_first and reader.end is not None:
                self._kept = reader.end
            self._readers.append(reader)
            self._opened += 1
            self._guard.notify()

    def take(self, reader):
        """Return the bytes that *reader* gets next; block for a moment if there are none.

        :returns: b'' if there are none yet; None if the reader is at its end.
        """
        deadline = monotonic() + CHECKED_EVERY
        with self._lock:
            while True:
                if reader not in self._readers or self._dead:
                    return b''
                end = self._written() if reader.end is None else reader.end
                if reader.position < end:
                    return self._next(reader, end)
                if reader.end is not None:
                    # From here on `end` does not cut it, because its response is sent whole.
                    self._remove(reader)
                    return None
                if not self._guard.wait(deadline):
                    return b''

    def _next(self, reader, end):
        """Return the next bytes of *reader*, whose end or that of the buffer is *end*."""
        first = reader.position - self._start
        piece = bytes(self._buffer[first:first + min(PIECE, end - reader.position)])
        reader.position += len(piece)
        self._trim()
        return piece

    def dismiss(self, reader):
        """Remove *reader*, which was admitted, and count that it has left."""
        with self._lock:
            self._remove(reader)
            self._left += 1
            self._trim()
            self._guard.notify()


class FeedReader(KeptContent):
    """The content of one response: what is written to a `Feed` while the response is sent."""

    def __init__(self, feed):
        super(FeedReader, self).__init__()
        self._feed = feed
        self._is_open = False
        #: The `Recipient` of the response; None before `open`.
        self.recipient = None
        # The lock of the feed guards these three.
        #: The offset of the next byte that it reads.
        self.position = 0
        #: The offset at which it ends, and the fault it ends with; None without.
        self.end = self.fault = None

    def open(self, recipient):
        self.recipient = recipient
        recipient.is_watched = True
        try:
            self._feed.admit(self)
        except ValueError:
            # If the exchange was interrupted too, that is no mistake of the test.
            recipient.check()
            raise
        self._is_open = True

    def __iter__(self):
        """Yield what is written, until the feed ends the response.

        :raises ContentAborted: it ends with a fault.
        """
        for piece in iter(lambda: self._feed.take(self), None):
            if piece:
                self.keep(piece)
                yield piece
            else:
                self.recipient.check()
        if self.fault:
            raise ContentAborted(self.fault)

    def close(self):
        if self._is_open:
            self._is_open = False
            self._feed.dismiss(self)


def make_feed(limit):
    """Return a new `Feed`.

    :raises TypeError, ValueError: *limit* is no int of 1 or more.
    """
    if not is_int(limit):
        raise wrong(TypeError, 'limit', 'an int of 1 or more, in bytes', limit)
    if limit < 1:
        raise wrong(ValueError, 'limit', 'an int of 1 or more, in bytes', limit)
    return Feed(limit)
