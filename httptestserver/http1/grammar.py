# -*- coding: utf-8 -*-
"""Parses requests as RFC 9112 allows them: the request line, the fields, framing and chunks.

It works on bytes that were read before, and does no I/O. A request that is not allowed raises
`BadRequest`, and so does ambiguous framing (section 6.3).

Clients send the same heads again and again, so parsed heads are cached by their bytes. A cached
head takes 3 us, and the standard library's ``parse_request`` takes 35 us.
"""
import re
import socket

from six.moves import intern

from httptestserver.http1.fields import parse_length, to_bytes, to_str
from httptestserver.wording import shown

__all__ = ['BadRequest', 'HEAD_LIMIT', 'RequestFraming', 'check_fields', 'check_part',
           'check_size', 'chunk_size', 'parse_head']

#: The longest request line. RFC 9112, section 3, recommends at least 8,000.
LINE_LIMIT = 65536          # bytes

#: The longest head, and the longest trailer section.
HEAD_LIMIT = 262144         # bytes

#: A chunk size has at most so many hexadecimal digits, so it fits into 64 bits.
SIZE_DIGITS = 15

_TOKEN = br"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TEXT = br'[\t\x20-\x7e\x80-\xff]*'
_HOST = br"(?:\[([0-9A-Fa-f:.]+)\]|\[v[0-9A-Fa-f]+\.[!$&'()*+,;=:\-._~0-9A-Za-z]+\]" \
        br"|(?:[!$&'()*+,;=\-._~0-9A-Za-z]|%[0-9A-Fa-f]{2})*)"

# It matches a str, because the parts of the line are recorded as str.
_request_line = re.compile(
    to_str(_TOKEN).join('()') + r' ([^\x00-\x20\x7f#]+) HTTP/1\.([0-9])\Z').match
_other_version = re.compile(br'\S+ \S+ HTTP/[02-9]\.[0-9]\Z').match
_fields = re.compile(br'(?:' + _TOKEN + br':' + _TEXT + br'\r\n)*\Z').match
_bare_line_end = re.compile(br'(?<!\r)\n|\r(?=[^\n])').search
_host_field = re.compile(_HOST + br'(?::[0-9]*)?\Z').match
_absolute_form = re.compile(br'[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#@]*@)?([^/?#]*)').match
_authority_form = re.compile(br'(' + _HOST + br'):([0-9]{1,5})\Z').match
_framing_field = re.compile(
    br'(?i)\r\n(Host|Content-Length|Transfer-Encoding|Connection|Expect):'
    br'([^\r\n]*)').findall
# White space is allowed around ; and = only: RFC 9112, section 7.1.1.
_chunk_line = re.compile(
    br'([0-9A-Fa-f]+)(?:[ \t]*;[ \t]*' + _TOKEN + br'(?:[ \t]*=[ \t]*(?:' + _TOKEN
    + br'|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*'
    + br'\r\n\Z').match


class BadRequest(Exception):
    """The request is refused: the client gets *status*, and the connection is closed.

    :param status: the response status, from 400 to 505.
    :param reason: one line of text for the client and for ``server.failures``.
    """

    def __init__(self, status, reason):
        super(BadRequest, self).__init__(reason)
        self.status = status
        self.reason = reason


class RequestFraming(object):
    """How the body of a request is framed, and whether the client keeps the connection.

    ``block`` has the bytes of the field lines. ``version`` is such as ``'HTTP/1.1'``. ``length``
    is in bytes, None if the body is in chunks. ``close`` and ``keep_alive`` are the options of
    the Connection field. ``expect`` is whether the client waits for 100 Continue. Instances are
    cached and shared, so they must not be changed.

    :param block: the field lines, without the empty line.
    :param version: the minor version, ``'0'`` to ``'9'``.
    :raises BadRequest: RFC 9112 does not allow these fields.
    """

    __slots__ = ('block', 'version', 'length', 'close', 'keep_alive', 'expect')

    def __init__(self, block, version):
        check_fields(block)
        found = {}
        for name, value in _framing_field(b'\r\n' + block):
            found.setdefault(name.lower(), []).append(value.strip(b' \t'))
        _check_host(found.get(b'host', ()), version)
        connection = _members(found.get(b'connection', ()))
        self.block = block
        self.version = 'HTTP/1.' + version
        self.length = _length(found, version)
        self.close = b'close' in connection
        self.keep_alive = b'keep-alive' in connection
        self.expect = _expects_continue(_members(found.get(b'expect', ())), version)


def check_fields(block):
    """Check that *block* consists of field lines, each with its CRLF. RFC 9112, section 5.

    :raises BadRequest: it does not; the message shows the first line that is wrong.
    """
    if not _fields(block):
        lines = block.split(b'\r\n')
        # The last item is what follows the last CRLF. It is wrong if all lines are right.
        refused = [line for line in lines[:-1] if not _fields(line + b'\r\n')] + lines[-1:]
        raise BadRequest(400, 'not a header field line: %s (RFC 9112, section 5)'
                         % shown(refused[0]))


def _members(values):
    """Return the members of a comma-separated list, lower-cased. RFC 9110, section 5.6.1."""
    members = [member.strip(b' \t').lower() for member in b','.join(values).split(b',')]
    return [member for member in members if member]


def _check_host(hosts, version):
    """Raise `BadRequest` if Host is missing, repeated or wrong. RFC 9112, section 3.2."""
    if len(hosts) > 1:
        raise BadRequest(400, 'more than one Host field (RFC 9112, section 3.2)')
    if not hosts and version != '0':
        raise BadRequest(400, 'no Host field (RFC 9112, section 3.2)')
    if hosts and not _is_host(hosts[0]):
        raise BadRequest(400, 'not a host: %s (RFC 9112, section 3.2)' % shown(hosts[0]))


def _is_host(value):
    """Whether *value* is a host, with or without a port. RFC 3986, section 3.2.2."""
    match = _host_field(value)
    if match is None:
        return False
    if match.group(1) is None:
        return True
    try:
        socket.inet_pton(socket.AF_INET6, to_str(match.group(1)))
    except (AttributeError, socket.error):
        # Python 2 on Windows has no inet_pton, so there any address in brackets is accepted.
        return not hasattr(socket, 'inet_pton')
    return True


def _length(found, version):
    """Return the length of the body in bytes, None for chunks. RFC 9112, section 6.3."""
    lengths = found.get(b'content-length', ())
    if b'transfer-encoding' in found:
        if lengths:
            raise BadRequest(400, 'both Content-Length and Transfer-Encoding'
                                  ' (RFC 9112, section 6.1)')
        _check_codings(found[b'transfer-encoding'], version)
        return None
    if not lengths:
        return 0
    if len(lengths) > 1:
        raise BadRequest(400, 'more than one Content-Length (RFC 9112, section 6.3)')
    length = parse_length(to_str(lengths[0]))
    if length is not None:
        return length
    if lengths[0].isdigit():
        raise BadRequest(413, 'a Content-Length of %d digits' % len(lengths[0].lstrip(b'0')))
    raise BadRequest(400, 'not a Content-Length: %s (RFC 9110, section 8.6)' % shown(lengths[0]))


def _check_codings(values, version):
    """Raise `BadRequest` unless the only coding is chunked. RFC 9112, sections 6.1 and 7."""
    codings = _members(values)
    if version == '0':
        raise BadRequest(400, 'Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1)')
    if not codings or codings[-1] != b'chunked':
        raise BadRequest(400, 'Transfer-Encoding does not end in chunked: %s'
                              ' (RFC 9112, section 6.3)' % shown(b', '.join(values)))
    if codings.count(b'chunked') > 1:
        raise BadRequest(400, 'chunked twice (RFC 9112, section 6.1)')
    if len(codings) > 1:
        raise BadRequest(501, 'transfer coding not understood: %s (RFC 9112, section 6.1)'
                         % shown(codings[0]))


def _expects_continue(expectations, version):
    """Whether the client waits for 100 Continue. RFC 9110, section 10.1.1.

    Raises `BadRequest` for any other expectation.
    """
    if version == '0':
        return False
    for expectation in expectations:
        if expectation != b'100-continue':
            raise BadRequest(417, 'not an expectation: %s (RFC 9110, section 10.1.1)'
                             % shown(expectation))
    return bool(expectations)


# Caches by the bytes that were parsed. They need no lock, because getting or setting one item of
# a dict is atomic.
_heads = {}
_framings = {}


def _remember(cache, key, result, size):
    """Add *result* to *cache* and return it. A cache holds at most 512 times 4 KiB of input.

    :param size: of the input, in bytes.
    """
    if size <= 4096:
        if len(cache) >= 512:
            cache.clear()
        cache[key] = result
    return result


def parse_head(head):
    """Return (command, target, version, request line, raw request line, `RequestFraming`).

    The first four are str. The raw request line is bytes and has its CRLF.

    :param head: the bytes up to and with the empty line.
    :raises BadRequest: RFC 9112 does not allow this head.
    """
    return _heads.get(head) or _remember(_heads, head, _parse(head), len(head))


def _parse(head):
    """Parse a head that is not in the cache. As `parse_head`."""
    end = head.find(b'\r\n')
    line = to_str(head[:end])
    match = _request_line(line)
    if match is None or end > LINE_LIMIT:
        raise _bad_request_line(head[:end])
    command, target, version = match.groups()
    if command == 'CONNECT' or not target.startswith('/'):
        _check_target(command, target)
    key = version, head[end + 2:-2]
    framing = _framings.get(key) or _remember(
        _framings, key, RequestFraming(key[1], version), len(head))
    return intern(command), target, framing.version, line, head[:end + 2], framing


def _bad_request_line(line):
    """Return the `BadRequest` for a *line* that is no request line. RFC 9112, section 3."""
    if len(line) > LINE_LIMIT:
        return BadRequest(414, 'a request line of %d bytes, at most %d are read'
                          % (len(line), LINE_LIMIT))
    if _other_version(line):
        return BadRequest(505, 'not a version of HTTP/1: %s' % shown(line))
    return BadRequest(400, 'not a request line: %s (RFC 9112, section 3)'
                      % shown(line))


def _check_target(command, target):
    """Raise `BadRequest` if *command* does not allow this *target*. RFC 9112, section 3.2.

    The caller has accepted origin-form, which starts with a slash.
    """
    if command == 'CONNECT':
        match = _authority_form(to_bytes(target))
        valid = match and match.group(1) and _is_host(match.group(1)) \
            and 0 < int(match.group(3)) < 65536
    elif target == '*':
        valid = command == 'OPTIONS'
    else:
        match = _absolute_form(to_bytes(target))
        host = match and match.group(1)
        valid = host and _is_host(host) and not host.startswith(b':')
    if not valid:
        raise BadRequest(400, 'not a target of %s: %s (RFC 9112, section 3.2)'
                         % (command, shown(to_bytes(target))))


def check_part(head, start):
    """Check the bytes of a head that is not complete.

    :param head: a bytearray that starts with the request line.
    :param start: index of the first byte whose line end was not checked by an earlier call.
    :raises BadRequest: whatever follows, the head cannot become valid.
    """
    if head.startswith(b'\x16\x03'):
        raise BadRequest(400, 'a TLS handshake, but this server speaks plain HTTP')
    if _bare_line_end(head, start):
        raise BadRequest(400, 'a line that does not end in CRLF (RFC 9112, section 2.2)')
    if not re.match(br'\r?\Z|' + _TOKEN, head):
        raise BadRequest(400, 'not a request line: %s (RFC 9112, section 3)'
                         % shown(bytes(head)))
    if b'\r\n' not in head and len(head) > LINE_LIMIT:
        raise _bad_request_line(bytes(head))
    check_size(len(head))


def check_size(size):
    """Raise `BadRequest` if a head of *size* bytes is over `HEAD_LIMIT`."""
    if size > HEAD_LIMIT:
        raise BadRequest(431, 'a head of more than %d bytes' % HEAD_LIMIT)


def chunk_size(line):
    """Return the size of a chunk, in bytes, from its first line. RFC 9112, section 7.1.

    :param line: the line with its CRLF.
    :raises BadRequest: it has no size, a wrong extension or too many digits.
    """
    match = _chunk_line(line)
    digits = match and match.group(1).lstrip(b'0')
    if match is None or len(digits) > SIZE_DIGITS:
        raise BadRequest(400, 'not a chunk size: %s (RFC 9112, section 7.1)' % shown(line))
    return int(digits or b'0', 16)
