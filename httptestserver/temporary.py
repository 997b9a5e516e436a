# -*- coding: utf-8 -*-
"""Files and folders that exist until the process exits.

A forked child leaves them to its parent, which may still serve. Functions may be called from any
thread.
"""
import atexit
import os

from httptestserver.waiting import getpid

__all__ = ['temporary_file', 'temporary_folder']

PREFIX = 'httptestserver-'

#: The mode of a folder whose files programs of other users may read.
READABLE = 0o755


def temporary_file(name, content, mode):
    """Make a file, and return its path.

    :param name: the end of the file's name.
    :param content: bytes.
    :param mode: its permissions, whatever the umask is.
    """
    # Imported here, because few processes make such a file.
    import tempfile
    # mkstemp makes a file that only the current user may read and write.
    descriptor, path = tempfile.mkstemp('-' + name, PREFIX)
    atexit.register(_if_own, getpid(), _remove_file, path)
    with os.fdopen(descriptor, 'wb') as target:
        target.write(content)
    os.chmod(path, mode)
    return path


def temporary_folder():
    """Make a folder that all users may read, and return its path."""
    import shutil
    import tempfile
    folder = tempfile.mkdtemp('', PREFIX)
    atexit.register(_if_own, getpid(), shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, READABLE)
    return folder


def _if_own(owner, remove, path, **options):
    """Call *remove*, unless this process is a forked child of the *owner*."""
    if getpid() == owner:
        remove(path, **options)


def _remove_file(path):
    if os.path.exists(path):
        os.remove(path)
