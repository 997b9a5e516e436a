# -*- coding: utf-8 -*-
"""Server-sent events as bytes: section 9.2 of the HTML standard, "Server-sent events".

Nothing here does I/O or takes a lock. To encode a value as JSON may run user code.
"""
import json
import re

from six import ensure_str, string_types, text_type
from six.moves import collections_abc

from httptestserver.http1.fields import utf_8
from httptestserver.recording.expected import is_int
from httptestserver.scripting.content import (
    BYTES, ContentSource, IterableContent, content_bytes, streamed)
from httptestserver.wording import native, nearest, unknown, wrong

__all__ = ['check_events', 'encode_event', 'event_bytes', 'events_content']

#: The keywords of an event.
KEYWORDS = ('data', 'event', 'id', 'retry', 'comment')

#: An event in an iterable, as messages say it.
_EVENT = ('text (its data), a dict of %s, or bytes that are sent as they are'
          % ', '.join(KEYWORDS))

_EVENTS = 'an iterable of events, or a Stream'

#: The ends of a line in an event stream. `splitlines` has more.
_LINE_END = re.compile(u'\\r\\n|\\r|\\n')


def check_events(key, value):
    """Check the *value* of ``response_events``. The events of a list are checked too.

    :raises TypeError, ValueError: the value is wrong, or an event in the list.
    """
    if isinstance(value, ContentSource):
        return
    if isinstance(value, BYTES + (text_type, str, collections_abc.Mapping)):
        raise wrong(TypeError, key, _EVENTS, value,
                    'for one event, write a list: [%s]' % _item(value))
    if not hasattr(value, '__iter__'):
        raise wrong(TypeError, key, _EVENTS, value,
                    'to unset the key, delete it or leave it out' if value is None else '')
    if isinstance(value, (list, tuple)):
        for index, event in enumerate(value):
            _check_event('%s[%d]' % (key, index), event)


def _item(value):
    """Return how *value* is written in a list."""
    if isinstance(value, collections_abc.Mapping):
        return '{...}'
    # Its `b` is kept, because the same text would be another event.
    return repr(value) if len(value) <= 50 else '...'


def _check_event(place, event):
    try:
        event_bytes(event)
    except (TypeError, ValueError) as error:
        raise (TypeError if isinstance(error, TypeError) else ValueError)(
            '%s: %s' % (place, error))


def events_content(source):
    """Return the `StreamedContent` of *source*, a value of ``response_events``."""
    return streamed(source) if isinstance(source, ContentSource) else _EventsContent(source)


class _EventsContent(IterableContent):
    """The events of an iterable."""

    def encode(self, piece):
        return event_bytes(piece)


def event_bytes(event):
    """Return an *event* of an iterable as bytes.

    :raises TypeError: it is neither text, a dict nor bytes.
    :raises ValueError: a key of the dict is unknown, or a value is wrong.
    """
    if isinstance(event, text_type):
        return encode_event(event)
    if isinstance(event, BYTES):
        return content_bytes(event, 'an event')
    if not isinstance(event, collections_abc.Mapping):
        raise wrong(TypeError, 'an event', _EVENT, event,
                    "to send it as JSON: {'data': ...}")
    for name in event:
        if name not in KEYWORDS:
            raise ValueError("%s. To send this dict as JSON: {'data': {...}}" % unknown(
                name, 'a key of an event', KEYWORDS, nearest(native(name), KEYWORDS)))
    return encode_event(**{str(name): event[name] for name in event})


def encode_event(data=None, event=None, id=None, retry=None, comment=None):
    """Return an event as bytes, with the empty line that ends it.

    The parameters are those of `Stream.send`, and so are the exceptions.
    """
    lines = []
    if comment is not None:
        lines += [u': ' + line for line in _lines(_text('comment', comment))]
    if event is not None:
        lines.append(u'event: ' + _one_line('event', _text('event', event)))
    if id is not None:
        lines.append(u'id: ' + _one_line('id', _id(id)))
    if retry is not None:
        lines.append(u'retry: %d' % _retry(retry))
    if data is not None:
        lines += [u'data: ' + line for line in _lines(_data(data))]
    if not lines:
        raise TypeError('an event has at least one of %s' % ', '.join(KEYWORDS))
    return utf_8(u'\n'.join(lines) + u'\n\n', 'an event')


def _lines(text):
    return _LINE_END.split(text)


def _text(key, value, allowed='a str'):
    if not isinstance(value, string_types):
        raise wrong(TypeError, key, allowed, value)
    return _decoded(value)


def _decoded(text):
    # On Python 2 a str is bytes.
    return text if isinstance(text, text_type) else text.decode('utf-8')


def _one_line(key, text):
    if re.search(u'[\r\n\0]', text):
        raise wrong(ValueError, key, 'one line, without CR, LF and NUL', text)
    return text


def _id(value):
    # A number is meant as its text, because most ids are numbers.
    return u'%d' % value if is_int(value) else _text('id', value, 'a str or an int')


def _retry(value):
    if not is_int(value):
        raise wrong(TypeError, 'retry', 'an int, in milliseconds', value)
    if value < 0:
        raise wrong(ValueError, 'retry', '0 or more milliseconds', value)
    return value


def _data(value):
    if isinstance(value, string_types):
        return _decoded(value)
    if isinstance(value, BYTES):
        raise wrong(TypeError, 'data', 'text, or a value that JSON can hold', value,
                    'to send bytes as they are: write()')
    try:
        return _decoded(ensure_str(json.dumps(value)))
    # JSON raises RuntimeError if the value is nested too deep.
    except (TypeError, ValueError, RuntimeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind('data is text, or a value that JSON can hold: %s' % error)
