# -*- coding: utf-8 -*-
"""Templates: paths with placeholders, which match the targets of requests.

Nothing here does I/O or takes a lock.
"""
import re

from six import ensure_str

__all__ = ['Template']


class Placeholder(str):
    """The name of a placeholder, which matches any segment that is not empty."""


class Rest(Placeholder):
    """The name of a placeholder that matches all segments that are left, at least one."""


class Template(object):
    """A path whose segments are compared in their decoded form, and may be placeholders.

    :param target: a `Target`. If it has an origin, that of the request must be equal.
    :raises ValueError: a brace is not part of a placeholder, two placeholders have the same name,
        a `Rest` is not at the end, or a segment is ``<name>``.
    """

    def __init__(self, target):
        self.origin, self._path = target.origin, str(target)
        for each in target.split('/'):
            _check_no_angles(each, target)
        segments = [_segment(each) for each in target.split('/')]
        names = [each for each in segments if isinstance(each, Placeholder)]
        if (len(names) > len(set(names)) or re.search('[{}]', '/'.join(segments))
                or any(isinstance(each, Rest) for each in segments[:-1])):
            raise ValueError('a template has {name} for a whole segment, {name...} for the rest at '
                             'its end, each name once, and other braces as %%7B and %%7D; got %s'
                             % target)
        self._rest = segments.pop() if isinstance(segments[-1], Rest) else None
        self._segments = tuple([each if isinstance(each, Placeholder) else decoded
                                for each, decoded in zip(segments, target.parts)])
        #: Whether it has no placeholder.
        self.is_literal = not names

    def __str__(self):
        return self.origin + self._path

    def matches(self, target):
        """Whether the path of *target* matches, and its origin if the template has one."""
        if self.origin and target.origin != self.origin:
            return False
        if self.is_literal:
            return target.parts == self._segments
        more = len(target.parts) - len(self._segments)
        # A placeholder does not match an empty segment, but a `Rest` does.
        return (more == 0 if self._rest is None else more > 0) and all(
            segment if isinstance(wanted, Placeholder) else segment == wanted
            for segment, wanted in zip(target.parts, self._segments))

    def params(self, target):
        """Return a dict of the segments of a matching *target*, by the names of placeholders."""
        params = {str(name): _text(segment)
                  for segment, name in zip(target.parts, self._segments)
                  if isinstance(name, Placeholder)}
        if self._rest is not None:
            params[str(self._rest)] = _text(b'/'.join(self.rest(target)))
        return params

    def rest(self, target):
        """Return a tuple of the segments of a matching *target* that `Rest` matches.

        They are decoded bytes. None if the template has no `Rest`.
        """
        return None if self._rest is None else target.parts[len(self._segments):]


def _text(segment):
    return ensure_str(segment, 'utf-8', 'replace')


def _check_no_angles(segment, target):
    """Raise ValueError if *segment* is a placeholder of another library, such as ``<int:id>``."""
    found = re.match(r'<(?:([^<>]*):)?([A-Za-z_][A-Za-z0-9_]*)>\Z', segment)
    if found:
        raise ValueError('a template has {name} for a whole segment, got %s in %s; did you mean '
                         '{%s%s}? A literal < is %%3C' % (
                             segment, target, found.group(2),
                             '...' if found.group(1) == 'path' else ''))


def _segment(text):
    """Return a `Placeholder` if *text* is ``{name}`` or ``{name...}``, else *text*."""
    found = re.match(r'\{([A-Za-z_][A-Za-z0-9_]*)(\.\.\.)?\}\Z', text)
    if not found:
        return text
    return (Rest if found.group(2) else Placeholder)(found.group(1))
