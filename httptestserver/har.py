# -*- coding: utf-8 -*-
"""Renders recorded requests as a HAR 1.2 document, which browsers' developer tools open.

Nothing here takes a lock or does I/O. The same requests make the same document, and every
request has its entry, also one that was not answered, or answered with no valid HTTP: the
response's status is then 0, and its ``comment`` tells why.

Octets that are not exactly text in their charset stand as base64. HAR 1.2 has no name for
that in ``postData``, so it is ``_encoding`` there. Content is as it went over the wire:
compressed, where the author of the answer compressed it.
"""
import base64
import calendar
import email.utils
import re
import time

from six import ensure_str, ensure_text, text_type
from six.moves.urllib.parse import parse_qsl, quote

import httptestserver
from httptestserver.http1.fields import to_bytes, parse_fields
from httptestserver.http1.response_head import encode_head
from httptestserver.recording.request import RecordedRequest, Target
from httptestserver.recording.request import KEPT

__all__ = ['har']

#: What a URI is made of, RFC 3986, section 2; the percent sign because it is encoded already.
URI = "%:/?[]@!$&'()*+,;=-._~"

#: What no text holds: control characters that are no layout, and half a surrogate pair.
_no_text = re.compile(u'[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]|[\ud800-\udbff](?![\udc00-\udfff])'
                      u'|(?<![\ud800-\udbff])[\udc00-\udfff]').search

_charset = re.compile(r'(?i);\s*charset\s*=\s*"?([^\s";]+)').search


def har(requests):
    """Return a HAR 1.2 document: a dict that `json.dump` can write.

    :param requests: `RecordedRequest` entries, such as ``server.history``.
    """
    return {'log': {
        'version': u'1.2',
        'creator': {'name': u'httptestserver', 'version': text_type(httptestserver.__version__)},
        'pages': [],
        # Copies, because the answer to a request is added to it while others read.
        'entries': [_entry(RecordedRequest(request)) for request in requests]}}


def _entry(request):
    duration = round(1000.0 * (request.get('duration') or 0), 3)
    entry = {
        'startedDateTime': _date_time(request.get('time') or 0),
        'time': duration,
        'request': _request(request),
        'response': _response(request),
        'cache': {},
        # What is measured is how long the answer took; the rest does not apply here.
        'timings': {'blocked': -1, 'dns': -1, 'connect': -1, 'ssl': -1,
                    'send': 0, 'wait': duration, 'receive': 0}}
    if 'connection_index' in request:
        entry['connection'] = text_type(request['connection_index'])
    address = _address(request.get('server'))
    if address:
        entry['serverIPAddress'] = address
    return entry


def _date_time(seconds):
    """Return *seconds* since the epoch as a date-time of RFC 3339, in UTC."""
    milliseconds = int(seconds * 1000)
    return text_type(time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(milliseconds // 1000))
                     + '.%03dZ' % (milliseconds % 1000))


def _address(server):
    """Return the address that clients connect to; None where it is not known.

    Copies of entries do not hold their server, and one that listens on all addresses was
    reached at any of them.
    """
    host = getattr(server, 'host', None)
    if not host or host in ('0.0.0.0', '::'):
        return None
    return _text(host.partition('%')[0])            # the rest is the scope of an address


def _request(request):
    fields = header_fields(request.get('headers'))
    line = request.get('raw_requestline', b'')
    body, discarded = request.get('body', b''), request.get('body_discarded', 0)
    rendered = {
        'method': _text(request.get('command', '')),
        'url': _url(request),
        'httpVersion': _text(request.get('request_version', '')),
        'cookies': _cookies(fields),
        'headers': _named(fields),
        'queryString': _parameters(Target(request.get('path', '')).query),
        # As clients write it, with one space behind the colon: the rest is not recorded.
        'headersSize': len(line) + sum(len(to_bytes(name) + to_bytes(value)) + 4
                                       for name, value in fields) + 2,
        'bodySize': len(body) + discarded}
    if body:
        rendered['postData'] = _post_data(body, first(fields, 'content-type'))
    if discarded:
        rendered['comment'] = u'the first %d octets of the body were kept' % len(body)
    return rendered


def _post_data(body, content_type):
    text, encoding = _text_or_base64(body, content_type)
    rendered = {'mimeType': content_type, 'text': text}
    if encoding:
        rendered['_encoding'] = encoding
    elif content_type.lower().startswith('application/x-www-form-urlencoded'):
        # HAR 1.2 wants one or the other, but browsers write both, and readers rely on either.
        rendered['params'] = _parameters(ensure_str(body, 'utf-8', 'replace'))
    return rendered


def _url(request):
    """Return the target URI; RFC 9112, section 3.3."""
    path = request.get('path', '')
    words = request.get('raw_requestline', b'').split()
    # Only the line as it came tells in which octets the target was.
    target = _text(quote(words[1] if len(words) > 1 else to_bytes(path), URI))
    if not target.startswith('/') and '://' in target:
        return target
    scheme = u'https' if request.get('tls') else u'http'
    if request.get('command') == 'CONNECT':
        return u'%s://%s' % (scheme, target)
    host = first(header_fields(request.get('headers')), 'host')
    if not host and hasattr(request.get('server'), 'url'):
        host = request['server'].url('').partition('://')[2]
    authority = _text(quote(host.encode('utf-8'), URI)) or u'localhost'
    return u'%s://%s%s' % (scheme, authority, target if target.startswith('/') else '')


def _response(request):
    fields = sent_fields(request)
    status, reason = request.get('response_status', 0), request.get('response_reason') or ''
    size = content_size(request)
    rendered = {
        'status': status,
        'statusText': _decoded(reason),
        'httpVersion': u'HTTP/1.1' if status else u'',
        'cookies': [_set_cookie(value) for name, value in fields
                    if name.lower() == 'set-cookie'],
        'headers': _named(fields),
        'content': _content(request, size, first(fields, 'content-type')),
        'redirectURL': first(fields, 'location'),
        'headersSize': len(encode_head(status, reason, request.get('response_headers') or ()))
        if status else -1,
        'bodySize': size}
    comment = ', '.join(_comments(request))
    if comment:
        rendered['comment'] = _text(comment)
    return rendered


def _comments(request):
    """Yield what HAR has no field for."""
    if 'response_fault' in request:
        yield '%s at %s' % (request['response_fault'], request.get('response_fault_at'))
    elif 'response_raw' in request:
        yield 'raw octets in place of a response'
    elif 'response_status' not in request:
        yield 'no answer'


def _content(request, size, content_type):
    rendered = {'size': size, 'mimeType': content_type}
    content = request.get('response_raw', request.get('response_content', b''))
    if not isinstance(content, bytes):
        rendered['comment'] = u'streamed from %s' % name_of(content)
        return rendered
    if _is_cut(request, content):
        rendered['comment'] = u'the first %d octets' % len(content)
    if content:
        text, encoding = _text_or_base64(content, content_type)
        rendered['text'] = text
        if encoding:
            rendered['encoding'] = encoding
    return rendered


def content_size(request):
    """Return how many octets of content *request* was answered with; -1: not known."""
    content = request.get('response_raw', request.get('response_content', b''))
    if isinstance(content, bytes) and not _is_cut(request, content):
        return len(content)
    if 'response_fault' in request and request.get('response_fault_at') != 'end':
        return -1
    return _length(request)


def _length(request):
    """Return the response's Content-Length; -1 without one."""
    length = first(request.get('response_headers') or (), 'content-length')
    return int(length) if re.match('[0-9]{1,18}$', length) else -1


def _is_cut(request, content):
    """Whether *content* is only the beginning of what was sent, as of long streams."""
    return len(content) == KEPT and 'response_raw' not in request and _length(request) != KEPT


def name_of(source):
    """Return the name of what content is streamed from, a path or an open file, as text."""
    if hasattr(source, '__fspath__') or not hasattr(source, 'read'):    # some paths can read()
        name = str(source)
    else:
        name = getattr(source, 'name', None)
    return _text(name) if isinstance(name, (bytes, text_type)) else u'a file without a name'


def text_of(content, content_type):
    """Return *content* as text, None where it is not exactly text in its charset."""
    charset = _charset(content_type)
    charset = charset.group(1) if charset else 'utf-8'
    try:
        text = content.decode(charset)
        exact = isinstance(text, text_type) and text.encode(charset) == content
    except Exception:           # a stranger chose the codec, and some raise errors of their own
        return None
    return text if exact and not _no_text(text) else None


def _text_or_base64(content, content_type):
    """Return (text, None), or (text, ``'base64'``)."""
    text = text_of(content, content_type)
    if text is not None:
        return text, None
    return base64.b64encode(content).decode('ascii'), u'base64'


def header_fields(headers):
    """Return the (name, value) pairs of a message, text, in their order, repeated ones too."""
    if headers is None:
        return []
    lines = getattr(headers, 'headers', None)
    # Python 2's items() have one value for each name.
    pairs = parse_fields(b''.join(lines)) if isinstance(lines, list) else headers.items()
    return [(_decoded(name), _decoded(value)) for name, value in pairs]


def sent_fields(request):
    """Return the (name, value) pairs of the response to *request*, text."""
    return [(_decoded(name), _decoded(value))
            for name, value in request.get('response_headers') or ()]


def first(fields, name):
    """Return the first value of the field *name*, in lower case; empty without one."""
    return next((value for each, value in fields if each.lower() == name), u'')


def _named(pairs):
    return [{'name': name, 'value': value} for name, value in pairs]


def _parameters(query):
    return _named([(_text(name), _text(value))
                   for name, value in parse_qsl(query, keep_blank_values=True)])


def _cookies(fields):
    """Return the cookies of a request. RFC 6265, section 4.2."""
    return [_cookie(pair) for name, value in fields if name.lower() == 'cookie'
            for pair in value.split(';') if '=' in pair]


def _cookie(pair):
    name, _, value = pair.partition('=')
    return {'name': name.strip(), 'value': value.strip().strip('"')}


def _set_cookie(field):
    """Return the cookie that a response sets. RFC 6265, section 5.2."""
    pair, _, rest = field.partition(';')
    cookie = _cookie(pair)
    attributes = {}
    for attribute in rest.split(';'):
        name, _, value = attribute.partition('=')
        attributes[name.strip().lower()] = value.strip()
    for name in ('path', 'domain'):
        if attributes.get(name):
            cookie[name] = attributes[name]
    expires = _expiry(attributes.get('expires', ''))
    if expires:
        cookie['expires'] = expires
    cookie['httpOnly'], cookie['secure'] = 'httponly' in attributes, 'secure' in attributes
    return cookie


def _expiry(date):
    """Return a cookie's *date* as `_date_time`; None where it is none."""
    try:
        return _date_time(calendar.timegm(email.utils.parsedate(str(date))))
    except Exception:           # older Pythons raise whatever comes up in parsing it
        return None


def _text(value):
    """Return a str, as recorded, as text."""
    return value if isinstance(value, text_type) else _decoded(value)


def _decoded(value):
    """Return what went over the wire as text: UTF-8 where it is, else ISO-8859-1."""
    value = to_bytes(value)
    try:
        return ensure_text(value, 'utf-8')
    except UnicodeDecodeError:
        return ensure_text(value, 'iso-8859-1')
