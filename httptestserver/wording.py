# -*- coding: utf-8 -*-
"""Parts of messages: how values and exceptions are shown, and which name is nearest.

Nothing here does I/O or takes a lock.
"""
from six import ensure_text, text_type

__all__ = ['Words', 'described', 'nearest', 'shown', 'wrong']


class Words(str):
    """A str that `shown` shows without quotes and escapes, because it is wording and no value."""


def shown(value, limit=200):
    """Return *value* as a str for a message: its `repr`, or `Words` unchanged.

    The ``b`` of bytes is left out, so that messages are the same on Python 2 and 3. A longer
    value is cut and followed by its size.

    :param limit: in characters of the `repr`; for bytes, in bytes of the value.
    """
    if isinstance(value, bytes) and not isinstance(value, Words):
        text, size, unit = repr(value[:limit]).lstrip('b'), len(value), 'bytes'
    else:
        whole = value if isinstance(value, Words) else repr(value)
        text, size, unit = whole[:limit], len(whole), 'characters'
    return text if size <= limit else '%s... (%d %s)' % (text, size, unit)


def nearest(word, words):
    """Return the one of *words* whose spelling is nearest to *word*."""
    # Importing difflib takes milliseconds, and most tests write no wrong name.
    import difflib
    return difflib.get_close_matches(word, words, 1, 0.0)[0]


def wrong(kind, key, allowed, value):
    """Return a new exception of class *kind*: *key* is *allowed*, but has *value*."""
    return kind('%s is %s, got %s (%s)' % (key, allowed, shown(value), type(value).__name__))


def described(error):
    """Return the type and the text of an exception, as text. Never raises an `Exception`."""
    for text in (text_type, str):
        try:
            words = ensure_text(text(error), 'utf-8', 'replace')
            words = words.encode('utf-8', 'backslashreplace').decode('utf-8')
            return u'%s: %s' % (type(error).__name__, words)
        except Exception:
            # `__str__` of an exception is user code and may raise. On Python 2 one of the two
            # conversions may fail where the other succeeds.
            continue
    return type(error).__name__
