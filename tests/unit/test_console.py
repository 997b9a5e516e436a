# -*- coding: utf-8 -*-
"""What people see of a request: its line, its fields and bodies, colours."""
from __future__ import unicode_literals

import io
import re
import threading

import pytest

from httptestserver.cli.console import Lines, Output, messages, painted, summary
from httptestserver.recording.request import note_tunnel
from httptestserver.recording.text import printable
from httptestserver.recording.tunnel import Tunnel
from support.client import request
from support.recorded import exchanged, recorded


def line(entry):
    """Return the line of *entry*, without what differs each time."""
    text = summary(entry)
    assert re.match(r'\d\d:\d\d:\d\d ', text), text
    return re.sub(r'[\d.]+ m?s$', 'TIME', text[9:])


def test_a_line_tells_method_target_status_sizes_and_duration():
    entry = exchanged(request('POST', '/users?a=b', body=b'12345'), response_content=b'123')
    assert line(entry) == 'POST /users?a=b -> 200, 5 B in, 3 B out, TIME'


@pytest.mark.parametrize('keys, expected', [
    ({'response_fault': 'reset'}, 'reset at response, 0 B in, 0 B out, TIME'),
    ({'response_fault': 'disconnect', 'response_fault_at': 1, 'response_content': b'ab'},
     '200, disconnect at 1, 0 B in, 1 B out, TIME'),
    ({'response_raw': b'abc'}, 'raw bytes, 0 B in, 3 B out, TIME'),
])
def test_a_line_shows_what_is_no_response(keys, expected):
    assert line(exchanged(**keys)) == 'GET / -> ' + expected


def test_a_line_says_that_there_was_no_response():
    entry = exchanged()
    for key in [key for key in entry if key.startswith('response_')]:
        del entry[key]
    entry['duration'] = None
    assert line(entry) == 'GET / -> no response, 0 B in, 0 B out'


def test_a_size_that_is_not_known_is_a_question_mark(tmpdir):
    tmpdir.join('page').write_binary(b'abcd')
    entry = exchanged(response_content=tmpdir.join('page'), response_fault='disconnect',
                      response_fault_at='body')
    assert ', ? B out, ' in line(entry)
    assert '  < (streamed from %s)' % tmpdir.join('page') in messages(entry)


@pytest.mark.parametrize('target, host, expected', [
    ('/a?b', 'a.example', 'https://a.example/a?b'),
    ('/a', 'a.example:8443', 'https://a.example:8443/a'),
    ('https://b.example/a', 'a.example', 'https://b.example/a'), ('*', 'a.example', '*')])
def test_a_line_shows_the_url_of_a_request_in_a_tunnel(target, host, expected):
    entry = recorded('OPTIONS {} HTTP/1.1\r\nHost: {}\r\n\r\n'.format(target, host).encode('utf-8'),
                     tls={'sni': None}, duration=None, response_status=200)
    note_tunnel(entry, 'a.example:443')
    assert line(entry) == 'OPTIONS %s -> 200, 0 B in, 0 B out' % expected


def test_a_tunnel_is_a_line():
    class Plain(object):
        colour = False

    shown = Lines(Plain, False).tunnel(Tunnel(3, 'a.example:443', 0))
    assert shown[9:] == 'tunnel: connection 3 to a.example:443'


@pytest.mark.parametrize('duration, expected', [
    (0.00042, '0.4 ms'), (0.25, '250.0 ms'), (1.5, '1.50 s'), (75, '75.00 s')])
def test_a_duration_is_readable(duration, expected):
    entry = exchanged()
    entry['duration'] = duration
    assert summary(entry).endswith(', ' + expected)


def test_a_body_counts_whole_where_it_was_not_kept():
    entry = exchanged(request('POST', body=b'123'))
    entry['body_discarded'] = 1000
    assert line(entry).startswith('POST / -> 200, 1003 B in,')


def test_a_target_cannot_speak_to_the_terminal():
    entry = exchanged(b'GET /\x9b31m\xe2\x82\xac HTTP/1.1\r\nHost: a\r\n\r\n')
    assert line(entry).startswith(r'GET /\x9b31m\xe2\x82\xac -> 200')


def test_a_long_target_is_cut_with_its_size():
    entry = exchanged(request('GET', '/' + 'x' * 999))
    assert line(entry).startswith('GET /%s... (1000 characters) -> 200' % ('x' * 199))


# Fields and bodies.

def test_fields_and_bodies_are_marked_by_their_direction():
    entry = exchanged(request('POST', '/', 'X-A: b', body=b'one\r\ntwo\n'),
                      response_headers={'X-C': 'd'}, response_content=b'three\n\nfour')
    lines = messages(entry)
    assert lines[:6] == ['  > Host: localhost', '  > X-A: b', '  > Content-Length: 9', '  >',
                         '  > one', '  > two']
    assert [each for each in lines[6:] if 'Date:' not in each and 'Server:' not in each] == [
        '  < X-C: d', '  < Content-Length: 11', '  <', '  < three', '  <', '  < four']


def test_text_is_shown_in_its_charset():
    entry = exchanged(request('POST', '/', 'Content-Type: text/plain; charset=ISO-8859-1',
                              body=b'caf\xe9'), response_content='caf\u00e9')
    lines = messages(entry)
    assert ('  > caf\u00e9' in lines, '  < caf\u00e9' in lines) == (True, True)


def test_what_is_not_text_is_shown_as_bytes():
    entry = exchanged(request('POST', body=b'\x89PNG\r\n'), response_content=b'\0' * 300)
    lines = messages(entry)
    assert r"  > '\x89PNG\r\n'" in lines
    assert r"  < '%s'... (300 bytes)" % (r'\x00' * 200) in lines


def test_a_long_body_is_cut_with_its_size():
    entry = exchanged(request('POST', body=b'x' * 100000))
    assert [each for each in messages(entry) if each.startswith('  > ')][-2:] == [
        '  > ' + 'x' * 2000, '  > ... (100000 B)']


@pytest.mark.parametrize('text, shown', [
    ('\x1b[31m', r'\x1b[31m'), ('a\rb', r'a\rb'), ('\x9b', r'\x9b'), ('\u202e', '\\u202e'),
    ('\u2028', '\\u2028'), ('\ufeff', '\\ufeff'), ('a\t b', 'a\t b'),
    ('\u00e9\u2615', '\u00e9\u2615')])
def test_text_cannot_speak_to_the_terminal(text, shown):
    assert printable(text) == shown


def test_a_field_cannot_speak_to_the_terminal():
    entry = exchanged(b'GET / HTTP/1.1\r\nHost: a\r\nX: \xc2\x9b31m\r\n\r\n')
    assert r'  > X: \x9b31m' in messages(entry)


# Colours, and the stream.

class Terminal(io.StringIO):
    encoding = 'utf-8'

    def isatty(self):
        return True


@pytest.mark.parametrize('stream, variables, colour', [
    (Terminal, {'TERM': 'xterm'}, True),
    (Terminal, {'TERM': 'xterm', 'NO_COLOR': ''}, True),
    (Terminal, {'TERM': 'xterm', 'NO_COLOR': '1'}, False),
    (Terminal, {'TERM': 'dumb'}, False),
    (Terminal, {}, False),
    (io.StringIO, {'TERM': 'xterm'}, False),
], ids=['terminal', 'empty', 'unwanted', 'dumb', 'unknown', 'file'])
def test_colour_is_for_terminals_that_can_and_users_that_want(
        monkeypatch, stream, variables, colour):
    for name in ('TERM', 'NO_COLOR'):
        monkeypatch.delenv(str(name), raising=False)
    for name in variables:
        monkeypatch.setenv(str(name), str(variables[name]))
    assert Output(stream()).colour is colour


@pytest.mark.parametrize('keys, colour', [
    ({'response_status': 200}, '32'), ({'response_status': 301}, '36'),
    ({'response_status': 404}, '33'), ({'response_status': 500}, '31'),
    ({'response_status': 999}, '1'), ({'response_fault': 'reset'}, '31'),
    ({'response_status': 200, 'response_fault': 'reset', 'response_fault_at': 'end'}, '31'),
])
def test_a_status_has_its_colour_and_plain_text_is_the_same(keys, colour):
    entry = exchanged(**keys)
    coloured = summary(entry, painted)
    assert '\x1b[%sm%s' % (colour, keys.get('response_status', 'reset')) in coloured
    assert re.sub('\x1b\\[[0-9]+m', '', coloured) == summary(entry)


class Octets(object):
    """A stream that keeps what is written as bytes, in an encoding."""

    def __init__(self, encoding):
        self.encoding = encoding
        self.raw = b''

    def isatty(self):
        return False

    def write(self, text):
        self.raw += text if isinstance(text, bytes) else text.encode(self.encoding)

    def flush(self):
        pass


@pytest.mark.parametrize('encoding, raw', [
    ('utf-8', b'\xc3\xa9\xe2\x98\x95\n'), ('iso-8859-1', b'\xe9\\u2615\n'),
    ('ascii', b'\\xe9\\u2615\n')])
def test_what_a_stream_cannot_encode_is_escaped(encoding, raw):
    stream = Octets(encoding)
    Output(stream).write('\u00e9\u2615')
    assert stream.raw == raw


def test_lines_of_many_threads_are_whole():
    stream = Octets('ascii')
    output = Output(stream)
    threads = [threading.Thread(target=lambda: [output.write('x' * 99) for _ in range(100)])
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert stream.raw == (b'x' * 99 + b'\n') * 800
