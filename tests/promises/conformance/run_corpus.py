#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""Sends raw HTTP/1.1 requests to a server and judges what comes back.

`load` gives the cases of a corpus, whose ``about`` key explains their fields; `run` sends
one over a fresh connection and returns what is wrong, nothing if all is well; `alive`
checks that the server still responds. Cases may run in any number of threads.

From the command line: ``run_corpus.py HOST PORT [--tls] [--frag] [--plain] [CORPUS ...]``.
The server responds to any method and target with 200 and echoes the request's body (``ok``
when there is none), and ``/status/NNN`` with that status; ``--plain`` is for one that
responds to everything with 200 and no body.
"""
from __future__ import print_function, unicode_literals

import argparse
import collections
import errno
import glob
import io
import json
import os
import re
import select
import socket
import ssl
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 20.0             # seconds for what has to come
SILENCE = 1.0               # seconds of silence that count as no response, if that is legal
SETTLE = 0.2                # seconds in which a response too many would come
FRAGMENT_LIMIT = 4096       # bytes of a case that is sent byte by byte

_status_line = re.compile(br'HTTP/1\.[01] ([1-5][0-9][0-9])(?: ([^\r\n\x00]*))?$').match
_field_line = re.compile(
    br"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\x00]*?)[ \t]*$").match

#: What every connection with TLS is made with; it trusts everybody.
CONTEXT = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_CLIENT', ssl.PROTOCOL_SSLv23))
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE

REFUSALS = (400, 401, 408, 411, 413, 414, 417, 421, 431, 501, 505)

#: What came: an outcome as the cases' ``expect`` names it, the final responses, whether
#: the connection is closed, and what was wrong with the responses.
Outcome = collections.namedtuple('Outcome', 'text finals closed problem')

#: Where and how to send a case. Without a ``port``, ``host`` is ``unix:`` and the path of a Unix
#: socket. ``echo`` is whether the server does as described above, and ``tunnel`` whether it is a
#: proxy, to which the case is sent through a tunnel.
Target = collections.namedtuple('Target', 'host port tls frag echo tunnel')
Target.__new__.__defaults__ = (False,)


class Response(object):
    """A response as far as it came; ``problem`` is what is wrong in it."""

    def __init__(self, status, fields):
        self.status = status
        self.fields = fields
        self.body = b''
        self.complete = False
        self.problem = ''

    def get(self, name):
        return [value for each, value in self.fields if each == name]


class Parsed(object):
    """The responses in the bytes that came; ends at the first that is bad or incomplete."""

    def __init__(self, octets, methods, eof):
        self.interims, self.finals, self.problem = [], [], ''
        self.rest = octets
        self._eof = eof
        while self.rest and self._response(methods):
            pass

    @property
    def complete(self):
        return [each for each in self.finals if each.complete]

    @property
    def settled(self):
        return bool(self.complete or self.problem)

    def _response(self, methods):
        if not (b'HTTP/'.startswith(self.rest[:5]) or self.rest.startswith(b'HTTP/')):
            self.problem = 'not an HTTP/1 response: %r' % self.rest[:24]
            return False
        head, end, rest = self.rest.partition(b'\r\n\r\n')
        if not end:
            self.problem = 'truncated header section' if self._eof else ''
            return False
        response = self._head(head.split(b'\r\n'))
        if response is None:
            return False
        self.rest = rest
        if 100 <= response.status < 200 and response.status != 101:
            self.interims.append((response.status, len(self.finals)))
            return True
        index = len(self.finals)
        self._body(response, methods[index] if index < len(methods) else 'GET')
        self.finals.append(response)
        if response.problem or not response.complete:
            self.problem = response.problem or ('truncated body' if self._eof else '')
            self.rest = b''
            return False
        return response.status != 101

    def _head(self, lines):
        status = _status_line(lines[0])
        if not status:
            self.problem = 'bad status line %r' % lines[0][:40]
            return None
        fields = []
        for line in lines[1:]:
            field = _field_line(line)
            if not field:
                self.problem = 'bad response field %r' % line[:40]
                return None
            fields.append((field.group(1).decode('latin-1').lower(),
                           field.group(2).decode('latin-1')))
        return Response(int(status.group(1)), fields)

    def _body(self, response, method):
        codings, lengths = response.get('transfer-encoding'), response.get('content-length')
        if codings and lengths:
            response.problem = 'response has both Transfer-Encoding and Content-Length'
        if len(set(lengths)) > 1:
            response.problem = 'conflicting response Content-Length'
        if (method == 'HEAD' or response.status in (101, 204, 304)
                or method == 'CONNECT' and response.status < 300):
            response.complete = True
        elif codings and codings[-1].lower().endswith('chunked'):
            self._chunks(response)
        elif lengths:
            self._counted(response, lengths[0])
        elif self._eof:
            response.body, self.rest, response.complete = self.rest, b'', True

    def _counted(self, response, length):
        if not length.isdigit():
            response.problem = 'bad response Content-Length'
        elif len(self.rest) >= int(length):
            response.body, self.rest = self.rest[:int(length)], self.rest[int(length):]
            response.complete = True

    def _chunks(self, response):
        rest = self.rest
        while b'\r\n' in rest:
            line, _, rest = rest.partition(b'\r\n')
            try:
                size = int(line.split(b';')[0].decode('ascii'), 16)
            except ValueError:
                response.problem = 'bad response chunk'
                return
            if not size:
                end = (b'\r\n' + rest).find(b'\r\n\r\n')
                if end >= 0:
                    self.rest, response.complete = rest[end + 2:], True
                return
            if len(rest) < size + 2:
                return
            response.body += rest[:size]
            rest = rest[size + 2:]


def _not_yet(error):
    return (isinstance(error, (ssl.SSLWantReadError, ssl.SSLWantWriteError))
            or error.args[0] in (errno.EAGAIN, errno.EWOULDBLOCK))


def _connected(target):
    if target.port is None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(target.host[len('unix:'):])
    else:
        connection = socket.create_connection((target.host, target.port), PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if target.tunnel:
        connection.sendall(b'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n')
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            # One at a time, so that nothing of what follows is taken.
            head += connection.recv(1)
    return connection


class Connection(object):
    """Reads while it sends, so that neither side waits for the other for ever."""

    def __init__(self, target):
        self.octets = b''
        self.eof = self.reset = False
        self._tls = target.tls
        self._socket = _connected(target)
        if target.tls:
            try:
                self._socket = CONTEXT.wrap_socket(self._socket,
                                                   server_hostname=str('localhost'))
            except Exception:
                self._socket.close()
                raise
        # Not blocking, because a readable socket may hold a TLS record without content.
        self._socket.setblocking(False)

    def receive(self, wait):
        """Take what is there or comes within *wait* seconds. False: nothing."""
        if self.eof:
            return False
        if not (self._tls and self._socket.pending()):
            if not select.select([self._socket], [], [], max(0, wait))[0]:
                return False
        try:
            received = self._socket.recv(65536)
        except (socket.error, ValueError) as error:
            if _not_yet(error):
                return False
            self.eof = self.reset = True
            return True
        self.eof = not received
        self.octets += received
        return True

    def send(self, octets, frag):
        deadline = time.time() + PATIENCE
        step = 1 if frag and len(octets) <= FRAGMENT_LIMIT else 65536
        sent = 0
        while sent < len(octets) and not self.reset and time.time() < deadline:
            try:
                sent += self._socket.send(octets[sent:sent + step])
            except socket.error as error:
                self.reset = not _not_yet(error)
                select.select([self._socket], [self._socket], [], 0.2)
            while self.receive(0):
                pass
        while self.reset and not self.eof and self.receive(0.05):
            pass

    def read_until(self, predicate, seconds):
        deadline = time.time() + seconds
        while not self.eof and not predicate():
            if not self.receive(deadline - time.time()) and time.time() >= deadline:
                return
            while self.receive(0.001):      # the predicate parses all of it again
                pass

    def half_close(self):
        try:
            # The socket's own method: that of `ssl` forgets the session, which is to be read.
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
        except socket.error:
            pass

    def abort(self):
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(str('ii'), 1, 0))
        self.close()

    def close(self):
        self._socket.close()


def load(*paths):
    """Return the cases of the corpora at *paths*, all that stand beside this file by default."""
    cases = []
    for path in paths or sorted(glob.glob(os.path.join(HERE, '*.json'))):
        with io.open(path, encoding='utf-8') as file:
            cases.extend(json.load(file)['cases'])
    return cases


def octets_of(case):
    raw = case['raw']
    if 'repeat' in case:
        repeat = case['repeat']
        raw = raw.replace(repeat['token'], repeat['with'] * repeat['times'])
    return raw.encode('latin-1')


def alive(target):
    """Return why the server does not respond, '' if it does."""
    try:
        connection = Connection(target)
    except socket.error as error:
        return 'refused (%s)' % error
    try:
        connection.send(b'GET /alive HTTP/1.1\r\nHost: localhost\r\n\r\n', False)
        connection.read_until(lambda: Parsed(connection.octets, (), False).settled, PATIENCE)
        finals = Parsed(connection.octets, (), connection.eof).complete
        return '' if finals and 200 <= finals[0].status < 300 else 'no answer'
    finally:
        connection.close()


def run(case, target):
    """Return what is wrong with the server's response to *case*, a list of str."""
    try:
        outcome = exchange(case, target)
    except socket.error as error:
        return ['cannot talk to the server: %s' % error]
    return judge(case, outcome, target)


def exchange(case, target):
    """Send *case* and return the `Outcome`."""
    connection = Connection(target)
    try:
        connection.send(octets_of(case), target.frag)
        if case.get('abort'):
            connection.abort()
            return Outcome('any', [], True, '')
        if case.get('eof'):
            connection.half_close()
        _converse(case, connection, target)
        parsed = Parsed(connection.octets, case.get('methods') or (), connection.eof)
        return _outcome(parsed, connection)
    finally:
        connection.close()


def _converse(case, connection, target):
    """Send what follows, if something does, and read all that comes."""
    def parsed():
        return Parsed(connection.octets, case.get('methods') or (), connection.eof)

    patience = SILENCE if 'wait' in case['expect'] else PATIENCE
    if case.get('then_after') == '100':
        # Without a 100 within the time it is sent all the same, and missed in the outcome.
        connection.read_until(lambda: parsed().interims or parsed().finals or parsed().problem,
                              PATIENCE)
        if not parsed().finals:
            connection.send(case['then'].encode('latin-1'), target.frag)
    elif case.get('then_after') == 'response':
        connection.read_until(lambda: parsed().settled, patience)
        connection.send(case['then'].encode('latin-1'), target.frag)
    connection.read_until(lambda: parsed().settled, patience)
    if not parsed().complete or parsed().problem:
        return
    wanted = (case.get('n') or (1, 1))[0]
    if _good(case, parsed().finals):
        connection.read_until(lambda: len(parsed().complete) >= wanted or parsed().problem,
                              PATIENCE)
    connection.read_until(lambda: False, PATIENCE if case.get('conn') == 'close' else SETTLE)


def _outcome(parsed, connection):
    problem = parsed.problem
    if parsed.finals:
        asked = '100+' if [True for _, index in parsed.interims if not index] else ''
        text = asked + str(parsed.finals[0].status)
        if not problem and not parsed.finals[0].complete:
            problem = 'incomplete response'
    elif problem:
        text = 'headerless' if problem.startswith('not an HTTP/1') else 'malformed'
    else:
        text = 'close' if connection.eof else 'wait'
    return Outcome(text, parsed.finals, connection.eof, problem)


def _good(case, finals):
    """Whether the first response is one that the case counts as success."""
    if not finals:
        return False
    status = finals[0].status
    return 200 <= status < 400 or str(status) in case['expect'] and status not in REFUSALS


def _allows(expected, text):
    if expected.endswith('xx'):
        return re.match(re.escape(expected[:-2]) + r'\d\d$', text) is not None
    return expected in ('any', text)


def judge(case, outcome, target):
    """Return in what *outcome* differs from what *case* allows."""
    wrong = []
    if not [True for each in case['expect'] if _allows(each, outcome.text)]:
        wrong.append('got %s, want %s' % (outcome.text, '|'.join(case['expect'])))
    if outcome.problem:
        wrong.append(outcome.problem)
    finals = outcome.finals
    good = _good(case, finals)
    least, most = case.get('n') or (0, 1000)
    count = len([each for each in finals if each.complete])
    if count > most or good and count < least:
        wrong.append('%d responses, want %d to %d' % (count, least, most))
    if finals and case.get('conn') == 'close' and not outcome.closed:
        wrong.append('connection left open')
    if good:
        wrong.extend(_judge_response(case, finals, outcome, target))
    return wrong


def _judge_response(case, finals, outcome, target):
    first = finals[0]
    if case.get('conn') == 'open' and outcome.closed:
        yield 'connection closed'
    for name in case.get('forbid_headers', ()):
        if first.get(name):
            yield 'response carries ' + name
    for name in case.get('require_headers', ()):
        if not first.get(name):
            yield 'response lacks ' + name
    if case.get('empty_body') and first.body:
        yield 'response has content'
    if target.echo:
        for index, (expected, final) in enumerate(zip(case.get('body') or (), finals)):
            if (expected is not None and final.status < 300
                    and final.body != expected.encode('latin-1')):
                yield 'body %d is %r' % (index, final.body[:40])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('corpus', nargs='*')
    for option in 'tls', 'frag', 'plain':
        parser.add_argument('--' + option, action='store_true')
    options = parser.parse_args()
    target = Target(options.host, options.port, options.tls, options.frag, not options.plain)
    failed = 0
    cases = [case for case in load(*options.corpus) if target.echo or 'needs' not in case]
    for case in cases:
        wrong = run(case, target)
        dead = alive(target)
        if dead:
            wrong.append('server not alive: ' + dead)
        failed += bool(wrong)
        print('%s %s %s' % ('FAIL' if wrong else 'PASS', case['id'], '; '.join(wrong)))
    print('%d of %d failed' % (failed, len(cases)))
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
