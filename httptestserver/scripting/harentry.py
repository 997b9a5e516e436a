# -*- coding: utf-8 -*-
"""Makes criteria and a response of an entry of a HAR document.

Recorders differ in what they write. Nothing here takes a lock. This module is imported when a
recording is replayed.
"""
import re

from six import ensure_str, text_type
from six.moves.urllib.parse import quote, quote_plus

from httptestserver.http1.fields import first_value, pairs, parse_length
from httptestserver.http1.intermediary import end_to_end
from httptestserver.http1.response_head import has_body
from httptestserver.recording.exact import ANY, ExactCriteria, wanted_body
from httptestserver.recording.target import URI
from httptestserver.scripting.harcontent import (
    content_of, encoded, head_bytes, length_of, sent_length)
from httptestserver.scripting.vocabulary import BEFORE_RESPONSE, FAULTS, MOMENTS
from httptestserver.wording import shown

__all__ = ['Entry']

#: The server writes these by itself.
WRITTEN = ('date', 'trailer')

#: Fields that are wrong beside content whose coding was undone.
OF_CODING = ('content-digest', 'content-encoding', 'content-md5')

_fault = re.compile(r'(%s) at (\w+)\Z' % '|'.join(FAULTS)).match

#: Members in which Chromium, mitmproxy and Playwright write why a response did not come whole.
FAILURES = ('_error', '_failureText')

#: Remarks of Firefox in place of a body.
NOT_INCLUDED = u'bodies are not included'


class Entry(object):
    """An entry that can be replayed.

    :param part: the `Part` of the entry.
    :param is_ours: whether `httptestserver.har` wrote the document.
    :param is_proxy: whether the origin of the request counts.
    :raises ValueError: something in it is wrong, or was not recorded whole.
    """

    def __init__(self, part, is_ours, is_proxy):
        self._request, self._response = part.part('request'), part.part('response')
        self._is_ours = is_ours
        self._method = ensure_str(self._request.get('method', text_type))
        self._is_proxy = is_proxy
        self._fault = self._read_fault()

    def _read_fault(self):
        """Return the fault and its moment; None if there is none."""
        found = self._is_ours and _fault(self._response.get('comment', text_type, u''))
        if not found:
            return None
        fault, moment = map(ensure_str, found.groups())
        if moment in MOMENTS:
            return fault, moment
        size = parse_length(moment)
        return None if size is None else (fault, size)

    @property
    def is_replayed(self):
        """Whether a server can respond as this entry says."""
        url = self._request.get('url', text_type)
        status = self._response.get('status', int)
        if not re.match('(?i)[a-z][a-z0-9+.-]*:', url):
            raise self._request.error(
                'has the url %s, which has no scheme, such as https://' % shown(url))
        if not re.match('(?i)https?://', url) or 100 <= status < 200 or self._has_failed():
            return False
        return status > 0 or self._fault is not None or self._is_raw()

    def _has_failed(self):
        """Whether a client has cancelled the response, or it was cut on its way."""
        return any(self._response.get(name, text_type, u'') for name in FAILURES)

    def _is_raw(self):
        """Whether raw bytes were sent in place of a response, maybe none before a fault."""
        if self._fault is not None:
            return self._fault[1] not in BEFORE_RESPONSE
        return self._is_ours and self._response.get('comment', text_type, u'').startswith(u'raw ')

    def criteria(self):
        """Return the `ExactCriteria` of the request."""
        path, wanted = self._path(self._request.get('url', text_type)), self._wanted()
        try:
            return ExactCriteria(self._method, path, wanted)
        except ValueError as error:
            error.args = ('%s: %s' % (self._request.place, error),)
            raise

    def _path(self, url):
        scheme, rest = url.split(u'://', 1)
        rest = rest.partition(u'#')[0]
        split = re.search(u'[/?]|$', rest).start()
        authority, target = rest[:split], rest[split:]
        # A path with a name and a password is refused, and clients send neither.
        authority = authority.rpartition(u'@')[2]
        if self._method.upper() == 'CONNECT':
            return _quoted(authority)
        if not target and self._method.upper() == 'OPTIONS':
            return '*'
        target = _quoted(target if target.startswith(u'/') else u'/' + target)
        return '%s://%s%s' % (ensure_str(scheme), ensure_str(authority), target) if (
            self._is_proxy) else target

    def _wanted(self):
        """Return the criteria for the body of the request."""
        if self._fault is not None and self._fault[1] == 'request':
            # Its body was not read.
            return ANY
        if self._is_ours and 'comment' in self._request:
            raise self._request.error('was cut: %s' % ensure_str(
                self._request.get('comment', text_type)))
        fields = _fields(self._request)
        # The bodies of this library's entries are whole. The bodySize of Firefox counts characters,
        # so it shows only whether there was a body.
        sent = None if self._is_ours else sent_length(fields)
        size = max(sent or 0, self._request.get('bodySize', int, 0))
        if 'postData' not in self._request:
            if size > 0:
                raise self._request.error('has no postData, though its body has %d bytes; record '
                                          'it with its body' % size)
            return wanted_body(b'', '')
        return self._wanted_data(self._request.part('postData'), fields, sent, size)

    def _wanted_data(self, data, fields, sent, size):
        """Return the criteria for a body.

        :param data: the `Part` of the body.
        :param sent: how many bytes the *fields* announce; None if that is not known.
        :param size: more than 0 if there was a body.
        """
        kind = data.get('mimeType', text_type, u'') or first_value(fields, u'content-type')
        body = content_of(data, kind, ('_encoding', 'encoding'), sent)
        if not body and data.parts('params', ()):
            body, kind = _form(data, kind)
        if not body and (size > 0 or NOT_INCLUDED in data.get('comment', text_type, u'')):
            raise data.error('has no text; record it with the bodies of requests')
        return wanted_body(body or b'', ensure_str(kind))

    def keys(self):
        """Return the ``response_*`` keys of the response."""
        status = self._response.get('status', int)
        keys = {}
        if status > 0:
            keys = self._head(status)
        elif self._is_raw():
            content = self._response.part('content')
            keys['response_raw'] = content_of(content, u'', ('encoding',)) or b''
        if self._fault is not None:
            keys['response_fault'], moment = self._fault
            if moment == 'body':
                # What was sent before the fault was half of the content.
                moment = len(keys.get('response_raw', keys.get('response_content', b'')))
            keys['response_fault_at'] = moment
        return keys

    def _head(self, status):
        if not 200 <= status <= 999:
            raise self._response.error('has the status %d, and HTTP has 200 to 999' % status)
        fields = _fields(self._response)
        keys = {'response_status': status}
        reason = self._response.get('statusText', text_type, u'')
        # Other versions of HTTP have no reason phrase.
        if reason or self._response.get('httpVersion', text_type, u'')[:7].upper() == u'HTTP/1.':
            keys['response_reason'] = _native(reason)
        content, is_coded = self._content(status, fields)
        if content:
            keys['response_content'] = content
        is_decoded = bool(content) and not is_coded
        keys['response_headers'] = [
            (_native(name), _native(value)) for name, value in end_to_end(fields, WRITTEN)
            if self._is_kept(name.lower(), is_decoded)]
        try:
            pairs(keys['response_headers'], 'headers')
        except ValueError as error:
            raise self._response.error('has a wrong field: %s' % error)
        return keys

    def _is_kept(self, name, is_decoded):
        if name == u'content-length':
            # With a fault it announces more than what is sent.
            return self._method.upper() == 'HEAD' or bool(self._fault)
        return not (is_decoded and name in OF_CODING)

    def _content(self, status, fields):
        """Return the content, bytes, and whether its codings are those of the fields."""
        part = self._response.part('content')
        if not has_body(status, self._method.upper()):
            return b'', False
        comment = part.get('comment', text_type, u'') if self._is_ours else u''
        if comment.startswith((u'the first ', u'streamed from ')):
            raise part.error('is not whole: %s' % ensure_str(comment))
        # This library writes the bytes that were sent, maybe fewer than its fields announce.
        sent, length = (None, None) if self._is_ours else (
            sent_length(fields), length_of(part, fields, self._response.get('bodySize', int, -1)))
        content = content_of(part, first_value(fields, u'content-type'), ('encoding',), length)
        _check_whole(part, content, status, fields, sent)
        return content or b'', u'it cannot be decoded' in comment


def _check_whole(part, content, status, fields, sent):
    """Raise ValueError if the *content* of a response is shorter than it was.

    :param content: None if the document has none.
    :param sent: how many bytes the *fields* announce; None if that is not known.
    """
    size, comment = part.get('size', int, 0), part.get('comment', text_type, u'')
    if content is None:
        # Browsers do not read the content of a redirect.
        if not 300 <= status < 400 and (max(size, sent or 0) > 0 or NOT_INCLUDED in comment):
            raise part.error('has no text, though its size is %d; record it with its content'
                             % max(size, sent or 0))
        return
    if sent is None and not first_value(fields, u'content-encoding'):
        # A byte order mark counts, and is not in the text. With a coding, recorders differ in what
        # they count.
        sent = min(size, size + part.get('compression', int, 0))
        sent = sent if len(content) < sent - 3 else 0
    if len(content) < (sent or 0):
        raise part.error('was cut: it has %d of %d bytes' % (len(content), sent))


def _form(data, kind):
    """Return the body and the type that stand for the params of *data*, which has no text."""
    params = [(each.get('name', text_type), each.get('value', text_type, None), each)
              for each in data.parts('params')]
    if not kind.lower().startswith(u'multipart/form-data'):
        return '&'.join(['%s=%s' % (_plus(name), _plus(value or u''))
                         for name, value, _ in params]).encode('ascii'), kind
    lines = []
    for name, value, part in params:
        lines += [u'--replayed', u'Content-Disposition: form-data; name="%s"%s' % (
            _in_quotes(name), _file_parameter(part, value)), u'', value or u'']
    lines += [u'--replayed--', u'']
    return encoded(u'\r\n'.join(lines), 'utf-8'), u'multipart/form-data; boundary=replayed'


def _file_parameter(part, value):
    filename = part.get('fileName', text_type, None)
    if filename is None:
        return u''
    if value is None:
        raise part.error('is a file without its content; record it with its text')
    return u'; filename="%s"' % _in_quotes(filename)


def _in_quotes(text):
    return text.replace(u'\\', u'\\\\').replace(u'"', u'\\"')


def _plus(text):
    return quote_plus(encoded(text, 'utf-8'))


def _native(text):
    """Return *text* of a head as str, for which the same bytes are sent on each Python."""
    raw = head_bytes(text)
    return raw if str is bytes else raw.decode('iso-8859-1')


def _quoted(text):
    # This escapes braces too, which would be placeholders.
    return quote(encoded(text, 'utf-8'), URI)


def _fields(message):
    """Return the header fields of a *message*: a list of (name, value) pairs of text."""
    fields = [(each.get('name', text_type), each.get('value', text_type))
              for each in message.parts('headers')]
    # Old Chromium joins the values of a field by line ends. HTTP/2 has pseudo-fields with a colon.
    return [(name, line.strip(u' \t\r')) for name, value in fields if not name.startswith(u':')
            for line in value.split(u'\n')]
