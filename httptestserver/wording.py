# -*- coding: utf-8 -*-
"""Parts of messages: how values and exceptions are shown, and which name was meant.

Nothing here does I/O or takes a lock.
"""
from six import ensure_str, ensure_text, string_types, text_type

__all__ = ['Words', 'described', 'name_of', 'native', 'nearest', 'one_of', 'shown', 'unknown',
           'wrong']

#: A name is near to another if their similarity is at least this, from 0 to 1. With a
#: smaller limit, messages suggest names that have nothing in common.
SIMILARITY = 0.7


class Words(str):
    """A str that is shown without quotes and escapes, because it is wording and no value."""

    def __repr__(self):
        return str(self)


def shown(value, limit=200):
    """Return *value* as a str for a message: its `repr`, or `Words` unchanged.

    The ``b`` of bytes and the ``u`` of text are left out, so that messages are the same on
    Python 2 and 3. A longer value is cut and followed by its size.

    :param limit: in characters of the `repr`; for bytes, in bytes of the value.
    """
    if isinstance(value, bytes) and not isinstance(value, Words):
        text, size, unit = repr(value[:limit]).lstrip('b'), len(value), 'bytes'
    else:
        whole = _repr(value)
        if isinstance(value, text_type) and not isinstance(value, Words):
            whole = whole.lstrip('u')
        text, size, unit = whole[:limit], len(whole), 'characters'
    return text if size <= limit else '%s... (%d %s)' % (text, size, unit)


def _repr(value):
    try:
        return repr(value)
    except RuntimeError:
        # It is nested deeper than Python can call.
        return object.__repr__(value)


def name_of(function):
    """Return `Words` with the name of *function*; without a name, with its `repr`."""
    return Words(getattr(function, '__name__', None) or repr(function))


def native(name):
    """Return *name* as str, whatever it is. On Python 2 text is encoded as UTF-8."""
    return ensure_str(name) if isinstance(name, text_type) else str(name)


def nearest(word, words, prefix=''):
    """Return the one of *words* whose spelling is nearest to *word*; '' if none is near.

    :param prefix: a prefix that some of the words have. It is not compared, because its letters
        would make all of them similar.
    """
    if not isinstance(word, string_types):
        return ''
    # Importing difflib takes milliseconds, and most tests write no wrong name.
    import difflib
    spellings = {}
    for each in words:
        spellings.setdefault(_without(prefix, each), each)
    if not word.startswith(prefix):
        # The prefix may be misspelt too.
        spellings.update((each, each) for each in words)
    spelt = _without(prefix, word.lower())
    # A short form, such as "hist" for "history_limit", is not similar by its letters.
    longer = [each for each in spellings if each.startswith(spelt)]
    if len(spelt) >= 3 and len(longer) == 1:
        return spellings[longer[0]]
    found = difflib.get_close_matches(spelt, spellings, 1, SIMILARITY)
    return spellings[found[0]] if found else ''


def _without(prefix, word):
    return word[len(prefix):] if word.startswith(prefix) else word


def one_of(words):
    """Return what is allowed, for a message: one of several *words*."""
    return 'one of %s' % ', '.join(map(repr, words))


def unknown(name, kind, allowed, meant):
    """Return the message for a *name* that is not among the *allowed* ones.

    :param kind: what they are, such as ``'a key of a response'``.
    :param meant: the name to suggest; '' for none.
    """
    suggestion = '; did you mean %s?' % meant if meant else '.'
    return '%s is not %s%s All of them: %s' % (
        native(name), kind, suggestion, ', '.join(allowed))


def wrong(kind, key, allowed, value, hint=''):
    """Return a new exception of class *kind*: *key* must be *allowed*, but is *value*.

    :param hint: what to write instead; '' if that is not known.
    """
    return kind('%s is %s, got %s (%s)%s' % (
        key, allowed, shown(value), type(value).__name__, hint and '; ' + hint))


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
