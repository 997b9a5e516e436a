# -*- coding: utf-8 -*-
"""A writer frames a response, and sends it in as few writes as it can."""
import pytest

from httptestserver.http1.connection import Disconnected
from httptestserver.http1.response_head import Head
from httptestserver.http1.writer import UNFRAMED, Writer
from support.sink import Sink
from support.sockets import socket_pair

HEAD = b'HTTP/1.1 200 OK\r\n\r\n'


def head(has_body=True, chunked=False):
    return Head(HEAD, 200, 'OK', (), has_body, chunked, True)


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def writer(sink):
    return Writer(sink)


def test_an_interim_response_leaves_at_once(sink, writer):
    writer.interim(103, 'Early Hints', [('Link', '</a>'), ('Link', '</b>')])
    writer.interim(100, 'Continue', ())
    assert sink.writes == [b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n',
                           b'HTTP/1.1 100 Continue\r\n\r\n']


def test_an_interim_response_leaves_the_held_head_where_it_is(sink, writer):
    writer.start(head())
    writer.interim(103, 'Early Hints', ())
    writer.write(b'abc')
    assert sink.writes == [b'HTTP/1.1 103 Early Hints\r\n\r\n', HEAD + b'abc']


def test_a_whole_response_leaves_in_one_write(sink, writer):
    writer.send(head(), b'c' * 65536)
    assert sink.writes == [HEAD + b'c' * 65536]


def test_a_head_waits_for_its_first_piece_and_leaves_in_one_write_with_it(sink, writer):
    writer.start(head())
    assert sink.writes == []
    writer.write(b'abc')
    assert sink.writes == [HEAD + b'abc']
    writer.write(b'def')
    writer.finish()
    assert sink.writes == [HEAD + b'abc', b'def']
    assert writer.sent == 6


def test_a_first_piece_that_is_large_is_not_copied_to_the_head(sink, writer):
    writer.start(head())
    writer.write(b'c' * 1000000)
    assert sink.writes == [HEAD, b'c' * 1000000]


def test_each_chunk_has_its_size_and_leaves_in_one_write(sink, writer):
    writer.start(head(chunked=True))
    writer.write(b'a' * 26)
    writer.write(b'bc')
    writer.finish()
    assert sink.writes == [HEAD + b'1a\r\n' + b'a' * 26 + b'\r\n', b'2\r\nbc\r\n', b'0\r\n\r\n']
    assert writer.sent == 28


def test_an_empty_piece_is_no_chunk_because_that_would_end_the_content(sink, writer):
    writer.start(head(chunked=True))
    writer.write(b'')
    writer.write(b'')
    writer.write(b'a')
    writer.write(b'')
    assert sink.writes == [HEAD, b'1\r\na\r\n']


def test_chunks_that_never_come_end_behind_their_head(sink, writer):
    writer.start(head(chunked=True))
    writer.finish()
    assert sink.writes == [HEAD + b'0\r\n\r\n']


def test_trailers_stand_behind_the_last_chunk(sink, writer):
    writer.start(head(chunked=True))
    writer.write(b'a')
    writer.finish([('X-A', '1'), ('X-A', u'\xe9')])
    assert sink.writes[1:] == [b'0\r\nX-A: 1\r\nX-A: \xe9\r\n\r\n']


def test_trailers_are_sent_only_behind_chunks(sink, writer):
    writer.start(head())
    writer.write(b'a')
    writer.finish([('X-A', '1')])
    assert sink.sent == HEAD + b'a'


def test_a_head_alone_leaves_when_the_response_is_finished(sink, writer):
    writer.start(head())
    writer.finish()
    assert sink.writes == [HEAD]
    writer.finish()
    assert sink.writes == [HEAD]


@pytest.mark.parametrize('content', [b'', b'abc'])
def test_a_response_without_a_body_gets_no_content(sink, writer, content):
    writer.start(head(has_body=False))
    writer.write(content)
    writer.write(content)
    writer.finish()
    assert sink.writes == [HEAD] and writer.sent == 0


def test_what_has_no_head_is_sent_as_it_is(sink, writer):
    writer.start(UNFRAMED)
    writer.write(b'SMTP ')
    writer.write(b'')
    writer.write(b'ready')
    writer.finish([('X-A', '1')])
    assert sink.writes == [b'SMTP ', b'ready'] and writer.sent == 10


def test_each_response_is_counted_from_0(sink, writer):
    writer.start(head())
    writer.write(b'abc')
    writer.start(head())
    assert writer.sent == 0
    writer.write(b'de')
    assert writer.sent == 2


@pytest.mark.parametrize('step', [
    lambda writer: writer.interim(103, 'Early Hints', ()),
    lambda writer: writer.send(head(), b'a'),
    lambda writer: writer.write(b''), lambda writer: writer.write(b'a'),
    lambda writer: writer.finish()])
def test_a_client_that_takes_no_more_raises_at_once(step):
    writer = Writer(Sink(0))
    writer.start(head())
    with pytest.raises(Disconnected):
        step(writer)


def test_a_connection_can_be_cut_and_not_after_the_writer_was_closed():
    server, client = socket_pair()
    writer = Writer(server, lambda: True)
    assert writer.has_ended()
    writer.cut()
    assert client.recv(1) == b''
    writer.close()
    writer.cut()
    server.close()
    client.close()
