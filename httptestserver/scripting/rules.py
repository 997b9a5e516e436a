# -*- coding: utf-8 -*-
"""The rules of a router, one for each route, and the search among them.

Criteria are user code, so a search runs without the lock.
"""
from httptestserver.http1.response_head import PLAIN_TEXT
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.messages import near_miss
from httptestserver.recording.request import Source, note_source
from httptestserver.scripting.problems import Tally

__all__ = ['Rule', 'find', 'not_found']


class Rule(object):
    """The part of a `Route` that a router needs: its `Criteria`, `Scripts` and `History`.

    :param route: None, or a function that takes this object and returns its `Route`.
    :param count: how many requests it expects; None for any number.
    """

    __slots__ = ('criteria', 'scripts', 'history', 'route', 'count', 'from_data', 'from_queue')

    def __init__(self, criteria, scripts, history, route=None, count=None):
        self.criteria, self.scripts, self.history = criteria, scripts, history
        self.count = count
        self.route = route and route(self)
        # Made once, because all requests of a rule share these two sources.
        self.from_data = Source(self.route, 'data', criteria)
        self.from_queue = Source(self.route, 'queue', criteria)

    def __repr__(self):
        return '<Route %s>' % self.criteria

    def tally(self):
        """Return a `Tally` of the rule. The lock is held."""
        return Tally(self.route or self, self.criteria, self.count, self.history.count,
                     list(self.history), self.scripts.queued())

    def observe(self, request):
        """Record *request* in the data and history of the rule. The lock is held."""
        self.scripts.publish(request)
        self.history.append(request)
        note_source(request, self.from_queue if self.scripts.queue else self.from_data)


def find(request, rules, match=Criteria.match):
    """Return the first of *rules* that *request* meets; None if there is none.

    Runs user code, which may raise.

    :param match: `Criteria.match_head` for a request whose body was not read. Then the request may
        not meet the rule that is found.
    """
    for rule in rules:
        if not rule.scripts.exhausted and match(rule.criteria, request):
            request.params = rule.criteria.params(request)
            return rule
    return None


def not_found(request, rules):
    """Return the script of a 404 whose content shows the nearest of *rules*."""
    text = near_miss(request, [rule.criteria for rule in rules])
    return {'response_status': 404, 'response_content': text,
            'response_headers': PLAIN_TEXT}
