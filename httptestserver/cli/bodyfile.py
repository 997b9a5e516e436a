# -*- coding: utf-8 -*-
"""Bodies from files and folders, for scripts that may name only those below their own folder.

A file is opened for each request, so its current content is sent, and a large one is streamed.
Its path is checked each time, because a symbolic link may have changed. Nothing here takes a lock.
"""
import io
import os
import stat

from six import ensure_str

from httptestserver.scripting.opening import is_below

__all__ = ['BodyFile', 'BodyFolder']


class BodyFile(object):
    """A function of a request, which returns the path of a file as the content of the response.

    :param folder: the only folder whose files may be sent, with its subfolders.
    :param name: the path of the file, relative to *folder*.
    :raises ValueError: the path leads out of the folder, perhaps by a symbolic link; or it is not
        a regular file, or cannot be read.
    """

    _kind, _is_kind = 'a regular file', staticmethod(stat.S_ISREG)

    def __init__(self, folder, name):
        self._folder = folder
        self._name = ensure_str(name)
        try:
            # Opened once here, so that an error shows before the first request.
            self._open()
        except EnvironmentError as error:
            raise self._wrong('cannot be read: %s' % error.strerror)
        except UnicodeError:
            raise self._wrong('has characters that no file name has in this locale')

    def _open(self):
        io.open(self._resolve(), 'rb').close()

    def __call__(self, request):
        return _Path(self._resolve())

    def _resolve(self):
        """Return the path without symbolic links. Raises as the constructor."""
        if '\0' in self._name:
            raise self._wrong('has a NUL character')
        folder = os.path.realpath(self._folder)
        path = os.path.realpath(os.path.join(folder, self._name))
        if os.path.isabs(self._name) or not (path == folder or is_below(path, folder)):
            raise self._wrong('is not below the folder of the script')
        try:
            mode = os.stat(path).st_mode
        except EnvironmentError as error:
            raise self._wrong('cannot be read: %s' % error.strerror)
        # Opening a pipe would block for ever, and reading a device may never end.
        if not self._is_kind(mode):
            raise self._wrong('is not ' + self._kind)
        return path

    def _wrong(self, reason):
        return ValueError('the file %r %s' % (self._name, reason))


class BodyFolder(BodyFile):
    """A function of a request, which returns the path of a directory whose files are sent.

    The parameters are those of `BodyFile`. The directory may be the folder itself.
    """

    _kind, _is_kind = 'a directory', staticmethod(stat.S_ISDIR)

    def _open(self):
        os.listdir(self._resolve())

    def __call__(self, request):
        return self._resolve()


class _Path(object):
    """A path object, because a str would be sent as the content. Python 2 has no pathlib."""

    def __init__(self, path):
        self._path = path

    def __fspath__(self):
        return self._path

    __str__ = __fspath__
