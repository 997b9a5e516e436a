# -*- coding: utf-8 -*-
"""What is said of a wrong value: how it is shown, what is allowed, which name is nearest.

Nothing here does I/O or takes a lock.
"""
__all__ = ['Words', 'nearest', 'shown', 'wrong']


class Words(str):
    """Text that is shown as it is, while other values are shown as their `repr`."""


def shown(value, limit=200):
    """Return *value* as text for a message, cut after *limit* with its size if it is longer.

    Bytes look the same on Python 2 and 3, without the prefix of their `repr`.
    """
    if isinstance(value, bytes) and not isinstance(value, Words):
        text = repr(value[:limit]).lstrip('b')
        return text if len(value) <= limit else '%s... (%d bytes)' % (text, len(value))
    text = value if isinstance(value, Words) else repr(value)
    return text if len(text) <= limit else '%s... (%d characters)' % (text[:limit], len(text))


def nearest(word, words):
    """Return which of *words* is spelled most like *word*."""
    # Imported here, because it takes milliseconds and most tests write no wrong name.
    import difflib
    return difflib.get_close_matches(word, words, 1, 0.0)[0]


def wrong(kind, key, allowed, value):
    """Return an exception of *kind* that says what *key* may hold, and what it got."""
    return kind('%s is %s, got %r (%s)' % (key, allowed, value, type(value).__name__))
