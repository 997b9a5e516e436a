# -*- coding: utf-8 -*-
"""Bytes in each format of zlib, made and read without the library."""
import zlib

__all__ = ['GZIP', 'RAW', 'ZLIB', 'packed', 'unpacked']

#: What zlib calls its three formats.
GZIP, ZLIB, RAW = 31, 15, -15


def packed(content, wbits, level=6):
    packer = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return packer.compress(content) + packer.flush()


def unpacked(body, wbits):
    """Return what *body* is when it is unpacked. It must be whole, and nothing may follow it."""
    unpacker = zlib.decompressobj(wbits)
    content = unpacker.decompress(body)
    assert not unpacker.unused_data and unpacker.decompress(b'more') == b''
    assert unpacker.unused_data == b'more'
    return content
