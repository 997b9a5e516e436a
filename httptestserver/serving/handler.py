# -*- coding: utf-8 -*-
"""The face that the standard library gives to one connection.

A handler lives in its connection's thread. It reads requests and makes an `Exchange` of each;
the server, which may be used from any thread, has the scripts of the responses.
"""
import logging

from six import ensure_binary
from six.moves.BaseHTTPServer import BaseHTTPRequestHandler

from httptestserver.http1.connection import Disconnected, linger
from httptestserver.http1.fields import Headers, pairs
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.http1.reader import Reader
from httptestserver.http1.response_head import PLAIN_TEXT, REASONS
from httptestserver.http1.writer import Writer
from httptestserver.recording.request import RecordedRequest
from httptestserver.scripting.response import Response
from httptestserver.serving.delivery import Aborted, Interrupted, deliver
from httptestserver.serving.exchange import CHOSEN, RECEIVED, SENT, Exchange, ResponseFile
from httptestserver.waiting import clock
from httptestserver.wording import described

__all__ = ['Handler']

#: States of an exchange in which another response can still take the place of its own.
UNSTARTED = (RECEIVED, CHOSEN)

log = logging.getLogger('httptestserver')


class Handler(BaseHTTPRequestHandler, object):
    """Responds to the requests of one connection, in that connection's thread.

    To override, in a subclass that ``Server(..., handler=...)`` is given:

    - `handle_request`, or a method such as ``do_PING`` for the method of that name. The
      request's ``body`` has been read. It responds with the standard library's
      `send_response`, `send_header`, `end_headers` and ``wfile``; if it leaves the framing
      open, that is added. Its request is recorded when it first writes or calls
      `save_history`, whichever is earlier. ``wfile`` holds what is written until
      ``flush()``, 64 KiB, or the end of the method.
    - `state`, `update_state`, `save_history`: what is recorded of a request.
    - ``response_keys``: a dict of further keys that a script may hold, each with a function
      of (key, value) that raises if it must not hold the value, or None. `script` has what
      they hold.

    Public attributes are the request's facts, and what is recorded: the standard
    library's, ``body``, ``connection_index``, ``exchange_index``, ``tls``, ``trailers``,
    ``time`` and ``duration``. ``server`` is the `Server`.
    """

    # In slots, because __dict__ holds what is recorded.
    __slots__ = ('_backend', '_accepted', '_reader', '_writer', '_exchange', '_facts')

    response_keys = {}
    protocol_version = 'HTTP/1.1'
    server_version = 'httptestserver'
    sys_version = ''

    def setup(self):
        """Prepare to read requests from the connection."""
        # An ordinary dict copies faster than an instance's, which shares its keys.
        self.__dict__ = dict(self.__dict__)
        self._backend = self.server._backend
        self._accepted = self._backend.connection_of(self.request)
        self.connection_index, self.tls = self._accepted.index, self._accepted.tls
        self.connection = self.request
        self.connection.settimeout(self.timeout)
        self.rfile = self._reader = Reader(self.connection, self._backend.body_limit)
        self.wfile = ResponseFile(self._recorded)
        self._writer = Writer(self.connection)
        self._exchange = None
        self.exchange_index = -1
        #: The names of what is recorded of each request, None before the first.
        self._facts = None

    def finish(self):
        """End the session; the server closes the connection.

        History keeps ``rfile`` and ``wfile``, so they let go of what they hold.
        """
        # TLS ends with a message to the client, whose own is not awaited.
        self.connection.settimeout(0)
        self.rfile.close()
        self.wfile.close()
        self._writer.close()

    def handle(self):
        """Handle the requests of the connection, one after another."""
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()
            if self._exchange is not None and self._exchange.state is not SENT:
                self._exchange.end()
            # In this order: see `Connection`.
            self._accepted.busy = False
            if self._accepted.ending:
                self.close_connection = True

    def handle_one_request(self):
        """Read a request, have it handled, and send what is left of its response."""
        self._exchange = None
        try:
            if self._read_request():
                self._accepted.busy = True
                (getattr(self, 'do_' + self.command, None) or self.handle_request)()
                if self.wfile.pending or self._exchange.state is not SENT:
                    self._end_response()
            else:
                self.close_connection = True
        except Aborted as aborted:
            self._abort(aborted.fault)
        except Interrupted:
            self._abort()
        except BadRequest as error:
            self._add_failure(error.reason)
            self._refuse(error)
        except Disconnected as error:
            self._add_failure(str(error))
        except BaseException as error:
            # What user code raises becomes a 500, pytest.fail() and SystemExit too: they must
            # not end this thread.
            self._fail(error)

    def do_GET(self):
        """Respond as `handle_request` does, and so do the other methods of RFC 9110."""
        self.handle_request()

    do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_GET

    def _read_request(self):
        """Set the facts of the next request; False if the client ended instead."""
        head = self._reader.read_head()
        if not head:
            return False
        if self._facts is not None and len(self.__dict__) != len(self._facts):
            self._drop_facts()
        (self.command, self.path, self.request_version, self.requestline,
         self.raw_requestline, framing) = parse_head(head)
        self._exchange = Exchange(self._backend, self._writer, self.command,
                                  self.request_version)
        self.headers = Headers(framing.block)
        self.close_connection = framing.close or (
            self.request_version == 'HTTP/1.0' and not framing.keep_alive)
        self.exchange_index += 1
        self.time, self.duration = clock(), None
        self.body, self.trailers = b'', ()
        if self._backend.router.has_early:
            self._respond_early()
        if framing.length != 0:
            self._read_body(framing)
        if self._facts is None:
            self._facts = self._backend.shared_names(
                [name for name in self.__dict__ if name[0] != '_' and name != 'body_discarded'])
        return True

    def _read_body(self, framing):
        if framing.expect and not self._reader.pending:
            self._writer.interim(100, 'Continue', ())
        self.body, self.trailers = self._reader.read_body(framing)
        if self._reader.discarded:
            self.body_discarded = self._reader.discarded

    def _drop_facts(self):
        """Drop the attributes that methods of a subclass set for the request before."""
        for name in set(self.__dict__).difference(self._facts):
            if name[0] != '_':
                delattr(self, name)

    def _respond_early(self):
        """Do what a script says whose fault comes before the body is read."""
        if self._exchange.choose_early(RecordedRequest(self.state)):
            self._accepted.busy = True
            self._respond()

    @property
    def state(self):
        """What is recorded of the request: a dict, the handler's public attributes."""
        facts = self.__dict__
        # Without attributes of a subclass there are no private ones to leave out.
        if self._facts is not None and len(facts) == len(self._facts):
            return facts
        return {name: facts[name] for name in facts if name[0] != '_'}

    def update_state(self):
        """Show the `state` in ``server.data``."""
        self._exchange.facts = facts = dict(self.state)
        self._backend.router.publish(facts)

    def save_history(self):
        """Record the request in ``server.history``; called again, its newer `state`.

        What `update_state` has shown is shown again in the same step, so that
        ``server.data`` and the end of the history are one request. An entry stands there
        once, whoever records it.
        """
        exchange = self._exchange
        state = self.state
        entry = RecordedRequest(state)
        if exchange.entry is not None:
            exchange.amend(entry)
            return
        # A class of which neither is overridden needs no update_state().
        if not self._backend.overridden:
            exchange.facts = entry
            exchange.names = self._facts if state is self.__dict__ else None
        if exchange.scripted:
            exchange.choose(entry)
        else:
            exchange.record(entry)

    def handle_request(self):
        """Record the request and respond as the server's script says. May be overridden."""
        exchange = self._exchange
        exchange.scripted = True
        if self._backend.overridden:
            self.update_state()
        self.save_history()
        if exchange.state is RECEIVED:
            # It was recorded before, or an override records nothing.
            exchange.choose(exchange.entry or RecordedRequest(self.state), True)
        self._respond()

    def _respond(self):
        exchange = self._exchange
        exchange.persistent = not self.close_connection
        deliver(exchange, self._backend.resolve(exchange.script, exchange.entry))
        self.close_connection = self.close_connection or not exchange.persistent

    def _recorded(self):
        """Return the exchange, which is recorded from now on; for `ResponseFile`."""
        exchange = self._exchange
        if exchange.entry is None:
            if self._backend.overridden:
                self.update_state()
            self.save_history()
        if exchange.state in UNSTARTED:
            exchange.persistent = not self.close_connection
        return exchange

    def _end_response(self):
        """Send what is left of a response that a method wrote."""
        exchange = self._exchange
        if self.wfile.pending:
            self.wfile.end()
            self.close_connection = self.close_connection or not exchange.persistent
        elif exchange.state in UNSTARTED:
            self._recorded()
            self._add_failure('the handler sent no response')

    def _abort(self, fault=None):
        self.close_connection = True
        self._reader.abandon()
        if fault == 'stall':
            self._accepted.rest()
        self._exchange.abort(fault)

    def _fail(self, error):
        """Respond 500, or abort a response that was started: the client sees that it is cut."""
        exchange = self._exchange
        if exchange is None:
            # No request was read, so it is not for user code.
            raise
        self._backend.router.add_error(self.requestline)
        self.close_connection = True
        if exchange.entry is None:
            # An override may be what failed.
            Handler.save_history(self)
        if exchange.state not in UNSTARTED:
            self._reader.abandon()
            return
        exchange.persistent = False
        try:
            deliver(exchange, Response({
                'response_status': 500, 'response_headers': PLAIN_TEXT,
                'response_content': 'the response failed: %s\n' % described(error)}))
        except Disconnected:
            # The failure that matters is the one above.
            pass
        linger(self.connection)

    def _refuse(self, error):
        """Send what a `BadRequest` says, and end the connection."""
        content = ensure_binary(error.reason, 'utf-8') + b'\n'
        try:
            self._writer.start(self._backend.heads.get(
                clock(), error.status, REASONS.get(error.status, ''), PLAIN_TEXT, len(content),
                (), 'GET', 'HTTP/1.1', False))
            self._writer.write(content)
        except Disconnected:
            # The failure that matters is the request's.
            pass
        linger(self.connection)

    def _add_failure(self, reason):
        self.close_connection = True
        self._backend.add_failure(self._accepted, reason)

    @property
    def script(self):
        """The ``response_*`` keys of the response that was chosen; {} before."""
        script = self._exchange and self._exchange.script
        return dict(script or {})

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
            self._recorded().interim(status, self.wfile.reason, self.wfile.headers)
            self.wfile.begin(None, None)

    def flush_headers(self):
        """Send what was written so far."""
        self.wfile.flush()

    def log_message(self, format, *args):
        """Log to the logger ``httptestserver``."""
        log.info('%s ' + format, self.client_address, *args)
