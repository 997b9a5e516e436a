# -*- coding: utf-8 -*-
"""Encodes the content of a response as gzip or deflate. RFC 9110, section 8.4.

The same content always makes the same bytes. This module is imported when a script has
``response_content_encoding``, because most tests need neither it nor zlib.
"""
import zlib

from httptestserver.scripting.content import IterableContent

__all__ = ['CodedContent', 'coded']

#: What zlib calls the format of each coding. That of deflate has a header and a checksum.
FORMATS = {'gzip': 31, 'deflate': 15}


def coded(content, coding):
    """Return *content*, bytes or a `StreamedContent`, as the same type in a *coding*.

    :param coding: one of `FORMATS`.
    """
    if isinstance(content, bytes):
        encoder = _encoder(coding)
        return encoder.compress(content) + encoder.flush()
    return CodedContent(content, coding)


def _encoder(coding):
    # By default zlib's header of gzip has no time, so the bytes do not depend on it.
    return zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, FORMATS[coding])


def _coded_pieces(content, coding):
    """Yield a coded piece for each piece of *content*, and then the end."""
    encoder = _encoder(coding)
    for piece in content:
        # Flushed, so that a client can decode it before there is a next piece.
        yield encoder.compress(piece) + encoder.flush(zlib.Z_SYNC_FLUSH)
    yield encoder.flush()


class CodedContent(IterableContent):
    """The pieces of another `StreamedContent` in a coding. Their length is not known before.

    :param content: is closed with this object.
    """

    def __init__(self, content, coding):
        super(CodedContent, self).__init__(_coded_pieces(content, coding))
        self._content, self._coding = content, coding

    def open(self, recipient):
        self._content.open(recipient)

    def validators(self):
        # Each coding of a content has an ETag of its own: RFC 9110, section 8.8.3.
        validators = self._content.validators()
        return validators and ('%s-%s' % (validators[0], self._coding), validators[1])

    def close(self):
        super(CodedContent, self).close()
        self._content.close()
