# -*- coding: utf-8 -*-
"""Finds the file below a folder that a request names, for ``response_folder``.

Whatever a request names, no file outside of the folder is opened. This module reads the file
system and takes no lock. It is imported when a script needs it, because most tests have no
folder.
"""
import errno
import mimetypes
import os
import re
import stat

from six import ensure_str
from six.moves.urllib.parse import quote

from httptestserver.http1.fields import has_field, pairs, without
from httptestserver.http1.response_head import PLAIN_TEXT
from httptestserver.recording.request import source_of, target_of
from httptestserver.scripting.content import FileContent, KeptContent, path_name
from httptestserver.scripting.opening import is_below, open_regular
from httptestserver.scripting.ranges import select
from httptestserver.wording import shown

__all__ = ['FolderContent', 'from_folder', 'media_type', 'refusal']

#: The methods that a folder has.
METHODS = ('GET', 'HEAD')

#: The file that is sent for a directory.
INDEX = 'index.html'

#: Bytes that no segment may have, each with its name. On some systems they end or split a name.
SPECIAL = ((b'/', 'a slash'), (b'\\', 'a backslash'), (b':', 'a colon'), (b'\0', 'a NUL'))

#: Whether the rules of Windows for names apply. Tests change it.
IS_WINDOWS = os.name == 'nt'

# A device has such a name in each directory, also with a suffix. The last digits are superscript.
_is_device = re.compile(
    b'(?:con|prn|aux|nul|conin\\$|conout\\$|(?:com|lpt)(?:[0-9]|\xc2[\xb9\xb2\xb3]))'
    b' *(?:\\..*)?\\Z', re.IGNORECASE | re.DOTALL).match

# On Windows a name cannot have these, and some of them are wildcards.
_has_wildcard = re.compile(b'[\0-\x1f<>"|?*]').search

#: Errors that say that there is no such file. All others are reported as errors of the test.
MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO)

# Python 2 has no `fsdecode`. There a name is bytes, as in the request.
_name_of = getattr(os, 'fsdecode', ensure_str)

#: The media types of compressed files. `mimetypes` gives the type of what is inside.
COMPRESSED = {'gzip': 'application/gzip', 'bzip2': 'application/x-bzip2',
              'xz': 'application/x-xz'}

ANYTHING = 'application/octet-stream'

#: Fields of a script that describe a file, and so not a response that is none.
OF_FILE = ('content-type', 'content-length', 'content-encoding', 'content-language',
           'content-disposition', 'content-range', 'etag', 'last-modified', 'accept-ranges')


class _NotFound(Exception):
    """There is no such file. The text says why, and does not name the folder."""


class _Directory(Exception):
    """The request names a directory without a slash at the end."""


def from_folder(keys, request, make):
    """Return what *make*, a function of keys, makes of *keys* with the file for *request*.

    :param keys: a resolved script with ``response_folder``. It is not changed.
    :param request: a `RecordedRequest`.
    :raises ValueError: the folder is no longer there, or the file cannot be read.
    """
    keys = dict(keys)
    folder = keys.pop('response_folder')
    if request['command'] not in METHODS:
        _respond(keys, 405, 'a folder has %s, got %s' % (
            ' and '.join(METHODS), shown(request['command'])), ('Allow', ', '.join(METHODS)))
        return make(keys)
    try:
        segments = _segments(request)
        content, name = _found(folder, segments)
    except _NotFound as error:
        _respond(keys, 404, str(error))
        return make(keys)
    except _Directory:
        _redirect(keys, request, segments[-1])
        return make(keys)
    keys['response_content'] = content
    try:
        fields = pairs(keys.get('response_headers') or ())
        if not has_field(fields, 'content-type'):
            keys['response_headers'] = fields + (('Content-Type', media_type(name)),)
        response = make(keys)
    except BaseException:
        content.close()
        raise
    return select(response, request) if keys.get('response_ranges', True) else response


def _respond(keys, status, reason, *fields):
    """Change *keys* to a response that is no file."""
    kept = without(pairs(keys.get('response_headers') or ()), OF_FILE)
    keys.pop('response_reason', None)
    keys.update(response_status=status, response_content=reason.encode('utf-8') + b'\n',
                response_headers=kept + PLAIN_TEXT + fields)


def _redirect(keys, request, segment):
    # Relative to the request, so that it never leads to another host.
    location = quote(segment) + '/'
    query = target_of(request).query
    _respond(keys, 301, 'a directory ends with a slash: ' + location,
             ('Location', location + ('?' + query if query else '')))


def _segments(request):
    """Return the decoded segments that name the file: a tuple of bytes.

    It is what the ``{name...}`` of the route matches, else the whole path.

    :raises _NotFound: the target has no path, as ``*``.
    """
    rest = source_of(request).rest(request)
    if rest is not None:
        return rest
    parts = target_of(request).parts
    if parts[0] or not parts[1:]:
        raise _NotFound('the target is no path, but %s' % shown(request['path']))
    return parts[1:]


def refusal(segment):
    """Return why a *segment* of a path, bytes, is no name of a file; '' if it may be one."""
    for byte, name in SPECIAL:
        if byte in segment:
            return 'it holds ' + name
    if segment in (b'', b'.', b'..'):
        return 'it is no name'
    if IS_WINDOWS and (_is_device(segment) or _has_wildcard(segment)
                       or segment[-1:] in (b'.', b' ')):
        return 'it is no name of a file on Windows'
    return ''


def media_type(name):
    """Return the Content-Type of a file with this *name*, as `mimetypes` guesses it.

    Text is in UTF-8. The type of a compressed file is that of its compression.
    """
    guessed, coding = mimetypes.guess_type(name)
    if coding is not None:
        return COMPRESSED.get(coding, ANYTHING)
    if guessed is None:
        return ANYTHING
    return guessed + '; charset=utf-8' if guessed.startswith('text/') else guessed


def _found(folder, segments):
    """Return the `FolderContent` of a file, and its name.

    :raises _NotFound, _Directory: there is no such file.
    :raises ValueError: as `from_folder`.
    """
    try:
        root = os.path.realpath(path_name(folder))
        return _open(root, segments)
    except _NotFound:
        if not os.path.isdir(root):
            raise ValueError('response_folder is no longer a directory')
        raise
    except EnvironmentError as error:
        # Its own text would name the folder in the response.
        raise ValueError('a file of response_folder cannot be read: %s' % os.strerror(error.errno))


def _open(root, segments):
    wants_directory = segments[-1] == b''
    names = _names(segments[:-1] if wants_directory else segments)
    real, mode = _real(root, names)
    if stat.S_ISDIR(mode):
        if not wants_directory:
            raise _Directory()
        names += [INDEX]
        real, mode = _real(root, names)
    elif wants_directory:
        raise _NotFound('%s is no directory' % _shown(names))
    if not stat.S_ISREG(mode):
        raise _NotFound('%s is no regular file' % _shown(names))
    return FolderContent(_opened(root, real, names), '/'.join(names)), names[-1]


def _names(segments):
    """Return a list of the names of a path, str."""
    for segment in segments:
        reason = refusal(segment)
        if reason:
            raise _NotFound('the path is refused at its segment %s: %s' % (shown(segment), reason))
    try:
        return [_name_of(segment) for segment in segments]
    except UnicodeError:
        raise _NotFound('the path is not UTF-8')


def _real(root, names):
    """Return the real path of a file or directory and its mode.

    :raises _NotFound: it is not there, or a link leads out of *root*.
    """
    with _missing(names):
        # It raises if another process puts a file in the place of a link.
        real = os.path.realpath(os.path.join(root, *names))
    if real != root and not is_below(real, root):
        raise _NotFound('%s is a link that leads out of the folder' % _shown(names))
    with _missing(names):
        return real, os.stat(real).st_mode


class _missing(object):
    """A context in which an error that says that a file is not there becomes a `_NotFound`."""

    def __init__(self, names):
        self._names = names

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        if isinstance(error, EnvironmentError) and error.errno in MISSING:
            raise _NotFound('the folder has no file %s' % _shown(self._names))


def _shown(names):
    return shown('/'.join(names))


def _opened(root, real, names):
    """Return the open binary file at a *real* path.

    :raises _NotFound: it is no regular file. Another process may have replaced it.
    """
    with _missing(names):
        opened = open_regular(root, real)
    if opened is None:
        raise _NotFound('%s is no regular file' % _shown(names))
    return opened


class FolderContent(KeptContent):
    """The bytes of a file below a folder.

    :param opened: the open file, which is closed with this object.
    :param name: its path below the folder, for messages.
    """

    def __init__(self, opened, name):
        super(FolderContent, self).__init__()
        # The message about a file that has become shorter shows this name.
        opened.name = name
        self._opened, self._content = opened, FileContent(opened)
        self.length = self._content.length

    def __iter__(self):
        return self.keeping(self._content)

    def part(self, first, size):
        """As `FileContent.part`."""
        return self._content.part(first, size)

    def validators(self):
        """As `StreamedContent.validators`."""
        return self._content.validators()

    def close(self):
        self._opened.close()
