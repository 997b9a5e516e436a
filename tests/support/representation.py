# -*- coding: utf-8 -*-
"""What RFC 9110 allows as the response to a conditional request or to one for ranges.

It imports nothing of the library, because it is the second opinion.
"""
from __future__ import unicode_literals

import re

__all__ = ['Representation', 'parts_of']

#: What a 206 and a 304 have if a 200 has it. RFC 9110, sections 15.3.7 and 15.4.5.
KEPT = ('etag', 'cache-control', 'expires', 'content-location', 'vary')


def parts_of(answer):
    """Return the parts of a 206 as a list of (content_range, content_type, bytes).

    RFC 9110, sections 14.4 and 14.6. A part that is not framed by its boundary is an
    AssertionError.
    """
    media = answer.get('content-type') or ''
    if not media.lower().startswith('multipart/byteranges'):
        return [(answer.get('content-range'), answer.get('content-type'), answer.body)]
    assert answer.get('content-range') is None, 'a multipart 206 has a Content-Range of its own'
    boundary = re.search(r'boundary="?([^";]+)"?$', media).group(1).encode('ascii')
    pieces = (b'\r\n' + answer.body).split(b'\r\n--' + boundary)
    assert pieces[0] == b'', 'there is a preamble: %r' % pieces[0]
    assert pieces[-1] in (b'--', b'--\r\n'), 'the last boundary is wrong: %r' % pieces[-1]
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece):
    head, _, content = piece.partition(b'\r\n\r\n')
    lines = head.decode('latin-1').split('\r\n')
    assert lines[0] == '', 'something follows the boundary: %r' % lines[0]
    fields = dict((name.lower(), value.strip()) for name, _, value in [
        line.partition(':') for line in lines[1:]])
    return fields.get('content-range'), fields.get('content-type'), content


class Representation(object):
    """What the server has to send: its bytes and its validators.

    :param fields: names (lower-case) and values that a 200 has.
    """

    def __init__(self, content, **fields):
        self.content = content
        self.fields = dict((name.replace('_', '-'), value) for name, value in fields.items())

    def wrong(self, answer, expected, method='GET'):
        """Return what is wrong with *answer* as a str; '' if it is one of what is *expected*.

        :param expected: such as ``'200'``, ``'206 0-1,4-5'`` or ``'200|416'``.
        """
        choices = [each.strip().partition(' ') for each in expected.split('|')]
        for status, _, ranges in choices:
            if answer.status == int(status):
                check = getattr(self, '_wrong_' + status)
                return check(answer, method, ranges) or self._wrong_framing(answer, method)
        return 'the status is %d, expected %s; %r' % (answer.status, expected, answer.body)

    def _wrong_framing(self, answer, method):
        if method == 'HEAD' or answer.status == 304:
            return 'it has a body: %r' % answer.body if answer.body else ''
        if answer.get('content-length') != str(len(answer.body)):
            return 'its Content-Length is %s' % answer.get('content-length')
        return ''

    def _wrong_fields(self, answer, names):
        for name in names:
            if answer.get(name) != self.fields.get(name):
                return '%s is %s, expected %s' % (name, answer.get(name), self.fields.get(name))
        return ''

    def _wrong_200(self, answer, method, ranges):
        if answer.get('content-range') is not None:
            return 'a 200 has a Content-Range: %s' % answer.get('content-range')
        if method == 'HEAD' and answer.get('content-length') != str(len(self.content)):
            return 'the Content-Length of HEAD is %s' % answer.get('content-length')
        if method != 'HEAD' and answer.body != self.content:
            return 'the content is %r' % answer.body
        if method in ('GET', 'HEAD') and answer.get('accept-ranges') != 'bytes':
            return 'Accept-Ranges is %s' % answer.get('accept-ranges')
        return self._wrong_fields(answer, self.fields)

    def _wrong_206(self, answer, method, ranges):
        wanted = [self._expected_part(each) for each in ranges.split(',')]
        parts = [(where, content) for where, _, content in parts_of(answer)]
        if parts != wanted:
            return 'the parts are %r, expected %r' % (parts, wanted)
        if len(wanted) == 1 and answer.get('content-range') is None:
            return 'a single range came as multipart'
        types = set(media for _, media, _ in parts_of(answer))
        if types != {self.fields.get('content-type')}:
            return 'the types of the parts are %r' % types
        return self._wrong_fields(answer, KEPT)

    def _expected_part(self, text):
        first, last = [int(each) for each in text.split('-')]
        return ('bytes %d-%d/%d' % (first, last, len(self.content)),
                self.content[first:last + 1])

    def _wrong_304(self, answer, method, ranges):
        # The length is optional, but it is that of a 200. RFC 9110, section 8.6.
        if answer.get('content-length') not in (None, str(len(self.content))):
            return 'the Content-Length of a 304 is %s' % answer.get('content-length')
        if answer.get('content-range') is not None:
            return 'a 304 has a Content-Range'
        return self._wrong_fields(answer, KEPT)

    def _wrong_412(self, answer, method, ranges):
        if answer.get('content-range') is not None:
            return 'a 412 has a Content-Range'
        if self.content and answer.body == self.content:
            return 'a 412 has the content of a 200'
        return ''

    def _wrong_416(self, answer, method, ranges):
        # RFC 9110, section 15.5.17.
        if answer.get('content-range') != 'bytes */%d' % len(self.content):
            return 'the Content-Range of a 416 is %s' % answer.get('content-range')
        if self.content and answer.body == self.content:
            return 'a 416 has the content of a 200'
        return ''
