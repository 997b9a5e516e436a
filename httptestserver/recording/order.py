# -*- coding: utf-8 -*-
"""Finds requests that came in a given order, and makes the message if they did not.

Nothing here does I/O or takes a lock. Matching may run user code.
"""
from six import string_types
from six.moves import collections_abc

from httptestserver.recording.criteria import CRITERIA, Criteria, criterion_meant
from httptestserver.recording.messages import nearest_request, one_line
from httptestserver.recording.request import displayed_target
from httptestserver.wording import shown, unknown, wrong

__all__ = ['criteria_in_order', 'found_in_order', 'not_in_order']

#: The lines of the two columns have at most so many characters. pytest adds eight to them.
WIDTH = 90
#: The left column has at most so many of them.
LEFT = 42
#: So many rows are shown before the missing request, and so many after it.
ROWS = 30

_METHOD = 'assert_requested_in_order()'
_WANTED = 'a (method, path) pair or a dict of criteria'


def criteria_in_order(wanted):
    """Return a list of `Criteria` for the arguments of `Endpoint.assert_requested_in_order`.

    :raises TypeError, ValueError: there is none, or one is wrong. The message says which.
    """
    if not wanted:
        raise TypeError('%s takes the requests in their order, each %s' % (_METHOD, _WANTED))
    return [_criteria('wanted[%d]' % index, wanted, each) for index, each in enumerate(wanted)]


def _criteria(place, wanted, one):
    """Return the `Criteria` for *one* of the *wanted* requests."""
    if isinstance(one, collections_abc.Mapping):
        keywords = dict(one)
    elif isinstance(one, (tuple, list)) and len(one) == 2 and not _are_requests(one):
        keywords = {'method': one[0], 'path': one[1]}
    else:
        raise wrong(TypeError, place, _WANTED, one, _hint(wanted, one))
    for name in keywords:
        if name not in CRITERIA:
            raise TypeError('%s: %s' % (place, unknown(name, 'a criterion', CRITERIA,
                                                       criterion_meant(name))))
    try:
        return Criteria(**keywords)
    except (TypeError, ValueError) as error:
        error.args = ('%s: %s' % (place, error),)
        raise


def _are_requests(items):
    """Whether *items* are wanted requests rather than a method and a path."""
    return bool(items) and all(
        isinstance(each, (tuple, list, collections_abc.Mapping)) for each in items)


def _hint(wanted, one):
    """Return what to write instead of *one* of the *wanted* requests; '' if that is not known."""
    if isinstance(one, (tuple, list)) and _are_requests(one):
        return 'did you mean %s with a * before the list?' % _METHOD
    if not isinstance(one, string_types):
        return ''
    words = one.split()
    if len(words) == 1 and len(wanted) == 2 and isinstance(wanted[1], string_types) and (
            one[:1] != '/'):
        words = wanted
    if len(words) == 2:
        return 'did you mean (%s, %s)?' % (shown(words[0]), shown(words[1]))
    return "did you mean {'path': %s}?" % shown(one) if one[:1] == '/' else ''


def found_in_order(wanted, requests):
    """Return the indices of the *requests* that meet the *wanted* ones, in their order.

    If there are fewer indices than wanted requests, no later request meets the next one. Each takes
    the earliest request, which leaves the most to the others, so an order is found if there is one.

    :param wanted: a list of `Criteria`.
    """
    found, begin = [], 0
    for criteria in wanted:
        index = next((index for index in range(begin, len(requests))
                      if criteria.match(requests[index])), None)
        if index is None:
            break
        found.append(index)
        begin = index + 1
    return found


def not_in_order(wanted, found, requests):
    """Return the message if the *wanted* requests did not come in their order.

    It shows both orders side by side. A wanted request and the one that meets it are in one line.

    :param wanted: a list of `Criteria`.
    :param found: the result of `found_in_order`, which is shorter.
    """
    missing = wanted[len(found)]
    matching = [index for index, each in enumerate(requests) if missing.match(each)]
    early = [index for index in matching if index not in found]
    verdict = 'came only before number %d' % len(found) if early else 'is missing'
    lines = ['expected %d requests in order, but number %d %s: %s' % (
        len(wanted), len(found) + 1, verdict, missing)]
    if len(wanted) == 1:
        lines = ['expected a request that did not come: %s' % missing]
    lines += _table(wanted, found, requests, _verdict(early, matching))
    return '\n'.join(lines + ([] if early else _nearest(missing, found, requests)))


def _verdict(early, matching):
    """Return what the row of the missing request says in the column of received ones.

    :param early: the indices of requests that meet it, but came too early.
    :param matching: the indices of all that meet it.
    """
    if not early:
        return 'did not come again' if matching else 'did not come'
    words = ', '.join(['[%d]' % index for index in early[:5]])
    return 'came before: %s%s' % (words, ', ...' if len(early) > 5 else '')


def _nearest(missing, found, requests):
    """Return a list: the text about the request nearest to the *missing* one, if there is any.

    It is one that came after those that were found, or else one that came before.
    """
    begin = found[-1] + 1 if found else 0
    text = (nearest_request(missing, requests[:begin], requests)
            or nearest_request(missing, [requests[index] for index in found], requests))
    return [text] if text else []


def _table(wanted, found, requests, verdict):
    """Return the lines of the two columns.

    :param verdict: what is said of the first of *wanted* that was not found.
    """
    names = [str(each) for each in wanted]
    left = min(LEFT, max(len(name) for name in names + ['wanted']))
    missing = len(found)
    before, begin = [], 0
    for name, index in zip(names, found):
        before += [_row('', '', each, requests, left) for each in range(begin, index)]
        before.append(_row('', name, index, requests, left))
        begin = index + 1
    after = [_columns('', name, '', left) for name in names[missing + 1:]]
    rest = [_row('', '', index, requests, left) for index in range(begin, len(requests))]
    return ([_columns('', 'wanted', 'received', left)] + _newest(before)
            + [_columns('>', names[missing], verdict, left)] + _oldest(after) + _oldest(rest))


def _newest(rows):
    if len(rows) <= ROWS:
        return rows
    return ['    ... %d lines' % (len(rows) - ROWS)] + rows[-ROWS:]


def _oldest(rows):
    if len(rows) <= ROWS:
        return rows
    return rows[:ROWS] + ['    ... %d more' % (len(rows) - ROWS)]


def _row(mark, name, index, requests, left):
    request = requests[index]
    return _columns(mark, name, one_line(index, request, len(displayed_target(request))), left)


def _columns(mark, name, received, left):
    """Return one line of the table. *left* is the width of the left column."""
    line = '  %-1s %-*s  %s' % (mark, left, _cut(name, left), _cut(received, WIDTH - 6 - left))
    return line.rstrip()


def _cut(text, width):
    """Return *text* in at most *width* characters, without its middle if it is longer.

    The end of a path, and the status behind it, say more than the middle.
    """
    if len(text) <= width:
        return text
    end = (width - 3) // 2
    return '%s...%s' % (text[:width - 3 - end], text[len(text) - end:])
