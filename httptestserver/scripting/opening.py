# -*- coding: utf-8 -*-
"""Opens a file below a folder, and none that is elsewhere, whatever another process does meanwhile.

It reads the file system and takes no lock. This module is imported when a script needs it, because
most tests have no folder.
"""
import errno
import io
import os
import stat

__all__ = ['is_below', 'open_regular']


def _flags(*names):
    """Return the flags for `os.open` that this system has."""
    flags = os.O_RDONLY
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


# O_NONBLOCK, because opening a FIFO that has no writer would block for ever.
_OF_FILE = _flags('O_NONBLOCK', 'O_NOFOLLOW', 'O_NOCTTY', 'O_CLOEXEC', 'O_BINARY', 'O_NOINHERIT')
_OF_DIRECTORY = _flags('O_DIRECTORY', 'O_NOFOLLOW', 'O_CLOEXEC', 'O_PATH')


def is_below(path, folder):
    """Whether *path* is below *folder*. Both are absolute, and without links."""
    # `join` adds the slash that must follow, unless the folder is '/' and has one already.
    return os.path.normcase(path).startswith(os.path.normcase(os.path.join(folder, '')))


def open_regular(root, real):
    """Return the open binary file at a *real* path; None if it is no regular file.

    :param root: the folder, a path without links. *real* is below it.
    :raises OSError: the file cannot be opened, or another process has put a link on the way.
    """
    descriptor = _descriptor(root, real)
    # This is asked before `io.open`, which raises for a directory and leaves its descriptor open.
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return io.open(descriptor, 'rb', buffering=0)
    os.close(descriptor)
    return None


def _descriptor(root, real):
    """Return a descriptor of the file at a *real* path.

    Each directory on the way is opened by itself and no link is followed, because another process
    may just have put one there.
    """
    if os.open not in getattr(os, 'supports_dir_fd', ()):
        return _verified(os.open(real, _OF_FILE), real)
    names = os.path.relpath(real, root).split(os.sep)
    directory = os.open(root, _OF_DIRECTORY)
    try:
        for name in names[:-1]:
            inner = os.open(name, _OF_DIRECTORY, dir_fd=directory)
            os.close(directory)
            directory = inner
        return os.open(names[-1], _OF_FILE, dir_fd=directory)
    finally:
        os.close(directory)


def _verified(descriptor, real):
    """Return *descriptor* if its file is that at the *real* path, where no link leads."""
    try:
        ours, there = os.fstat(descriptor), os.stat(real)
        if (os.path.realpath(real), there.st_dev, there.st_ino) == (real, ours.st_dev, ours.st_ino):
            return descriptor
        raise OSError(errno.ENOENT, 'the file was replaced')
    except BaseException:
        os.close(descriptor)
        raise
