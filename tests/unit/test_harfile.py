# -*- coding: utf-8 -*-
"""A HAR file that is whole after each entry, and stays whole if a write fails."""
import errno
import json
import os
import stat
import threading

import pytest

from httptestserver.cli import harfile
from httptestserver.cli.harfile import HarFile
from httptestserver.har import har

posix = pytest.mark.skipif(os.name != 'posix', reason='Windows has neither')

REQUESTS = [{'command': str('GET'), 'path': str('/%d' % number), 'body': b'x' * number}
            for number in range(5)]


@pytest.fixture
def path(tmpdir):
    return tmpdir.join('traffic.har')


@pytest.fixture
def file(path):
    made = HarFile(str(path))
    yield made
    made.close()


def read(path):
    return json.loads(path.read())


def test_it_is_the_document_of_har_after_each_entry(path, file):
    assert read(path) == har([])
    for count, request in enumerate(REQUESTS):
        assert file.add(request)
        assert read(path) == har(REQUESTS[:count + 1])
    file.close()
    assert read(path) == har(REQUESTS) and file.error is None


class Watched(object):
    """A file that reads itself from its *path* before and after each write."""

    def __init__(self, file, path):
        self._file, self._path = file, path
        self.counts = []

    def write(self, content):
        self._note()
        written = self._file.write(content)
        self._note()
        return written

    def _note(self):
        self.counts.append(len(read(self._path)['log']['entries']))

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_it_is_a_document_between_any_two_writes(path, file):
    watched = file._file._file = Watched(file._file._file, path)
    for request in REQUESTS[:3]:
        file.add(request)
    assert watched.counts == [0, 1, 1, 2, 2, 3]


def test_names_are_left_out(path):
    file = HarFile(str(path), ['X-Key'])
    request = {'headers': {'X-Key': 's3cret', 'X-Other': 'shown'}}
    file.add(request)
    file.close()
    assert read(path) == har([request], ['X-Key'])
    assert 's3cret' not in path.read() and 'shown' in path.read()


def test_text_of_every_language_is_ascii(path, file):
    file.add({'path': str('/'), 'body': u'caf\xe9 \u2603'.encode('utf-8')})
    path.read_binary().decode('ascii')
    assert read(path)['log']['entries'][0]['request']['postData']['text'] == u'caf\xe9 \u2603'


@posix
def test_only_its_owner_may_read_a_new_file(path):
    old = os.umask(0)
    try:
        HarFile(str(path)).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().mode) == 0o600


@posix
def test_an_existing_file_is_emptied_and_keeps_its_permissions(path):
    path.write('x' * 10000)
    path.chmod(0o640)
    HarFile(str(path)).close()
    assert read(path) == har([]) and stat.S_IMODE(path.stat().mode) == 0o640


def test_a_second_process_is_refused_and_changes_nothing(path, file):
    if harfile.fcntl is None:
        pytest.skip('Windows has no flock')
    file.add(REQUESTS[0])
    with pytest.raises(ValueError) as raised:
        HarFile(str(path))
    assert str(raised.value) == 'cannot write %s: another process writes it' % path
    file.add(REQUESTS[1])
    assert read(path) == har(REQUESTS[:2])
    file.close()
    HarFile(str(path)).close()


def test_a_file_system_without_locks_is_no_error(path, monkeypatch):
    if harfile.fcntl is None:
        pytest.skip('Windows has no flock')

    def flock(file, operation):
        raise EnvironmentError(errno.ENOTSUP, 'Operation not supported')

    monkeypatch.setattr(harfile.fcntl, 'flock', flock)
    HarFile(str(path)).close()
    assert read(path) == har([])


def test_without_fcntl_there_is_no_lock(path, monkeypatch):
    monkeypatch.setattr(harfile, 'fcntl', None)
    first, second = HarFile(str(path)), HarFile(str(path))
    first.close()
    second.close()


@pytest.mark.parametrize('name, reason', [
    ('', 'No such file or directory'), ('no/traffic.har', 'No such file or directory'),
    ('.', 'Is a directory')])
def test_a_path_that_cannot_be_written_is_an_error(tmpdir, name, reason):
    path = os.path.join(str(tmpdir), name) if name else ''
    with pytest.raises(ValueError) as raised:
        HarFile(path)
    assert str(raised.value).startswith('cannot write %s: ' % path)
    assert os.name != 'posix' or str(raised.value).endswith(reason)


# Writes that fail.

class FullDisk(object):
    """A file on a disk that has room for a number of bytes more. Bytes replace others for free."""

    def __init__(self, file, room):
        self._file = file
        self._size = os.fstat(file.fileno()).st_size + room

    def write(self, content):
        room = self._size - self._file.tell()
        if room <= 0:
            raise IOError(errno.ENOSPC, 'No space left on device')
        return self._file.write(content[:room])

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.mark.parametrize('room', list(range(0, 60)) + [300, 600])
def test_a_full_disk_keeps_the_entries_before(path, file, room):
    file.add(REQUESTS[0])
    before = path.read()
    file._file._file = FullDisk(file._file._file, room)
    assert not file.add(REQUESTS[1])
    assert file.error == 'cannot write %s: No space left on device' % path
    assert path.read() == before
    # The error is reported once, and no entry follows a gap.
    file._file._file = file._file._file._file
    assert file.add(REQUESTS[2])
    file.close()
    assert path.read() == before


@pytest.mark.parametrize('change', [
    lambda path: path.write(''), lambda path: path.write('x', 'a')], ids=['emptied', 'longer'])
def test_a_file_that_another_program_has_changed_is_left_alone(path, file, change):
    file.add(REQUESTS[0])
    change(path)
    before = path.read()
    assert not file.add(REQUESTS[1])
    assert file.error == 'cannot write %s: another program has changed it' % path
    file.close()
    assert path.read() == before


def test_a_closed_file_gets_no_more(path, file):
    file.close()
    file.close()
    assert file.add(REQUESTS[0])
    assert read(path) == har([]) and file.error is None


def test_threads_write_whole_entries(path, file):
    def use(name):
        for number in range(20):
            file.add({'path': str('/%s/%d' % (name, number)), 'body': b'x' * 5000})

    threads = [threading.Thread(target=use, args=(name,)) for name in 'abcd']
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    urls = [entry['request']['url'] for entry in read(path)['log']['entries']]
    assert len(urls) == len(set(urls)) == 80
    for name in 'abcd':
        found = [url for url in urls if '/%s/' % name in url]
        assert found == sorted(found, key=lambda url: int(url.rpartition('/')[2]))


# Pipes and devices.

@pytest.fixture
def pipe(path):
    if os.name != 'posix':
        pytest.skip('Windows has no such pipes')
    os.mkfifo(str(path))
    # Opened for reading and writing, so that opening does not wait for the other side.
    reader = os.open(str(path), os.O_RDWR)
    yield reader
    os.close(reader)


def content_of(pipe):
    return os.read(pipe, 65536).decode('ascii')


def test_a_pipe_gets_entries_as_they_come_and_the_brackets_at_the_end(path, pipe):
    file = HarFile(str(path))
    text = content_of(pipe)
    for request in REQUESTS:
        assert file.add(request)
        text += content_of(pipe)
    file.close()
    text += content_of(pipe)
    assert json.loads(text) == har(REQUESTS)


def test_a_reader_that_does_not_read_is_not_awaited_for_ever(path, pipe, monkeypatch):
    monkeypatch.setattr(harfile, 'PATIENCE', 0.02)
    file = HarFile(str(path))
    assert not file.add({'body': b'x' * 1000000})
    assert file.error == 'cannot write %s: nobody reads it' % path
    file.close()


def test_the_end_of_a_pipe_may_fail(path, pipe, monkeypatch):
    monkeypatch.setattr(harfile, 'PATIENCE', 0.02)
    file = HarFile(str(path))
    monkeypatch.setattr(harfile.select, 'select', lambda *args: ([], [], []))
    file.close()
    assert file.error == 'cannot write %s: nobody reads it' % path


@posix
def test_a_reader_that_has_left_is_an_error(path, pipe):
    reader, writer = os.pipe()
    file = HarFile('/dev/fd/%d' % writer)
    os.close(reader)
    assert not file.add(REQUESTS[0])
    assert 'Broken pipe' in file.error
    file.close()
    os.close(writer)


@posix
def test_a_device_is_written():
    file = HarFile('/dev/null')
    assert file.add(REQUESTS[0])
    file.close()
    assert file.error is None


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='only Linux has it')
def test_a_full_device_is_an_error():
    with pytest.raises(ValueError) as raised:
        HarFile('/dev/full')
    assert str(raised.value) == 'cannot write /dev/full: No space left on device'


@posix
def test_a_file_that_gets_the_lines_is_refused_and_keeps_them(path, monkeypatch):
    path.write('a line')
    with open(str(path), 'r+') as output:
        monkeypatch.setattr(harfile, 'OUTPUTS', (output.fileno(), 2))
        with pytest.raises(ValueError) as raised:
            HarFile(str(path))
    assert str(raised.value) == 'cannot write %s: the lines for the requests go there' % path
    assert path.read() == 'a line'


@posix
def test_an_output_that_is_closed_is_another_file(path, monkeypatch):
    with open(str(path), 'w') as output:
        closed = output.fileno()
    monkeypatch.setattr(harfile, 'OUTPUTS', (closed + 100,))
    HarFile(str(path)).close()
