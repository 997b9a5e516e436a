# -*- coding: utf-8 -*-
"""What the clients of the soak asked and were told, and whether the server's record agrees.

A `Ledger` is of one server, from one reset to the next. Clients write in it from any thread;
`disagreements` is for when they have left and the server has served all they sent.
"""
from __future__ import unicode_literals

import collections
import re
import threading

SHOWN = 5               # disagreements of one kind that are told
#: Requests that may be on their way while one is asked: 100 connections, 8 in each pipeline.
IN_FLIGHT = 800

#: What `Server.failures` may hold. All else went wrong on the side of the test.
WIRE = re.compile(r'the client left|TLS handshake failed|a TLS handshake|plain HTTP|'
                  r'not a version of HTTP|.*RFC 9\d\d\d|.* of more than \d+ (octets|bytes)', re.S)


class Ledger(object):
    """What clients asked of one server, and what they got."""

    def __init__(self, first=1):
        self._lock = threading.Lock()
        self.first = self._next = first         # tags; guarded by _lock, as all that follows
        self.asked = {}             # tag of a request that was sent whole: (kind, port)
        self.partial = set()        # tags of requests that were not
        self.answers = {}           # tag: (kind, status, length and begin of the content)
        self.broken = {}            # tag: the fault that its client saw
        self.fetched = {}           # content of a queued response: tags that got it
        self.causes = set()         # ports of clients that gave cause for a failure
        self.refused = []           # ports of clients whose garbage was answered
        self.raised = 0             # answers of 500, for a callback that raised
        self.struck = 0             # clients that met a fault before their first answer
        self.lag = 0.0              # seconds that a waiting test learned of a request too late

    def tag(self):
        """Return a number for the next request."""
        with self._lock:
            self._next += 1
            return self._next - 1

    @property
    def issued(self):
        """How many tags there were."""
        with self._lock:
            return self._next - self.first

    @property
    def next(self):
        """The tag that comes next."""
        return self._next

    def ask(self, tag, kind, port, whole=True):
        """Note that a request is about to be sent."""
        with self._lock:
            if whole:
                self.asked[tag] = kind, port
            else:
                self.partial.add(tag)

    def answer(self, tag, kind, status, content):
        """Note that a client has its whole answer."""
        with self._lock:
            self.answers[tag] = kind, status, len(content), content[:40]
            if kind == 'queue' and content:
                self.fetched.setdefault(content, []).append(tag)
            self.raised += kind == 'raise'

    def fault(self, tag, fault):
        """Note that an answer was broken off as its client had asked."""
        with self._lock:
            self.broken[tag] = fault

    def cause(self, port):
        """Note that a client gives cause for a failure on the wire."""
        with self._lock:
            self.causes.add(port)

    def refuse(self, port):
        """Note that a client's garbage was answered."""
        with self._lock:
            self.refused.append(port)

    def strike(self):
        """Note that a connection ended before its first answer."""
        with self._lock:
            self.struck += 1

    def late(self, seconds):
        """Note how long after a request a test that waited for it was woken."""
        self.lag = max(self.lag, seconds)

    # What has to hold when the clients have left.

    def disagreements(self, server, queue, limit, early):
        """Return what is wrong, a line each.

        :param queue: the route that answers from its queue.
        :param limit: how many requests the history keeps.
        :param early: how many faults before a request were queued.
        """
        history = server.history
        wrong = []
        for rule in (self._of_entries, self._of_answers, self._of_connections):
            wrong += _first(rule(history, limit))
        wrong += _first(self._of_queue(queue, limit))
        if len(history) < limit:
            wrong += _first(self._of_errors(server, history))
        wrong += _first(self._of_failures(server, early))
        return wrong

    def _of_entries(self, history, limit):
        """Each entry is of one request that somebody sent, and stands there once."""
        seen = collections.Counter()
        for entry in history:
            kind, tag = identity(entry)
            seen[tag] += 1
            if mixed(entry):
                yield 'mixed entry: %s' % mixed(entry)
            if tag not in self.asked:
                yield 'entry %s of a request that %s' % (
                    tag, 'was not whole' if tag in self.partial else 'nobody sent')
            elif self.asked[tag] != (kind, entry['client_address'][1]):
                yield 'entry %s is of %r, the request was of %r' % (
                    tag, (kind, entry['client_address'][1]), self.asked[tag])
        for tag in seen:
            if seen[tag] > 1:
                yield 'request %s was recorded %d times' % (tag, seen[tag])

    def _of_answers(self, history, limit):
        """Each request that was answered is there, with what its client got."""
        entries = {identity(entry)[1]: entry for entry in history}
        oldest = self._next - limit + IN_FLIGHT if len(history) == limit else 0
        for tag, (kind, status, length, begin) in self.answers.items():
            entry = entries.get(tag)
            if entry is None:
                if tag >= oldest:
                    yield 'request %s was answered and not recorded' % tag
                continue
            content = entry.get('response_content', b'')
            if entry['duration'] is None or entry.get('response_status') != status:
                yield 'entry %s is not complete: %r' % (tag, entry.get('response_status'))
            elif (len(content), content[:40]) != (length, begin):
                yield 'entry %s tells of another answer: %r, not %r' % (
                    tag, content[:40], begin)
        for tag, fault in self.broken.items():
            if tag in entries and entries[tag].get('response_fault') != fault:
                yield 'entry %s does not tell of its fault, %s' % (tag, fault)
            if tag not in entries and tag >= oldest:
                yield 'request %s was broken off and not recorded' % tag

    def _of_connections(self, history, limit):
        """Exchanges are counted from 0 on each connection, in the order of the history."""
        last = {}
        for entry in history:
            index, exchange = entry['connection_index'], entry['exchange_index']
            before = last.get(index, -1 if len(history) < limit else exchange - 1)
            if exchange != before + 1:
                yield 'connection %d: exchange %d after %d' % (index, exchange, before)
            last[index] = exchange

    def _of_queue(self, queue, limit):
        """Each queued response was served once, in the order of the history."""
        for content, tags in self.fetched.items():
            if len(tags) > 1:
                yield 'queued response %r was served %d times' % (content, len(tags))
        numbers = [int(entry['response_content'][1:]) for entry in queue.history
                   if entry.get('response_content')]
        first = numbers[0] if numbers and len(queue.history) == limit else 0
        for expected, number in enumerate(numbers, first):
            if number != expected:
                yield 'queued response %d was served where it was the turn of %d' % (
                    number, expected)
                break
        missing = [int(content[1:]) for content in self.fetched
                   if first <= int(content[1:]) not in numbers]
        if missing:
            yield 'queued responses were served and not recorded: %s' % sorted(missing)[:SHOWN]

    def _of_errors(self, server, history):
        """Callbacks that raised are told, and requests that nothing answers, and no others."""
        raising = [entry for entry in history if identity(entry)[0] == 'raise']
        if len(raising) < self.raised:
            yield '%d answers of 500, %d requests of that kind' % (self.raised, len(raising))
        told = errors_of(server)
        if told != len(raising):
            yield 'check() tells of %d errors, there were %d' % (told, len(raising))
        nowhere = [identity(entry)[1] for entry in history
                   if identity(entry)[0] == 'nowhere' and 'response_fault' not in entry]
        if [identity(entry)[1] for entry in server.unmatched] != nowhere:
            yield 'unmatched are %d of %d requests' % (len(server.unmatched), len(nowhere))

    def _of_failures(self, server, early):
        """Failures are of the wire, and of clients that gave cause."""
        ports = collections.Counter(each.client_address[1] for each in server.failures)
        for each in server.failures:
            if not WIRE.match(each.reason):
                yield 'no failure of the wire: %s' % (each,)
            elif each.client_address[1] not in self.causes:
                yield 'a failure without cause: %s' % (each,)
        for port in self.refused:
            if not ports[port]:
                yield 'a refused client is not in failures'
        if self.struck > early:
            yield '%d clients met one of %d faults' % (self.struck, early)


def identity(entry):
    """Return the kind and the tag that the target of a request names."""
    kind, _, tag = entry['path'].partition('?')[0][1:].partition('/')
    return kind, int(tag or '0')


def mixed(entry):
    """Return what differs between the parts of *entry*, '' where they are of one request."""
    kind, tag = identity(entry)
    told = [entry['headers'].get('X-Tag'), entry['requestline'].split(' ')[1],
            entry['raw_requestline'].decode('ascii').split(' ')[1]]
    if told != ['%d' % tag, entry['path'], entry['path']]:
        return '%s: %r' % (entry['path'], told)
    size = 0 if kind == 'early' else int(entry['headers'].get('X-Size', 0))
    if entry['body'] != body_of(tag, size):
        return '%s: body of %d octets, not %d: %r' % (
            entry['path'], len(entry['body']), size, entry['body'][:40])
    return ''


def body_of(tag, size):
    """Return the body of the request *tag*: *size* octets, none or more than a tag takes."""
    return (('%d:' % tag).encode('ascii') * (size // 2 + 1))[:size]


def errors_of(server):
    """Return how many exceptions *server* tells that it met on the test's side.

    A text of many is cut, and tells how many more there are: those of requests that were
    answered 404 come first.
    """
    try:
        server.check()
        return 0
    except AssertionError as error:
        text = str(error)
    part = text[text.find('answering '):] if 'answering ' in text else ''
    more = re.search(r'\.\.\. and (\d+) more like these\Z', part.rstrip())
    return len(re.findall(r'^answering ', part, re.M)) + (int(more.group(1)) if more else 0)


def _first(problems):
    """Return the first of *problems*, and how many more there are."""
    problems = list(problems)
    if len(problems) > SHOWN:
        problems[SHOWN:] = ['... and %d more like these' % (len(problems) - SHOWN)]
    return problems
