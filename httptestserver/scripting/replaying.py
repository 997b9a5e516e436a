# -*- coding: utf-8 -*-
"""Adds routes for what a HAR document has recorded.

It reads files. This module is imported when a recording is replayed.
"""
import collections

from six import raise_from, text_type
from six.moves import collections_abc

from httptestserver.scripting.content import path_name
from httptestserver.scripting.hardocument import read
from httptestserver.scripting.harentry import Entry
from httptestserver.scripting.vocabulary import check
from httptestserver.wording import shown

__all__ = ['add_routes']


def add_routes(router, har, route):
    """Add a route for each request of a document, and return them: see `ServerEndpoint.replay`.

    :param route: see `Rule`.
    """
    rules = []
    try:
        for criteria, responses in _recorded(har, router.is_proxy):
            rules.append(router.add(criteria, responses[-1], route, None, responses[:-1]))
    except BaseException as error:
        for rule in rules:
            router.remove(rule)
        if isinstance(error, ValueError):
            # The same exception is raised, because a new one would show two tracebacks.
            error.args = ('%s: %s' % (_name(har), error),)
        raise
    return [rule.route for rule in rules]


def _recorded(har, is_proxy):
    """Return a list of (criteria, the responses in their order), one for each request."""
    log = read(har)
    creator = log.part('creator').get('name', text_type, u'') if 'creator' in log else u''
    found = collections.OrderedDict()
    for part in log.parts('entries'):
        try:
            entry = Entry(part, creator == u'httptestserver', is_proxy)
            if entry.is_replayed:
                criteria = entry.criteria()
                found.setdefault(criteria.key, (criteria, []))[1].append(_checked(entry.keys()))
        except ValueError as error:
            # An exception of a codec keeps its text whatever its arguments are.
            raise_from(error if part.place in str(error) else part.error(
                'cannot be replayed: %s' % error), None)
    return list(found.values())


def _checked(keys):
    """Return *keys*. Raises if one is wrong, so that the message can name the entry."""
    for key, value in keys.items():
        check(key, value)
    return keys


def _name(har):
    """Return how messages name *har*."""
    if isinstance(har, collections_abc.Mapping):
        return 'the HAR'
    return shown(path_name(har))
