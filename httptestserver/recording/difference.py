# -*- coding: utf-8 -*-
"""What a request lacks to meet a criterion, and the text that shows it: a line or a diff.

Tests compare this text. Nothing here does I/O or takes a lock. Comparing may run user code.
"""
import collections
import json
import re

from six import ensure_str, text_type
from six.moves import collections_abc

from httptestserver.wording import Words, shown

__all__ = ['Difference', 'closeness', 'listed']

#: At most so many lines of one diff are shown.
DIFF_LINES = 60
#: A diff compares at most so many lines of each side, because its time grows with their square.
COMPARED = 1000
#: At most so many characters of a value, or of a line of a diff, are shown.
WIDTH = 200

#: Paths are alike if at least this part of the longer one is equal.
ALIKE = 0.6

#: Criteria whose values are always short. Dicts of names and values are measured instead.
_IN_ONE_LINE = ('method', 'path', 'auth', 'match')

_ABSENT = Words('<absent>')


class Difference(collections.namedtuple('Difference', 'name expected actual sides')):
    """A criterion that a request does not meet, with the expected and the actual value.

    ``sides(actual)`` returns the two values that a diff compares. In the expected one, each part
    that is met is replaced by the actual part. From the actual one, each part that is not expected
    is left out. ``sides`` is None if a diff compares the whole values.
    """

    __slots__ = ()

    def __str__(self):
        actual = self.actual
        if self.name == 'method':
            actual = Words(actual)
        elif self.name == 'path':
            actual = Words(actual.origin + actual)
        return '%s: expected %s, got %s' % (self.name, shown(self.expected), shown(actual))


def closeness(differences):
    """Return a key for `max`, which finds what is nearest: it has the fewest *differences*.

    If several have equally few, it is the one whose path is most alike, if any is alike at all.
    """
    path = next((each for each in differences if each.name == 'path'), None)
    if path is None:
        return -len(differences), 1.0
    actual = path.actual.origin + path.actual
    return -len(differences), _likeness(_filled(str(path.expected), actual), actual)


def _filled(template, path):
    """Return *template* with the segments of *path* in place of its placeholders."""
    segments = template.split('/')
    # It may have more segments than the path.
    pairs = zip(segments, path.split('/') + [''] * len(segments))
    return '/'.join([actual if each[:1] == '{' else each for each, actual in pairs])


def _likeness(one, other):
    """Return which part of two paths is equal at their start and end, from 0 to 1 in tenths."""
    start = _common_start(one, other)
    end = _common_start(one[start:][::-1], other[start:][::-1])
    alike = round((start + end) / float(max(len(one), len(other), 1)), 1)
    return alike if alike >= ALIKE else 0.0


def listed(differences):
    """Return the text of several `Difference` objects, each indented by two spaces."""
    return '\n'.join(['  %s' % _difference(each).replace('\n', '\n  ') for each in differences])


def _difference(difference):
    """Return the text of a `Difference`: one line if that shows it well, else a diff."""
    if _fits_a_line(difference):
        return str(difference)
    name, expected, actual, sides = difference
    expected, actual = sides(actual) if sides else (expected, actual)
    if name == 'files':
        return '\n'.join([_of_file(each, expected[each], actual.get(each, _ABSENT))
                          for each in sorted(expected) if expected[each] != actual.get(each)])
    old, new = _text(expected), _text(actual)
    if '\n' in old + new and old != new:
        return '\n  '.join(_diff(name, old.split('\n'), new.split('\n')))
    return _first_difference(difference)


def _of_file(name, expected, actual):
    """Return the text of the difference of a file, whose content is shown as a body is."""
    return _difference(Difference('files[%s]' % shown(name), expected, actual, None))


def _fits_a_line(difference):
    name, expected, actual, _ = difference
    if isinstance(actual, Words) or isinstance(expected, Words):
        return True
    if isinstance(expected, collections_abc.Mapping) and name != 'json' and name != 'json_has':
        return len(repr(expected) + repr(actual)) < WIDTH
    return name in _IN_ONE_LINE


def _diff(name, expected, actual):
    """Return the lines of a unified diff of two lists of lines, cut if it is long."""
    # Importing difflib takes milliseconds, and only failing tests need it.
    import difflib
    start = 0
    if max(len(expected), len(actual)) > COMPARED:
        start = max(0, _common_start(expected, actual) - 3)
    lines = list(difflib.unified_diff(expected[start:start + COMPARED],
                                      actual[start:start + COMPARED],
                                      'expected', 'received', lineterm=''))
    if len(lines) > DIFF_LINES:
        lines[DIFF_LINES:] = ['... (%d more lines)' % (len(lines) - DIFF_LINES)]
    verb = 'differ' if name in ('cookies', 'headers') else 'differs'
    return ['%s %s%s:' % (name, verb, ' after %d equal lines' % start if start else '')] + [
        shown(Words(_printable(line)), WIDTH) for line in lines]


def _first_difference(difference):
    """Return a `Difference` in one line. A long common start is counted, but not shown."""
    name, expected, actual, _ = difference
    equal = 0
    if isinstance(expected, (bytes, text_type)) and type(expected) is type(actual):
        equal = _common_start(expected, actual)
    if equal < WIDTH // 2:
        return str(difference)
    return '%s: the first %d %s are equal; then expected %s, got %s' % (
        name, equal, 'bytes' if isinstance(actual, bytes) else 'characters',
        shown(expected[equal:]), shown(actual[equal:]))


def _common_start(one, other):
    """Return how many items are equal at the start of two sequences of one type."""
    # Bisection compares slices, which is faster than comparing items in a loop.
    equal, end = 0, min(len(one), len(other))
    while equal < end:
        middle = (equal + end + 1) // 2
        if one[equal:middle] == other[equal:middle]:
            equal = middle
        else:
            end = middle - 1
    return equal


def _text(value):
    """Return *value*, of JSON or of a body, as text of one or more lines."""
    if isinstance(value, Words):
        return value
    if isinstance(value, bytes):
        try:
            return ensure_str(value.decode('utf-8'))
        except UnicodeError:
            return repr(value)
    try:
        return json.dumps(value, indent=2, sort_keys=True, default=repr, separators=(',', ': '))
    # On Python 2 the content of a file may be no text.
    except ValueError:
        return repr(value)


def _printable(line):
    """Return *line* with control characters escaped, because a terminal would obey them."""
    return re.sub(r'[\x00-\x08\x0b-\x1f\x7f]', lambda found: repr(found.group())[1:-1], line)
