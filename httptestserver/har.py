# -*- coding: utf-8 -*-
"""Renders recorded requests as a HAR 1.2 document, which developer tools of browsers can open.

The same requests make the same document. If a request got no valid response, its status is 0 and
the ``comment`` of the response has the reason.

Content that text cannot represent exactly is encoded as base64. For ``postData`` HAR 1.2 has no
such encoding, so ``_encoding`` marks it there, and ``encoding``, which some readers know. Content
codings are undone, as HAR 1.2 wants it for responses; the sizes of bodies count the bytes on the
wire. Content that does not decode is shown as it is, and a ``comment`` says why.

`har` makes a whole document. A document that is written entry by entry needs `document` and
`entry_of`. Nothing here does I/O or takes a lock.
"""
import base64
import calendar
import email.utils

from six import ensure_str, string_types, text_type
from six.moves.urllib.parse import parse_qsl, quote

import httptestserver
from httptestserver.http1.address import is_unix
from httptestserver.http1.fields import first_value, is_token, to_bytes, values_of
from httptestserver.http1.response_head import encode_head
from httptestserver.recording.request import (
    RecordedRequest, limit_of, note_limit, note_tunnel)
from httptestserver.recording.target import URI, Target
from httptestserver.recording.text import (
    content_size, content_text, date_time, decoded, is_cut, request_fields, response_fields,
    sent_target, source_name)
from httptestserver.wording import shown, wrong

__all__ = ['REDACTED', 'document', 'entry_of', 'har', 'redacted_names']

#: What stands in place of a value that is left out.
REDACTED = u'REDACTED'


def har(requests, redact=()):
    """Return a HAR 1.2 document: a dict that `json.dump` can write.

    :param requests: a list of `RecordedRequest`, such as ``server.history``.
    :param redact: names of header fields, in upper or lower case. Their values are replaced by
        ``'REDACTED'`` in requests and responses. With ``'Cookie'`` or ``'Set-Cookie'``, the values
        in the lists of cookies are replaced too. URLs and bodies stay.
    :raises TypeError, ValueError: *redact* is no list or tuple of such names.
    """
    names = redacted_names(redact)
    return document([entry_of(request, names) for request in requests])


def document(entries):
    """Return a HAR 1.2 document with *entries*, a list of what `entry_of` returns."""
    return {'log': {
        'version': u'1.2',
        'creator': {'name': u'httptestserver', 'version': text_type(httptestserver.__version__)},
        'pages': [],
        'entries': entries}}


def redacted_names(redact):
    """Return the names in *redact* as `entry_of` wants them. Parameter and exceptions: see `har`.
    """
    if isinstance(redact, (bytes, text_type)):
        raise wrong(TypeError, 'redact', 'a list or tuple of names of header fields', redact,
                    'did you mean redact=(%s,)?' % shown(redact))
    if not isinstance(redact, (list, tuple, set, frozenset)):
        raise wrong(TypeError, 'redact', 'a list or tuple of names of header fields', redact)
    return frozenset([_redacted_name(name) for name in redact])


def _redacted_name(name):
    if not isinstance(name, string_types):
        raise wrong(TypeError, 'a name in redact', 'a str', name)
    if not is_token(name):
        raise wrong(ValueError, 'a name in redact', 'that of a header field', name,
                    _instead(name))
    return name.lower()


def _instead(name):
    bare = name.partition(':')[0].strip()
    return 'did you mean %s?' % shown(bare) if is_token(bare) else ''


def entry_of(request, names=frozenset()):
    """Return the entry of a *request* in a document.

    :param names: what `redacted_names` has returned.
    """
    # A copy, because the thread of a connection may complete the request meanwhile.
    entry = _entry(_copy(request))
    if names:
        _redact(entry['request'], 'cookie', names)
        _redact(entry['response'], 'set-cookie', names)
        if 'location' in names and entry['response']['redirectURL']:
            entry['response']['redirectURL'] = REDACTED
    return entry


def _redact(message, cookies, names):
    """Replace the values of the fields with *names* in a *message* of an entry.

    :param cookies: the name of the field with the cookies of the message.
    """
    found = [field for field in message['headers'] if field['name'].lower() in names]
    if cookies in names:
        found += message['cookies']
    for each in found:
        each['value'] = REDACTED


def _copy(request):
    copied = RecordedRequest(request)
    note_limit(copied, limit_of(request))
    # A plain dict, which a handler may have recorded, has no tunnel.
    note_tunnel(copied, getattr(request, 'tunnel', None))
    return copied


def _entry(request):
    duration = round(1000.0 * (request.get('duration') or 0), 3)
    entry = {
        'startedDateTime': date_time(request.get('time') or 0),
        'time': duration,
        'request': _request(request),
        'response': _response(request),
        'cache': {},
        # Only the total time is known. In HAR, -1 marks a time that does not apply.
        'timings': {'blocked': -1, 'dns': -1, 'connect': -1, 'ssl': -1,
                    'send': 0, 'wait': duration, 'receive': 0}}
    if 'connection_index' in request:
        entry['connection'] = text_type(request['connection_index'])
    address = _address(request.get('server'))
    if address:
        entry['serverIPAddress'] = address
    return entry


def _address(server):
    """Return the address of *server*, or None if it is not known.

    Copies of entries have no server, and a Unix socket has no address of IP. If a server listens on
    all addresses, it is not recorded which one the client used.
    """
    host = getattr(server, 'host', None)
    if not host or host in ('0.0.0.0', '::') or is_unix(host):
        return None
    # After a percent sign, an IPv6 address has its scope, which HAR does not want.
    return _text(host.partition('%')[0])


def _request(request):
    fields = request_fields(request)
    line = request.get('raw_requestline', b'')
    body, discarded = request.get('body', b''), request.get('body_discarded')
    rendered = {
        'method': _text(request.get('command', '')),
        'url': _url(request),
        'httpVersion': _text(request.get('request_version', '')),
        'cookies': _cookies(fields),
        'headers': _named(fields),
        'queryString': _parameters(Target(request.get('path', '')).query),
        # Entries do not record white space, so each colon counts with one space.
        'headersSize': len(line) + sum(len(to_bytes(name) + to_bytes(value)) + 4
                                       for name, value in fields) + 2,
        # A body in chunks that was not read has an unknown size, which HAR writes as -1.
        'bodySize': -1 if discarded == 0 else len(body) + (discarded or 0)}
    if body:
        body, comment = _uncoded(body, fields, limit_of(request))
        rendered['postData'] = _post_data(body, first_value(fields, 'content-type'))
        if comment:
            rendered['postData']['comment'] = comment
    if discarded is not None:
        rendered['comment'] = (u'the first %d bytes of the body were kept'
                               % len(request.get('body', b'')))
    return rendered


def _uncoded(content, fields, limit):
    """Return *content*, bytes, with its codings undone, and a comment.

    If that fails, the content is unchanged, and the comment says why. Otherwise it is None.

    :param limit: how many bytes are decoded at most: see `note_limit`.
    """
    values = values_of(fields, 'content-encoding')
    if not (values and content):
        return content, None
    # Imported here, because few contents have a coding.
    from httptestserver.recording.decoding import codings_of, undone
    try:
        return undone(content, codings_of(values), limit), None
    except ValueError as error:
        return content, _text(u'it cannot be decoded %s' % _text(str(error)))


def _post_data(body, content_type):
    text, encoding = _text_or_base64(body, content_type)
    rendered = {'mimeType': content_type, 'text': text}
    if encoding:
        rendered['_encoding'] = rendered['encoding'] = encoding
    elif content_type.lower().startswith('application/x-www-form-urlencoded'):
        # HAR 1.2 allows either text or params. Browsers write both, and readers need one or other.
        rendered['params'] = _parameters(ensure_str(body, 'utf-8', 'replace'))
    return rendered


def _url(request):
    """Return the target URI. RFC 9112, section 3.3."""
    target = _text(quote(sent_target(request), URI))
    if not target.startswith('/') and '://' in target:
        return target
    scheme = u'https' if request.get('tls') else u'http'
    if request.get('command') == 'CONNECT':
        return u'%s://%s' % (scheme, target)
    host = first_value(request_fields(request), 'host') or _text(_host_without_field(request))
    authority = _text(quote(host.encode('utf-8'), URI)) or u'localhost'
    return u'%s://%s%s' % (scheme, authority, target if target.startswith('/') else '')


def _host_without_field(request):
    """Return the host of a *request* without a Host field; '' if it is not known."""
    server = request.get('server')
    if request.tunnel or not hasattr(server, 'url') or is_unix(server.host):
        return request.tunnel or ''
    return server.url('').partition('://')[2]


def _response(request):
    fields = response_fields(request)
    status, reason = request.get('response_status', 0), request.get('response_reason') or ''
    size = content_size(request)
    rendered = {
        'status': status,
        'statusText': decoded(reason),
        'httpVersion': u'HTTP/1.1' if status else u'',
        # One without a name is none, and its value must not stand in the place of a name.
        'cookies': [_set_cookie(value) for value in values_of(fields, 'set-cookie')
                    if '=' in value.partition(';')[0]],
        'headers': _named(fields),
        'content': _content(request, size, fields),
        'redirectURL': first_value(fields, 'location'),
        'headersSize': len(encode_head(status, reason, request.get('response_headers') or ()))
        if status else -1,
        'bodySize': size}
    comment = ', '.join(_comments(request))
    if comment:
        rendered['comment'] = _text(comment)
    return rendered


def _comments(request):
    """Yield remarks on the response for which HAR has no field."""
    if 'response_fault' in request:
        yield '%s at %s' % (request['response_fault'], request.get('response_fault_at'))
    elif 'response_raw' in request:
        yield 'raw bytes in place of a response'
    elif 'response_status' not in request:
        yield 'no response'


def _content(request, size, fields):
    content_type = first_value(fields, 'content-type')
    rendered = {'size': size, 'mimeType': content_type}
    content = request.get('response_raw', request.get('response_content', b''))
    if not isinstance(content, bytes):
        rendered['comment'] = u'streamed from %s' % source_name(content)
        return rendered
    plain, comment = _uncoded(content, fields, None)
    remarks = [u'the first %d bytes' % len(content)] if is_cut(content) else []
    remarks += [comment] if comment else []
    if remarks:
        rendered['comment'] = u'; '.join(remarks)
    elif plain is not content:
        rendered['size'], rendered['compression'] = len(plain), len(plain) - len(content)
    if plain:
        text, encoding = _text_or_base64(plain, content_type)
        rendered['text'] = text
        if encoding:
            rendered['encoding'] = encoding
    return rendered


def _text_or_base64(content, content_type):
    """Return (text, None), or (encoded content, ``'base64'``) if it is not exactly text."""
    text = content_text(content, content_type)
    if text is not None:
        return text, None
    return base64.b64encode(content).decode('ascii'), u'base64'


def _named(pairs):
    return [{'name': name, 'value': value} for name, value in pairs]


def _parameters(query):
    return _named([(_text(name), _text(value))
                   for name, value in parse_qsl(query, keep_blank_values=True)])


def _cookies(fields):
    """Return the cookies of a request. RFC 6265, section 4.2."""
    return [_cookie(pair) for value in values_of(fields, 'cookie')
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
    """Return the *date* of a cookie in the format of `date_time`, or None if it is no date."""
    try:
        return date_time(calendar.timegm(email.utils.parsedate(str(date))))
    except Exception:
        # For a wrong date, Pythons raise different exceptions.
        return None


def _text(value):
    """Return a str of an entry as text, which is `unicode` on Python 2."""
    return value if isinstance(value, text_type) else decoded(value)
