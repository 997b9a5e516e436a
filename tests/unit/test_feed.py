# -*- coding: utf-8 -*-
"""A feed and its readers: who gets what, what is dropped, and who is cut."""
import pytest

from httptestserver.recording.request import KEPT
from httptestserver.scripting.content import ContentAborted
from httptestserver.scripting.feed import PIECE, Feed, FeedReader


class Left(Exception):
    """A client has left."""


class Recipient(object):
    """A client of which the test says whether it has left."""

    reason = None
    is_watched = left = False
    was_cut = False

    def check(self):
        if self.left or self.reason:
            raise Left(self.reason)

    def cut(self):
        self.was_cut = True


class Reader(FeedReader):
    """A reader that is iterated step by step."""

    def __init__(self, feed):
        super(Reader, self).__init__(feed)
        self.client = Recipient()
        self.open(self.client)
        self._pieces = iter(self)

    def read(self):
        """Return the next piece; 'end' at the end, the name of a fault, or 'left'."""
        try:
            return next(self._pieces, 'end')
        except ContentAborted as aborted:
            return aborted.fault
        except Left:
            return 'left'

    def rest(self):
        """Return what there is, in pieces, until the end or until nothing comes."""
        self.client.left = True
        found = []
        while not found or found[-1] not in ('end', 'left', 'reset', 'disconnect'):
            found.append(self.read())
        return found


@pytest.fixture
def feed():
    return Feed(100)


def size(feed):
    """Return how many bytes *feed* holds."""
    return len(feed._buffer)


def test_what_is_written_while_nobody_reads_is_for_the_next_reader(feed):
    feed.write(b'a')
    feed.write(b'b')
    assert Reader(feed).rest() == [b'ab', 'left']


def test_each_reader_gets_what_is_written_while_it_reads(feed):
    feed.write(b'early')
    first = Reader(feed)
    second = Reader(feed)
    feed.write(b'both')
    assert first.rest() == [b'earlyboth', 'left']
    assert second.rest() == [b'both', 'left']


def test_what_was_meant_for_a_reader_that_leaves_is_not_for_the_next(feed):
    reader = Reader(feed)
    feed.write(b'lost')
    reader.close()
    feed.write(b'kept')
    assert Reader(feed).rest() == [b'kept', 'left']


def test_what_all_readers_have_passed_is_dropped(feed):
    readers = [Reader(feed) for _ in range(3)]
    feed.write(b'x' * 60)
    for reader in readers:
        assert size(feed) == 60
        assert reader.read() == b'x' * 60
    assert size(feed) == 0
    feed.write(b'y' * 60)
    readers[0].read(), readers[1].read()
    assert size(feed) == 60
    readers[2].close()
    assert size(feed) == 0


def test_a_reader_takes_much_in_several_pieces():
    feed = Feed(10 * PIECE)
    feed.write(b'x' * (2 * PIECE + 1))
    assert list(map(len, Reader(feed).rest()[:-1])) == [PIECE, PIECE, 1]


def test_a_reader_that_is_too_far_behind_is_cut_and_the_others_go_on(feed):
    slow, fast = Reader(feed), Reader(feed)
    for number in range(10):
        feed.write(b'x' * 10)
        assert fast.read() == b'x' * 10
    assert not slow.client.was_cut
    feed.write(b'y')
    assert slow.client.was_cut and not fast.client.was_cut
    assert slow.client.reason == 'the client was more than 100 bytes behind its stream'
    assert slow.read() == 'left'
    assert fast.read() == b'y'
    assert size(feed) == 0


def test_after_the_only_reader_was_cut_the_next_gets_what_is_written_then(feed):
    slow = Reader(feed)
    feed.write(b'x' * 100)
    feed.write(b'y')
    assert slow.client.was_cut
    assert size(feed) == 0
    feed.write(b'z')
    assert Reader(feed).rest() == [b'z', 'left']
    slow.close()


def test_no_more_than_the_limit_is_kept_while_nobody_reads(feed):
    feed.write(b'x' * 60)
    with pytest.raises(ValueError) as caught:
        feed.write(b'y' * 41)
    assert str(caught.value) == ('the limit of the stream is 100 bytes; these are 41, and 60 that '
                                 'nobody has read are kept')
    feed.write(b'z' * 40)
    assert Reader(feed).rest() == [b'x' * 60 + b'z' * 40, 'left']


def test_a_piece_that_is_larger_than_the_limit_is_refused_though_somebody_reads(feed):
    reader = Reader(feed)
    with pytest.raises(ValueError) as caught:
        feed.write(b'y' * 101)
    assert str(caught.value) == 'the limit of the stream is 100 bytes; these are 101'
    assert not reader.client.was_cut


def test_a_closed_feed_gives_what_it_holds_and_then_the_end(feed):
    feed.write(b'a')
    feed.close()
    feed.close()
    assert Reader(feed).rest() == [b'a', 'end']
    assert Reader(feed).rest() == ['end']
    for call in (lambda: feed.write(b'b'), lambda: feed.abort('reset')):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == 'the stream is closed'


def test_close_ends_readers_after_what_was_written(feed):
    reader = Reader(feed)
    feed.write(b'a')
    feed.close()
    assert reader.rest() == [b'a', 'end']


def test_an_abort_ends_readers_after_what_was_written(feed):
    readers = [Reader(feed), Reader(feed)]
    feed.write(b'a')
    feed.abort('reset')
    feed.write(b'kept')
    assert [reader.rest() for reader in readers] == [[b'a', 'reset']] * 2
    assert Reader(feed).rest() == [b'kept', 'left']


def test_an_abort_while_nobody_reads_is_for_the_next_reader(feed):
    feed.write(b'a')
    feed.abort('reset')
    feed.abort('disconnect')
    feed.write(b'b')
    feed.close()
    assert [Reader(feed).rest() for _ in range(4)] == [
        [b'a', 'reset'], ['disconnect'], [b'b', 'end'], ['end']]


def test_a_reader_that_ends_holds_no_more_than_the_limit(feed):
    ending = Reader(feed)
    feed.write(b'a' * 50)
    feed.abort('reset')
    reader = Reader(feed)
    feed.write(b'b' * 50)
    assert not ending.client.was_cut
    assert reader.read() == b'b' * 50
    feed.write(b'c')
    assert ending.client.was_cut
    assert reader.rest() == [b'c', 'left']
    assert size(feed) == 0


def test_a_dead_feed_refuses_what_is_written_and_read(feed):
    reader = Reader(feed)
    feed.write(b'a')
    feed.end()
    assert reader.client.was_cut and size(feed) == 0
    reader.client.left = True
    assert reader.read() == 'left'
    for call in (lambda: feed.write(b'b'), lambda: feed.abort('reset'), lambda: Reader(feed)):
        with pytest.raises(ValueError) as caught:
            call()
        assert 'the stream has ended with stop() or reset() of its server' in str(caught.value)
    feed.close()


def test_a_reader_that_has_come_to_its_end_is_not_cut(feed):
    reader = Reader(feed)
    feed.close()
    assert reader.read() == 'end'
    feed.end()
    assert not reader.client.was_cut


def test_readers_are_counted_once_each(feed):
    never = FeedReader(feed)
    never.close()
    assert feed.counts() == (0, 0)
    reader = Reader(feed)
    assert feed.counts() == (1, 0)
    reader.close()
    reader.close()
    assert feed.counts() == (1, 1)
    feed.wait(False, 1, 0)
    feed.wait(True, 1, 0)
    for left, which in ((False, 'opened'), (True, 'closed')):
        with pytest.raises(AssertionError) as caught:
            feed.wait(left, 2, 0)
        assert str(caught.value) == (
            'within 0 s expected 2 %s responses of the stream, got 1 opened and 1 closed' % which)


def test_a_reader_keeps_the_beginning_for_the_entry():
    feed = Feed(KEPT + 10)
    feed.write(b'a' + b'x' * KEPT)
    reader = Reader(feed)
    reader.rest()
    assert reader.sent == b'a' + b'x' * (KEPT - 1)
