# -*- coding: utf-8 -*-
"""HAR documents: how they are read, and what is said of wrong ones."""
from __future__ import unicode_literals

import json
import os

import pytest
from six import text_type

from httptestserver.scripting.hardocument import Part, read


def part(value):
    return Part(value, 'log.entries[3]', None)


def failed(function, *args):
    with pytest.raises(ValueError) as caught:
        function(*args)
    return str(caught.value)


def test_members_are_read_by_their_kind():
    assert part({'a': 'x'}).get('a', text_type) == 'x'
    assert part({str('a'): b'x' if str is bytes else 'x'}).get('a', text_type) == 'x'
    assert part({'a': 1}).get('a', int) == 1
    assert part({'a': None}).get('a', int, 5) == part({}).get('a', int, 5) == 5
    assert 'a' in part({'a': 0}) and 'a' not in part({'a': None})


@pytest.mark.parametrize('value, kind, words', [
    ('200', int, "log.entries[3].a is an int, got '200' (str)"),
    (True, int, 'log.entries[3].a is an int, got True (bool)'),
    (2.5, int, 'log.entries[3].a is an int, got 2.5 (float)'),
    (None, text_type, 'log.entries[3].a is a string, got None (null)'),
    ({}, list, 'log.entries[3].a is a list, got {} (dict)')])
def test_a_wrong_kind_is_named_with_its_place(value, kind, words):
    assert failed(part({'a': value}).get, 'a', kind) == words


def test_the_places_of_what_is_inside_are_known():
    assert part({'a': {'b': {}}}).part('a').part('b').place == 'log.entries[3].a.b'
    assert [each.place for each in part({'a': [{}, {}]}).parts('a')] == [
        'log.entries[3].a[0]', 'log.entries[3].a[1]']
    assert failed(part({'a': [{}, 7]}).parts, 'a') == (
        'log.entries[3].a[1] is an object, got 7 (int)')


@pytest.mark.parametrize('content, words', [
    (b'PK\x03\x04', 'this is a zip file'), (b'', 'this is not JSON'), (b'\xff', 'this is not JSON'),
    (b'[' * 100000, 'this is not JSON'), (b'[]', 'the document is an object, got [] (list)'),
    (b'{"entries": []}', 'log is an object, got None (null); so this is no HAR')])
def test_a_file_that_is_no_har_is_refused(tmpdir, content, words):
    path = tmpdir.join('a.har')
    path.write_binary(content)
    assert failed(read, str(path)).startswith(words)


def test_a_byte_order_mark_is_skipped(tmpdir):
    path = tmpdir.join('a.har')
    path.write_binary(b'\xef\xbb\xbf{"log": {}}')
    assert read(path).place == 'log'


@pytest.mark.skipif(not hasattr(os, 'fspath'), reason='entries are no paths here')
def test_the_text_of_a_path_object_need_not_be_its_path(tmpdir):
    tmpdir.join('a.har').write_binary(b'{"log": {}}')
    entry, = os.scandir(str(tmpdir))
    assert read(entry).folder == str(tmpdir)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmpdir):
    with pytest.raises(EnvironmentError):
        read(str(tmpdir.join('absent')))


@pytest.mark.parametrize('value', [None, 1, [], b'x' if str is not bytes else 1.5])
def test_what_is_neither_a_path_nor_a_dict_is_refused(value):
    with pytest.raises(TypeError) as caught:
        read(value)
    assert str(caught.value).startswith('har is a path, or a dict as server.har() returns it, got')


def test_a_document_need_not_be_a_file():
    document = json.loads('{"log": {"entries": []}}')
    assert read(document).parts('entries') == []
