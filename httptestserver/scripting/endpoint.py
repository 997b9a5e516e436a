# -*- coding: utf-8 -*-
"""What a test scripts and observes: data, queue and history, waiting and asserting.

Every method may be called from any thread. One lock guards all endpoints of a server;
guarded state leaves as a copy, and no code of the test's and no I/O runs under the lock.
"""
import collections
import threading

from httptestserver.scripting.data import Data
from httptestserver.scripting.vocabulary import script_of
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.messages import (
    every_request, expected_no_request, expected_requests)
from httptestserver.scripting.vocabulary import (
    MOMENTS, VOCABULARY, check, check_script, short_form)
from httptestserver.waiting import LONGEST, monotonic

__all__ = ['EARLY', 'Endpoint', 'Guard', 'Route']

TIMEOUT = 5.0           # seconds that a test waits for a request by default

#: Moments of faults that come before the whole request is there.
EARLY = MOMENTS[:3]


class Guard(object):
    """The lock of all endpoints of a server, and what wakes those that wait for news."""

    def __init__(self):
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.waiting = 0                        # threads; guarded by lock

    def wait(self, seconds):
        """Let go of the lock, which is held, until there is news. Returns True."""
        self.waiting += 1
        try:
            self._changed.wait(min(seconds, LONGEST))      # who waits does so in a loop
        finally:
            self.waiting -= 1
        return True

    def tell(self):
        """Wake those that wait; the lock is held."""
        try:
            self._changed.notify_all()
        except (IndexError, RuntimeError):
            pass                        # a signal handler has woken them in the midst of this


class Endpoint(object):
    """What a test scripts and observes.

    :param guard: the `Guard` of this endpoint and of those beside it.
    :param vocabulary: the keys of a response; see `httptestserver.scripting.response.VOCABULARY`.
    :param scheme: ``'http'`` or ``'https'``.
    :param moments: those at which a fault can happen here.
    """

    def __init__(self, guard=None, vocabulary=VOCABULARY, scheme=None, moments=MOMENTS,
                 history_limit=None):
        self._guard = guard or Guard()
        self._lock = lock = self._guard.lock
        self._vocabulary = vocabulary
        self._scheme, self._moments = scheme, moments
        self._data = Data(lock, self._checked)
        self._queue = collections.deque()       # [script, times left]; guarded by _lock
        self._history = collections.deque(maxlen=history_limit)     # guarded by _lock
        self._recorded = 0                      # requests and resets; guarded by _lock
        self._since = 0                         # _recorded at the last reset; guarded by _lock
        self._taken = 0                         # by take_request; guarded by _lock

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
        return script_of(self._data.copy())

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

    def wait(self, count=1, timeout=TIMEOUT, **criteria):
        """Block until *count* matching requests have come since the last reset.

        :param timeout: seconds, from the call.
        :param criteria: those of `Service.route`; any request by default.
        :returns: the matching requests, in order; there may be more than *count*.
        :raises AssertionError: with what did come, once the time is over.
        """
        wanted = Criteria.named(criteria)
        deadline = monotonic() + timeout
        seen, found = 0, []
        while True:
            seen, new = self._news(seen, deadline if len(found) < count else 0)
            if new is None:
                found = []                      # a reset came in between
                continue
            found += [request for request in new if wanted.match(request)]
            if len(found) >= count:
                return found
            if monotonic() >= deadline:
                raise AssertionError('within %s s %s' % (timeout, expected_requests(
                    count, wanted, found, self.history)))

    def take_request(self, timeout=TIMEOUT):
        """Return the next request that was not yet taken; block until there is one.

        :param timeout: seconds, from the call.
        :raises AssertionError: with what did come, once the time is over.
        """
        deadline = monotonic() + timeout
        with self._lock:
            while True:
                request = self._take()
                if request is not None:
                    return request
                if not self._await(deadline):
                    history = list(self._history)
                    break
        raise AssertionError('within %s s no further request; %s' % (
            timeout, every_request(history)))

    def assert_requested(self, method=None, path=None, count=None, **criteria):
        """Return the matching requests.

        :param count: how many there have to be; one or more by default.
        :raises AssertionError: there are others; tells where the nearest one differs, and
            all that came.
        """
        wanted = Criteria.named(dict(criteria, method=method, path=path))
        history = self.history
        found = [request for request in history if wanted.match(request)]
        if not found if count is None else len(found) != count:
            raise AssertionError(expected_requests(1 if count is None else count, wanted, found,
                                                   history, exactly=count is not None))
        return found

    def assert_not_requested(self, method=None, path=None, **criteria):
        """Raise AssertionError, with all that came, if a matching request did."""
        wanted = Criteria.named(dict(criteria, method=method, path=path))
        history = self.history
        found = [request for request in history if wanted.match(request)]
        if found:
            raise AssertionError(expected_no_request(wanted, found, history))

    def reset(self):
        """Forget what was scripted and what was recorded."""
        with self._lock:
            old = self._forget()
        del old             # not before: what a test gave may end with code of the test's

    def _forget(self):
        """Under the lock: forget all, and return what nobody else may hold."""
        old = [self._data.take(), list(self._queue), list(self._history)]
        self._queue.clear()
        self._history.clear()
        self._recorded += 1                     # so that who waits sees that they are not the same
        self._since = self._taken = self._recorded
        self._guard.tell()
        return old

    def _news(self, seen, deadline):
        """Wait for requests after the first *seen*; return how many there are, and the new.

        None in place of the new: a reset came in between.
        """
        with self._lock:
            while seen == self._recorded and self._await(deadline):
                pass
            if seen < self._since:
                return self._since, None
            new = list(self._history)[-(self._recorded - seen):] if self._recorded > seen else []
            return self._recorded, new

    def _take(self):
        """Under the lock: return the next request that was not yet taken, or None."""
        # history_limit may have dropped some that nobody took.
        taken = max(self._taken, self._recorded - len(self._history))
        if taken == self._recorded:
            return None
        try:
            request = self._history[taken - self._recorded]
        except IndexError:
            return None                         # a signal handler has reset it meanwhile
        self._taken = taken + 1
        return request

    def _await(self, deadline):
        """Let go of the lock until there is news; False once the time is over."""
        left = deadline - monotonic()
        return left > 0 and self._guard.wait(left)

    def _append(self, request):
        self._history.append(request)
        self._recorded += 1
        if self._guard.waiting:                 # to ask costs less than to wake nobody
            self._guard.tell()

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
        self._append(request)


class Route(Endpoint):
    """What some requests to a server are answered with, and their history.

    It matches until it is removed, or until its last response has been served ``times``.
    As a decorator it takes a function of the request as the route's callback.
    """

    def __init__(self, service, criteria, response_keys):
        moments = MOMENTS[3 if criteria.needs_body else 2:]
        super(Route, self).__init__(service._guard, service._vocabulary, service._scheme,
                                    moments, service._history.maxlen)
        self._service = service
        self.criteria = criteria
        self._counted = False                   # guarded by _lock
        if response_keys:
            self._checked(response_keys)
            self._data.update(response_keys)

    def __call__(self, function):
        self._data['response_callback'] = function
        return function

    def __repr__(self):
        return '<Route %s>' % self.criteria

    def remove(self):
        """Match no more requests. What was recorded stays. Idempotent."""
        self._service._remove(self)

    @property
    def _spent(self):
        if not self._counted:
            return False
        with self._lock:
            return not self._scripted

    def _checked(self, script, *context):
        script = super(Route, self)._checked(script, *context)
        if script.get('response_fault_at') in EARLY:
            self._service.has_early = True
        return script

    def _next(self):
        script = {} if self._queue else self._data.script
        counted = 'response_times' in script or script.get('response_clear', False)
        self._counted = self._counted or counted
        return super(Route, self)._next()
