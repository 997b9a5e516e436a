# -*- coding: utf-8 -*-
"""An endpoint with routes before it, and what went wrong on the test's side.

Every method may be called from any thread, as those of `Endpoint`; criteria are code of the
test's, so they are tried without the lock.
"""
import sys
import traceback

from httptestserver.scripting.vocabulary import is_response_key
from httptestserver.scripting.endpoint import Endpoint, Guard, Route
from httptestserver.scripting.vocabulary import EARLY
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.messages import near_miss, went_wrong
from httptestserver.http1.response_head import PLAIN_TEXT
from httptestserver.scripting.vocabulary import MOMENTS, VOCABULARY
from httptestserver.waiting import Interrupt

__all__ = ['Service']


class Service(Endpoint):
    """An endpoint with routes before it."""

    def __init__(self, vocabulary=VOCABULARY, scheme=None, history_limit=None):
        self.has_early = False          # whether some fault may come before a request is read
        super(Service, self).__init__(Guard(), vocabulary, scheme, MOMENTS, history_limit)
        self._routes = ()               # newest first; replaced, never changed
        self._unmatched = []            # (request, routes tried); guarded by _lock
        self._errors = []               # (request line, traceback); guarded by _lock
        self._interrupt = Interrupt()   # set when waits end; guarded by _lock

    def route(self, method=None, path=None, query=None, headers=None, body=None, json=None,
              form=None, cookies=None, match=None, **response_keys):
        """Answer matching requests with *response_keys*; the newest route that matches does.

        The criteria are those of `httptestserver.recording.criteria.Criteria`. As a decorator,
        ``@server.route('POST', '/echo')`` has the function answer.

        :returns: the `Route`.
        :raises TypeError, ValueError: a criterion or a key is wrong.
        """
        for key in response_keys:
            if not is_response_key(key):
                Criteria.named({key: None})
        route = Route(self, Criteria(method, path, query, headers, body, json, form, cookies,
                                     match), response_keys)
        with self._lock:
            self._routes = (route,) + self._routes
        return route

    @property
    def unmatched(self):
        """The requests that no route matched, and nothing else answered; a snapshot."""
        with self._lock:
            return [request for request, _ in self._unmatched]

    def check(self, unserved=False):
        """Raise AssertionError with all that went wrong on the test's side.

        That is `unmatched` requests, and exceptions of its callbacks and handlers.

        :param unserved: whether queued responses that nobody fetched are wrong too.
        """
        with self._lock:
            unmatched, errors = list(self._unmatched), list(self._errors)
            left = [(each, [tuple(pair) for pair in list(each._queue)])
                    for each in (self,) + self._routes if unserved and each._queue]
        text = went_wrong([(request, [route.criteria for route in routes])
                           for request, routes in unmatched], errors, left)
        if text:
            raise AssertionError(text)

    def _forget(self):
        """Under the lock: forget routes and what went wrong too, and end what delays answers."""
        old = [self._routes, self._unmatched]
        self._routes = ()               # first, for `_route` looks without the lock
        old.append(super(Service, self)._forget())
        self._unmatched, self._errors = [], []
        self.has_early = False
        self._interrupt.set()
        self._interrupt = Interrupt()
        return old

    def _remove(self, route):
        with self._lock:
            self._routes = tuple([each for each in self._routes if each is not route])

    def _checked(self, script, *context):
        script = super(Service, self)._checked(script, *context)
        if script.get('response_fault_at') in EARLY:
            self.has_early = True
        return script

    # What follows is for handlers.

    def publish(self, state):
        """Show the *state* of a request in `data`."""
        with self._lock:
            old = dict.copy(self._data)
            self._data.publish(state)
        del old                         # not before: it may end with code of the test's

    def record(self, request, answered):
        """Append *request* to the history, and choose its answer in the same step.

        :param answered: False where a handler answers by itself.
        :returns: the script of the answer, None if not *answered*, and the event that ends
            its waits.
        """
        with self._lock:
            if not self._routes or not answered:
                self._append(request)
                return (self._next() if answered else None), self._interrupt
        return self._route(request, True)

    def choose(self, request):
        """As `record`, for a *request* that is recorded already."""
        return self._route(request, False)

    def _route(self, request, new):
        while True:
            since, routes = self._since, self._routes       # in this order: see `_forget`
            try:
                route = self._find(request, routes)         # code of the test's: no lock
            except BaseException:
                with self._lock:
                    if new:
                        self._append(request)
                raise
            with self._lock:
                if since != self._since or route is not None and route._spent:
                    request.params = {}
                    continue                # a reset, or another request had its last response
                if new:
                    self._append(request)
                interrupt = self._interrupt
                if route is not None:
                    route._observe(request)
                    return route._next(), interrupt
                if self._scripted or not routes:
                    return self._next(), interrupt
                self._unmatched.append((request, routes))
            return _not_found(request, routes), interrupt

    def _find(self, request, routes):
        for route in routes:
            if not route._spent and route.criteria.match(request):
                request.params = route.criteria.params(request)
                return route
        return None

    def early_fault(self, moment, request=None):
        """Return the next answer if its fault comes at *moment*; that is served with it.

        A *request* is recorded in the same step.

        :returns: as `record`; (None, None) where no such fault is due.
        """
        since, route = self._since, None
        if request is not None:
            route = self._find(request, [each for each in self._routes
                                         if not each.criteria.needs_body])
        endpoint = route or self
        with self._lock:
            script = endpoint._peek() if since == self._since else {}
            if script.get('response_fault_at') != moment or 'response_fault' not in script:
                return None, None
            if request is not None:
                self._observe(request)
            if route is not None:
                route._observe(request)
            return endpoint._next(), self._interrupt

    def add_error(self, requestline):
        """Have `check` raise the exception that is being handled."""
        kind, error = sys.exc_info()[:2]
        try:
            text = traceback.format_exc()           # asks the exception, and reads sources
        except Exception:                           # or modules that may not be there
            text = ''.join(traceback.format_exception_only(kind, error))
        with self._lock:
            self._errors.append((requestline, text))


def _not_found(request, routes):
    """Return the script that tells a client which route came nearest."""
    text = near_miss(request, [route.criteria for route in routes])
    return {'response_status': 404, 'response_content': text,
            'response_headers': PLAIN_TEXT}
