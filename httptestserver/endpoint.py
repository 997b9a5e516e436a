# -*- coding: utf-8 -*-
"""What a test scripts and observes: data, queue and history; routes; what went wrong.

Every method may be called from any thread. One lock guards all endpoints of a server;
guarded state leaves as a copy, and no code of the test's and no I/O runs under the lock.
"""
import collections
import threading
import traceback

from httptestserver.data import Data, is_response_key
from httptestserver.matching import Criteria
from httptestserver.response import (
    MOMENTS, VOCABULARY, check, check_script, nearest, short_form)

__all__ = ['Endpoint', 'Route', 'Service']

#: Moments of faults that come before the whole request is there.
EARLY = MOMENTS[:3]


class Endpoint(object):
    """What a test scripts and observes.

    :param lock: guards this endpoint and those beside it.
    :param vocabulary: the keys of a response; see `httptestserver.response.VOCABULARY`.
    :param scheme: ``'http'`` or ``'https'``.
    :param moments: those at which a fault can happen here.
    """

    def __init__(self, lock, vocabulary=VOCABULARY, scheme=None, moments=MOMENTS,
                 history_limit=None):
        self._lock = lock
        self._vocabulary = vocabulary
        self._scheme, self._moments = scheme, moments
        self._data = Data(lock, self._checked)
        self._queue = collections.deque()       # [script, times left]; guarded by _lock
        self._history = collections.deque(maxlen=history_limit)     # guarded by _lock

    @property
    def data(self):
        """The one dict that scripts the answers and shows the last request: see `Data`."""
        return self._data

    @property
    def history(self):
        """The requests so far, oldest first: a list of `RecordedRequest`, a snapshot."""
        with self._lock:
            return list(self._history)

    @property
    def response_data(self):
        """The ``response_*`` keys of `data`, a snapshot."""
        data = self._data.copy()
        return {key: data[key] for key in data if is_response_key(key)}

    def enqueue(self, *responses, **response_keys):
        """Answer the next requests with these, in order; each is served once.

        :param responses: each a status (int), content (bytes or str), a dict of
            ``response_*`` keys or a callable of the request.
        :param response_keys: of one more response, or, beside *responses*, keys that each
            of them has unless it says otherwise.
        :raises TypeError, ValueError: one of them is wrong; then none is queued.
        """
        if not responses and not response_keys:
            raise TypeError('enqueue() takes responses, or the response_* keys of one')
        scripts = []
        for response in responses or ({},):
            script = dict(response_keys, **short_form(response))
            scripts.append(self._checked(script))
        with self._lock:
            self._queue.extend([[script, script.get('response_times', 1)]
                                for script in scripts])

    def reset(self):
        """Forget what was scripted and what was recorded."""
        with self._lock:
            self._data.clear()
            self._queue.clear()
            self._history.clear()

    def _checked(self, script, whole=True, beside=()):
        """Return *script* once it has been checked, with the keys that stand *beside* it."""
        for key in script:
            check(key, script[key], self._vocabulary)
        check_script(dict(beside, **script), self._scheme, whole, self._moments)
        return script

    # Under the lock:

    @property
    def _scripted(self):
        return bool(self._queue or self._data.script)

    def _peek(self):
        return self._queue[0][0] if self._queue else self._data.script

    def _next(self):
        """Return the keys of the next answer, which is served with that."""
        if not self._queue:
            return self._data.choose()
        head = self._queue[0]
        head[1] -= 1
        if not head[1]:
            self._queue.popleft()
        return head[0]

    def _observe(self, request):
        self._data.publish(request)
        self._history.append(request)


class Route(Endpoint):
    """What some requests to a server are answered with, and their history.

    It matches until it is removed, or until its last response has been served ``times``.
    As a decorator it takes a function of the request as the route's callback.
    """

    def __init__(self, service, criteria, response_keys):
        moments = MOMENTS[3 if criteria.needs_body else 2:]
        super(Route, self).__init__(service._lock, service._vocabulary, service._scheme,
                                    moments)
        self._service = service
        self._criteria = criteria
        self._counted = False                   # guarded by _lock
        if response_keys:
            self._checked(response_keys)
            self._data.update(response_keys)

    def __call__(self, function):
        self._data['response_callback'] = function
        return function

    def __repr__(self):
        return '<Route %s>' % self._criteria

    def remove(self):
        """Match no more requests. What was recorded stays. Idempotent."""
        self._service._remove(self)

    @property
    def _spent(self):
        return self._counted and not self._scripted

    def _checked(self, script, *context):
        script = super(Route, self)._checked(script, *context)
        if script.get('response_fault_at') in EARLY:
            self._service._early = True
        return script

    def _next(self):
        script = super(Route, self)._next()
        self._counted = self._counted or 'response_times' in script
        return script


class Service(Endpoint):
    """An endpoint with routes before it."""

    def __init__(self, lock, vocabulary=VOCABULARY, scheme=None, history_limit=None):
        self._early = False             # whether some fault may come before a request
        super(Service, self).__init__(lock, vocabulary, scheme, MOMENTS, history_limit)
        self._routes = ()               # newest first; replaced, never changed
        self._unmatched = []            # guarded by _lock
        self._errors = []               # (request line, traceback); guarded by _lock
        self._interrupt = threading.Event()     # set when waits end; guarded by _lock

    def route(self, method=None, path=None, query=None, headers=None, body=None, json=None,
              form=None, cookies=None, match=None, **response_keys):
        """Answer matching requests with *response_keys*; the newest route that matches does.

        The criteria are those of `httptestserver.matching.Criteria`. As a decorator,
        ``@server.route('POST', '/echo')`` has the function answer.

        :returns: the `Route`.
        :raises TypeError, ValueError: a criterion or a key is wrong.
        """
        for key in response_keys:
            if not is_response_key(key):
                raise TypeError('route() has no criterion %s; did you mean %s?'
                                % (key, nearest(key, CRITERIA)))
        route = Route(self, Criteria(method, path, query, headers, body, json, form, cookies,
                                     match), response_keys)
        with self._lock:
            self._routes = (route,) + self._routes
        return route

    @property
    def unmatched(self):
        """The requests that no route matched, and nothing else answered; a snapshot."""
        with self._lock:
            return list(self._unmatched)

    def check(self):
        """Raise AssertionError with all that went wrong on the test's side.

        That is `unmatched` requests, and exceptions of its callbacks and handlers.
        """
        with self._lock:
            unmatched, errors = list(self._unmatched), list(self._errors)
        problems = ['no route matched %s' % request['requestline'] for request in unmatched]
        problems += ['answering %s failed:\n%s' % (line, text) for line, text in errors]
        if problems:
            raise AssertionError('\n'.join(problems))

    def reset(self):
        """Forget script, routes, history and what went wrong, and end what delays answers."""
        with self._lock:
            super(Service, self).reset()
            self._routes = ()
            self._unmatched, self._errors = [], []
            self._early = False
            self._interrupt.set()
            self._interrupt = threading.Event()

    def _remove(self, route):
        with self._lock:
            self._routes = tuple([each for each in self._routes if each is not route])

    def _checked(self, script, *context):
        script = super(Service, self)._checked(script, *context)
        if script.get('response_fault_at') in EARLY:
            self._early = True
        return script

    # What follows is for handlers.

    def publish(self, state):
        """Show the *state* of a request in `data`."""
        with self._lock:
            self._data.publish(state)

    def record(self, request, answered):
        """Append *request* to the history, and choose its answer in the same step.

        :param answered: False where a handler answers by itself.
        :returns: the script of the answer, None if not *answered*, and the event that ends
            its waits.
        """
        with self._lock:
            if not self._routes or not answered:
                self._history.append(request)
                return (self._next() if answered else None), self._interrupt
        return self._route(request, True)

    def choose(self, request):
        """As `record`, for a *request* that is recorded already."""
        return self._route(request, False)

    def _route(self, request, new):
        while True:
            routes = self._routes
            try:
                route = self._find(request, routes)         # code of the test's: no lock
            except Exception:
                with self._lock:
                    self._history.extend([request][:new])
                raise
            with self._lock:
                if route is not None and route._spent:
                    continue                # another request had its last response meanwhile
                self._history.extend([request][:new])
                interrupt = self._interrupt
                if route is not None:
                    route._observe(request)
                    return route._next(), interrupt
                if self._scripted or not routes:
                    return self._next(), interrupt
                self._unmatched.append(request)
            return _not_found(request, routes), interrupt

    def _find(self, request, routes):
        for route in routes:
            if not route._spent and route._criteria.match(request):
                request.params = route._criteria.params(request)
                return route
        return None

    def early_fault(self, moment, request=None):
        """Return the script of the next answer, served, if its fault comes at *moment*."""
        if not self._early:
            return None
        endpoint = self
        if request is not None:
            endpoint = next((route for route in self._routes if not route._criteria.needs_body
                             and route._criteria.match(request)), self)
        with self._lock:
            script = endpoint._peek()
            if script.get('response_fault_at') == moment and 'response_fault' in script:
                return endpoint._next()
        return None

    def complete(self, request, keys):
        """Add to a recorded *request* what it was answered with."""
        with self._lock:
            request.update(keys)

    def add_error(self, requestline):
        """Have `check` raise the exception that is being handled."""
        with self._lock:
            self._errors.append((requestline, traceback.format_exc()))


CRITERIA = ('method', 'path', 'query', 'headers', 'body', 'json', 'form', 'cookies', 'match')


def _not_found(request, routes):
    """Return the script that tells a client which route came nearest."""
    text = near_miss(request, routes)
    return {'response_status': 404, 'response_content': text,
            'response_headers': (('Content-Type', 'text/plain; charset=utf-8'),)}


def near_miss(request, routes):
    """Return text that tells where *request* differs from the nearest of *routes*."""
    nearest_route = min(routes, key=lambda route: len(route._criteria.differences(request)))
    return 'no route matches %s %s\nnearest: %s\n%s\n' % (
        request['command'], request['path'], nearest_route._criteria,
        '\n'.join(['  %s' % (each,) for each in nearest_route._criteria.differences(request)]))
