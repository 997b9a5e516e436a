# -*- coding: utf-8 -*-
"""Bytes are restored of what recorders have written as text."""
from __future__ import unicode_literals

import pytest

from httptestserver.scripting.hardocument import Part
from httptestserver.scripting.harcontent import (
    content_of, encoded, head_bytes, length_of, sent_length)
from support.waiting import cpu_time


def restored(text, content_type='', length=None):
    return content_of(Part({'text': text}, 'content', None), content_type, ('encoding',), length)


@pytest.mark.parametrize('text, content_type, length, content', [
    ('caf\xe9', '', None, b'caf\xc3\xa9'),
    ('caf\xe9', '', 5, b'caf\xc3\xa9'),
    # Read as ISO-8859-1, which is windows-1252 for browsers.
    ('caf\xe9', '', 4, b'caf\xe9'),
    ('\u20ac\x80\x81', 'text/plain', 3, b'\x80\x80\x81'),
    ('\u20ac', 'text/html; charset=iso-8859-1', 1, b'\x80'),
    ('\xe9\u20ac', 'text/html; charset=Latin1', None, b'\xe9\x80'),
    ('\u20ac', 'text/html; charset=us-ascii', None, b'\x80'),
    ('\u2192', 'text/html; charset=iso-8859-1', None, b'\xe2\x86\x92'),
    ('caf\xe9', 'text/html; charset=a\0b', None, b'caf\xc3\xa9'),
    ('\xc3\xa9', 'text/event-stream', 2, b'\xc3\xa9'),
    # Without its byte order mark.
    ('{}', 'application/json', 5, b'\xef\xbb\xbf{}'),
    ('\xe9', 'text/plain; charset=utf-8', 5, b'\xef\xbb\xbf\xc3\xa9'),
    ('h\xe9h\xe9', 'text/plain', 10, b'\xff\xfeh\x00\xe9\x00h\x00\xe9\x00'),
    # Nothing has that length.
    ('caf\xe9', '', 17, b'caf\xc3\xa9'),
    ('\u65e5', '', 1, b'\xe6\x97\xa5'),
    ('\u65e5', 'text/plain; charset=shift_jis', 2, b'\x93\xfa')])
def test_text_is_read_back_as_bytes_of_the_known_length(text, content_type, length, content):
    assert restored(text, content_type, length) == content


def test_bytes_that_were_no_text_are_restored():
    assert encoded('caf\udcc3\udca9', 'utf-8') == b'caf\xc3\xa9'
    assert encoded('\U0001f600', 'utf-8') == b'\xf0\x9f\x98\x80'


@pytest.mark.parametrize('text, raw', [
    ('caf\udce9', b'caf\xe9'), ('\xe9', b'\xe9'), ('\u20ac', b'\xe2\x82\xac')])
def test_a_head_has_the_bytes_that_were_no_text(text, raw):
    assert head_bytes(text) == raw


@pytest.mark.parametrize('content, content_type, length, expected', [
    # Playwright writes text of any charset in UTF-8.
    ('caf\xe9', 'text/plain; charset=iso-8859-1', 4, b'caf\xe9'),
    ('caf\xe9', 'text/plain; charset=iso-8859-1', None, b'caf\xe9'),
    ('caf\xe9', 'text/plain', 4, b'caf\xe9'),
    ('{}', 'application/json', 5, b'\xef\xbb\xbf{}'),
    # It is not text, or is as it was sent.
    (b'\xff\x00', 'text/plain; charset=utf-16', None, b'\xff\x00'),
    ('\xe9', 'text/plain; charset=iso-8859-1', 2, b'\xc3\xa9')])
def test_a_file_of_text_has_the_charset_of_its_type(tmpdir, content, content_type, length,
                                                    expected):
    tmpdir.join('a.txt').write_binary(
        content if isinstance(content, bytes) else content.encode('utf-8'))
    part = Part({'_file': 'a.txt'}, 'content', str(tmpdir))
    assert content_of(part, content_type, ('encoding',), length) == expected


def test_a_file_that_cannot_be_read_is_named_with_its_place(tmpdir):
    tmpdir.mkdir('folder')
    for name, reason in (('gone.txt', 'No such file'), ('folder', 'Is a directory')):
        part = Part({'_file': name}, 'log.entries[3].response.content', str(tmpdir))
        with pytest.raises(ValueError) as caught:
            content_of(part, '', ())
        assert ('log.entries[3].response.content is in a file that cannot be read: '
                "'%s': %s" % (name, reason)) in str(caught.value)


@pytest.mark.parametrize('fields, length', [
    ([('content-length', '7')], 7), ([], None), ([('Content-Length', 'x')], None),
    ([('Content-Length', '7'), ('Content-Encoding', 'gzip')], None)])
def test_a_length_counts_only_without_a_coding(fields, length):
    assert sent_length(fields) == length


@pytest.mark.parametrize('content, coding, body_size, length', [
    ({'size': 9}, '', 30, 9),
    ({'size': 9, 'compression': -5}, 'gzip', 14, 9),
    # The size before the coding was undone.
    ({'size': 14, 'compression': -5}, 'gzip', 14, 9),
    ({'size': 14}, 'gzip', 200, None),
    ({'size': -1}, '', -1, None), ({}, '', -1, None),
    ({'size': 9, '_file': 'a.txt'}, '', 30, None)])
def test_the_length_of_content_is_known_of_its_sizes(content, coding, body_size, length):
    fields = [('Content-Encoding', coding)] if coding else []
    assert length_of(Part(content, 'content', None), fields, body_size) == length


def test_spaces_in_base64_take_no_time():
    started = cpu_time()
    with pytest.raises(ValueError):
        content_of(Part({'text': ' ' * 500000 + '!', 'encoding': 'base64'}, 'content', None), '',
                   ('encoding',))
    assert cpu_time() - started < 2
