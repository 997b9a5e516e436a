# -*- coding: utf-8 -*-
"""The public face of a stream: a response that a test writes while clients read it."""
from six import text_type

from httptestserver.scripting.arguments import check_count, check_timeout
from httptestserver.scripting.combinations import check_end
from httptestserver.scripting.content import BYTES, ContentSource, content_bytes
from httptestserver.scripting.events import encode_event
from httptestserver.scripting.feed import FeedReader
from httptestserver.wording import wrong

__all__ = ['Stream']


class Stream(ContentSource):
    """A response that a test writes while clients read it. `Server.stream` makes it.

    It is a value of ``response_events`` or of ``response_content``, and may serve any number of
    requests. What is sent goes to all responses that read at that moment. If there are none, it is
    kept for the next request that gets the stream. No method blocks on a client, and each may
    be called from any thread.

    The stream ends with `Server.stop` and `Server.reset`, which cut its responses off at once.
    """

    def __init__(self, feed, cannot=()):
        """
        :param feed: a `Feed`.
        :param cannot: what the server cannot do: see `check_possible`.
        """
        super(Stream, self).__init__(lambda: FeedReader(feed))
        self._feed = feed
        self._cannot = cannot

    def __repr__(self):
        return '<Stream: %d opened, %d closed>' % self._feed.counts()

    def send(self, data=None, event=None, id=None, retry=None, comment=None):
        """Send a server-sent event.

        :param data: text, which is sent as its lines. Any other value is sent as JSON.
        :param event: str, the type of the event.
        :param id: str or int, which a client sends as ``Last-Event-ID`` if it connects again.
        :param retry: int, after how many milliseconds a client connects again.
        :param comment: str, which clients ignore.
        :raises TypeError: a value is of a wrong type, or all are None.
        :raises ValueError: *event* or *id* has CR, LF or NUL. Or as for `write`.
        """
        self._feed.write(encode_event(data, event, id, retry, comment))

    def write(self, data):
        """Send *data* as it is: bytes, or text as UTF-8.

        :raises TypeError: it is neither bytes nor text.
        :raises ValueError: the stream is closed, or ended with its server. Or more than its limit
            would be kept for the next request. Then nothing of *data* is sent.
        """
        if not isinstance(data, BYTES + (text_type,)):
            raise wrong(TypeError, 'what write() sends', 'bytes or text', data,
                        'send() takes any JSON value')
        data = content_bytes(data, 'what write() sends')
        if data:
            self._feed.write(data)

    def wait_opened(self, count=1, timeout=5.0):
        """Block until *count* responses have begun to read since the stream was made.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over.
        """
        self._wait(False, count, timeout)

    def wait_closed(self, count=1, timeout=5.0):
        """Block until *count* responses have ended since the stream was made, in whatever way.

        What is sent afterwards is not sent to them: if nobody else reads, it is kept.

        :param timeout: seconds, from the call.
        :raises AssertionError: the time is over.
        """
        self._wait(True, count, timeout)

    def _wait(self, left, count, timeout):
        check_count(count, timeout=True)
        check_timeout(timeout)
        self._feed.wait(left, count, timeout)

    def close(self):
        """End the responses in order, after what was sent. Further calls have no effect.

        A later request gets what is still kept, and then the end.
        """
        self._feed.close()

    def abort(self, fault='disconnect'):
        """Abort the responses that read, or else the next one, after what was sent.

        The stream goes on: what is sent afterwards is for those who connect again.

        :param fault: ``'disconnect'`` or ``'reset'``, as for ``response_fault``.
        :raises ValueError: it is something else, or the server cannot do it; or the stream is
            closed, or ended with its server.
        """
        check_end(fault, self._cannot)
        self._feed.abort(fault)
