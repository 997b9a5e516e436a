# -*- coding: utf-8 -*-
"""Undoes the content codings of bodies: gzip and deflate. RFC 9110, section 8.4.

A few kilobytes can decode to gigabytes. So content is decoded in small steps, and decoding ends at
a limit. Nothing here does I/O or takes a lock. This module is imported when a body has a coding,
because most tests need neither it nor zlib.
"""
import io
import zlib

from httptestserver.wording import shown

__all__ = ['LIMIT', 'beginning', 'codings_of', 'undone']

#: A body is decoded to at most so much if its server has no ``body_limit``.
LIMIT = 67108864        # bytes

#: At most so many codings of one body are undone. Real bodies have one, seldom two.
MOST = 8

#: zlib gets coded bytes in slices of this size. They are small, because at the end of each member
#: zlib copies the rest of a slice.
SLICE = 8192            # bytes

#: zlib returns at most so much at once.
STEP = 65536            # bytes

# What zlib calls its three formats.
GZIP, ZLIB, RAW = 31, 15, -15


def codings_of(values):
    """Return the content codings of a body, in the order in which they were applied.

    :param values: the values of its Content-Encoding fields.
    :returns: a list of names in lower case. ``identity`` is left out, since it changes nothing.
    """
    names = [name.strip(' \t').lower() for name in ','.join(values).split(',')]
    return [name for name in names if name not in ('', 'identity')]


def undone(body, codings, limit=None):
    """Return *body*, bytes, with its *codings* undone.

    Memory is used for the result and one step of each coding, at most *limit* bytes and little
    more.

    :param codings: as `codings_of` returns them.
    :param limit: how many bytes each coding may make; None for `LIMIT`.
    :raises ValueError: a coding is unknown, or the body is not valid in its codings. The message
        is the end of a sentence, such as ``'as gzip: it is cut off'``.
    """
    if not codings:
        return body
    content = io.BytesIO()
    for piece in _undone_pieces(body, codings, LIMIT if limit is None else limit):
        content.write(piece)
    return content.getvalue()


def beginning(body, codings, size):
    """Return the first *size* bytes of the decoded *body*, and whether they are the whole.

    If the body cannot be decoded, they are what comes before the error. Never raises.
    """
    content = b''
    try:
        # No coding before the last one needs to make much more than what is shown.
        for piece in _undone_pieces(body, codings, 16 * max(size, STEP)):
            content += piece
            if len(content) > size:
                return content[:size], False
    except ValueError:
        return content, False
    return content, True


def _undone_pieces(body, codings, limit):
    """Return an iterator over the pieces of the decoded *body*. It raises as `undone`."""
    if len(codings) > MOST:
        raise _failed(shown(', '.join(codings), 100), 'at most %d codings are undone' % MOST)
    pieces = (body[start:start + SLICE] for start in range(0, len(body), SLICE))
    for coding in reversed(codings):
        if coding not in _FORMATS:
            # Quoted, because a client may have sent any characters.
            raise _failed(shown(coding, 100), 'only gzip, x-gzip, deflate and identity are undone')
        pieces = _limited(_decoded(pieces, coding), coding, limit)
    return pieces


def _failed(coding, reason):
    return ValueError('as %s: %s' % (coding, reason))


def _limited(pieces, coding, limit):
    """Yield *pieces*, and raise ValueError if they have more than *limit* bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _failed(coding, 'it becomes more than %d bytes, see body_limit' % limit)
        yield piece


def _decoded(pieces, coding):
    """Yield what the coded *pieces* decode to, in pieces of at most `STEP` bytes."""
    member = None
    for piece in pieces:
        more = True
        while piece or more:
            if member is None:
                member = zlib.decompressobj(_FORMATS[coding](piece))
            made = _step(member, piece, coding)
            if made:
                yield made
            # Without input zlib may still hold bytes that did not fit into the last step.
            piece, more = member.unconsumed_tail, len(made) == STEP
            if member.unused_data:
                piece, member = _next_member(member.unused_data, coding), None
    if member is None or not _is_complete(member):
        raise _failed(coding, 'it is cut off')


def _step(member, piece, coding):
    try:
        return member.decompress(piece, STEP)
    except zlib.error as error:
        # The text before the colon differs between versions of Python.
        raise _failed(coding, str(error).rpartition(': ')[2])


def _next_member(rest, coding):
    """Return *rest*, what follows the end of a member, if it begins another one of gzip.

    RFC 1952, section 2.2.
    """
    if coding == 'deflate' or not b'\x1f\x8b'.startswith(rest[:2]):
        raise _failed(coding, 'other bytes follow its end: %s' % shown(rest, 20))
    return rest


def _is_complete(member):
    """Whether a *member*, which got all its input, has ended."""
    # Python 2 has no `eof`. But a byte that comes after the end stays unused.
    try:
        member.decompress(b'\0', STEP)
    except zlib.error:
        return False
    return bool(member.unused_data)


def _gzip_format(start):
    return GZIP


def _deflate_format(start):
    """Return the format of what begins with the bytes *start*.

    By RFC 9110, section 8.4.1.2, deflate is the format of zlib, but some clients send it raw. The
    first byte of zlib's format ends in 8: RFC 1950, section 2.2. No encoder begins raw data with
    such a byte.
    """
    return ZLIB if bytearray(start)[0] & 15 == 8 else RAW


#: Each coding with a function of its first bytes, which returns the format for zlib.
_FORMATS = {'gzip': _gzip_format, 'x-gzip': _gzip_format, 'deflate': _deflate_format}
