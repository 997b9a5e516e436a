# -*- coding: utf-8 -*-
"""Makes the message of ``server.check()``: what went wrong on the side of the test.

Nothing here does I/O or takes a lock. `Problems.text` may run user code of criteria.
"""
import collections
import sys
import traceback

from six import ensure_str

from httptestserver.recording.messages import near_miss, one_line, plural, sourced_line
from httptestserver.recording.request import source_of
from httptestserver.recording.values import is_met
from httptestserver.wording import Words, described, shown

__all__ = ['Problems', 'Tally', 'current_traceback']

#: At most so many problems of each kind are listed: the first ones.
PROBLEMS = 20
#: At most so many requests are listed that came to one route: the newest ones.
LINES = 20
#: At most so many requests are listed that came to other routes instead: the newest ones.
ELSEWHERE = 5


def current_traceback():
    """Return the text of the exception that is being handled."""
    error = sys.exc_info()[1]
    try:
        return traceback.format_exc()
    except Exception:
        # `format_exc` reads source files, which fails if descriptors are exhausted.
        return ensure_str(described(error)) + '\n'


class Tally(collections.namedtuple('Tally', 'route criteria expected came requests queue')):
    """A route at the time of a check.

    ``expected`` is its parameter ``count``, ``came`` is how many requests came to it,
    ``requests`` are those that are kept, and ``queue`` is what is left of its queue: (script,
    times) pairs.
    """

    __slots__ = ()


class Problems(object):
    """What ``server.check()`` looks at. It is made of copies, while the lock is held.

    :param unmatched: pairs of a request and a list of the `Criteria` that it does not meet.
    :param errors: pairs of a request line and a traceback.
    :param dropped: how many older ones of both ``history_limit`` has dropped.
    :param received: all requests of the server.
    :param tallies: a `Tally` for each route, newest first.
    :param owner: the endpoint that has the server's queue.
    :param queue: what is left of this queue: a list of (script, times) pairs.
    """

    def __init__(self, unmatched=(), errors=(), dropped=(0, 0), received=(), tallies=(),
                 owner=None, queue=()):
        self._unmatched, self._errors, self._dropped = unmatched, errors, dropped
        self._received = received
        self._tallies = tallies
        self._owner, self._queue = owner, queue

    def text(self, unserved=False, unrequested=False):
        """Return the message; empty text if nothing is wrong.

        :param unserved: whether responses that are left in queues are reported.
        :param unrequested: whether routes that no request came to are reported.
        """
        wrong = [each for each in self._tallies if each.expected not in (None, each.came)]
        idle = [each for each in self._tallies if each.expected is None and not each.came]
        return '\n'.join(
            self._of_requests()
            + _first(wrong, self._wrong_count)
            + (_first(idle, self._unrequested) if unrequested else [])
            + ([_left(*left) for left in self._queues()] if unserved else []))

    def passed_over(self):
        """Return texts about routes and queues that were not used because other routes came first.

        The report of a failed test shows them. `text` has the same ones if it is asked for them.
        """
        hidden = [each for each in self._tallies if self._is_hidden(each)]
        return _first(hidden, self._unrequested) + [
            _left(*left) for left in self._queues() if left[-1]]

    def _of_requests(self):
        return (_first(self._unmatched, lambda pair: near_miss(*pair))
                + _dropped(self._dropped[0], 'unmatched request', self._unmatched)
                + _first(self._errors, lambda pair: 'handling %s failed:\n%s' % (
                    shown(Words(pair[0])), pair[1]))
                + _dropped(self._dropped[1], 'exception', self._errors))

    def _wrong_count(self, tally):
        """Return the text about a route that did not get as many requests as it expects."""
        expected = plural(tally.expected, 'request') if tally.expected else 'no request'
        lines = ['expected %s to %r, got %d%s' % (
            expected, tally.route, tally.came, ':' if tally.came else '')]
        own = {id(each) for each in tally.requests}
        pairs = [pair for pair in enumerate(self._received) if id(pair[1]) in own]
        lines += _lines(pairs, LINES, '  ', one_line, tally.came)
        if tally.came < tally.expected:
            lines += self._shadowed(tally)
        return '\n'.join(lines)

    def _unrequested(self, tally):
        return '\n'.join(['no request came to %r' % tally.route] + self._shadowed(tally))

    def _queues(self):
        """Yield (owner, what is left, lines that say why) of each queue that is not empty."""
        if self._queue:
            yield self._owner, self._queue, self._passed_by()
        for each in self._tallies:
            if each.queue:
                yield each.route, each.queue, self._shadowed(each)

    def _shadowed(self, tally):
        """Return lines with the requests that match a route, but came to a newer one."""
        pairs = self._taken(tally, self._newer(tally))
        if not pairs:
            return []
        return ['  a newer route came first for requests that match this one too:'] + _lines(
            pairs, ELSEWHERE)

    def _is_hidden(self, tally):
        """Whether nothing came to a route because newer routes, which are less exact, hide it.

        A newer route that is more exact is an exception to it, which tests often add.
        """
        if tally.came or tally.queue or tally.expected is not None:
            return False
        return bool(self._taken(tally, [
            each for each in self._newer(tally)
            if each.criteria.exactness < tally.criteria.exactness]))

    def _newer(self, tally):
        return self._tallies[:self._tallies.index(tally)]

    def _taken(self, tally, others):
        """Return (index, request) of the requests that match a route, but came to *others*."""
        # A criterion that raises must not hide what is wrong.
        return [pair for pair in self._routed(others) if is_met(tally.criteria.match, pair[1])]

    def _passed_by(self):
        """Return lines with the requests that came to routes, and so not to the server's queue."""
        pairs = self._routed(self._tallies)
        if not pairs:
            return []
        return ['  routes come before this queue, and served:'] + _lines(pairs, ELSEWHERE)

    def _routed(self, tallies):
        """Return (index, request) of each request that a route of *tallies* has served."""
        routes = {id(each.route) for each in tallies}
        return [(index, request) for index, request in enumerate(self._received)
                if id(source_of(request).route) in routes]


def _lines(pairs, limit, indent='    ', line=sourced_line, number=0):
    """Return lines for the last *limit* of *pairs*, each (index, request).

    :param line: a function of (index, request) that makes a line.
    :param number: how many requests there were, if some are no longer kept.
    """
    kept = pairs[-limit:]
    left_out = max(number, len(pairs)) - len(kept)
    older = ['... %s' % plural(left_out, 'older one')] if left_out else []
    return [indent + each for each in older + [line(*pair) for pair in kept]]


def _dropped(number, noun, kept):
    noun = 'older ' + noun if kept else noun
    return ['history_limit dropped %s' % plural(number, noun)] if number else []


def _left(owner, queue, hint):
    """Return the text about the responses that are left in the *queue* of *owner*.

    :param hint: more lines.
    """
    verb = 'was' if len(queue) == 1 else 'were'
    head = '%s of %r %s not used:' % (plural(len(queue), 'queued response'), owner, verb)
    return '\n'.join([head] + ['  ' + each for each in _first(queue, _script_left)] + hint)


def _script_left(pair):
    script, times = pair
    return shown(script) if times == 1 else '%s, %d times' % (shown(script), times)


def _first(items, text):
    """Return a list of ``text(item)`` for the first items, with a line that counts the others."""
    lines = [text(each) for each in items[:PROBLEMS]]
    if len(items) > PROBLEMS:
        lines.append('... and %d more like these' % (len(items) - PROBLEMS))
    return lines
