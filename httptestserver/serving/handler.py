# -*- coding: utf-8 -*-
"""Handles the requests of one connection, with the interface of the standard library's handlers.

A handler belongs to the thread of its connection. It reads requests, and makes an `Exchange` of
each. The server has the scripts of the responses.
"""
import logging

from six.moves import BaseHTTPServer

from httptestserver.http1.connection import Disconnected, linger, reset_on_close
from httptestserver.http1.fields import Headers, pairs
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.http1.reader import Reader
from httptestserver.http1.response_head import REASONS
from httptestserver.http1.writer import Writer
from httptestserver.recording.request import RecordedRequest, note_limit, note_tunnel
from httptestserver.serving.delivery import (
    Aborted, Interrupted, deliver, deliver_error, refuse, release)
from httptestserver.serving.exchange import SENT, UNSTARTED, Exchange, ResponseFile
from httptestserver.waiting import clock

__all__ = ['Handler']

log = logging.getLogger('httptestserver')


class Handler(BaseHTTPServer.BaseHTTPRequestHandler, object):
    """Responds to the requests of one connection, in the thread of that connection.

    A subclass, which is passed as ``Server(..., handler=...)``, may override:

    - `handle_request`, or a method such as ``do_PING`` for requests with that method. The
      request's ``body`` was read before. The method responds with the standard library's
      `send_response`, `send_header`, `end_headers` and ``wfile``. Fields that frame the content
      are added if it sends none. The request is recorded when it first writes, or earlier if it
      calls `save_history`. ``wfile`` holds what is written until ``flush()``, until it holds
      more than 64 KiB, or until the method ends.
    - `state`, `update_state` and `save_history`, which decide what is recorded of a request.
    - ``response_keys``, a dict of further keys of scripts. Each value is a function of
      (key, value) that raises if the value is wrong, or None to allow every value. `script` has
      the values for a request.

    The public attributes of a handler are the facts of the request, and are recorded: those of
    the standard library, ``body``, ``connection_index``, ``exchange_index``, ``tls``,
    ``trailers``, ``time`` (seconds since the epoch) and ``duration`` (seconds). ``server`` is
    the `Server`.
    """

    # Private attributes are slots, because what is in __dict__ is recorded. `_accepted` is the
    # `Connection`, while `connection` is the socket, as in the standard library.
    __slots__ = ('_backend', '_accepted', '_reader', '_writer', '_exchange', '_fact_names',
                 '_unread')

    response_keys = {}
    protocol_version = 'HTTP/1.1'
    server_version = 'httptestserver'
    sys_version = ''

    def setup(self):
        """Prepare to read requests from the connection."""
        # The dict of an instance shares its keys with others, so a plain dict copies faster.
        self.__dict__ = dict(self.__dict__)
        self._backend = self.server._backend
        self._accepted = self._backend.connection_of(self.request)
        self.connection_index, self.tls = self._accepted.index, self._accepted.tls
        self.connection = self.request
        self.connection.settimeout(self.timeout)
        self.rfile = self._reader = Reader(
            self.connection, self._backend.body_limit, self._accepted.ahead)
        self.wfile = ResponseFile(self._recorded)
        self._writer = Writer(self.connection, self._reader.has_ended)
        self._exchange = None
        self.exchange_index = -1
        #: The names of the facts that are recorded of each request; None before the first.
        self._fact_names = None
        #: Whether a response is made before the body of its request is read.
        self._unread = False

    def finish(self):
        """End the TLS session. The listener closes the connection afterwards.

        Entries refer to ``rfile`` and ``wfile``, so these drop their buffers and the socket.
        """
        # The end of a TLS session is sent to the client, but its reply is not awaited.
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
            self._accepted.busy = ''
            if self._accepted.ending:
                self.close_connection = True

    def handle_one_request(self):
        """Read a request, call its method, and send what is left of the response.

        Every exception is handled here, but for one that comes before a request was read.
        """
        self._exchange = None
        try:
            if self._read_request():
                self._accepted.busy = self.requestline
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
            if self._accepted.ending and self._exchange and not self._accepted.busy:
                # Without a reset, a client that waits for room to send more would not notice.
                reset_on_close(self.connection)
        except BaseException as error:
            # User code may raise anything, such as pytest.fail() or SystemExit. It becomes a 500
            # and must not end this thread.
            if self._fail(error):
                self._linger()

    def do_GET(self):
        """Call `handle_request`, as do the other ``do_`` methods of this class."""
        self.handle_request()

    do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_GET

    def do_CONNECT(self):
        """Open a tunnel if the server is a proxy and no route for CONNECT refuses it.

        If the server is no proxy, call `handle_request`.
        """
        proxy = self._backend.proxy
        if proxy is None:
            self.handle_request()
            return
        ready = proxy.opener(self._accepted, self._exchange, self.path)
        self._exchange.choose_tunnel(self._annotate(RecordedRequest(self.state)))
        if proxy.opens(self._respond(ready)):
            self._accepted.tunnel, self._accepted.ahead = self.path, self._reader.take_pending()
            self.close_connection = True

    def _read_request(self):
        """Read the next request into the attributes. Returns whether it still needs a response.

        If not, the client has closed, or the response was early. The connection ends in both cases.

        :raises BadRequest, Disconnected: as the methods of `Reader`.
        """
        head = self._reader.read_head()
        if not head:
            return False
        if self._fact_names is not None and len(self.__dict__) != len(self._fact_names):
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
        if self._backend.router.has_early and self._respond_early(framing):
            return False
        if framing.length != 0:
            self._read_body(framing)
        if self._fact_names is None:
            self._fact_names = self._backend.shared_names(
                [name for name in self.__dict__ if name[0] != '_' and name != 'body_discarded'])
        return True

    def _read_body(self, framing):
        if framing.expect and not self._reader.pending:
            self._writer.interim(100, 'Continue', ())
        self.body, self.trailers = self._reader.read_body(framing)
        if self._reader.discarded:
            self.body_discarded = self._reader.discarded

    def _drop_facts(self):
        """Delete the attributes that a subclass has set for the previous request."""
        for name in set(self.__dict__).difference(self._fact_names):
            if name[0] != '_':
                delattr(self, name)

    def _respond_early(self, framing):
        """Respond before the body is read if the script asks for that. Returns whether it does."""
        self._unread = True
        if framing.length != 0:
            # In chunks, the size of the body is not known.
            self.body_discarded = framing.length or 0
        if self._exchange.choose_early(self._annotate(RecordedRequest(self.state))):
            self._accepted.busy, self.close_connection = self.requestline, True
            self._linger(self._respond().reset)
            return True
        self._unread = False
        self.__dict__.pop('body_discarded', None)
        return False

    def _linger(self, reset=False):
        """Let the client read the last response, though it may still send: see `linger`.

        :param reset: whether the response has reset the server. Then its own interrupt is set.
        """
        interrupt = None
        if self._unread:
            # The end of the TLS session tells the client that the response is whole.
            self.connection.settimeout(0)
            self._reader.close()
            interrupt = self._backend.router.interrupt if reset else self._exchange.interrupt
        linger(self.connection, interrupt)

    @property
    def state(self):
        """The facts that are recorded of the request: a dict of the public attributes.

        The caller must not change it, because it may be the dict of the handler itself.
        """
        facts = self.__dict__
        # If a subclass has set no attribute, there is no private one to leave out.
        if self._fact_names is not None and len(facts) == len(self._fact_names):
            return facts
        return {name: facts[name] for name in facts if name[0] != '_'}

    def update_state(self):
        """Show the `state` in ``server.data``, before the request is recorded."""
        self._exchange.facts = facts = dict(self.state)
        self._backend.router.publish(facts)

    def save_history(self):
        """Record the request in ``server.history``. A further call updates the entry.

        The same step shows the facts in ``server.data`` again, so that data and
        ``server.history[-1]`` are the same request.
        """
        exchange = self._exchange
        state = self.state
        entry = RecordedRequest(state)
        # Most requests need no such call.
        if self.body or self._accepted.tunnel is not None:
            self._annotate(entry)
        if exchange.entry is not None:
            exchange.amend(entry)
            return
        # If nothing is overridden, update_state() was not called and the entry itself is shown.
        if not self._backend.overridden:
            exchange.facts = entry
            exchange.names = self._fact_names if state is self.__dict__ else None
        if exchange.scripted:
            exchange.choose(entry)
        else:
            exchange.record(entry)

    def _annotate(self, entry):
        """Note on a new *entry* what is not among the facts, and return it."""
        if self.body:
            note_limit(entry, self._backend.body_limit)
        note_tunnel(entry, self._accepted.tunnel)
        return entry

    def handle_request(self):
        """Record the request, and respond as the script says. A subclass may override this."""
        exchange = self._exchange
        exchange.scripted = True
        if self._backend.overridden:
            self.update_state()
        self.save_history()
        if exchange.script is None:
            # save_history() has not chosen a script: a method has recorded the request before, or
            # an override does not record it.
            exchange.choose(exchange.entry or self._annotate(RecordedRequest(self.state)), True)
        self._respond()

    def _respond(self, ready=None):
        """Send the response of the script, and return it. See `deliver` for *ready*."""
        exchange = self._exchange
        exchange.persistent = not self.close_connection
        response = self._backend.resolve(exchange.script, exchange.entry)
        if self._accepted.fault:
            release(response)
            raise Interrupted('the connection')
        deliver(exchange, response, ready)
        self.close_connection = self.close_connection or not exchange.persistent
        return response

    def _recorded(self):
        """Record the request if it is not recorded, and return the exchange."""
        exchange = self._exchange
        if exchange.entry is None:
            if self._backend.overridden:
                self.update_state()
            self.save_history()
        if exchange.state in UNSTARTED:
            exchange.persistent = not self.close_connection
        return exchange

    def _end_response(self):
        """Send what is left of a response that a method of a subclass has written."""
        exchange = self._exchange
        if self.wfile.pending:
            self.wfile.end()
            self.close_connection = self.close_connection or not exchange.persistent
        elif exchange.state in UNSTARTED:
            self._recorded()
            self._add_failure('the handler sent no response')

    def _abort(self, fault=None):
        """Abort the exchange and the connection, so that the client sees a truncation."""
        self.close_connection = True
        self._reader.abandon()
        if fault == 'stall':
            # A stall lasts until it is ended, so `stop` must not wait for it as for a response.
            self._accepted.rest()
        self._exchange.abort(fault)

    def _fail(self, error):
        """Respond with a 500, or truncate a response that was started.

        It is called in an ``except`` block, for any exception of user code.

        :returns: whether it has responded. The caller lets the client read that.
        """
        exchange = self._exchange
        if exchange is None:
            # No request was read, so the exception is not one of user code.
            raise
        self._backend.router.add_error(self.requestline)
        self.close_connection = True
        if exchange.entry is None:
            # Call the method of this class, because an override of it may have failed.
            Handler.save_history(self)
        if exchange.state not in UNSTARTED or self._accepted.fault:
            self._reader.abandon()
            return False
        deliver_error(exchange, error)
        return True

    def _refuse(self, error):
        """Send the error response for a `BadRequest`, and end the connection."""
        refuse(self._writer, self._backend.heads, error)
        linger(self.connection)

    def _add_failure(self, reason):
        """Record a failure, and close the connection after this exchange."""
        self.close_connection = True
        self._backend.add_failure(self._accepted, reason)

    @property
    def script(self):
        """The ``response_*`` keys of the response that was chosen; {} before."""
        script = self._exchange and self._exchange.script
        return dict(script or {})

    def send_response(self, code, message=None):
        """Begin a response and log it. Server and Date are added later."""
        self.log_request(code)
        self.send_response_only(code, message)

    def send_response_only(self, code, message=None):
        """Begin a response with a status and a reason phrase, by default the standard one."""
        self.wfile.begin(code, REASONS.get(code, '') if message is None else message)

    def send_header(self, keyword, value):
        """Add a header field.

        :raises TypeError: the name or the value is not str, bytes or int.
        :raises ValueError: it has CR, LF or NUL, or text that UTF-8 cannot encode.
        """
        self.wfile.headers += pairs([(keyword, value)], 'send_header')

    def end_headers(self):
        """End the header. An interim response, such as 103, is sent at once."""
        status = self.wfile.status
        if status is not None and 100 <= status < 200 and status != 101:
            self._recorded().interim(status, self.wfile.reason, self.wfile.headers)
            self.wfile.begin(None, None)

    def flush_headers(self):
        """Send the head and what was written so far: see `ResponseFile.flush`."""
        self.wfile.flush()

    def log_message(self, format, *args):
        """Log to the logger ``httptestserver``."""
        log.info('%s ' + format, self.client_address, *args)
