# -*- coding: utf-8 -*-
"""What is shown of a message with content codings: text that is decoded as far as possible."""
from __future__ import unicode_literals

import pytest

from httptestserver.recording.text import message_lines
from support.packing import GZIP, RAW, ZLIB, packed

GZIPPED = ('Content-Encoding', 'gzip')


def shown(content, *fields):
    """Return the lines of a content, without those of its fields."""
    return message_lines(list(fields), content, 100)[len(fields) + 1:]


@pytest.mark.parametrize('field, formats', [
    (GZIPPED, [GZIP]), (('CONTENT-Encoding', 'Deflate'), [ZLIB]),
    (('content-encoding', 'deflate, identity, gzip'), [RAW, GZIP])])
def test_coded_text_is_decoded(field, formats):
    content = b'one\ntwo\n'
    for wbits in formats:
        content = packed(content, wbits)
    assert shown(content, field) == ['one', 'two']


def test_a_long_text_is_cut_and_the_size_is_that_of_the_coded_bytes():
    content = packed(b'0' * 101, GZIP)
    assert shown(content, GZIPPED) == ['0' * 100, '... (%d B of gzip)' % len(content)]
    content = packed(packed(b'0' * 10 ** 7, GZIP), ZLIB)
    assert shown(content, ('Content-Encoding', 'gzip, deflate')) == [
        '0' * 100, '... (%d B of gzip, deflate)' % len(content)]


def test_of_coded_text_that_is_cut_off_the_beginning_is_shown():
    content = packed(b'hello', GZIP)[:-8]
    assert shown(content, GZIPPED) == ['hello', '... (%d B of gzip)' % len(content)]
    content = packed('h\xe9'.encode('utf-8'), GZIP, 0)[:-9]
    assert shown(content, GZIPPED) == ['h', '... (%d B of gzip)' % len(content)]


@pytest.mark.parametrize('content, field, line', [
    (b'hello', GZIPPED, 'hello'), (b'\xff', GZIPPED, "'\\xff'"),
    (b'hello', ('Content-Encoding', 'br'), 'hello'), (b'hello', ('Content-Encoding', ''), 'hello'),
    (b'hello', ('Content-Encoding', 'identity'), 'hello')])
def test_content_that_does_not_decode_is_shown_as_it_is(content, field, line):
    assert shown(content, field) == [line]


def test_coded_bytes_that_are_no_text_are_shown_decoded():
    assert shown(packed(b'\xff\xfe', GZIP), GZIPPED) == ["'\\xff\\xfe'"]
    cut = packed(b'\xff\xfe', GZIP)[:-8]
    assert shown(cut, GZIPPED) == [repr(cut).lstrip('b')]


def test_no_content_is_no_line():
    assert message_lines([GZIPPED], b'', 100) == ['Content-Encoding: gzip']
    assert message_lines([GZIPPED], packed(b'', GZIP), 100) == ['Content-Encoding: gzip']
