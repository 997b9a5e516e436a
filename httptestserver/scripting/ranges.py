# -*- coding: utf-8 -*-
"""Changes a whole response to what the preconditions and the Range of a request ask for.

RFC 9110, sections 13 and 14. It reads files and takes no lock. This module is imported when a
script needs it, because most tests have no ranges.
"""
import functools
import hashlib

from six import ensure_text

from httptestserver.http1.byteranges import content_range, parse_range, selected, unsatisfied
from httptestserver.http1.conditions import date_of, evaluate, range_applies, selects_representation
from httptestserver.http1.fields import first_value, get_all, has_field, to_bytes, without
from httptestserver.http1.response_head import PLAIN_TEXT, http_date
from httptestserver.scripting.combinations import check_ranges
from httptestserver.scripting.content import KeptContent, StreamedContent
from httptestserver.waiting import clock, utc
from httptestserver.wording import Words, shown

__all__ = ['PartialContent', 'select', 'with_ranges']

#: Fields of a script that are wrong beside a part of its content.
OF_THE_WHOLE = ('content-length', 'content-range', 'content-digest', 'content-md5')

#: Fields that describe content which a 304, a 412 and a 416 do not have.
OF_CONTENT = OF_THE_WHOLE + ('content-type', 'content-encoding', 'content-language',
                             'content-disposition')

#: The conditions that may lead to a 412.
LEADING_TO_412 = ('If-Match', 'If-Unmodified-Since', 'If-None-Match')


def with_ranges(response, keys, request):
    """Return *response*, made of *keys* with ``response_ranges``, as *request* asks for it.

    :raises ValueError: the content has no length that is known.
    """
    try:
        check_ranges(keys)
        content = response.content
        if _length(content) is None and 'response_content_encoding' not in keys:
            raise ValueError('response_ranges needs content whose length is known, but '
                             'response_content is a file that is not seekable: %s'
                             % shown(keys.get('response_content')))
    except BaseException:
        _close(response.content)
        raise
    return select(response, request)


def select(response, request):
    """Return *response* after it was changed to what *request* asks for.

    It becomes a 206, a 304, a 412 or a 416, or it stays whole. A response with another status than
    200 stays as it is. ``Accept-Ranges``, ``ETag`` and ``Last-Modified`` are added for GET and
    HEAD, unless the response has them.

    :param response: a `Response`. Its content is closed if it is not sent.
    :param request: a `RecordedRequest`.
    """
    counts = response.status == 200 and response.raw is None
    if counts and selects_representation(request['command']):
        try:
            _select(response, request)
        except BaseException:
            _close(response.content)
            raise
    return response


def _select(response, request):
    field = functools.partial(_field, request)
    made = _made_fields(response)
    headers = response.headers + made
    etag = first_value(headers, 'etag', None)
    modified = date_of(first_value(headers, 'last-modified'))
    status = evaluate(request['command'], field, etag, modified)
    if status == 412:
        _fail(response, headers, 412, 'a precondition of the request is not met: %s; '
              'the response has %s' % (_conditions(field), _validators(etag, headers)))
    elif status == 304:
        _close(response.content)
        # The tag is enough: RFC 9110, section 15.4.5.
        dropped = OF_CONTENT + (('last-modified',) if etag else ())
        response.replace(304, without(headers, dropped), b'')
    elif request['command'] in ('GET', 'HEAD'):
        if has_field(made, 'last-modified') and not _is_strong(modified):
            modified = None
        _send(response, headers, request['command'], field, etag, modified)


def _is_strong(modified):
    """Whether the second of *modified*, the date of a file, is over: RFC 9110, section 8.8.2.2.

    Until then the file may change once more, and keep its date.
    """
    return modified < tuple(utc(clock())[:6])


def _send(response, headers, command, field, etag, modified):
    """Send the content of *response*: all of it, or what Range asks for if it applies.

    :param modified: the date with which If-Range is compared; None if there is no strong one.
    """
    length = _length(response.content)
    if length is None:
        response.replace(200, headers, response.content)
        return
    if not has_field(headers, 'accept-ranges'):
        headers += (('Accept-Ranges', 'bytes'),)
    asked = field('Range')
    # Only GET has ranges: RFC 9110, section 14.2.
    applies = command == 'GET' and asked is not None and range_applies(field, etag, modified)
    parts = selected(parse_range(asked), length) if applies else None
    if parts is None:
        response.replace(200, headers, response.content)
    elif not parts:
        _fail(response, headers, 416, 'the content has %d bytes, and none of them is in the range '
              '%s' % (length, shown(Words(asked))), (('Content-Range', unsatisfied(length)),))
    elif len(parts) == 1:
        headers = without(headers, OF_THE_WHOLE)
        headers += (('Content-Range', content_range(*parts[0] + (length,))),)
        _send_partial(response, headers, _cut(response.content, [(b'',) + parts[0]], b''))
    else:
        _send_parts(response, headers, parts, length, etag)


def _send_parts(response, headers, parts, length, etag):
    """Send *parts*, (first, size) pairs, as multipart/byteranges: RFC 9110, section 14.6."""
    content = response.content
    boundary = _boundary(content, parts, etag)
    kind = first_value(headers, 'content-type')
    lines = 'Content-Type: %s\r\n' % kind if kind else ''
    heads = [to_bytes('\r\n--%s\r\n%sContent-Range: %s\r\n\r\n' % (
        boundary, lines, content_range(first, size, length))) for first, size in parts]
    # The first delimiter begins the content.
    heads[0] = heads[0][2:]
    content = _cut(content, [(head,) + part for head, part in zip(heads, parts)],
                   to_bytes('\r\n--%s--\r\n' % boundary))
    headers = without(headers, OF_THE_WHOLE + ('content-type',))
    headers += (('Content-Type', 'multipart/byteranges; boundary=' + boundary),)
    _send_partial(response, headers, content)


def _send_partial(response, headers, content):
    response.trailers = without(response.trailers, OF_THE_WHOLE)
    response.replace(206, headers, content)


def _boundary(content, parts, etag):
    """Return a boundary that is the same for the same response, and that is not in the content.

    A file is not searched for it, because none has these 128 bits by chance.
    """
    seed = '%s %s' % (etag, parts)
    while True:
        boundary = hashlib.sha256(to_bytes(seed)).hexdigest()[:32]
        if not isinstance(content, bytes) or to_bytes(boundary) not in content:
            return boundary
        seed += ' again'


def _fail(response, headers, status, reason, added=()):
    """Respond with *status*, its *reason* and *added* fields instead of the content."""
    _close(response.content)
    headers = without(headers, OF_CONTENT) + added + PLAIN_TEXT
    response.trailers = ()
    response.replace(status, headers, ensure_text(reason, 'latin-1').encode('utf-8') + b'\n')


def _cut(content, parts, end):
    """Return *parts* of a content, with what stands before each and at the *end*.

    :param content: bytes or a `FileContent`.
    :param parts: (bytes before it, first, size).
    """
    if isinstance(content, StreamedContent):
        return PartialContent(content, parts, end)
    return b''.join([head + content[first:first + size] for head, first, size in parts] + [end])


class PartialContent(KeptContent):
    """Parts of a file, and what stands between them. See `_cut` for the parameters."""

    def __init__(self, content, parts, end):
        super(PartialContent, self).__init__()
        self._content, self._parts, self._end = content, parts, end
        self.length = sum([len(head) + size for head, _, size in parts]) + len(end)

    def __iter__(self):
        return self.keeping(self._pieces())

    def _pieces(self):
        for head, first, size in self._parts:
            if head:
                yield head
            for piece in self._content.part(first, size):
                yield piece
        if self._end:
            yield self._end

    def close(self):
        self._content.close()


def _made_fields(response):
    """Return the validators to add, (name, value) pairs: those that the response does not have."""
    headers, content = response.headers, response.content
    has_etag = has_field(headers, 'etag')
    if not isinstance(content, StreamedContent):
        return () if has_etag else (('ETag', _hash([content])),)
    made, validators = (), content.validators()
    if not has_etag:
        if validators is not None:
            made += (('ETag', '"%s"' % validators[0]),)
        elif content.length is not None:
            made += (('ETag', _hash(content.part(0, content.length))),)
    if validators is not None and not has_field(headers, 'last-modified'):
        # It must not be in the future: RFC 9110, section 8.8.2.1.
        made += (('Last-Modified', http_date(min(validators[1], clock()))),)
    return made


def _hash(pieces):
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return '"%s"' % digest.hexdigest()[:32]


def _length(content):
    return content.length if isinstance(content, StreamedContent) else len(content)


def _close(content):
    if isinstance(content, StreamedContent):
        content.close()


def _field(request, name):
    """Return the values of a field of the request, joined by commas; None if there is none."""
    values = get_all(request['headers'], name)
    return ', '.join(values) if values else None


def _conditions(field):
    return ', '.join(['%s: %s' % (name, shown(Words(field(name))))
                      for name in LEADING_TO_412 if field(name) is not None])


def _validators(etag, headers):
    modified = first_value(headers, 'last-modified')
    return ', '.join(filter(None, [etag and 'ETag: ' + etag,
                                   modified and 'Last-Modified: ' + modified])) or 'neither'
