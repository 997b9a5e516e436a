# -*- coding: utf-8 -*-
"""The router of a proxy: it knows the tunnels, and responds to a CONNECT only by its routes.

Methods may be called from any thread.
"""
from httptestserver.recording.history import Newest
from httptestserver.scripting.routing import Router
from httptestserver.scripting.rules import find

__all__ = ['ProxyRouter']


class ProxyRouter(Router):
    """A `Router` for which a CONNECT request opens a tunnel, unless a route for it says otherwise.

    The parameters are those of `Router`.
    """

    is_proxy = True

    def __init__(self, vocabulary, cannot, history_limit):
        super(ProxyRouter, self).__init__(vocabulary, cannot, history_limit)
        self._tunnels = Newest(history_limit)       # guarded by _lock

    def early(self, moment, request=None):
        """Choose a script as `Router.early`, but none for a CONNECT: `connect` chooses that."""
        if request is not None and request['command'] == 'CONNECT':
            return None, None
        return super(ProxyRouter, self).early(moment, request)

    def connect(self, request):
        """Choose the script of a CONNECT, and record it, if a route for CONNECT matches.

        Runs user code of criteria.

        :returns: as `answer`; the script is None if no route matches, and nothing was recorded.
        """
        while True:
            # Read in this order, as in `answer`.
            resets = self._resets
            rules = tuple([rule for rule in self._rules if 'CONNECT' in rule.criteria.methods])
            rule = find(request, rules)
            if rule is None:
                return None, self.interrupt
            with self._lock:
                # As in `answer`, which searches again, too.
                if resets != self._resets or rule.scripts.exhausted:
                    continue
                old = self._record(request, request)
                script, interrupt = self._next_script(request, rule, rules), self._interrupt
            break
        # As in `answer`.
        del old
        if self.guard.tasks:
            self.guard.wake_tasks()
        return script, interrupt

    def add_tunnel(self, tunnel):
        """Record a `Tunnel` before the client knows that it is open."""
        with self._lock:
            self._tunnels.append(tunnel)

    def tunnels(self):
        """Return a new list of the tunnels since the last reset, oldest first."""
        with self._lock:
            return list(self._tunnels)

    def _clear_records(self):
        return super(ProxyRouter, self)._clear_records() + [self._tunnels.clear()]
