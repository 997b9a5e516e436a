# -*- coding: utf-8 -*-
"""What an entry holds, as text: header fields, and the content of its request or response.

Nothing here takes a lock or does I/O.
"""
import re

from six import ensure_text, text_type

from httptestserver.http1.fields import parse_fields, to_bytes
from httptestserver.recording.request import KEPT

__all__ = ['content_size', 'content_text', 'decoded', 'first_value', 'is_cut', 'request_fields',
           'response_fields', 'source_name']

#: What no text holds: control characters that are no layout, and half a surrogate pair.
_no_text = re.compile(u'[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]|[\ud800-\udbff](?![\udc00-\udfff])'
                      u'|(?<![\ud800-\udbff])[\udc00-\udfff]').search

_charset = re.compile(r'(?i);\s*charset\s*=\s*"?([^\s";]+)').search


def decoded(value):
    """Return what was sent or received as text: UTF-8 if it is that, else ISO-8859-1."""
    value = to_bytes(value)
    try:
        return ensure_text(value, 'utf-8')
    except UnicodeDecodeError:
        return ensure_text(value, 'iso-8859-1')


def request_fields(request):
    """Return the (name, value) pairs of the request's header, in their order, as text."""
    headers = request.get('headers')
    if headers is None:
        return []
    lines = getattr(headers, 'headers', None)
    # items() of Python 2's message class would return one value for each name.
    pairs = parse_fields(b''.join(lines)) if isinstance(lines, list) else headers.items()
    return [(decoded(name), decoded(value)) for name, value in pairs]


def response_fields(request):
    """Return the (name, value) pairs of the header of the response to *request*, as text."""
    return [(decoded(name), decoded(value))
            for name, value in request.get('response_headers') or ()]


def first_value(fields, name):
    """Return the first value of the field *name*, which is in lower case; empty without one."""
    return next((value for each, value in fields if each.lower() == name), u'')


def content_text(content, content_type):
    """Return *content* as text; None if it is not exactly text in its charset."""
    charset = _charset(content_type)
    charset = charset.group(1) if charset else 'utf-8'
    try:
        text = content.decode(charset)
        exact = isinstance(text, text_type) and text.encode(charset) == content
    except Exception:
        # The client or the script chose the codec, and some codecs raise errors of their own.
        return None
    return text if exact and not _no_text(text) else None


def content_size(request):
    """Return how many bytes of content the response to *request* has; -1 if it is not known."""
    content = request.get('response_raw', request.get('response_content', b''))
    if isinstance(content, bytes) and not is_cut(request, content):
        return len(content)
    if 'response_fault' in request and request.get('response_fault_at') != 'end':
        return -1
    return _content_length(request)


def is_cut(request, content):
    """Whether *content* is only the beginning of what was sent, as that of long streams is."""
    return (len(content) == KEPT and 'response_raw' not in request
            and _content_length(request) != KEPT)


def _content_length(request):
    """Return the response's Content-Length; -1 without one."""
    length = first_value(request.get('response_headers') or (), 'content-length')
    return int(length) if re.match('[0-9]{1,18}$', length) else -1


def source_name(source):
    """Return the name of the path or open file that content is streamed from, as text."""
    # Some path classes have a read(), too.
    if hasattr(source, '__fspath__') or not hasattr(source, 'read'):
        name = str(source)
    else:
        name = getattr(source, 'name', None)
    if isinstance(name, text_type):
        return name
    return decoded(name) if isinstance(name, bytes) else u'a file without a name'
