# -*- coding: utf-8 -*-
"""Reads a HAR 1.2 document, and says where in it something is wrong.

It reads files and takes no lock. This module is imported when a recording is replayed.
"""
import io
import json
import os

from six import binary_type, ensure_text, string_types, text_type
from six.moves import collections_abc

from httptestserver.scripting.content import is_path, path_name
from httptestserver.wording import described, shown, wrong

__all__ = ['Part', 'read']

#: What the types of JSON are called in messages.
KINDS = {dict: 'an object', list: 'a list', text_type: 'a string', int: 'an int'}

#: The types of Python that each of them may have.
TYPES = {dict: collections_abc.Mapping, list: (list, tuple), text_type: string_types, int: int}

_REQUIRED = object()


def read(har):
    """Return the log of a document as a `Part`.

    :param har: a path or a dict.
    :raises OSError: (IOError on Python 2) the file cannot be read.
    :raises TypeError: *har* is neither a path nor a dict.
    :raises ValueError: it is no HAR.
    """
    folder = None
    if not isinstance(har, collections_abc.Mapping):
        if not (isinstance(har, string_types) or is_path(har)):
            raise wrong(TypeError, 'har', 'a path, or a dict as server.har() returns it', har,
                        'did you mean %s.har()?' % shown(har)
                        if callable(getattr(har, 'har', None)) else '')
        path = path_name(har)
        folder, har = os.path.dirname(os.path.abspath(path)), _parsed(_content(path))
    return Part(har, '', folder).part('log', 'so this is no HAR')


def _content(path):
    with io.open(path, 'rb') as file:
        return file.read()


def _parsed(content):
    if content.startswith(b'PK\x03\x04'):
        raise ValueError('this is a zip file; unpack it, and give the path of the .har file in it')
    try:
        return json.loads(content.decode('utf-8-sig'))
    # JSON that is nested too deep raises RuntimeError.
    except (RuntimeError, ValueError) as error:
        raise ValueError('this is not JSON: %s; it begins with %s'
                         % (described(error), shown(content, 60)))


class Part(object):
    """An object of the document, and its place.

    :param value: what stands there.
    :param place: such as ``'log.entries[3].response'``; '' for the document.
    :param folder: that of the file; None if the document is no file.
    :param hint: what it means that this is no object.
    """

    def __init__(self, value, place, folder, hint=''):
        self.place, self.folder = place, folder
        self._value = value
        if not isinstance(value, collections_abc.Mapping):
            raise self._wrong(self.place or 'the document', KINDS[dict], value, hint)

    def __contains__(self, name):
        return self._value.get(name) is not None

    def get(self, name, kind, default=_REQUIRED):
        """Return the member *name*, and check that it is of a *kind*.

        :param kind: one of `KINDS`.
        :param default: for a member that is absent or null; by default it must be there.
        """
        value = self._value.get(name)
        if value is None and default is not _REQUIRED:
            return default
        if not isinstance(value, TYPES[kind]) or isinstance(value, bool):
            raise self._wrong(self.at(name), KINDS[kind], value)
        if kind is text_type:
            return ensure_text(value, 'utf-8', 'replace')
        return value

    def part(self, name, hint=''):
        """Return the member *name* as a `Part`."""
        return Part(self._value.get(name), self.at(name), self.folder, hint)

    def parts(self, name, default=_REQUIRED):
        """Return the member *name*, a list of objects, as a list of `Part`."""
        return [Part(each, '%s[%d]' % (self.at(name), index), self.folder)
                for index, each in enumerate(self.get(name, list, default))]

    def at(self, name):
        """Return the place of the member *name*."""
        return '%s.%s' % (self.place, name) if self.place else name

    def error(self, text):
        """Return the exception for something that is wrong here; *text* says what."""
        return ValueError('%s %s' % (self.place, text))

    def _wrong(self, place, allowed, value, hint=''):
        kind = 'null' if value is None else type(value).__name__
        if isinstance(value, (binary_type, text_type)):
            kind = 'str'
        return ValueError('%s is %s, got %s (%s)%s' % (
            place, allowed, shown(value, 60), kind, hint and '; ' + hint))
