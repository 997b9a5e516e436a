# -*- coding: utf-8 -*-
"""What RFC 9112 allows in a request: its line, its fields, its framing and its chunks.

It works on bytes that were read before and does no I/O. What is not allowed raises
`BadRequest`; ambiguous framing is never guessed (section 6.3).

One expression checks a request line and one a whole header section. Heads and framing fields
are remembered by their bytes, because a client sends the same ones again. So a request takes
3 us, and 35 with the standard library's ``parse_request``.
"""
import re
import socket

from six.moves import intern

from httptestserver.http1.fields import to_str, to_bytes
from httptestserver.wording import shown

__all__ = ['BadRequest', 'HEAD_LIMIT', 'RequestFraming', 'check_fields', 'check_part',
           'check_size', 'chunk_size', 'parse_head']

#: Of a request line. RFC 9112, section 3 recommends at least 8,000.
LINE_LIMIT = 65536          # bytes

#: Of a head, and of a trailer section.
HEAD_LIMIT = 262144         # bytes

#: Of a Content-Length. The number fits into 64 bits, and no body is longer.
LENGTH_DIGITS = 18

#: Of a chunk size, for the same reason.
SIZE_DIGITS = 15

_TOKEN = br"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TEXT = br'[\t\x20-\x7e\x80-\xff]*'
_HOST = br"(?:\[([0-9A-Fa-f:.]+)\]|\[v[0-9A-Fa-f]+\.[!$&'()*+,;=:\-._~0-9A-Za-z]+\]" \
        br"|(?:[!$&'()*+,;=\-._~0-9A-Za-z]|%[0-9A-Fa-f]{2})*)"

# This one matches text, because the parts of the line are recorded as text.
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
# RFC 9112, section 7.1.1: white space is allowed around ; and =, and nowhere else.
_chunk_line = re.compile(
    br'([0-9A-Fa-f]+)(?:[ \t]*;[ \t]*' + _TOKEN + br'(?:[ \t]*=[ \t]*(?:' + _TOKEN
    + br'|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*'
    + br'\r\n\Z').match


class BadRequest(Exception):
    """A request that is refused. Its response is *status*, and the connection ends after it.

    :param status: the status of the 400 or 500 class that RFC 9110 has for this case.
    :param reason: one line for the client and for ``server.failures``.
    """

    def __init__(self, status, reason):
        super(BadRequest, self).__init__(reason)
        self.status = status
        self.reason = reason


class RequestFraming(object):
    """How long the content of a request is, and what the client wants of the connection.

    ``block`` holds the bytes of the field lines; all requests with the same fields share it.
    ``length`` is in bytes, or None if the content comes in chunks. ``expect`` says that the
    client waits for 100 Continue.
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
    """Refuse a *block* that is not made of field lines. RFC 9112, section 5."""
    if not _fields(block):
        lines = block.split(b'\r\n')
        # The last of them is empty, or it is what stands behind the last CRLF.
        refused = [line for line in lines[:-1] if not _fields(line + b'\r\n')] + lines[-1:]
        raise BadRequest(400, 'not a header field line: %s (RFC 9112, section 5)'
                         % shown(refused[0]))


def _members(values):
    """Return the members of a list field in lower case. RFC 9110, section 5.6.1."""
    members = [member.strip(b' \t').lower() for member in b','.join(values).split(b',')]
    return [member for member in members if member]


def _check_host(hosts, version):
    """Refuse a Host field that is missing, repeated or wrong. RFC 9112, section 3.2."""
    if len(hosts) > 1:
        raise BadRequest(400, 'more than one Host field (RFC 9112, section 3.2)')
    if not hosts and version != '0':
        raise BadRequest(400, 'no Host field (RFC 9112, section 3.2)')
    if hosts and not _is_host(hosts[0]):
        raise BadRequest(400, 'not a host: %s (RFC 9112, section 3.2)' % shown(hosts[0]))


def _is_host(value):
    """Whether *value* is a host, with or without a port. RFC 3986, section 3.2.2."""
    match = _host_field(value)
    if match is None or match.group(1) is None:
        return match is not None
    try:
        socket.inet_pton(socket.AF_INET6, to_str(match.group(1)))
    except (AttributeError, socket.error):
        # Python 2 on Windows has no inet_pton, and takes any address here.
        return not hasattr(socket, 'inet_pton')
    return True


def _length(found, version):
    """Return the length of the content, None if it is chunked. RFC 9112, section 6.3."""
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
    if not re.match(br'[0-9]+\Z', lengths[0]):
        raise BadRequest(400, 'not a Content-Length: %s (RFC 9110, section 8.6)'
                         % shown(lengths[0]))
    digits = lengths[0].lstrip(b'0')
    if len(digits) > LENGTH_DIGITS:
        raise BadRequest(413, 'a Content-Length of %d digits' % len(digits))
    return int(digits or b'0')


def _check_codings(values, version):
    """Refuse any transfer coding but chunked alone. RFC 9112, sections 6.1 and 7."""
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
    """Whether the client waits for 100 Continue. RFC 9110, section 10.1.1."""
    if version == '0':
        return False
    for expectation in expectations:
        if expectation != b'100-continue':
            raise BadRequest(417, 'not an expectation: %s (RFC 9110, section 10.1.1)'
                             % shown(expectation))
    return bool(expectations)


# Results by the bytes they were made of. No lock is needed, because to get or set one item of
# a dict is atomic.
_heads = {}
_framings = {}


def _remember(results, key, result, size):
    """Keep *result* of *size* bytes: 512 results of at most 4 KiB stay under 2 MiB."""
    if size <= 4096:
        if len(results) >= 512:
            results.clear()
        results[key] = result
    return result


def parse_head(head):
    """Return (command, path, version, request line, raw request line, `RequestFraming`).

    :param head: the bytes up to and with the empty line.
    :raises BadRequest: RFC 9112 does not allow this head.
    """
    return _heads.get(head) or _remember(_heads, head, _parse(head), len(head))


def _parse(head):
    end = head.find(b'\r\n')
    line = to_str(head[:end])
    match = _request_line(line)
    if match is None or end > LINE_LIMIT:
        raise _bad_request_line(head[:end])
    command, target, version = match.groups()
    if target[0] != '/' or command == 'CONNECT':
        _check_target(command, target)
    key = version, head[end + 2:-2]
    framing = _framings.get(key) or _remember(
        _framings, key, RequestFraming(key[1], version), len(head))
    return intern(command), target, framing.version, line, head[:end + 2], framing


def _bad_request_line(line):
    """Return the `BadRequest` of a *line* that is no request line. RFC 9112, section 3."""
    if len(line) > LINE_LIMIT:
        return BadRequest(414, 'a request line of %d bytes, at most %d are read'
                          % (len(line), LINE_LIMIT))
    if _other_version(line):
        return BadRequest(505, 'not a version of HTTP/1: %s' % shown(line))
    return BadRequest(400, 'not a request line: %s (RFC 9112, section 3)'
                      % shown(line))


def _check_target(command, target):
    """Refuse a *target* that is not in a form of *command*. RFC 9112, section 3.2.

    Origin-form, which starts with a slash, is checked before.
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
    """Refuse the first bytes of a head if no more bytes can make it right.

    :param start: where to look for ends of lines; those before were checked.
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
    """Refuse a head of *size* bytes if that is too much."""
    if size > HEAD_LIMIT:
        raise BadRequest(431, 'a head of more than %d bytes' % HEAD_LIMIT)


def chunk_size(line):
    """Return the size that the first *line* of a chunk says. RFC 9112, section 7.1.

    :param line: with its CRLF.
    """
    match = _chunk_line(line)
    digits = match and match.group(1).lstrip(b'0')
    if match is None or len(digits) > SIZE_DIGITS:
        raise BadRequest(400, 'not a chunk size: %s (RFC 9112, section 7.1)' % shown(line))
    return int(digits or b'0', 16)
