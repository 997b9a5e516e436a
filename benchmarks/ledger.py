# -*- coding: utf-8 -*-
"""Records what the clients of the soak sent and received, and compares it with the history.

A `Ledger` is of one server, from one reset to the next. Clients write into it from any thread.
`disagreements` is called when they have left and the server has served all their requests.
"""
from __future__ import unicode_literals

import collections
import re
import threading

#: How many disagreements of one kind are listed.
SHOWN = 5
#: How many requests may be on their way at once: 100 connections, 8 in each pipeline.
IN_FLIGHT = 800

#: The reasons that `Server.failures` may have. Others are errors on the side of the test.
WIRE = re.compile(r'the client left|TLS handshake failed|a TLS handshake|plain HTTP|'
                  r'not a version of HTTP|.*RFC 9\d\d\d|.* of more than \d+ \w+', re.S)


class Ledger(object):
    """What clients sent to one server, and what they received."""

    def __init__(self, first=1):
        self._lock = threading.Lock()
        # A tag is the number of a request. _lock guards all of the following.
        self.first = self._next = first
        # Tag of a request that was sent completely: (kind, port of the client).
        self.asked = {}
        # Tags of requests that were not sent completely.
        self.partial = set()
        # Tag: (kind, status, length and begin of the content) of the response.
        self.responses = {}
        # Tag of an exchange that was aborted: the fault that its client saw.
        self.aborted = {}
        # Content of a queued response: the tags of the requests that got it.
        self.fetched = {}
        # Ports of clients that caused a failure.
        self.causes = set()
        # Ports of clients that got a response to garbage.
        self.refused = []
        # How many responses were a 500 because a callback raised.
        self.raised = 0
        # How many clients met a fault before their first response.
        self.struck = 0
        # How many seconds after a request a waiting test was woken, at most.
        self.lag = 0.0

    def tag(self):
        """Return a number for the next request."""
        with self._lock:
            self._next += 1
            return self._next - 1

    @property
    def issued(self):
        """How many tags have been given."""
        with self._lock:
            return self._next - self.first

    @property
    def next(self):
        """The next tag."""
        return self._next

    def ask(self, tag, kind, port, whole=True):
        """Record that a request is about to be sent."""
        with self._lock:
            if whole:
                self.asked[tag] = kind, port
            else:
                self.partial.add(tag)

    def respond(self, tag, kind, status, content):
        """Record that a client has its whole response."""
        with self._lock:
            self.responses[tag] = kind, status, len(content), content[:40]
            if kind == 'queue' and content:
                self.fetched.setdefault(content, []).append(tag)
            self.raised += kind == 'raise'

    def fault(self, tag, fault):
        """Record that an exchange was aborted by the *fault* that its client asked for."""
        with self._lock:
            self.aborted[tag] = fault

    def cause(self, port):
        """Record that a client causes a failure on the wire."""
        with self._lock:
            self.causes.add(port)

    def refuse(self, port):
        """Record that a client got a response to garbage."""
        with self._lock:
            self.refused.append(port)

    def strike(self):
        """Record that a connection ended before its first response."""
        with self._lock:
            self.struck += 1

    def late(self, seconds):
        """Record how long after a request a waiting test was woken."""
        self.lag = max(self.lag, seconds)

    # The rules below are checked when the clients have left.

    def disagreements(self, server, queue, limit, early):
        """Return a list of all that is wrong, one line for each.

        :param queue: the route with a queue.
        :param limit: how many requests the history keeps.
        :param early: how many faults before a request were queued.
        """
        history = server.history
        wrong = []
        for rule in (self._of_entries, self._of_responses, self._of_connections):
            wrong += _first(rule(history, limit))
        wrong += _first(self._of_queue(queue, limit))
        if len(history) < limit:
            wrong += _first(self._of_errors(server, history))
        wrong += _first(self._of_failures(server, early))
        return wrong

    def _of_entries(self, history, limit):
        """Each entry is of one request that a client sent, and there is no second one of it."""
        seen = collections.Counter()
        for entry in history:
            kind, tag = identity(entry)
            seen[tag] += 1
            if mixed(entry):
                yield 'mixed entry: %s' % mixed(entry)
            if tag not in self.asked:
                yield 'entry %s of a request that %s' % (
                    tag, 'was not sent completely' if tag in self.partial else 'no client sent')
            elif self.asked[tag] != (kind, entry['client_address'][1]):
                yield 'entry %s is of %r, the request was of %r' % (
                    tag, (kind, entry['client_address'][1]), self.asked[tag])
        for tag in seen:
            if seen[tag] > 1:
                yield 'request %s was recorded %d times' % (tag, seen[tag])

    def _of_responses(self, history, limit):
        """Each request that got a response is recorded, with what its client received."""
        entries = {identity(entry)[1]: entry for entry in history}
        oldest = self._next - limit + IN_FLIGHT if len(history) == limit else 0
        for tag, (kind, status, length, begin) in self.responses.items():
            entry = entries.get(tag)
            if entry is None:
                if tag >= oldest:
                    yield 'request %s got a response and was not recorded' % tag
                continue
            content = entry.get('response_content', b'')
            if entry['duration'] is None or entry.get('response_status') != status:
                yield 'entry %s is not complete: %r' % (tag, entry.get('response_status'))
            elif (len(content), content[:40]) != (length, begin):
                yield 'entry %s has another response: %r, not %r' % (
                    tag, content[:40], begin)
        for tag, fault in self.aborted.items():
            if tag in entries and entries[tag].get('response_fault') != fault:
                yield 'entry %s does not have its fault, %s' % (tag, fault)
            if tag not in entries and tag >= oldest:
                yield 'request %s was aborted and not recorded' % tag

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
                yield 'queued response %d was served instead of %d' % (
                    number, expected)
                break
        missing = [int(content[1:]) for content in self.fetched
                   if first <= int(content[1:]) not in numbers]
        if missing:
            yield 'queued responses were served and not recorded: %s' % sorted(missing)[:SHOWN]

    def _of_errors(self, server, history):
        """check() reports callbacks that raised, and unmatched requests, and nothing else."""
        raising = [entry for entry in history if identity(entry)[0] == 'raise']
        if len(raising) < self.raised:
            yield '%d responses were a 500, %d requests of that kind' % (self.raised, len(raising))
        reported = errors_of(server)
        if reported != len(raising):
            yield 'check() reports %d errors, there were %d' % (reported, len(raising))
        nowhere = [identity(entry)[1] for entry in history
                   if identity(entry)[0] == 'nowhere' and 'response_fault' not in entry]
        if [identity(entry)[1] for entry in server.unmatched] != nowhere:
            yield 'unmatched are %d of %d requests' % (len(server.unmatched), len(nowhere))

    def _of_failures(self, server, early):
        """Failures are failures of the wire, of clients that caused them."""
        ports = collections.Counter(each.client_address[1] for each in server.failures)
        for each in server.failures:
            if not WIRE.match(each.reason):
                yield 'not a failure of the wire: %s' % (each,)
            elif each.client_address[1] not in self.causes:
                yield 'a failure without a cause: %s' % (each,)
        for port in self.refused:
            if not ports[port]:
                yield 'a refused client is not in failures'
        if self.struck > early:
            yield '%d clients met one of %d faults' % (self.struck, early)


def identity(entry):
    """Return the kind and the tag in the target of a request."""
    kind, _, tag = entry['path'].partition('?')[0][1:].partition('/')
    return kind, int(tag or '0')


def mixed(entry):
    """Return what differs between the parts of *entry*, '' if they are of one request."""
    kind, tag = identity(entry)
    parts = [entry['headers'].get('X-Tag'), entry['requestline'].split(' ')[1],
             entry['raw_requestline'].decode('ascii').split(' ')[1]]
    if parts != ['%d' % tag, entry['path'], entry['path']]:
        return '%s: %r' % (entry['path'], parts)
    size = 0 if kind == 'early' else int(entry['headers'].get('X-Size', 0))
    if entry['body'] != body_of(tag, size):
        return '%s: body of %d bytes, not %d: %r' % (
            entry['path'], len(entry['body']), size, entry['body'][:40])
    return ''


def body_of(tag, size):
    """Return a body of *size* bytes, 0 or enough for the *tag* that it repeats."""
    return (('%d:' % tag).encode('ascii') * (size // 2 + 1))[:size]


def errors_of(server):
    """Return how many exceptions of user code `check` of *server* reports.

    Its text lists unmatched requests first. A long list ends in the number of further ones.
    """
    try:
        server.check()
        return 0
    except AssertionError as error:
        text = str(error)
    errors = list(re.finditer(r'^(?:answering|handling) .* failed:$', text, re.M))
    part = text[errors[0].start():] if errors else ''
    more = re.search(r'\.\.\. and (\d+) more like these\Z', part.rstrip())
    return len(errors) + (int(more.group(1)) if more else 0)


def _first(problems):
    """Return the first of *problems*, and the number of the others."""
    problems = list(problems)
    if len(problems) > SHOWN:
        problems[SHOWN:] = ['... and %d more like these' % (len(problems) - SHOWN)]
    return problems
