# -*- coding: utf-8 -*-
"""An exception of user code is a 500, whatever its text is made of."""
import pytest

from support.client import ask
from support.failing import problems
from support.inside import idle
from support.marks import both_schemes
from support.servers import serve

from httptestserver import Handler


class Wordless(Exception):
    """One whose text cannot be made, in any way."""

    def __str__(self):
        raise RuntimeError('no text')

    __repr__ = __unicode__ = __str__


#: Exceptions, and what the client reads behind the name of their class.
CASES = [
    (ValueError('plain'), u': plain'),
    (ValueError(u'caf\xe9'), u': caf\xe9'),
    (ValueError(u'caf\xe9'.encode('utf-8')), u': caf\xe9' if str is bytes else u": b'caf"),
    (ValueError(b'caf\xe9'), u': caf\ufffd' if str is bytes else u": b'caf\\xe9'"),
    (ValueError(u'\U0001f600'), u': \U0001f600'),
    (ValueError(), u''),
    (ValueError(u'\r\n\0'), u': \r\n\0'),
    (KeyError(u'caf\xe9'), u': '),
    (UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'caf\xe9'), u': '),
    (Wordless(), u'\n'),
]
if str is not bytes:
    # Python 2 encodes half of a surrogate pair, too.
    CASES += [(ValueError(u'\udcff'), u': \\udcff'), (ValueError(u'a\ud800b'), u': a\\ud800b')]


@both_schemes
@pytest.mark.parametrize('error, text', CASES)
def test_the_client_gets_500_and_check_reports_it(server, error, text):
    def fail(request):
        raise error

    server.route(response_callback=fail)
    answer = ask(server)
    assert answer.status == 500
    body = answer.body.decode('utf-8')
    assert body.startswith(u'the response failed: %s%s' % (type(error).__name__, text))
    assert type(error).__name__ in problems(server)
    assert server.history[0]['response_status'] == 500
    assert server.failures == []


@pytest.mark.parametrize('error, text', CASES)
def test_so_does_one_of_a_handler(error, text):
    class Failing(Handler):
        def do_GET(self):
            raise error

    with serve('http', handler=Failing) as server:
        answer = ask(server)
        assert answer.status == 500
        assert answer.body.decode('utf-8').startswith(
            u'the response failed: %s%s' % (type(error).__name__, text))
        assert type(error).__name__ in problems(server)


@pytest.mark.parametrize('error', [each for each, _ in CASES])
def test_one_within_a_response_ends_it_and_is_reported(server, client, error, capfd):
    def pieces():
        yield b'begun'
        raise error

    server.data['response_content'] = pieces()
    client.send(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert client.rest().endswith(b'5\r\nbegun\r\n')
    idle(server)
    assert type(error).__name__ in problems(server)
    assert capfd.readouterr() == ('', '')
