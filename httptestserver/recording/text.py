# -*- coding: utf-8 -*-
"""Converts what an entry holds to text: the header fields, and the content of both messages.

Text is `str` on Python 3 and `unicode` on Python 2. Nothing here does I/O or takes a lock.
"""
import re
import time
import unicodedata

from six import ensure_text, text_type

from httptestserver.http1.fields import first_value, parse_fields, parse_length, to_bytes, values_of
from httptestserver.recording.forms import parameter
from httptestserver.recording.request import CutContent
from httptestserver.wording import shown

__all__ = ['content_size', 'content_text', 'date_time', 'decoded', 'is_cut', 'message_lines',
           'printable', 'request_fields', 'response_fields', 'sent_fields', 'sent_target',
           'source_name']

#: At most so much of a content is decoded to show its beginning, because 50 MB take a second.
EXAMINED = 65536        # bytes

# Finds what makes content binary: control characters but for layout and ESC, lone surrogates.
_find_binary = re.compile(u'[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]|[\ud800-\udbff](?![\udc00-\udfff])'
                          u'|(?<![\ud800-\udbff])[\udc00-\udfff]').search


def decoded(value):
    """Return *value*, bytes or str of HTTP, as text: from UTF-8 if valid, else ISO-8859-1."""
    value = to_bytes(value)
    try:
        return ensure_text(value, 'utf-8')
    except UnicodeDecodeError:
        return ensure_text(value, 'iso-8859-1')


def date_time(seconds):
    """Return *seconds* since the epoch as a date-time in UTC: RFC 3339, section 5.6."""
    milliseconds = int(seconds * 1000)
    return text_type(time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(milliseconds // 1000))
                     + '.%03dZ' % (milliseconds % 1000))


def sent_target(request):
    """Return the target of *request* as bytes, as the client sent it."""
    words = request.get('raw_requestline', b'').split()
    return words[1] if len(words) > 1 else to_bytes(request.get('path', ''))


def sent_fields(request):
    """Return the header fields of *request*, in order: a list of (name, value) pairs.

    Each is a str in which a character stands for a byte that was sent.
    """
    headers = request.get('headers')
    if headers is None:
        return []
    lines = getattr(headers, 'headers', None)
    # On Python 2 items() returns only one value for each name, so the lines are parsed again.
    return parse_fields(b''.join(lines)) if isinstance(lines, list) else list(headers.items())


def request_fields(request):
    """Return the header fields of *request*, in order: a list of (name, value) pairs of text."""
    return [(decoded(name), decoded(value)) for name, value in sent_fields(request)]


def response_fields(request):
    """Return the header fields of the response: a list of (name, value) pairs of text."""
    return [(decoded(name), decoded(value))
            for name, value in request.get('response_headers') or ()]


def content_text(content, content_type):
    """Return *content*, bytes, as text; None if text cannot represent it exactly.

    :param content_type: the value of the Content-Type field. The default charset is UTF-8.
    """
    charset = parameter(content_type, 'charset') or 'utf-8'
    try:
        text = content.decode(charset)
        exact = isinstance(text, text_type) and text.encode(charset) == content
    except Exception:
        # The client or the script chooses the codec, and some codecs raise their own exceptions.
        return None
    return text if exact and not _find_binary(text) else None


def message_lines(fields, content, limit):
    """Return lines of text that show a message: its fields, an empty line and its content.

    Characters that are not printable are escaped. If the content has codings, they are undone as
    far as that is possible.

    :param fields: (name, value) pairs of text.
    :param content: bytes, or the source of streamed content.
    :param limit: at most so many characters of the content are shown.
    """
    lines = [printable(u'%s: %s' % field) for field in fields]
    body = _content_lines(content, fields, limit)
    return lines + ([u''] if lines and body else []) + body


def _content_lines(content, fields, limit):
    if not isinstance(content, bytes):
        return [printable(u'(streamed from %s)' % source_name(content))]
    start, whole, codings = _uncoded(content, fields)
    text = _beginning(start, first_value(fields, 'content-type'), whole)
    if text is None:
        return [ensure_text(shown(start if whole else content))]
    lines = text[:limit].split(u'\n') if text else []
    if len(text) > limit or not whole:
        lines.append(printable(u'... (%d B%s)' % (len(content), codings)))
    elif lines and not lines[-1]:
        # The text ends with a line end, so the last item is empty and no line.
        lines.pop()
    return [printable(line.rstrip(u'\r')) for line in lines]


def _uncoded(content, fields):
    """Return the beginning of *content* without its codings.

    :returns: bytes, whether they are the whole content, and text that names its codings.
    """
    values = values_of(fields, 'content-encoding') if content else []
    if values:
        # Imported here, because few contents have a coding.
        from httptestserver.recording.decoding import beginning, codings_of
        codings = codings_of(values)
        start, whole = beginning(content, codings, EXAMINED)
        # Content that is something else, in spite of its field, is shown as it is.
        if codings and (start or whole):
            return start, whole, u' of %s' % u', '.join(codings)
    return content[:EXAMINED], len(content) <= EXAMINED, u''


def _beginning(start, content_type, whole):
    """Return *start* as text; None if text cannot represent it exactly.

    :param whole: whether it is all; if not, its last character may be cut.
    """
    if whole:
        return content_text(start, content_type)
    # A character has up to four bytes, so up to three are left out.
    texts = (content_text(start[:len(start) - cut], content_type) for cut in range(4))
    return next((text for text in texts if text), None)


def printable(text):
    """Return *text*, one line, with control, formatting and unusual space characters escaped."""
    return u''.join([each if each in u' \t' or unicodedata.category(each)[0] not in 'CZ'
                     else each.encode('unicode_escape').decode('ascii') for each in text])


def content_size(request):
    """Return the size of the response's content in bytes; -1 if it is not known."""
    content = request.get('response_raw', request.get('response_content', b''))
    if isinstance(content, bytes) and not is_cut(content):
        return len(content)
    if 'response_fault' in request and request.get('response_fault_at') != 'end':
        return -1
    return _content_length(request)


def is_cut(content):
    """Whether *content*, bytes, is only the beginning of what was sent."""
    return isinstance(content, CutContent)


def _content_length(request):
    """Return the Content-Length of the response; -1 if there is none, or it is no number."""
    length = parse_length(first_value(request.get('response_headers') or (), 'content-length'))
    return -1 if length is None else length


def source_name(source):
    """Return the name of *source*, a path object or an open file, as text."""
    # Some path classes have a read() too, so the check for a path comes first.
    if hasattr(source, '__fspath__') or not hasattr(source, 'read'):
        name = str(source)
    else:
        name = getattr(source, 'name', None)
    if isinstance(name, text_type):
        return name
    return decoded(name) if isinstance(name, bytes) else u'a file without a name'
