# -*- coding: utf-8 -*-
"""Undoes content codings in another way than the library: whole, and with the `eof` of zlib."""
import zlib

__all__ = ['content']

KNOWN = ('gzip', 'x-gzip', 'deflate')


def content(value, body, limit):
    """Return the *body* whose Content-Encoding is *value* in plain, or None if it has no such.

    :param limit: how many bytes each coding may make of it.
    """
    names = [name.strip(' \t').lower() for name in value.decode('latin-1').split(',')]
    names = [name for name in names if name not in ('', 'identity')]
    if len(names) > 8 or any(name not in KNOWN for name in names):
        return None
    for name in reversed(names):
        body = members(body, 31) if name != 'deflate' else members(
            body, 15 if ord(body[:1] or b'\0') % 16 == 8 else -15)
        if body is None or len(body) > limit:
            return None
    return body


def members(body, wbits):
    """Return what *body* unpacks to, or None; several members only of gzip."""
    unpacked = b''
    while True:
        unpacker = zlib.decompressobj(wbits)
        try:
            unpacked += unpacker.decompress(body) + unpacker.flush()
        except zlib.error:
            return None
        if not ended(unpacker, body, wbits):
            return None
        body = unpacker.unused_data
        if not body or wbits != 31:
            return None if body else unpacked


def ended(unpacker, body, wbits):
    if hasattr(unpacker, 'eof'):
        return unpacker.eof
    # Python 2: one more byte is left over only by what has ended.
    again = zlib.decompressobj(wbits)
    try:
        again.decompress(body + b'\0')
    except zlib.error:
        return False
    return again.unused_data != b''
