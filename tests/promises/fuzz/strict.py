# -*- coding: utf-8 -*-
"""A second reading of RFC 9112, which shares nothing with the library's.

It goes through octets by hand where `httptestserver.http1.grammar` has regular expressions, and has
all of a connection's octets at once. What it takes beside the standard's grammar is what the
library says that it takes: any octet but controls, SP, DEL and # in a target.
"""
import collections

__all__ = ['Conversation', 'converse', 'read_chunks']

TCHAR = frozenset(bytearray(
    b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
DIGIT = frozenset(bytearray(b'0123456789'))
HEXDIG = frozenset(bytearray(b'0123456789abcdefABCDEF'))
ALPHA = frozenset(bytearray(b'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'))
#: unreserved and sub-delims, RFC 3986, section 2.
NAME = ALPHA | DIGIT | frozenset(bytearray(b"-._~!$&'()*+,;="))
HTAB, SP, DEL = 0x09, 0x20, 0x7f

#: ``end`` is 'end' (between messages), 'cut' (within one) or 'refused'.
Conversation = collections.namedtuple('Conversation', 'messages end why')
Message = collections.namedtuple('Message', 'method target minor fields content trailers')


class Refused(Exception):
    """What the grammar does not allow."""


class Cut(Exception):
    """The octets end within a message."""


class Octets(object):
    """Octets, and how far they have been read."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def line(self):
        """Return the next line without its CRLF; a CR or LF elsewhere is refused."""
        end = self.octets.find(b'\n', self.at)
        if end < 0:
            raise Cut('in a line')
        line = self.octets[self.at:end]
        if line[-1:] != b'\r' or b'\r' in line[:-1]:
            raise Refused('a bare CR or LF')
        self.at = end + 1
        return line[:-1]

    def take(self, count):
        if len(self.octets) - self.at < count:
            raise Cut('in a body')
        self.at += count
        return self.octets[self.at - count:self.at]


def converse(octets):
    """Return the `Conversation` that *octets*, all that a client sends, are."""
    rest, messages = Octets(octets), []
    try:
        while True:
            while rest.octets.startswith(b'\r\n', rest.at):
                rest.at += 2
            if rest.at == len(rest.octets):
                return Conversation(messages, 'end', '')
            message, last = _message(rest)
            messages.append(message)
            if last:
                return Conversation(messages, 'end', 'close')
    except Cut as error:
        return Conversation(messages, 'cut', str(error))
    except Refused as error:
        return Conversation(messages, 'refused', str(error))


def _message(rest):
    method, target, minor = _request_line(rest.line())
    fields = _fields(rest)
    content, trailers, last = _body(rest, fields, minor)
    return Message(method, target, minor, fields, content, trailers), last


def _request_line(line):
    words = line.split(b' ')
    if len(words) != 3:
        raise Refused('not three words')
    method, target, version = words
    _token(method)
    if not target or any(each <= SP or each == DEL or each == 0x23 for each in bytearray(target)):
        raise Refused('a target')
    if len(version) != 8 or version[:7] != b'HTTP/1.' or ord(version[7:]) not in DIGIT:
        raise Refused('a version')
    _form(method, target)
    return method, target, int(version[7:])


def _token(octets):
    if not octets or not TCHAR.issuperset(bytearray(octets)):
        raise Refused('no token')


def _form(method, target):
    """RFC 9112, section 3.2: the four forms of a target."""
    if method == b'CONNECT':
        host, colon, port = target.rpartition(b':')
        if not (colon and host and _host(host) and _number(port) and len(port) < 6
                and 0 < int(port) < 65536):
            raise Refused('an authority-form')
    elif target == b'*':
        if method != b'OPTIONS':
            raise Refused('an asterisk-form')
    elif target[:1] != b'/':
        scheme, _, rest = target.partition(b'://')
        authority = rest.replace(b'?', b'/').split(b'/')[0]
        user, at, place = authority.rpartition(b'@')
        if not (_ and ALPHA.issuperset(bytearray(scheme[:1])) and scheme and b'@' not in user
                and (ALPHA | DIGIT | frozenset(bytearray(b'+-.'))).issuperset(bytearray(scheme))
                and place and place[:1] != b':' and _place(place)):
            raise Refused('an absolute-form')


def _number(octets):
    return bool(octets) and DIGIT.issuperset(bytearray(octets))


def _place(octets):
    """Whether *octets* are a host with or without a port, that may be empty."""
    if octets[:1] == b'[':
        host, _, port = octets.partition(b']')
        return bool(_) and _host(host + _) and (not port or port[:1] == b':' and (
            port == b':' or _number(port[1:])))
    host, _, port = octets.partition(b':')
    return _host(host) and (not port or _number(port))


def _host(octets):
    """RFC 3986, section 3.2.2."""
    if octets[:1] == b'[' and octets[-1:] == b']' and len(octets) > 2:
        inner = octets[1:-1]
        if inner[:1].lower() == b'v':
            digits, _, rest = inner[1:].partition(b'.')
            return bool(digits and rest) and HEXDIG.issuperset(bytearray(digits)) and (
                NAME | frozenset([0x3a])).issuperset(bytearray(rest))
        return _ipv6(inner)
    index, octets = 0, bytearray(octets)
    while index < len(octets):
        if octets[index] == 0x25:
            pair = octets[index + 1:index + 3]
            if len(pair) != 2 or not HEXDIG.issuperset(pair):
                return False
            index += 3
        elif octets[index] in NAME:
            index += 1
        else:
            return False
    return True


def _ipv6(octets):
    halves = octets.split(b'::')
    if len(halves) > 2:
        return False
    counts = [_groups(half, last) for half, last in zip(halves, [False, True][-len(halves):])]
    if None in counts:
        return False
    return sum(counts) == 8 if len(halves) == 1 else sum(counts) < 8


def _groups(octets, last):
    """Return how many groups of 16 bits there are, None where they are none."""
    groups = octets.split(b':') if octets else []
    count = len(groups)
    if last and groups and b'.' in groups[-1]:
        numbers = groups.pop().split(b'.')
        count += 1
        if len(numbers) != 4 or not all(
                _number(each) and int(each) < 256 and str(int(each)).encode() == each
                for each in numbers):
            return None
    if not all(0 < len(each) < 5 and HEXDIG.issuperset(bytearray(each)) for each in groups):
        return None
    return count


def _fields(rest):
    """Return (name, value) pairs up to the empty line."""
    fields = []
    for line in iter(rest.line, b''):
        name, colon, value = line.partition(b':')
        _token(name)
        if not colon or any(each < SP and each != HTAB or each == DEL
                            for each in bytearray(value)):
            raise Refused('a field')
        fields.append((name, value.strip(b' \t')))
    return fields


def _list(values):
    return [each for each in [part.strip(b' \t').lower() for value in values
                              for part in value.split(b',')] if each]


def _body(rest, fields, minor):
    """Return content, trailers, and whether the connection ends. RFC 9112, sections 6 and 9."""
    def values(name):
        return [value for each, value in fields if each.lower() == name]

    hosts, lengths, codings = values(b'host'), values(b'content-length'), None
    if len(hosts) > 1 or not hosts and minor or hosts and not _place(hosts[0]):
        raise Refused('Host')
    if values(b'transfer-encoding'):
        codings = _list(values(b'transfer-encoding'))
        if lengths or not minor or codings != [b'chunked']:
            raise Refused('Transfer-Encoding')
    if len(lengths) > 1 or lengths and not _number(lengths[0]):
        raise Refused('Content-Length')
    if minor and set(_list(values(b'expect'))) - set([b'100-continue']):
        raise Refused('Expect')
    options = _list(values(b'connection'))
    last = b'close' in options or not minor and b'keep-alive' not in options
    if codings:
        content, trailers = read_chunks(rest)
        return content, trailers, last
    return rest.take(int(lengths[0]) if lengths else 0), [], last


def read_chunks(rest):
    """Return the content and trailers of *rest*, `Octets`. RFC 9112, section 7.1."""
    content = b''
    while True:
        size = _chunk_size(rest.line())
        if not size:
            return content, _fields(rest)
        content += rest.take(size)
        if not b'\r\n'.startswith(rest.octets[rest.at:rest.at + 2]):
            raise Refused('a chunk that goes on')
        if rest.take(2) != b'\r\n':
            raise Refused('a chunk that goes on')


def _chunk_size(line):
    line, end = bytearray(line), 0
    while end < len(line) and line[end] in HEXDIG:
        end += 1
    if not end:
        raise Refused('a chunk without a size')
    size, at = int(bytes(line[:end]), 16), end
    while at < len(line):
        at = _blank(line, at)
        if line[at:at + 1] != b';':
            raise Refused('a chunk extension')
        at = _word(line, _blank(line, at + 1))
        after = _blank(line, at)
        if after < len(line) and line[after] == 0x3d:
            at = _blank(line, after + 1)
            at = _quoted(line, at + 1) if line[at:at + 1] == b'"' else _word(line, at)
    return size


def _blank(line, at):
    while at < len(line) and line[at] in (SP, HTAB):
        at += 1
    return at


def _word(line, at):
    end = at
    while end < len(line) and line[end] in TCHAR:
        end += 1
    if end == at:
        raise Refused('a chunk extension')
    return end


def _quoted(line, at):
    """Return where a quoted-string ends that begins before *at*. RFC 9110, section 5.6.4."""
    while at < len(line):
        if line[at] == 0x22:
            return at + 1
        at += 2 if line[at] == 0x5c else 1
        if any(each < SP and each != HTAB or each == DEL for each in line[at - 1:at]):
            break
    raise Refused('a quoted-string')
