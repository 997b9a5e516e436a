# -*- coding: utf-8 -*-
"""A file that is watched: which changes are noticed, and when it is read again."""
import os

import pytest

from httptestserver.cli import watch as module
from httptestserver.cli.watch import Watch


@pytest.fixture
def path(tmpdir):
    path = tmpdir.join('api.json')
    path.write('one')
    # Long ago, so that the time of each change differs from it.
    os.utime(str(path), (1000, 1000))
    return path


def polled(watch, path, count=2):
    """Return the results of *count* looks."""
    return [watch.poll(path.read) for _ in range(count)]


def failing(message):
    def load():
        raise ValueError(message)
    return load


def test_a_file_that_stays_is_not_read_again(path):
    watch = Watch(str(path))
    assert polled(watch, path, 4) == [None] * 4


def test_a_change_is_read_once_when_two_looks_find_the_same(path):
    watch = Watch(str(path))
    path.write('three')
    assert polled(watch, path, 4) == [None, 'three', None, None]


def test_a_file_that_is_still_being_written_is_not_read(path):
    watch = Watch(str(path))
    for text in ('t', 'th', 'thr'):
        path.write(text)
        assert watch.poll(path.read) is None
    assert polled(watch, path) == ['thr', None]


def test_a_change_before_the_first_look_is_not_missed(path):
    watch = Watch(str(path))
    path.write('two')
    assert 'two' in polled(watch, path)


def test_another_file_of_the_same_name_size_and_time_is_a_change(path, tmpdir):
    watch = Watch(str(path))
    other = tmpdir.join('new')
    other.write('two')
    os.utime(str(other), (1000, 1000))
    os.rename(str(other), str(path))
    assert polled(watch, path) == [None, 'two']


def test_a_file_that_was_only_touched_is_read_again(path):
    watch = Watch(str(path))
    os.utime(str(path), (2000, 2000))
    assert polled(watch, path) == [None, 'one']


def test_a_file_that_was_away_is_read_when_it_is_back(path):
    watch = Watch(str(path))
    path.remove()
    assert watch.poll(path.read) is None
    with pytest.raises(ValueError):
        watch.poll(failing('cannot read'))
    path.write('two')
    assert polled(watch, path) == [None, 'two']


def test_an_error_is_raised_once_for_each_change(path):
    watch = Watch(str(path))
    for text in ('two', 'three'):
        path.write(text)
        assert watch.poll(path.read) is None
        with pytest.raises(ValueError):
            watch.poll(failing('wrong'))
        assert [watch.poll(failing('wrong')) for _ in range(3)] == [None] * 3
    with pytest.raises(ValueError):
        watch.poll(failing('wrong in another way'))


def test_after_an_error_the_file_is_tried_again_without_a_change(path):
    watch = Watch(str(path))
    path.write('two')
    watch.poll(path.read)
    with pytest.raises(ValueError):
        watch.poll(failing('a file for a body is missing'))
    assert polled(watch, path) == ['two', None]


def test_a_change_within_one_step_of_the_clock_is_found_later(path, monkeypatch):
    now = [1001]
    monkeypatch.setattr(module, 'clock', lambda: now[0])
    monkeypatch.setattr(module, '_stamp', lambda path: (1000, 'as on FAT'))
    watch = Watch(str(path))
    path.write('two')
    assert polled(watch, path) == [None, None]
    now[0] = 1003
    assert polled(watch, path, 3) == [None, 'two', None]


def test_what_cannot_be_read_twice_is_refused(tmpdir):
    with pytest.raises(ValueError) as caught:
        Watch(str(tmpdir))
    assert str(caught.value) == 'cannot watch %s: it is not a regular file' % tmpdir
