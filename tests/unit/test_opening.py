# -*- coding: utf-8 -*-
"""Opening a file below a folder: where it is, and what it is. See test_files.py for races."""
import os

import pytest

from httptestserver.scripting.opening import is_below, open_regular


@pytest.mark.parametrize('path, folder, expected', [
    ('/a/b', '/a', True), ('/a/b/c', '/a', True), ('/a', '/', True), ('/a', '/a', False),
    ('/ab', '/a', False), ('/', '/a', False), ('/b/a', '/a', False)])
def test_what_is_below_a_folder(path, folder, expected):
    assert is_below(path.replace('/', os.sep), folder.replace('/', os.sep)) is expected


def test_a_regular_file_is_opened(tmpdir):
    tmpdir.ensure('inner', dir=True).join('a').write_binary(b'content')
    root = os.path.realpath(str(tmpdir))
    with open_regular(root, os.path.join(root, 'inner', 'a')) as opened:
        assert opened.read() == b'content'


def test_a_file_that_is_missing_is_an_error(tmpdir):
    root = os.path.realpath(str(tmpdir))
    with pytest.raises(EnvironmentError):
        open_regular(root, os.path.join(root, 'a'))


@pytest.mark.skipif(os.name == 'nt', reason='no pipes and links here')
def test_a_pipe_and_a_link_are_not_opened(tmpdir):
    root = os.path.realpath(str(tmpdir))
    os.mkfifo(os.path.join(root, 'pipe'))
    os.symlink('pipe', os.path.join(root, 'link'))
    assert open_regular(root, os.path.join(root, 'pipe')) is None
    with pytest.raises(EnvironmentError):
        open_regular(root, os.path.join(root, 'link'))
