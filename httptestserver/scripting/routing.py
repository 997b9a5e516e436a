# -*- coding: utf-8 -*-
"""Finds the script of each request: among the routes, then in the server's queue and data.

Methods may be called from any thread. Criteria are user code, so they are tried without the
lock. To record a request and to choose its script is one step under the lock.
"""
import weakref

from httptestserver.http1.response_head import PLAIN_TEXT
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import Failures, History, Newest
from httptestserver.recording.request import Source, note_source
from httptestserver.scripting.combinations import check_script
from httptestserver.scripting.problems import Problems, current_traceback
from httptestserver.scripting.rules import Rule, find, not_found
from httptestserver.scripting.scripts import Scripts
from httptestserver.scripting.vocabulary import EARLY, MOMENTS, VOCABULARY, check
from httptestserver.waiting import Guard, Interrupt

__all__ = ['Router']

# The sources of requests whose script is not from a route.
FROM_QUEUE = Source(None, 'queue')
NOWHERE = Source(None, 'nowhere')

#: The script for a CONNECT that nothing scripts, because a 200 would promise a tunnel.
NO_TUNNEL = {
    'response_status': 501, 'response_headers': PLAIN_TEXT,
    'response_content': b'this server opens no tunnels; script a response to CONNECT, such as '
                        b"server.route('CONNECT', 'host:443', response_status=403)\n"}


class Router(object):
    """Finds the script of a request, and records the request in the same step.

    It has the lock of all endpoints of a server. It also keeps the unmatched requests and the
    exceptions of user code, which ``check()`` reports.

    :param vocabulary: the known keys, as `VOCABULARY`.
    :param cannot: what the server cannot do: see `check_possible`. None if not known.
    :param history_limit: how many requests, unmatched requests, failures and exceptions are
        kept, of each kind; None keeps all.
    """

    #: Whether clients name the origin of each request.
    is_proxy = False

    def __init__(self, vocabulary=VOCABULARY, cannot=None, history_limit=None):
        self._vocabulary = vocabulary
        self.cannot = cannot or {}
        self._limit = history_limit
        self.guard = Guard()
        self._lock = self.guard.lock
        #: Whether a script was written since the last reset that may be chosen before the whole
        #: request was read: `response_early`, or a fault with an early moment.
        self.has_early = False
        self.scripts = self._new_scripts(MOMENTS)
        self.history = History(self.guard, history_limit)
        self.failures = Failures(self.guard, history_limit)
        # The rules of the routes, newest first. The tuple is replaced under the lock and never
        # changed, so it is read without the lock.
        self._rules = ()
        # The recorded request that data shows; None if data shows none that is recorded.
        self._shown = None                      # guarded by _lock
        # How many resets there were.
        self._resets = 0                        # guarded by _lock
        # Pairs of a request and the rules that do not match it.
        self._unmatched = Newest(history_limit)         # guarded by _lock
        # Pairs of a request line and the traceback of an exception of user code.
        self._errors = Newest(history_limit)    # guarded by _lock
        # Ends the waits of all exchanges since the last call of `interrupt_all`.
        self._interrupt = Interrupt()           # guarded by _lock
        # Those that `interrupt_all` has replaced since the last reset.
        self._replaced = []                     # guarded by _lock
        self._stopped = False                   # guarded by _lock
        # A WeakSet of the feeds of the streams since the last reset; () if there are none,
        # because to make a set would be 5% of a start and stop.
        self._feeds = ()                        # guarded by _lock

    def _new_scripts(self, moments):
        # A lambda, because on PyPy tracebacks show the code of a `partial`.
        return Scripts(self._lock, lambda *args: self._check(moments, *args))

    def _check(self, moments, script, whole, beside):
        """Check a *script*, alone and together with the keys that data has *beside* it."""
        for key in script:
            check(key, script[key], self._vocabulary)
        check_script(dict(beside, **script), self.cannot, whole, moments)
        if script.get('response_early') or script.get('response_fault_at') in EARLY:
            self.has_early = True

    def add(self, criteria, response_keys, route=None, count=None, queue=()):
        """Add a rule before all others, and return it. Raises if *response_keys* are wrong.

        :param route: see `Rule`. So is *count*.
        :param queue: responses to enqueue before a request can come.
        """
        # A route whose criteria need the body is found too late for what is early.
        moments = MOMENTS[3 if criteria.needs_body else 2:]
        rule = Rule(criteria, self._new_scripts(moments),
                    History(self.guard, self._limit, self.history), route, count)
        if response_keys:
            self._check(moments, response_keys, True, {})
            rule.scripts.data.update(response_keys)
        if queue:
            rule.scripts.enqueue(queue, {})
        with self._lock:
            self._rules = (rule,) + self._rules
        return rule

    def remove(self, rule):
        """Remove *rule*, if it is there."""
        with self._lock:
            self._rules = tuple([each for each in self._rules if each is not rule])

    def answer(self, request, facts=None, names=None, recorded=False):
        """Record *request* and choose its script, in one step. Runs user code of criteria.

        :param facts: the facts to show in data; None to leave data as it is.
        :param names: the names of the facts: see `Scripts.publish`.
        :param recorded: whether the request is in the history already.
        :returns: the script, a dict, and the `Interrupt` that ends the waits of the exchange.
        """
        while True:
            # The count is read before the rules, and `reset` writes them in the opposite order.
            # So a reset that comes in between is noticed below.
            resets, rules = self._resets, self._rules
            rule = None
            if rules:
                rule = self._find_or_record(request, facts, recorded, rules)
            old = None
            with self._lock:
                # Search again after a reset, or if another request got the rule's last response.
                if resets != self._resets or rule is not None and rule.scripts.exhausted:
                    request.params = {}
                    continue
                if not recorded:
                    old = self._record(request, facts, names)
                interrupt = self._interrupt
                if rules:
                    script = self._next_script(request, rule, rules)
                else:
                    script = self._next_of_server(request)
                    if not script and request.get('command') == 'CONNECT':
                        script = NO_TUNNEL
            break
        # Dropped without the lock, because a finalizer may run user code.
        del old
        if self.guard.tasks:
            self.guard.wake_tasks()
        if script is None:
            script = not_found(request, rules)
        return script, interrupt

    def record(self, request, facts=None, names=None):
        """Record *request* for a handler that responds by itself. Parameters as for `answer`.

        :returns: the `Interrupt` that ends the waits of the exchange.
        """
        with self._lock:
            old = self._record(request, facts, names)
            interrupt = self._interrupt
        # As in `answer`.
        del old
        if self.guard.tasks:
            self.guard.wake_tasks()
        return interrupt

    def publish(self, facts):
        """Show the *facts* of a request in data before it is recorded."""
        with self._lock:
            self._shown = None
            old = self.scripts.publish(facts)
        # As in `answer`.
        del old

    def amend(self, request, facts):
        """Add *facts* to a recorded *request*, and to data while data shows this request."""
        with self._lock:
            old = [dict(request)]
            request.update(facts)
            if self._shown is request:
                old.append(self.scripts.amend(facts))
        # As in `answer`.
        del old

    def complete(self, request, duration):
        """Set the *duration* of a recorded *request*, which says that it is complete."""
        with self._lock:
            request['duration'] = duration
            if self._shown is request and 'duration' in self.scripts.data:
                dict.__setitem__(self.scripts.data, 'duration', duration)

    def early(self, moment, request=None):
        """Choose the next script if it has a fault at *moment*, which is an early one.

        At ``'request'`` it may have `response_early` instead. If the body decides which route
        matches, nothing is chosen.

        :param request: recorded in the same step; None before there is a request.
        :returns: as `answer`; (None, None) if nothing is chosen.
        """
        resets, rules, rule = self._resets, self._rules, None
        if request is not None:
            rule = find(request, rules, Criteria.match_head)
            if rule is not None and rule.criteria.needs_body:
                return None, None
        scripts = self.scripts if rule is None else rule.scripts
        with self._lock:
            script = scripts.peek() if resets == self._resets else {}
            if not _is_due(script, moment):
                return None, None
            interrupt = self._interrupt
            if request is None:
                old, script = None, scripts.next()
            else:
                old = self._record(request, request)
                script = self._next_script(request, rule, rules)
        # As in `answer`.
        del old
        if self.guard.tasks:
            self.guard.wake_tasks()
        return script, interrupt

    def _find_or_record(self, request, facts, recorded, rules):
        try:
            return find(request, rules)
        except BaseException:
            # A criterion has raised, but the request belongs in the history all the same.
            if not recorded:
                self.record(request, facts)
            raise

    def _record(self, request, facts, names=None):
        """Record *request*. Returns what the caller drops without the lock, which is held."""
        old = None
        if facts is not None:
            old = self.scripts.publish(facts, names)
            self._shown = request
        self.history.append(request)
        return old

    def _next_script(self, request, rule, rules):
        """Return the script of a recorded request; None if there is none. The lock is held."""
        if rule is not None:
            rule.observe(request)
            return rule.scripts.next()
        script = self._next_of_server(request)
        if script:
            return script
        self._unmatched.append((request, rules))
        note_source(request, NOWHERE)
        return None

    def _next_of_server(self, request):
        """Return the next script of the server's queue or data. The lock is held."""
        # For data no source is noted, which saves time for the many servers without a queue.
        if self.scripts.queue:
            note_source(request, FROM_QUEUE)
        return self.scripts.next()

    def unmatched(self):
        """Return a list of the requests that had no script."""
        with self._lock:
            return [request for request, _ in self._unmatched]

    def add_error(self, requestline, text=None):
        """Keep what went wrong, so that `problems` reports it.

        :param text: its description; None for the exception that is being handled.
        """
        if text is None:
            text = current_traceback()
        with self._lock:
            self._errors.append((requestline, text))

    def problems(self, endpoint):
        """Return the `Problems` since the last reset.

        :param endpoint: named in the message as the owner of the server's queue.
        """
        with self._lock:
            unmatched, errors = list(self._unmatched), list(self._errors)
            dropped = self._unmatched.dropped, self._errors.dropped
            received, queue = list(self.history), self.scripts.queued()
            tallies = [rule.tally() for rule in self._rules]
        missed = [(request, [rule.criteria for rule in rules]) for request, rules in unmatched]
        return Problems(missed, errors, dropped, received, tallies, endpoint, queue)

    def feed(self, limit):
        """Return the new `Feed` of a stream. Raises as `make_feed`."""
        # Imported here, because few tests need it.
        from httptestserver.scripting.feed import make_feed
        feed = make_feed(limit)
        with self._lock:
            self._feeds = self._feeds or weakref.WeakSet()
            self._feeds.add(feed)
            stopped = self._stopped
        if stopped:
            feed.end()
        return feed

    @property
    def interrupt(self):
        """The `Interrupt` that the next `reset` or `stop` sets."""
        with self._lock:
            return self._interrupt

    def tunnels(self):
        """Return a list of the tunnels that were opened: none, because this is no proxy."""
        return []

    def _taken_feeds(self):
        """Remove and return the feeds. The caller ends them without the lock, which is held."""
        feeds, self._feeds = list(self._feeds), ()
        return feeds

    def start(self):
        """Let responses wait again after `stop`."""
        with self._lock:
            self._interrupt, self._stopped = Interrupt(), False

    def stop(self):
        """End all waits of responses, also those that begin before the next `start`."""
        with self._lock:
            self._stopped = True
            self._interrupt.set()
            feeds = self._taken_feeds()
        _end(feeds)

    def interrupt_all(self):
        """End all waits of the responses that were chosen. The lock is held."""
        self._interrupt.set()
        self._replaced.append(self._interrupt)
        self._interrupt = Interrupt()
        if self._stopped:
            self._interrupt.set()

    def clear_scripts(self):
        """Remove all routes and scripts; responses that were chosen are sent. The lock is held.

        :returns: what was removed. The caller drops it without the lock.
        """
        old = self._rules
        # Replaced before the count, because answer() reads both without the lock.
        self._rules = ()
        self._resets += 1
        self._shown = None
        return old, self.scripts.clear()

    def reset(self, interrupt=None):
        """Remove all scripts and records, and end all waits of responses.

        :param interrupt: that of the exchange which asks for the reset. If another reset came
            since, this call has no effect. None always resets.
        """
        with self._lock:
            if interrupt not in [None, self._interrupt] + self._replaced:
                return
            old = [self.clear_scripts(), self._clear_records()]
            self.has_early = False
            self.interrupt_all()
            self._replaced = []
            feeds = self._taken_feeds()
        _end(feeds)
        # Dropped without the lock, because a finalizer may run user code.
        del old

    def _clear_records(self):
        """Remove all records, and return what the caller drops. The lock is held."""
        self.failures.clear()
        return [self._unmatched.clear(), self._errors.clear(), self.history.clear()]


def _end(feeds):
    """End *feeds*. It acts on sockets, so the lock of the router is not held."""
    for feed in feeds:
        feed.end()


def _is_due(script, moment):
    """Whether *script* has to be served at an early *moment*."""
    if moment == 'request' and script.get('response_early'):
        return True
    return script.get('response_fault_at') == moment and 'response_fault' in script
