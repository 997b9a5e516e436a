# -*- coding: utf-8 -*-
"""A server of the soak with its script, and what its clients have to be told."""
from __future__ import unicode_literals

import threading
import time
from random import Random

from ledger import WIRE, Ledger
from traffic import FAULTS, FILL, Gone, Hung, Visit, fresh

PIECES = (1, 5000, 100)
QUEUED = 4000           # responses queued at a time
HIDDEN = (SystemExit, KeyboardInterrupt, MemoryError, ZeroDivisionError)


def says(request):
    """Return what three parts of a recorded *request* say of which it is."""
    body = request['body'].partition(b':')[0].decode('ascii') or '-'
    return ('%s %s %s;' % (request['path'].partition('?')[0].rpartition('/')[2],
                           request['headers']['X-Tag'], body)).encode('ascii')


def answering(**keys):
    """Return a callback that answers what `says` says, with *keys*; content comes behind it."""
    behind = keys.pop('behind', b'')

    def answer(request):
        return dict(keys, response_headers={'X-Tag': request['headers']['X-Tag']},
                    response_content=says(request) + behind)
    return answer


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


#: What comes behind that which `says` says.
BEHIND = {'large': FILL, 'paced': FILL[:6000],
          'stream': b''.join(FILL[:size] for size in PIECES)}


class Site(object):
    """A server, and what went wrong with it; any thread may use it.

    :param strict: whether every answer is due, because nobody resets or stops it.
    """

    def __init__(self, server, strict):
        self.server, self.strict = server, strict
        self.context = server.client_context()
        self.ledger = Ledger()
        self.holds = {}                 # tag of a request that is held: its event
        self.early = 0                  # faults before a request that were queued
        self.wrong = []
        self.counts = {}                # guarded by _lock
        self._lock = threading.Lock()

    def script(self):
        """Have the server answer as clients expect."""
        route, holds = self.server.route, self.holds

        def held(request):
            event = holds.get(int(request['headers']['X-Tag']))
            return dict(answering()(request), **({'response_hold': event} if event else {}))

        for kind, callback in (
                ('echo', answering()), ('large', answering(behind=FILL)), ('stream', stream),
                ('paced', answering(behind=FILL[:6000], response_rate=200000)),
                ('delayed', answering(response_timeout=0.02)), ('held', held), ('fault', fault),
                ('raise', raising), ('stop', self._stop)):
            route(path='/%s/{tag}' % kind, response_callback=callback)
        for each in FAULTS:
            route(path='/early/{tag}', query={'fault': each}, response_fault=each,
                  response_fault_at='request')
        route(match=lambda request: request['path'].startswith('/match/'),
              response_callback=answering())
        self.queue = route(path='/queue/{tag}')
        self.queue.enqueue(*['q%d' % number for number in range(QUEUED)])

    def _stop(self, request):
        self.server.stop()
        return 200

    def begin_anew(self):
        """Forget what was, here and in the server."""
        self.server.reset()
        self.ledger = Ledger(self.ledger.next)
        self.early = 0
        self.script()

    def queue_fault(self, random, faults):
        """Have a connection break off before a request is read."""
        at = random.choice(('accept', 'handshake') if self.context else ('accept',))
        self.early += 1
        self.server.enqueue(response_fault=random.choice(faults), response_fault_at=at)

    def ask_once(self):
        """Ask one thing, again where a queued fault is met; returns whether it was answered."""
        for _ in range(1 + self.early):
            visit = Visit(self, Random(0))
            client = fresh(visit)
            while self.step(client, visit):
                pass
            if visit.answered:
                return True
        return False

    # What clients tell.

    def count(self, what):
        with self._lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def complain(self, text):
        self.wrong.append('%s: %s' % (self.server.scheme, text))

    def step(self, client, visit):
        """Let *client* do one step; returns whether there are more."""
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
            time.sleep(0.005)           # it may be stopped, so that the next fails at once
        elif not visit.blamed:
            if visit.answered and visit.asking != 'nowhere':
                self.complain('a client (%s) was cut off: %s' % (client.__name__, error))
            else:
                visit.ledger.strike()

    def told(self, visit, tag, kind, method, status, x_tag, content):
        """Note an answer, and what is wrong with it."""
        visit.ledger.answer(tag, kind, status, content)
        self.count('answers')
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
            self.complain('%s %s was told %r' % (kind, tag, (status, x_tag, content[:60])))

    def _unscripted(self, status, x_tag, content):
        """Whether an answer is that of a server that was just reset."""
        return not self.strict and x_tag is None and (
            (status, content) == (200, b'') or status == 404)

    def look(self, visit, tag, status):
        """Its client has the answer: the entry is there, and complete."""
        if not self.strict:
            return
        for entry in reversed(self.server.history):
            if entry['headers'].get('X-Tag') == '%d' % tag:
                if entry['duration'] is None or entry['response_status'] != status:
                    self.complain('entry %d is not complete when its client has the answer' % tag)
                return
        self.complain('request %d is not recorded when its client has the answer' % tag)

    def broken_off(self, visit, tag, kind, fault, at, received):
        """Note that an answer ended as its client had asked."""
        self.count('broken off')
        if not self.strict:
            return
        visit.ledger.fault(tag, fault)
        nothing = kind == 'early' or at == 'response'
        if nothing != (received == b''):
            self.complain('%s, %s at %s: received %r' % (kind, fault, at, received[:60]))

    def refused(self, visit, received):
        """Note what came for garbage."""
        self.count('refused')
        if received.startswith(b'HTTP/'):
            visit.ledger.refuse(visit.connection.port)
            if received.split(b' ')[1][:1] not in b'45':
                self.complain('garbage was answered %r' % received[:60])

    # What the soak asks when the clients have left.

    def disagreements(self, limit):
        """Return all that is wrong, and forget it."""
        wrong, self.wrong = self.wrong, []
        if self.strict:
            wrong += ['%s: %s' % (self.server.scheme, each) for each in
                      self.ledger.disagreements(self.server, self.queue, limit, self.early)]
        else:
            wrong += ['%s: no failure of the wire: %s' % (self.server.scheme, each)
                      for each in self.server.failures if not WIRE.match(each.reason)]
        return wrong
