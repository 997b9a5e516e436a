# -*- coding: utf-8 -*-
"""What runs out, and what breaks a thread: the server lives on, and says nothing on its own."""
from __future__ import unicode_literals

import pytest

from support import Client, Leaks, both_schemes, request, serve


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert tuple(capfd.readouterr()) == ('', '')


def problems(server):
    """Return the text of what went wrong on the test's side."""
    with pytest.raises(AssertionError) as caught:
        server.check()
    return str(caught.value)


# Code of the test's raises what ends a program.

class Outcome(BaseException):
    """As the exceptions by which test runners fail a test: no `Exception`."""


def raising(error):
    def of_the_test(request):
        raise error('of the test')
    return of_the_test


LAST = [MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit, Outcome]


def pieces(error):
    yield b'begun'
    raise error('of the test')


SCRIPTS = {
    'callback': lambda server, error: server.data.update(response_callback=raising(error)),
    'value': lambda server, error: server.data.update(response_status=raising(error)),
    'route': lambda server, error: server.route('GET', '/', response_callback=raising(error)),
    'criterion': lambda server, error: server.route(match=raising(error))}


@both_schemes
@pytest.mark.parametrize('script', sorted(SCRIPTS))
@pytest.mark.parametrize('error', LAST)
def test_what_ends_a_program_ends_one_answer(scheme, script, error):
    with Leaks(), serve(scheme) as server:
        SCRIPTS[script](server, error)
        with Client(server) as client:
            answer = client.get()
            assert (answer.status, client.rest()) == (500, b'')
        text = problems(server)
        assert text.startswith('answering GET / HTTP/1.1 failed:\nTraceback')
        assert text.endswith('%s: of the test\n' % error.__name__)
        entry, = server.history
        assert entry['response_status'] == 500 and entry['duration'] >= 0
        assert server.failures == []
        server.reset()
        with Client(server) as client:
            assert client.get('/after').status == 200


@both_schemes
@pytest.mark.parametrize('error', LAST)
def test_what_ends_a_program_within_an_answer_cuts_it_off(scheme, error):
    with Leaks(), serve(scheme) as server:
        server.enqueue(response_content=pieces(error))
        with Client(server) as client:
            client.send(request())
            assert client.rest().endswith(b'5\r\nbegun\r\n')
        assert problems(server).endswith('%s: of the test\n' % error.__name__)
        with Client(server) as client:
            assert client.get('/after').status == 200
