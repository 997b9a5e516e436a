# -*- coding: utf-8 -*-
"""Restores the bytes that text in a HAR document stands for.

Recorders write a body as text where they can. Nothing here takes a lock, but content may stand in a
file beside the document. This module is imported when a recording is replayed.
"""
import base64
import binascii
import codecs
import io
import os
import re

from six import ensure_str, text_type

from httptestserver.http1.fields import first_value, has_field, parse_length, to_bytes
from httptestserver.recording.forms import parameter
from httptestserver.wording import shown

__all__ = ['content_of', 'encoded', 'head_bytes', 'length_of', 'sent_length']

_file_name = re.compile(r'[A-Za-z0-9_][A-Za-z0-9._-]*\Z').match
_is_base64 = re.compile(r'[A-Za-z0-9+/]*=*\Z').match

# Browsers read ISO-8859-1 as windows-1252, and keep the bytes that it does not have.
_windows = {ord(bytes(bytearray([byte])).decode('windows-1252', 'ignore') or u'\0'): byte
            for byte in range(0x80, 0xa0)}
del _windows[0]

# The second half of a pair is a part of a character on some Pythons.
_surrogates = re.compile(u'((?<![\ud800-\udbff])[\udc80-\udcff])')

# The name of a charset may have a NUL, which is a TypeError on Python 2.
_not_encoded = (LookupError, TypeError, ValueError)


def content_of(part, content_type, encodings, length=None):
    """Return the content of a *part*, bytes; None if it has none.

    :param encodings: the names of the member that says how the text is encoded.
    :param length: how many bytes it had; None if that is not known.
    """
    charset = parameter(ensure_str(content_type), 'charset') or 'utf-8'
    if '_file' in part:
        return _of_file(_file(part), charset, length)
    text = part.get('text', text_type, None)
    if text is None:
        return None
    encoding = next((part.get(name, text_type) for name in encodings if name in part), u'')
    if not encoding:
        return _of_length(text, charset, length)
    if encoding.lower() != u'base64':
        raise part.error('has the encoding %s, and only base64 is known' % shown(encoding))
    # Without white space, because a pattern with it would take quadratic time.
    joined = u''.join(text.split())
    try:
        # The decoder itself would skip what is not base64.
        if _is_base64(joined):
            return base64.b64decode(joined.encode('ascii'))
    except (binascii.Error, TypeError):
        pass
    raise part.error('has text that is not base64: %s' % shown(text, 60))


def _file(part):
    """Return the content of the file beside the document that a *part* names."""
    name = part.get('_file', text_type)
    if part.folder is None:
        raise part.error('is in a file: %s; replay the path of the HAR file' % shown(name))
    # A recording must not read any other file of this machine.
    if not _file_name(name):
        raise part.error('is in a file whose name has other characters than letters, digits, '
                         'dots, - and _: %s' % shown(name))
    try:
        with io.open(os.path.join(part.folder, name), 'rb') as file:
            return file.read()
    except EnvironmentError as error:
        raise part.error('is in a file that cannot be read: %s: %s' % (shown(name), error.strerror))


def _of_file(content, charset, length):
    """Return the *content* of a file in a *charset*. Playwright writes text in UTF-8 there."""
    try:
        text = content.decode('utf-8')
    except UnicodeDecodeError:
        return content
    return content if len(content) == length else _of_length(text, charset, length)


def _of_length(text, charset, length):
    """Return *text* in a *charset*, or as what a recorder may have read it that has the *length*.

    Without a charset recorders guess one byte for each character. They drop a byte order mark.
    """
    content = encoded(text, charset)
    if length is None or len(content) == length:
        return content
    others = [codecs.BOM_UTF8 + content, codecs.BOM_UTF16_LE + encoded(text, 'utf-16-le')]
    if len(text) == length:
        others.append(_single_bytes(text))
    return next((other for other in others if len(other) == length), content)


def _single_bytes(text):
    """Return *text*, which was read as windows-1252 or ISO-8859-1, as bytes; b'' if it was not."""
    try:
        return text.translate(_windows).encode('iso-8859-1')
    except UnicodeError:
        return b''


def encoded(text, charset):
    """Return *text* in a *charset*. Bytes that are in it as lone surrogates are restored."""
    if _surrogates.search(text):
        return b''.join([bytes(bytearray([ord(each) - 0xdc00])) if _surrogates.match(each)
                         else encoded(each, charset) for each in _surrogates.split(text)])
    try:
        return text.encode(charset)
    except _not_encoded:
        others = _single_bytes(text) if _is_single(charset) else b''
        return others or text.encode('utf-8', 'replace')


def _is_single(charset):
    """Whether *charset* is one that browsers read as windows-1252."""
    try:
        return codecs.lookup(charset).name in ('ascii', 'iso8859-1')
    except _not_encoded:
        return False


def head_bytes(text):
    """Return *text* of a head as bytes to send. Lone surrogates stand for bytes: see `encoded`."""
    return encoded(text, 'utf-8') if _surrogates.search(text) else to_bytes(text)


def sent_length(fields):
    """Return how many bytes the fields announce; None if the content has a coding.

    :param fields: a list of (name, value) pairs of text.
    """
    if has_field(fields, u'content-encoding'):
        return None
    return parse_length(first_value(fields, u'content-length'))


def length_of(content, fields, body_size):
    """Return how many bytes the *content* of a response had, a `Part`; None if not known.

    :param body_size: the ``bodySize`` of the response.
    """
    sent = sent_length(fields)
    # The size of what is in a file is that of the file.
    if sent is not None or '_file' in content:
        return sent
    size, saved = content.get('size', int, -1), content.get('compression', int, None)
    if size < 0 or has_field(fields, u'content-encoding') and saved is None:
        return None
    # Some recorders write the size before the coding was undone.
    return size + (saved or 0) if size == body_size else size
