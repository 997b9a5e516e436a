# -*- coding: utf-8 -*-
"""What a test scripts and observes: the endpoints of a server and of its routes.

One lock guards all endpoints of a server. No user code and no I/O runs under it, and methods
return copies of guarded state. Methods may be called from any thread and take the lock
themselves.
"""
from httptestserver.recording.criteria import Criteria
from httptestserver.scripting.arguments import check_count, check_take, check_timeout
from httptestserver.scripting.vocabulary import check_route_keywords, script_of

__all__ = ['Endpoint', 'Route', 'ServerEndpoint']


class Endpoint(object):
    """What a test scripts and observes: a `Server`, or a `Route` of it."""

    def __init__(self, guard, scripts, history):
        self._guard = guard
        self._scripts = scripts
        self._history = history

    @property
    def data(self):
        """The dict that scripts responses and shows the last request: see `Data`."""
        return self._scripts.data

    @property
    def history(self):
        """The requests since the last reset, oldest first: a new list of `RecordedRequest`."""
        return self._history.requests()

    @property
    def response_data(self):
        """The ``response_*`` keys of `data`: a new dict."""
        return script_of(self.data.copy())

    def enqueue(self, *responses, **response_keys):
        """Add responses to the queue. The next requests get them, in order.

        Each is served once, or as often as its ``response_times`` allows.

        The keys of a response are these. Each value may also be a function of the request that
        returns the value, except ``response_callback``, ``response_times``, ``response_clear`` and
        ``response_early``:

        - ``response_status``: int from 100 to 999; by default 200
        - ``response_reason``: str; by default the standard phrase of the status
        - ``response_headers``: dict, or a sequence of (name, value); each str, bytes or int
        - ``response_content``: bytes; str for UTF-8; a path, binary file, iterable of bytes or
          `Stream`
        - ``response_content_encoding``: ``'gzip'`` or ``'deflate'``; the content is compressed
        - ``response_ranges``: bool; whether Range and conditions of the request have an effect
        - ``response_folder``: str or path object; the directory of the file that the request names
        - ``response_json``: any value that JSON has; sets the Content-Type too
        - ``response_events``: server-sent events, an iterable or a `Stream`; sets the type too
        - ``response_forward``: the URL of a real server, whose response is the response
        - ``response_forward_cafile``: a file of certificates that are trusted for that server
        - ``response_trailers``: as ``response_headers``; fields that follow the body
        - ``response_informational``: list of (status, headers); interim responses such as 103
        - ``response_timeout``: seconds until the response starts
        - ``response_hold``: an object with wait(timeout), such as ``threading.Event``
        - ``response_rate``: number of bytes of the body that are sent per second
        - ``response_fault``: ``'disconnect'``, ``'reset'`` or ``'stall'``
        - ``response_fault_at``: ``'accept'``, ``'handshake'``, ``'request'``, ``'response'``,
          ``'body'``, ``'end'``, or an int, the number of bytes of the body that are sent before
        - ``response_raw``: bytes, sent in place of head and body
        - ``response_callback``: a function of the request that returns a response
        - ``response_times``: int; how many times the response is served
        - ``response_clear``: bool; whether the next response is the last of this script
        - ``response_reset``: bool; whether the server is reset with the response
        - ``response_early``: bool; whether the response is sent before the body is read

        :param responses: each one a status (int), content (bytes or str), a dict of
            ``response_*`` keys or a function of the request.
        :param response_keys: without *responses*, the keys of one response. With *responses*,
            defaults for the keys of each.
        :raises TypeError, ValueError: one of them is wrong. Then none is queued.
        """
        self._scripts.enqueue(responses, response_keys)

    def wait(self, count=1, timeout=5.0, **criteria):
        """Block until *count* matching requests have come since the last reset.

        :param timeout: seconds, from the call.
        :param criteria: those of `Server.route`; by default every request matches.
        :returns: a list of the matching requests, in order; maybe more than *count*.
        :raises AssertionError: the time is over. The message lists what has come.
        """
        check_count(count, criteria=True)
        check_timeout(timeout)
        return self._history.wait(count, timeout, Criteria.named(
            criteria, 'wait', ('count', 'timeout')))

    def take_request(self, timeout=5.0, **others):
        """Return the next request that no call has returned; block until there is one.

        It takes no criteria. `wait` does, and each `Route` has a `take_request` of its own.

        :param timeout: seconds, from the call.
        :raises TypeError: there are *others*, such as criteria.
        :raises AssertionError: the time is over. The message lists what has come.
        """
        check_take(timeout, others, 'take_request')
        return self._history.take(timeout)

    def wait_async(self, count=1, timeout=5.0, **criteria):
        """Return an awaitable of what `wait` returns, with the same parameters.

        It is for tasks of asyncio: the event loop runs on meanwhile. Functions of the criteria are
        called in the thread of the loop. Nothing happens before it is awaited.

        :raises RuntimeError: no event loop of asyncio runs in this thread.
        :raises AssertionError: as `wait`, when it is awaited.
        """
        check_count(count, criteria=True)
        check_timeout(timeout)
        return self._history.wait_async(count, timeout, Criteria.named(
            criteria, 'wait_async', ('count', 'timeout')))

    def take_request_async(self, timeout=5.0, **others):
        """Return an awaitable of what `take_request` returns, for tasks of asyncio.

        If several tasks of a loop wait, the first one gets the next request. A task that is
        cancelled takes nothing.

        :raises TypeError: there are *others*, such as criteria.
        :raises RuntimeError: no event loop of asyncio runs in this thread.
        :raises AssertionError: as `take_request`, when it is awaited.
        """
        check_take(timeout, others, 'take_request_async')
        return self._history.take_async(timeout)

    def assert_requested(self, method=None, path=None, count=None, **criteria):
        """Return a list of the matching requests. Does not wait.

        :param count: how many there must be; by default one or more.
        :raises AssertionError: there are more or fewer. The message shows where the nearest
            request differs, and lists all requests.
        """
        if count is not None:
            check_count(count)
        return self._history.assert_requested(
            Criteria.named(dict(criteria, method=method, path=path), 'assert_requested',
                           ('count',)), count)

    def assert_not_requested(self, method=None, path=None, **criteria):
        """Check that no request matches. Does not wait.

        :raises AssertionError: a request matches. The message lists all requests.
        """
        self._history.assert_not_requested(
            Criteria.named(dict(criteria, method=method, path=path), 'assert_not_requested'))

    def assert_requested_in_order(self, *wanted):
        """Return a list of requests that came in the *wanted* order. Does not wait.

        Other requests may have come before, between and after them. Each request stands for one
        of *wanted*, so two that are equal need two requests.

        :param wanted: each one a (method, path) pair or a dict of criteria, which are those of
            `Server.route`.
        :raises AssertionError: they did not come in this order. The message shows both orders
            side by side.
        :raises TypeError, ValueError: one of *wanted* is wrong, or there is none.
        """
        # Imported here, because few tests need it.
        from httptestserver.recording.order import criteria_in_order
        return self._history.assert_in_order(criteria_in_order(wanted))

    def reset(self):
        """Remove all scripts and all recorded requests of this endpoint."""
        with self._guard.lock:
            old = self._scripts.clear(), self._history.clear()
        # Dropped without the lock, because a finalizer may run user code.
        del old


class ServerEndpoint(Endpoint):
    """The endpoint of a server, with its routes. It needs no socket."""

    def __init__(self, router):
        self._router = router
        super(ServerEndpoint, self).__init__(router.guard, router.scripts, router.history)

    def route(self, method=None, path=None, query=None, headers=None, body=None, json=None,
              form=None, cookies=None, match=None, json_has=None, files=None, auth=None, count=None,
              **response_keys):
        """Add a route, which responds with *response_keys* to requests that meet all criteria.

        If several routes match, the newest responds. The result may decorate a function of the
        request, which then makes the responses: ``@server.route('POST', '/echo')``. The criteria
        are these; None is no criterion:

        - ``method``: str, or several; in upper or lower case
        - ``path``: str, with ``{name}`` for any segment and ``{name...}`` at its end for the rest,
          maybe after ``https://host``; a regex; or a function of the path
        - ``query``: dict; the request may have more names. A value is None for absent, a str, an
          int, a regex, a function of the text, or a list of these if a name repeats
        - ``headers``: dict, as ``query``; names in upper or lower case
        - ``body``: bytes; str for UTF-8; a regex; or a function of the bytes
        - ``json``: any value that JSON has; it may contain an object such as ``mock.ANY``
        - ``form``: dict, as ``query``
        - ``cookies``: dict, as ``query``
        - ``match``: a function of the request, called if the other criteria are met
        - ``json_has``: as ``json``, but the dicts of the request may have more names
        - ``files``: dict, as ``query``, of the content of files, bytes
        - ``auth``: (user, password) for Basic, or a str for a Bearer token

        ``count`` is no criterion. It is how many requests the route expects: `check` fails if
        more or fewer came to it. All of them get a response.

        The keys of the response are these. Each value may also be a function of the request that
        returns the value, except ``response_callback``, ``response_times``, ``response_clear`` and
        ``response_early``:

        - ``response_status``: int from 100 to 999; by default 200
        - ``response_reason``: str; by default the standard phrase of the status
        - ``response_headers``: dict, or a sequence of (name, value); each str, bytes or int
        - ``response_content``: bytes; str for UTF-8; a path, binary file, iterable of bytes or
          `Stream`
        - ``response_content_encoding``: ``'gzip'`` or ``'deflate'``; the content is compressed
        - ``response_ranges``: bool; whether Range and conditions of the request have an effect
        - ``response_folder``: str or path object; the directory of the file that the request names
        - ``response_json``: any value that JSON has; sets the Content-Type too
        - ``response_events``: server-sent events, an iterable or a `Stream`; sets the type too
        - ``response_forward``: the URL of a real server, whose response is the response
        - ``response_forward_cafile``: a file of certificates that are trusted for that server
        - ``response_trailers``: as ``response_headers``; fields that follow the body
        - ``response_informational``: list of (status, headers); interim responses such as 103
        - ``response_timeout``: seconds until the response starts
        - ``response_hold``: an object with wait(timeout), such as ``threading.Event``
        - ``response_rate``: number of bytes of the body that are sent per second
        - ``response_fault``: ``'disconnect'``, ``'reset'`` or ``'stall'``
        - ``response_fault_at``: ``'accept'``, ``'handshake'``, ``'request'``, ``'response'``,
          ``'body'``, ``'end'``, or an int, the number of bytes of the body that are sent before
        - ``response_raw``: bytes, sent in place of head and body
        - ``response_callback``: a function of the request that returns a response
        - ``response_times``: int; how many times the response is served
        - ``response_clear``: bool; whether the next response is the last of this script
        - ``response_reset``: bool; whether the server is reset with the response
        - ``response_early``: bool; whether the response is sent before the body is read

        :returns: the `Route`.
        :raises TypeError, ValueError: a criterion or a key is wrong.
        """
        check_route_keywords(response_keys, query)
        if count is not None:
            check_count(count)
        criteria = Criteria(method, path, query, headers, body, json, form, cookies, match,
                            json_has, files, auth)
        rule = self._router.add(criteria, response_keys,
                                lambda rule: Route(self._router, rule), count)
        return rule.route

    def replay(self, har):
        """Add a route for each request that a HAR file has, with the responses that it has.

        A route matches requests with the same method, path, whole query and body. With *proxy*
        the scheme, host and port have to match too. If a request repeats, its route responds in
        the order of the file, and with the last response for ever.

        Entries without a response of HTTP are left out, and so are those of WebSockets.

        :param har: a path, or a dict as `Server.har` returns it.
        :returns: a list of the `Route` objects, in the order of the file.
        :raises OSError: (IOError on Python 2) the file cannot be read.
        :raises TypeError: *har* is neither a path nor a dict.
        :raises ValueError: it is no HAR, or an entry cannot be replayed, because its content was
            not recorded whole. The message names the file and the place. No route was added.
        """
        # Imported here, because few tests need it.
        from httptestserver.scripting.replaying import add_routes
        return add_routes(self._router, har, lambda rule: Route(self._router, rule))

    def stream(self, limit=16777216):
        """Return a new `Stream`, a response that a test writes while clients read it.

        :param limit: how many bytes a client may be behind before its connection is cut. That is
            a failure of the client, see `Server.failures`. Also how many bytes are kept while
            nobody reads.
        :raises TypeError, ValueError: *limit* is no int of 1 or more.
        """
        # Imported here, because few tests need it.
        from httptestserver.scripting.stream import Stream
        return Stream(self._router.feed(limit), self._router.cannot)

    @property
    def unmatched(self):
        """The requests that no route matched and for which the server had no script: a new list.

        Each got a 404. If the server has no routes, the list is empty.
        """
        return self._router.unmatched()

    def check(self, unserved=False, unrequested=False):
        """Check that all requests were responded to as the test has scripted it.

        It finds requests that are `unmatched`, exceptions of user code, and routes to which more
        or fewer requests came than their ``count``.

        :param unserved: whether the queues must be empty too.
        :param unrequested: whether a request must have come to each route too. Routes with a
            ``count`` are checked by that alone.
        :raises AssertionError: something is wrong. The message lists all since the last reset.
        """
        # The text is made without the lock, because criteria are user code.
        problems = self._router.problems(self).text(unserved, unrequested)
        if problems:
            raise AssertionError(problems)

    def reset(self):
        """Remove scripts, routes, history and failures, and abort the responses that wait."""
        self._router.reset()


class Route(Endpoint):
    """An endpoint that serves the requests that meet its criteria.

    It matches until it is removed, or until its last response has been served
    ``response_times`` times. It may decorate a function of the request, which then makes the
    responses.
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
        """Match no more requests. The history stays. Further calls have no effect."""
        self._router.remove(self._rule)
