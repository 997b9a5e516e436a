# -*- coding: utf-8 -*-
"""A server of the soak with its script, and the responses that its clients have to get."""
from __future__ import unicode_literals

import threading
import time
from random import Random

from ledger import WIRE, Ledger
from traffic import FAULTS, FILL, Gone, Hung, Visit, fresh

PIECES = (1, 5000, 100)
#: How many responses are queued at a time.
QUEUED = 4000
HIDDEN = (SystemExit, KeyboardInterrupt, MemoryError, ZeroDivisionError)


def says(request):
    """Return the tags in three parts of a recorded *request*."""
    body = request['body'].partition(b':')[0].decode('ascii') or '-'
    return ('%s %s %s;' % (request['path'].partition('?')[0].rpartition('/')[2],
                           request['headers']['X-Tag'], body)).encode('ascii')


def responding(**keys):
    """Return a callback that responds with `says`, then the bytes *behind*, and with *keys*."""
    behind = keys.pop('behind', b'')

    def respond(request):
        return dict(keys, response_headers={'X-Tag': request['headers']['X-Tag']},
                    response_content=says(request) + behind)
    return respond


def stream(request):
    pieces = [says(request)] + [FILL[:size] for size in PIECES]
    return {'response_headers': {'X-Tag': request['headers']['X-Tag']},
            'response_content': iter(pieces), 'response_trailers': {'X-End': 'a'}}


def fault(request):
    at = request.query['at']
    return {'response_content': says(request) + FILL[:3000],
            'response_fault': request.query['fault'],
            'response_fault_at': int(at) if at.isdigit() else at}


def raising(request):
    raise HIDDEN[int(request['headers']['X-Tag']) % len(HIDDEN)]('of the soak')


#: The bytes that follow `says`, for each kind of request.
BEHIND = {'large': FILL, 'paced': FILL[:6000],
          'stream': b''.join(FILL[:size] for size in PIECES)}


class Site(object):
    """A server, and what went wrong with it. Any thread may use it.

    :param strict: whether every client has to get its response, because no thread resets or stops
        the server.
    """

    def __init__(self, server, strict):
        self.server, self.strict = server, strict
        self.context = server.client_context()
        self.ledger = Ledger()
        # Tag of a request that is held: its event.
        self.holds = {}
        # How many faults before a request were queued.
        self.early = 0
        self.wrong = []
        self.counts = {}                # guarded by _lock
        self._lock = threading.Lock()

    def script(self):
        """Script the responses that clients expect."""
        route, holds = self.server.route, self.holds

        def held(request):
            event = holds.get(int(request['headers']['X-Tag']))
            return dict(responding()(request), **({'response_hold': event} if event else {}))

        for kind, callback in (
                ('echo', responding()), ('large', responding(behind=FILL)), ('stream', stream),
                ('paced', responding(behind=FILL[:6000], response_rate=200000)),
                ('delayed', responding(response_timeout=0.02)), ('held', held), ('fault', fault),
                ('raise', raising), ('stop', self._stop)):
            route(path='/%s/{tag}' % kind, response_callback=callback)
        for each in FAULTS:
            route(path='/early/{tag}', query={'fault': each}, response_fault=each,
                  response_fault_at='request')
        route(match=lambda request: request['path'].startswith('/match/'),
              response_callback=responding())
        self.queue = route(path='/queue/{tag}')
        self.queue.enqueue(*['q%d' % number for number in range(QUEUED)])

    def _stop(self, request):
        self.server.stop()
        return 200

    def begin_again(self):
        """Forget everything, here and in the server."""
        self.server.reset()
        self.ledger = Ledger(self.ledger.next)
        self.early = 0
        self.script()

    def queue_fault(self, random, faults):
        """Queue a fault that ends a connection before a request is read."""
        at = random.choice(('accept', 'handshake') if self.context else ('accept',))
        self.early += 1
        self.server.enqueue(response_fault=random.choice(faults), response_fault_at=at)

    def ask_once(self):
        """Send a request, again if it meets a queued fault; return whether it got a response."""
        for _ in range(1 + self.early):
            visit = Visit(self, Random(0))
            client = fresh(visit)
            while self.step(client, visit):
                pass
            if visit.responses:
                return True
        return False

    # Clients call the following.

    def count(self, what):
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def complain(self, text):
        self.wrong.append('%s: %s' % (self.server.scheme, text))

    def step(self, client, visit):
        """Let *client* do one step; return whether there are more."""
        try:
            next(client)
            return True
        except StopIteration:
            self.count(client.__name__)
        except Hung as error:
            self.complain('a client waits (%s): %s' % (client.__name__, error))
        except Gone as error:
            self._cut_off(client, visit, error)
        except Exception as error:
            self.complain('a client (%s) saw %s: %s' % (
                client.__name__, type(error).__name__, error))
        visit.leave()
        return False

    def _cut_off(self, client, visit, error):
        self.count('cut off')
        if not self.strict:
            # The server may be stopped, and then the next client would fail at once.
            time.sleep(0.005)
        elif not visit.blamed:
            if visit.responses and visit.asking != 'nowhere':
                self.complain('a client (%s) was cut off: %s' % (client.__name__, error))
            else:
                visit.ledger.strike()

    def receive(self, visit, tag, kind, method, status, x_tag, content):
        """Record a response, and what is wrong with it."""
        visit.ledger.respond(tag, kind, status, content)
        self.count('responses')
        expected = {'raise': 500, 'nowhere': 404}.get(kind, 200)
        if kind in ('raise', 'nowhere', 'queue'):
            right = status == expected and x_tag is None
            if kind == 'queue':
                right = right and (content[:1] == b'q' or not content)
        else:
            who = ('%d %d ' % (tag, tag)).encode('ascii')
            said, _, rest = content.partition(b';')
            whole = said in (who + b'-', who + who.split(b' ')[0]) and (
                rest == BEHIND.get(kind, b''))
            right = status == expected and x_tag == '%d' % tag and (
                whole or method == 'HEAD' and not content)
        if not right and not self._unscripted(status, x_tag, content):
            self.complain('%s %s received %r' % (kind, tag, (status, x_tag, content[:60])))

    def _unscripted(self, status, x_tag, content):
        """Return whether a response is that of a server that was just reset."""
        return not self.strict and x_tag is None and (
            (status, content) == (200, b'') or status == 404)

    def look(self, visit, tag, status):
        """Check that the entry of a request is complete when its client has the response."""
        if not self.strict:
            return
        for entry in reversed(self.server.history):
            if entry['headers'].get('X-Tag') == '%d' % tag:
                if entry['duration'] is None or entry['response_status'] != status:
                    self.complain('entry %d is not complete when its client has the response' % tag)
                return
        self.complain('request %d is not recorded when its client has the response' % tag)

    def abort(self, visit, tag, kind, fault, at, received):
        """Record that an exchange was aborted as its client had asked."""
        self.count('aborted')
        if not self.strict:
            return
        visit.ledger.fault(tag, fault)
        nothing = kind == 'early' or at == 'response'
        if nothing != (received == b''):
            self.complain('%s, %s at %s: received %r' % (kind, fault, at, received[:60]))

    def refused(self, visit, received):
        """Record what a client received for garbage."""
        self.count('refused')
        if received.startswith(b'HTTP/'):
            visit.ledger.refuse(visit.connection.port)
            if received.split(b' ')[1][:1] not in b'45':
                self.complain('the response to garbage was %r' % received[:60])

    # The soak calls this when the clients have left.

    def disagreements(self, limit):
        """Return a list of all that is wrong, and forget it."""
        wrong, self.wrong = self.wrong, []
        if self.strict:
            wrong += ['%s: %s' % (self.server.scheme, each) for each in
                      self.ledger.disagreements(self.server, self.queue, limit, self.early)]
        else:
            wrong += ['%s: not a failure of the wire: %s' % (self.server.scheme, each)
                      for each in self.server.failures if not WIRE.match(each.reason)]
        return wrong
