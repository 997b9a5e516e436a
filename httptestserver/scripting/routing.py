# -*- coding: utf-8 -*-
"""Finds the script of each request: routes, then the endpoint of the server.

Methods may be called from any thread. Criteria are user code, so they are tried without the
lock; recording a request and choosing its script are one step under it.
"""
import collections
import functools
import sys
import traceback

from httptestserver.http1.response_head import PLAIN_TEXT
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import Failures, History, Newest
from httptestserver.recording.messages import near_miss, went_wrong
from httptestserver.scripting.endpoint import Endpoint, Scripts
from httptestserver.scripting.vocabulary import (
    EARLY, MOMENTS, VOCABULARY, check, check_script, is_response_key)
from httptestserver.waiting import Guard, Interrupt

__all__ = ['Route', 'Router', 'ServerEndpoint']


class Rule(collections.namedtuple('Rule', 'criteria scripts history')):
    """What a router knows of a route."""

    __slots__ = ()

    def __repr__(self):
        return '<Route %s>' % self.criteria


class Router(object):
    """Finds the script of a request, and records it in the same step.

    It has the lock of all endpoints of a server, and what went wrong on the test's side.

    :param vocabulary: the keys of a response, as `VOCABULARY`.
    :param scheme: ``'http'`` or ``'https'``; None if that is not known.
    :param history_limit: how many requests, unmatched requests, failures and errors are
        kept, each; None for all.
    """

    def __init__(self, vocabulary=VOCABULARY, scheme=None, history_limit=None):
        self._vocabulary = vocabulary
        self._scheme = scheme
        self._limit = history_limit
        self.guard = Guard()
        self._lock = self.guard.lock
        #: Whether the fault of some script may come before a request is read.
        self.has_early = False
        self.scripts = self._new_scripts(MOMENTS)
        self.history = History(self.guard, history_limit)
        self.failures = Failures(self.guard, history_limit)
        #: Those of the routes, the newest first; replaced, never changed.
        self._rules = ()
        #: The recorded request that data shows; guarded by _lock.
        self._shown = None
        self._resets = 0                        # guarded by _lock
        self._unmatched = Newest(history_limit)         # (request, rules); guarded by _lock
        self._errors = Newest(history_limit)    # (request line, traceback); guarded by _lock
        self._interrupt = Interrupt()           # guarded by _lock
        self._stopped = False                   # guarded by _lock

    def _new_scripts(self, moments):
        return Scripts(self._lock, functools.partial(self._check, moments))

    def _check(self, moments, script, whole, beside):
        """Refuse a *script* that is wrong, alone or with the keys that stand *beside* it."""
        for key in script:
            check(key, script[key], self._vocabulary)
        check_script(dict(beside, **script), self._scheme, whole, moments)
        if script.get('response_fault_at') in EARLY:
            self.has_early = True

    def add(self, criteria, response_keys):
        """Add a rule before all others, and return it."""
        moments = MOMENTS[3 if criteria.needs_body else 2:]
        rule = Rule(criteria, self._new_scripts(moments), History(self.guard, self._limit))
        if response_keys:
            self._check(moments, response_keys, True, {})
            rule.scripts.data.update(response_keys)
        with self._lock:
            self._rules = (rule,) + self._rules
        return rule

    def remove(self, rule):
        """Match no more requests by *rule*. Idempotent."""
        with self._lock:
            self._rules = tuple([each for each in self._rules if each is not rule])

    def answer(self, request, facts=None, names=None, recorded=False):
        """Record *request* and choose its script, in one step.

        :param facts: those to show in data; None for none.
        :param names: those of the facts, see `Scripts.publish`.
        :param recorded: whether the request is in the history already.
        :returns: the script, and the `Interrupt` that ends its waits.
        """
        while True:
            # In this order: reset() drops the rules before it counts.
            resets, rules = self._resets, self._rules
            rule = None
            if rules:
                rule = self._find_or_record(request, facts, recorded, rules)
            with self._lock:
                # A reset came, or another request had the rule's last response.
                if resets != self._resets or rule is not None and rule.scripts.exhausted:
                    request.params = {}
                    continue
                if not recorded:
                    self._record(request, facts, names)
                script = self._choose(request, rule, rules)
                interrupt = self._interrupt
            if script is None:
                script = _not_found(request, rules)
            return script, interrupt

    def record(self, request, facts=None, names=None):
        """Record *request*, for a handler that responds itself. As `answer`.

        :returns: the `Interrupt` that ends waits for it.
        """
        with self._lock:
            self._record(request, facts, names)
            return self._interrupt

    def publish(self, facts):
        """Show the *facts* of a request in data, before it is recorded."""
        with self._lock:
            self._shown = None
            self.scripts.publish(facts)

    def amend(self, request, facts):
        """Add *facts* to a recorded *request*; data shows them, too, while it shows that."""
        with self._lock:
            request.update(facts)
            if self._shown is request:
                self.scripts.amend(facts)

    def complete(self, request, facts):
        """Add the *facts* of its response to a recorded *request*."""
        request.update(facts)
        with self._lock:
            # A subclass may have a state without a duration.
            if self._shown is request and 'duration' in self.scripts.data:
                self.scripts.show_duration(facts['duration'])

    def early(self, moment, request=None):
        """Return the next script, served with that, if its fault comes at *moment*.

        A *request* is recorded in the same step.

        :returns: as `answer`; (None, None) if no such fault is due.
        """
        resets, rule = self._resets, None
        if request is not None:
            rule = self._find(request, [each for each in self._rules
                                        if not each.criteria.needs_body])
        scripts = self.scripts if rule is None else rule.scripts
        with self._lock:
            script = scripts.peek() if resets == self._resets else {}
            if script.get('response_fault_at') != moment or 'response_fault' not in script:
                return None, None
            if request is not None:
                self._record(request, request)
            if rule is not None:
                _observe(rule, request)
            return scripts.next(), self._interrupt

    def _find_or_record(self, request, facts, recorded, rules):
        try:
            return self._find(request, rules)
        except BaseException:
            # A request that a criterion fails for has come all the same.
            if not recorded:
                self.record(request, facts)
            raise

    def _find(self, request, rules):
        for rule in rules:
            if not rule.scripts.exhausted and rule.criteria.match(request):
                request.params = rule.criteria.params(request)
                return rule
        return None

    def _record(self, request, facts, names=None):
        if facts is not None:
            self.scripts.publish(facts, names)
            self._shown = request
        self.history.append(request)

    def _choose(self, request, rule, rules):
        """Return the script of a recorded request; None if nothing is scripted for it."""
        if rule is not None:
            _observe(rule, request)
            return rule.scripts.next()
        script = self.scripts.next()
        if script or not rules:
            return script
        self._unmatched.append((request, rules))
        return None

    def unmatched(self):
        """Return the requests that no rule matched, and nothing else was scripted for."""
        with self._lock:
            return [request for request, _ in self._unmatched]

    def add_error(self, requestline):
        """Have `problems` report the exception that is being handled."""
        kind, error = sys.exc_info()[:2]
        try:
            # It formats the exception, and reads sources.
            text = traceback.format_exc()
        except Exception:
            # At the exit of the interpreter what that needs may be gone.
            text = ''.join(traceback.format_exception_only(kind, error))
        with self._lock:
            self._errors.append((requestline, text))

    def problems(self, unserved, endpoint):
        """Return text of what went wrong on the test's side, empty if nothing did.

        :param unserved: whether responses left in queues are wrong.
        :param endpoint: stands before the queue of the server.
        """
        with self._lock:
            unmatched, errors = list(self._unmatched), list(self._errors)
            dropped = self._unmatched.dropped, self._errors.dropped
            queues = [(endpoint, self.scripts.queued())] + [
                (rule, rule.scripts.queued()) for rule in self._rules]
        return went_wrong(
            [(request, [rule.criteria for rule in rules]) for request, rules in unmatched],
            errors, [pair for pair in queues if unserved and pair[1]], *dropped)

    def start(self):
        """Let responses wait again."""
        with self._lock:
            self._interrupt, self._stopped = Interrupt(), False

    def stop(self):
        """End what responses wait for, from now on until `start`."""
        with self._lock:
            self._stopped = True
            self._interrupt.set()

    def reset(self, interrupt=None):
        """Forget all scripts and all that was recorded, and end what responses wait for.

        :param interrupt: as returned with the script of an exchange; no effect if another
            reset has come since.
        """
        with self._lock:
            if interrupt not in (None, self._interrupt):
                return
            old = [self._rules, self._unmatched.clear(), self._errors.clear()]
            # First, because answer() looks without the lock.
            self._rules = ()
            self._resets += 1
            self._shown = None
            old += [self.scripts.clear(), self.history.clear()]
            self.failures.clear()
            self.has_early = False
            self._interrupt.set()
            self._interrupt = Interrupt()
            if self._stopped:
                self._interrupt.set()
        # Dropped without the lock, because a finalizer may run user code.
        del old


def _observe(rule, request):
    rule.scripts.publish(request)
    rule.history.append(request)


def _not_found(request, rules):
    """Return the script that shows a client which route came nearest."""
    text = near_miss(request, [rule.criteria for rule in rules])
    return {'response_status': 404, 'response_content': text,
            'response_headers': PLAIN_TEXT}


class ServerEndpoint(Endpoint):
    """The endpoint of a server, with routes before it. It needs no socket."""

    def __init__(self, router):
        self._router = router
        super(ServerEndpoint, self).__init__(router.guard, router.scripts, router.history)

    def route(self, method=None, path=None, query=None, headers=None, body=None, json=None,
              form=None, cookies=None, match=None, **response_keys):
        """Respond to matching requests with *response_keys*; the newest matching route does.

        All criteria that are given have to be met. As a decorator,
        ``@server.route('POST', '/echo')`` has the function respond.

        :returns: the `Route`.
        :raises TypeError, ValueError: a criterion or a key is wrong.
        """
        for key in response_keys:
            if not is_response_key(key):
                Criteria.named({key: None})
        criteria = Criteria(method, path, query, headers, body, json, form, cookies, match)
        return Route(self._router, self._router.add(criteria, response_keys))

    @property
    def unmatched(self):
        """The requests that no route matched, and nothing else was scripted for; a snapshot."""
        return self._router.unmatched()

    def check(self, unserved=False):
        """Raise AssertionError with all that went wrong on the test's side.

        That is `unmatched` requests, and exceptions of user code.

        :param unserved: whether queued responses that nobody fetched are wrong too.
        """
        problems = self._router.problems(unserved, self)
        if problems:
            raise AssertionError(problems)

    def reset(self):
        """Forget scripts, routes, history and failures, and end what delays a response."""
        self._router.reset()


class Route(Endpoint):
    """Responds to the requests that meet its criteria, and has a history of them.

    It matches until it is removed, or until its last response has been served
    ``response_times``. As a decorator it takes a function of the request as its callback.
    """

    def __init__(self, router, rule):
        super(Route, self).__init__(router.guard, rule.scripts, rule.history)
        self._router = router
        self._rule = rule

    def __call__(self, function):
        self.data['response_callback'] = function
        return function

    def __repr__(self):
        return repr(self._rule)

    def remove(self):
        """Match no more requests. What was recorded stays. Idempotent."""
        self._router.remove(self._rule)
