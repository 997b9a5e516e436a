# -*- coding: utf-8 -*-
"""What messages say of a wrong value: how it is shown, what is allowed, what is nearest.

Nothing here does I/O or takes a lock.
"""
from six import ensure_text, text_type

__all__ = ['Words', 'described', 'nearest', 'shown', 'wrong']


class Words(str):
    """Text that `shown` leaves as it is, while it shows other values as their `repr`."""


def shown(value, limit=200):
    """Return *value* as text for a message.

    What is longer than *limit* is cut, and its size follows. Bytes look the same on Python 2
    and 3: they have no prefix, and it is they that are counted, not their `repr`.
    """
    if isinstance(value, bytes) and not isinstance(value, Words):
        text, size, unit = repr(value[:limit]).lstrip('b'), len(value), 'bytes'
    else:
        whole = value if isinstance(value, Words) else repr(value)
        text, size, unit = whole[:limit], len(whole), 'characters'
    return text if size <= limit else '%s... (%d %s)' % (text, size, unit)


def nearest(word, words):
    """Return the one of *words* whose spelling is nearest to *word*."""
    # The import takes milliseconds, and most tests write no wrong name.
    import difflib
    return difflib.get_close_matches(word, words, 1, 0.0)[0]


def wrong(kind, key, allowed, value):
    """Return an exception of *kind* that says what *key* may hold and what it got."""
    return kind('%s is %s, got %s (%s)' % (key, allowed, shown(value), type(value).__name__))


def described(error):
    """Return an exception's type and text, whatever its text is made of."""
    for text in (text_type, str):
        try:
            words = ensure_text(text(error), 'utf-8', 'replace')
            words = words.encode('utf-8', 'backslashreplace').decode('utf-8')
            return u'%s: %s' % (type(error).__name__, words)
        except Exception:
            # The text of an exception is user code, and Python 2 cannot convert each.
            continue
    return type(error).__name__
