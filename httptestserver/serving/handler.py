# -*- coding: utf-8 -*-
"""Turns the requests of one connection into recorded, answered exchanges.

A handler lives in its connection's thread and asks its server, which may be used from any,
what to answer.
"""
import logging
import time

from six import ensure_binary
from six.moves.BaseHTTPServer import BaseHTTPRequestHandler

from httptestserver.serving.delivery import BrokenOff, Ended, break_off, deliver
from httptestserver.http1.fields import Headers, pairs
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.http1.response_head import Head, encode_head
from httptestserver.recording.request import RecordedRequest
from httptestserver.http1.response_head import PLAIN_TEXT, REASONS
from httptestserver.waiting import monotonic
from httptestserver.http1.connection import Disconnected, linger, send
from httptestserver.http1.reader import Reader
from httptestserver.http1.writer import Reply

__all__ = ['Handler']

log = logging.getLogger('httptestserver')


class Handler(BaseHTTPRequestHandler, object):
    """Answers the requests of one connection, in that connection's thread.

    To override, in a subclass that ``Server(..., handler=...)`` is given:

    - `handle_request`, or a method such as ``do_PING`` for the method of that name. The
      request's ``body`` has been read. It answers with the standard library's
      `send_response`, `send_header`, `end_headers` and ``wfile``; where it leaves the
      framing open that is done right. Its request is recorded when it first writes or
      calls `save_history`, whichever is earlier. ``wfile`` holds what is written until
      ``flush()``, 64 KiB, or the end of the method.
    - `state`, `update_state`, `save_history`: what is recorded of a request.
    - ``response_keys``: a dict of further keys that a script may hold, each with a function
      of (key, value) that raises where it must not hold the value, or None. `script` tells
      what they hold.

    Public attributes are the request's facts, and what is recorded: the standard
    library's, ``body``, ``connection_index``, ``exchange_index``, ``tls``, ``trailers``,
    ``time`` and ``duration``. ``server`` is the `Server`.
    """

    # In slots, because __dict__ is the state that is recorded.
    __slots__ = ('_reader', '_entry', '_script', '_answered', '_interrupt', '_started',
                 '_names', '_size', 'left')

    response_keys = {}
    protocol_version = 'HTTP/1.1'
    server_version = 'httptestserver'
    sys_version = ''

    def setup(self):
        """Prepare to read requests from the connection."""
        # A dict of its own, and not one that shares its keys, is copied in one piece.
        self.__dict__ = dict(self.__dict__)
        self.connection = self.request
        self.connection.settimeout(self.timeout)
        self.rfile = self._reader = Reader(self.connection, self.server.body_limit)
        self.wfile = Reply(self)
        self.exchange_index = -1
        self._names, self._size = None, float('inf')

    def finish(self):
        """End the session; the server closes the connection.

        History keeps ``rfile`` and ``wfile``, so they let go of what they hold.
        """
        self.connection.settimeout(0)       # say so, but do not wait for the client's word
        self.rfile.close()
        self.wfile.close()

    def handle_one_request(self):
        """Read a request, have it handled, and send what is left of its answer."""
        try:
            if self._read_request():
                (getattr(self, 'do_' + self.command, None) or self.handle_request)()
                if self.wfile.begun or not self.left:
                    self._end_reply()
            else:
                self.close_connection = True
        except BrokenOff as broken:
            self.close_connection = True
            self._reader.abandon()
            break_off(self.connection, broken.fault, self._interrupt, self._stay_silent)
        except Ended:
            self.close_connection = True
            self._reader.abandon()
        except BadRequest as error:
            self._fail(error.reason)
            self._refuse(error.status, error.reason)
        except Disconnected as error:
            self._fail(str(error))
        except BaseException as error:  # what ends a test or a program, too: it ends an answer
            self.server.add_error(self.requestline)
            self._break_off('the answer failed: %s: %s' % (type(error).__name__, error))

    def do_GET(self):
        self.handle_request()

    # Others are answered so as well, but to find that there is none takes longer.
    do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_GET

    def _read_request(self):
        """Set what a request tells, and return True; False where the client ended instead."""
        head = self._reader.read_head()
        if not head:
            return False
        self._started = monotonic()
        if len(self.__dict__) > self._size:
            self._forget()
        self._entry = self._script = None
        self._answered = self.left = False
        (self.command, self.path, self.request_version, self.requestline,
         self.raw_requestline, framing) = parse_head(head)
        self.headers = Headers(framing.block)
        self.close_connection = framing.close or (
            self.request_version == 'HTTP/1.0' and not framing.keep_alive)
        self.exchange_index += 1
        self.time, self.duration = time.time(), None
        self.body, self.trailers = b'', ()
        if self.server.has_early:
            self._break_off_early()
        if framing.length != 0:
            self._read_body(framing)
        if self._names is None:
            self._names = frozenset(self.__dict__) - {'body_discarded'}
            self._size = len(self._names)
        return True

    def _read_body(self, framing):
        if framing.expect and not self._reader.pending:
            send(self.connection, b'HTTP/1.1 100 Continue\r\n\r\n')
        self.body, self.trailers = self._reader.read_body(framing)
        if self._reader.discarded:
            self.body_discarded = self._reader.discarded

    def _forget(self):
        """Drop the attributes that methods of a subclass set for the request before."""
        for name in set(self.__dict__) - self._names:
            delattr(self, name)

    def _break_off_early(self):
        """Do what a script says that answers before the body is read."""
        request = RecordedRequest(self.state)
        script, interrupt = self.server.early_fault('request', request)
        if script is not None:
            self._entry, self._script, self._interrupt = request, script, interrupt
            self._respond(self.server.settle(script, request))

    def _stay_silent(self, connection):
        self.server.stay_silent(connection, self._interrupt)

    @property
    def state(self):
        """What is recorded of the request: a dict, the handler's public attributes."""
        return self.__dict__

    def update_state(self):
        """Show the `state` in ``server.data``."""
        self.server.publish(self.state)

    def save_history(self):
        """Record the request in ``server.history``; called again, its newer `state`.

        An entry stands there once, whoever records it.
        """
        entry = RecordedRequest(self.state)
        if self._entry is None:
            self._entry = entry
            self._script, self._interrupt = self.server.record(entry, self._answered)
        else:
            self._entry.update(entry)

    def handle_request(self):
        """Record the request and answer it as the server scripts. May be overridden."""
        self._answered = True
        self.update_state()
        self.save_history()
        if self._script is None:        # recorded before, or an override does not record
            self._entry = self._entry or RecordedRequest(self.state)
            self._script, self._interrupt = self.server.choose(self._entry)
        self._respond(self.server.settle(self._script, self._entry))

    def _respond(self, response):
        if not response.plain:
            deliver(self, response)
            return
        head = self.head_of(response, len(response.content))
        content = response.content if head.has_body else b''
        self.complete(head, response.reset, content)
        self.left = True
        send(self.connection, head.encoded + content)

    # What follows serves `deliver`, and the methods that a subclass defines.

    @property
    def script(self):
        """The ``response_*`` keys of the answer that was chosen; {} before."""
        return dict(self._script or {})

    @property
    def interrupt(self):
        """The event that ends the waits of this answer."""
        return self._interrupt

    def record(self):
        """Record the request unless that was done, for what writes a response."""
        if self._entry is None:
            self.update_state()
            self.save_history()

    def head_of(self, message, length):
        """Return the `Head` of *message*, a `Response` or a `Reply`."""
        if message.raw is not None:
            self.close_connection = True
            return Head(b'', None, None, (), True, False, False)
        return self.server.heads.get(
            time.time(), message.status, message.reason, message.headers, length,
            message.trailers, self.command, self.request_version, not self.close_connection)

    def complete(self, head, reset, content=None, **keys):
        """Complete the entry with the response, of which no last octet has left yet."""
        if head is not None:
            self.close_connection = not head.persistent
        if self._entry is not None:
            self._entry.answer(monotonic() - self._started, head, content, keys)
        if reset:
            self.server.reset(self._interrupt)

    def _end_reply(self):
        if self.wfile.begun:
            self.wfile.end()
            self.wfile.begin(None, None)
        else:
            self.record()
            self._fail('the handler sent no response')

    def _break_off(self, reason):
        """Answer 500, or end a response that has begun where the client sees it is cut off."""
        self.close_connection = True
        if self._entry is None:
            Handler.save_history(self)          # an override may be what failed
        if self.wfile.left or self.left:
            self._reader.abandon()
        else:
            self._refuse(500, reason, self.command)

    def send_response(self, code, message=None):
        """Begin a response, as in the standard library. Date and Server are added."""
        self.log_request(code)
        self.send_response_only(code, message)

    def send_response_only(self, code, message=None):
        """Begin a response."""
        self.wfile.begin(code, REASONS.get(code, '') if message is None else message)

    def send_header(self, keyword, value):
        """Add a field. ValueError: it holds CR, LF or NUL."""
        self.wfile.headers += pairs([(keyword, value)], 'send_header')

    def end_headers(self):
        """End the fields; an interim response, such as 103, leaves at once."""
        status = self.wfile.status
        if status is not None and 100 <= status < 200 and status != 101:
            self.record()
            if self.request_version != 'HTTP/1.0':          # RFC 9110, section 15.2
                send(self.connection, encode_head(status, self.wfile.reason, self.wfile.headers))
            self.wfile.begin(None, None)

    def flush_headers(self):
        """Send what was written so far."""
        self.wfile.flush()

    def log_message(self, format, *args):
        """Log to the logger ``httptestserver``."""
        log.info('%s ' + format, self.client_address, *args)

    def _refuse(self, status, reason, command='GET'):
        """Answer *status* with *reason* as text, and end the connection."""
        content = ensure_binary(reason, 'utf-8') + b'\n'
        head = self.server.heads.get(
            time.time(), status, REASONS.get(status, ''), PLAIN_TEXT, len(content), (), command,
            'HTTP/1.1', False)
        content = content if head.has_body else b''
        self.close_connection = True
        if status == 500 and self._entry is not None:
            self.complete(head, False, content)
        try:
            send(self.connection, head.encoded, content)
        except Disconnected:
            pass                        # the failure that matters is the request's
        linger(self.connection)

    def _fail(self, reason):
        self.close_connection = True
        self.server.add_failure(self.client_address, self.connection_index, reason)
