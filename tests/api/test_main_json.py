# -*- coding: utf-8 -*-
"""``--json``: what programs read, seen from one process."""
import base64
import json

import pytest

from support.client import Client, ask, request
from support.waiting import in_threads


@pytest.fixture
def script(tmpdir):
    """A function that writes a script, and returns the options that serve it."""
    def write(text):
        tmpdir.join('api.json').write(text)
        return '--json', '--script', str(tmpdir.join('api.json'))

    return write


def parsed(command):
    """Return the object on the next line."""
    line = command.out.line()
    line.encode('ascii') if isinstance(line, type(u'')) else line.decode('ascii')
    return json.loads(line)


def test_there_are_as_many_lines_as_requests_and_no_other(command):
    def use(command):
        for path in ('/a', '/b'):
            ask(command.server, 'GET', path)

    assert command.run(use, '--json', '--count', '2', '--verbose') == 0
    assert [json.loads(line)['request']['target'] for line in command.out.rest()] == ['/a', '/b']
    assert command.err.rest() == []


def test_lines_of_many_clients_are_whole(command):
    def use(command):
        in_threads(lambda number: ask(command.server, 'GET', '/%d' % number), range(60), 6)

    command.run(use, '--json')
    lines = [json.loads(line) for line in command.out.rest()]
    assert sorted(int(each['request']['target'][1:]) for each in lines) == list(range(60))
    assert sorted(each['connection'] for each in lines) == list(range(60))


def test_exchanges_of_one_connection_are_counted(command):
    def use(command):
        with Client(command.server) as client:
            client.get('/a')
            client.get('/b')
        assert [(each['connection'], each['index'], each['request']['target'])
                for each in (parsed(command), parsed(command))] == [(0, 0, '/a'), (0, 1, '/b')]

    command.run(use, '--json')


def test_tls_is_described(command):
    def use(command):
        ask(command.server)
        tls = parsed(command)['tls']
        assert tls['version'].startswith('TLSv1') and tls['sni'] == 'localhost'
        assert isinstance(tls['cipher'], type(u'')) and tls['certificate'] is None

    command.run(use, '--json', '--https')


def test_the_route_is_named_and_its_absence_too(command, script):
    def use(command):
        ask(command.server, 'GET', '/users/7')
        ask(command.server, 'GET', '/other')
        first, second = parsed(command), parsed(command)
        assert (first['route'], first['response']['status']) == ('<Route GET /users/{id}>', 202)
        assert (second['route'], second['response']['status']) == (None, 404)
        assert second['response']['body']['text'].startswith('no route matches GET /other\n')

    command.run(use, *script(
        '{"routes": [{"method": "GET", "path": "/users/{id}", "response_status": 202}]}'))


def test_faults_have_their_kind_and_moment(command, script):
    def use(command):
        for _ in range(3):
            with Client(command.server) as client:
                client.send(request())
                client.rest()
        found = [parsed(command) for _ in range(3)]
        assert [each['fault'] for each in found] == [
            {'kind': 'disconnect', 'at': 'response'}, {'kind': 'disconnect', 'at': 2},
            {'kind': 'disconnect', 'at': 'end'}]
        assert found[0]['response'] is None
        # Nothing is cut, because no more was sent.
        assert found[1]['response']['body'] == {'size': 2, 'cut': False, 'text': 'ab'}
        assert found[2]['response']['body'] == {'size': 4, 'cut': False, 'text': 'abcd'}

    command.run(use, *script(
        '{"queue": [{"response_fault": "disconnect"},'
        ' {"response_fault": "disconnect", "response_fault_at": 2, "response_content": "abcd"},'
        ' {"response_fault": "disconnect", "response_fault_at": "end",'
        '  "response_content": "abcd"}]}'))


def test_trailers_of_both_messages_are_there(command, script):
    def use(command):
        with Client(command.server) as client:
            client.send(request('POST', '/', 'Transfer-Encoding: chunked')
                        + b'1\r\na\r\n0\r\nX-Sent: 1\r\n\r\n')
            assert client.answer().status == 200
        found = parsed(command)
        assert found['request']['trailers'] == [['X-Sent', '1']]
        assert found['request']['body'] == {'size': 1, 'cut': False, 'text': 'a'}
        assert found['response']['trailers'] == [['X-Got', '2']]
        assert found['response']['body']['text'] == 'ab'

    command.run(use, *script('{"data": {"response_content": ["a", "b"], '
                             '"response_trailers": {"X-Got": "2"}}}'))


def test_a_file_is_named_and_raw_bytes_are_marked(command, script, tmpdir):
    tmpdir.join('page').write('hello')

    def use(command):
        assert ask(command.server).body == b'hello'
        with Client(command.server) as client:
            client.send(request())
            assert client.rest() == b'220 ready'
        sent, raw = parsed(command)['response'], parsed(command)['response']
        assert sent['body']['size'] == 5 and sent['body']['file'].endswith('page')
        assert raw['raw'] is True and raw['body']['text'] == '220 ready'

    command.run(use, *script('{"queue": [{"response_content": {"file": "page"}}, '
                             '{"response_raw": "220 ready"}]}'))


def test_events_are_text_and_a_coded_body_is_the_bytes_that_were_sent(command, script):
    def use(command):
        assert ask(command.server, 'GET', '/events').body == b'data: a\n\nid: 7\ndata: b\n\n'
        sent = ask(command.server, 'GET', '/zip').body
        events, coded = parsed(command)['response'], parsed(command)['response']
        assert events['body'] == {
            'size': 24, 'cut': False, 'text': 'data: a\n\nid: 7\ndata: b\n\n'}
        assert base64.b64decode(coded['body']['base64']) == sent
        assert ['Content-Encoding', 'gzip'] in coded['headers']

    command.run(use, *script(
        '{"routes": [{"path": "/events", "response_events": ["a", {"data": "b", "id": "7"}]},'
        ' {"path": "/zip", "response_content": "text", "response_content_encoding": "gzip"}]}'))


def test_a_script_has_ranges(command, script):
    def use(command):
        with Client(command.server) as client:
            client.send(b'GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n')
            assert client.answer().body == b'ex'
        assert parsed(command)['response']['status'] == 206

    command.run(use, *script('{"data": {"response_ranges": true, "response_content": "text"}}'))


def test_a_body_that_was_not_awaited_is_cut(command, script):
    def use(command):
        with Client(command.server) as client:
            client.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n')
            assert client.answer().status == 413
        assert parsed(command)['request']['body'] == {'size': 9, 'cut': True, 'text': ''}

    command.run(use, *script('{"data": {"response_early": true, "response_status": 413}}'))


def test_bytes_that_are_no_ascii_are_escaped(command):
    def use(command):
        with Client(command.server) as client:
            client.send(b'GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\nX-Raw: \xff\xe9\r\n\r\n')
            client.answer()
        sent = parsed(command)['request']
        assert sent['target'] == u'/caf\xe9' and ['X-Raw', u'\xff\xe9'] in sent['headers']

    command.run(use, '--json')


def test_a_client_that_leaves_early_is_a_failure(command):
    def use(command):
        with Client(command.server) as client:
            client.send(b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf')
        found = parsed(command)
        assert (found['type'], found['connection']) == ('failure', 0)
        assert found['client']['host'] == '127.0.0.1' and 'reason' in found

    command.run(use, '--json')


def test_a_har_file_may_be_written_beside_the_lines(command, tmpdir):
    har = tmpdir.join('traffic.har')
    assert command.run(lambda command: ask(command.server, 'GET', '/a'), '--json', '--har',
                       str(har)) == 0
    assert len(command.out.rest()) == len(json.loads(har.read())['log']['entries']) == 1
