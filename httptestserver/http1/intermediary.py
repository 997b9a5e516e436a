# -*- coding: utf-8 -*-
"""What an intermediary changes in the messages that it forwards: RFC 9110, section 7.6.

Nothing here does I/O or takes a lock. Fields are (name, value) pairs.
"""
import re

from httptestserver.http1.fields import members, without

__all__ = ['end_to_end', 'is_in_via', 'joined_target', 'via']

#: The fields of one connection, which are not forwarded: RFC 9110, section 7.6.1. The credentials
#: are for this server, while a 407 has to keep its challenge.
HOP_BY_HOP = frozenset([
    'connection', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te',
    'transfer-encoding', 'upgrade'])

# What some servers take for a slash.
_slash = re.compile(r'/|\\|%2f|%5c').split


def end_to_end(fields, drop=()):
    """Return a tuple of those *fields* that are forwarded.

    :param drop: the names of more fields that are not, in lower case.
    """
    options = [option.lower() for option in members(fields, 'connection')]
    return without(fields, HOP_BY_HOP.union(drop, options))


def via(pseudonym, version):
    """Return the Via field of a message that came in *version*, such as ``'HTTP/1.1'``."""
    return 'Via', '%s %s' % (version.partition('/')[2], pseudonym)


def is_in_via(fields, pseudonym):
    """Whether *fields* say that the message came through *pseudonym*. RFC 9110, section 7.6.3."""
    return any(member.split()[1:2] == [pseudonym] for member in members(fields, 'via'))


def joined_target(base, target):
    """Return the target to send: the path *base*, which has no slash at its end, and *target*.

    :raises ValueError: *target* does not begin with a slash, or would lead out of the base.
    """
    if not target.startswith('/'):
        raise ValueError('the target %r does not begin with a slash' % target)
    path = target.partition('?')[0].lower().replace('%2e', '.').replace('%3b', ';')
    # Some servers ignore what follows a semicolon, before they look at the dots.
    segments = [each.partition(';')[0] for each in _slash(path)]
    if base and ('..' in segments or '.' in segments):
        raise ValueError('the target %r may lead out of %r' % (target, base + '/'))
    return base + target
