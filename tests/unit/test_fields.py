# -*- coding: utf-8 -*-
"""Header fields: beside those of the standard library, and as pairs of text."""
import copy
import io
import random
import threading

import pytest
from six import ensure_str

from httptestserver.http1.fields import (
    Headers, elements, first_value, get_all, has_field, is_token, members, pairs,
    parse_fields, parse_length, to_bytes, to_str, values_of, without)

try:
    from http.client import parse_headers
except ImportError:
    from mimetools import Message

    def parse_headers(lines):
        return Message(lines, 0)

TEXT = 'made of names and values that are str, bytes or int'

NAMES = ('Host Accept ACCEPT accept Content-Type Content-Length X-A x-a Cookie Set-Cookie From '
         'Subject Date User-Agent X_y 0 !x Transfer-Encoding').split()

ANY_BYTE = bytearray(range(0x21, 0x7f)) + bytearray(range(0xa0, 0x100))


def random_block(chance):
    """Return the bytes of a header section that every parser reads alike."""
    lines = []
    for _ in range(chance.randint(0, 12)):
        words = []
        for _ in range(chance.randint(0, 4)):
            words.append(bytes(bytearray(chance.choice(ANY_BYTE)
                                         for _ in range(chance.randint(1, 12)))))
        gap = chance.choice([b' ', b'', b'  ', b'\t']) if words else b''
        lines.append(chance.choice(NAMES).encode('ascii') + b':' + gap + b' '.join(words))
    return b''.join(line + b'\r\n' for line in lines)


def looks(message):
    """Return the looks at a header section that this Python has, by name."""
    found = {
        'length': lambda: len(message),
        'items': lambda: list(message.items()),
        'keys': lambda: list(message.keys()),
        'values': lambda: list(message.values()),
        'text': lambda: str(message),
        'get': lambda: [message.get(name) for name in NAMES],
        'default': lambda: message.get('No-Such', 5),
        'in': lambda: [name in message for name in NAMES + ['No-Such']],
        'bool': lambda: bool(message),
    }
    for name in ('get_all', 'getheaders', 'getallmatchingheaders'):
        if hasattr(type(message), name):
            found[name] = lambda name=name: [getattr(message, name)(each) for each in NAMES]
    for name in ('get_content_type', 'get_content_charset', 'get_params', 'get_content_maintype',
                 'is_multipart', 'get_payload', 'as_string', 'gettype', 'getplist',
                 'getparamnames'):
        if hasattr(type(message), name):
            found[name] = getattr(message, name)
    return found


def outcome(look):
    try:
        return look()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize('seed', range(150))
def test_headers_look_as_those_of_the_standard_library(seed):
    chance = random.Random(seed)
    block = random_block(chance)
    expected = parse_headers(io.BytesIO(block + b'\r\n'))
    # Each look is tried as the first one, which parses; then all are.
    names = sorted(looks(expected))
    for name in names:
        assert outcome(looks(Headers(block))[name]) == outcome(looks(expected)[name]), name
    one = looks(Headers(block))
    chance.shuffle(names)
    for name in names:
        assert outcome(one[name]) == outcome(looks(expected)[name]), name


def test_headers_are_of_the_standard_librarys_class():
    expected = parse_headers(io.BytesIO(b'\r\n')).__class__
    assert isinstance(Headers(b''), expected)


def test_names_of_headers_are_found_in_any_case():
    headers = Headers(b'X-Thing: 1\r\n')
    for name in ('X-Thing', 'x-thing', 'X-THING'):
        assert headers[name] == '1' and name in headers and headers.get(name) == '1'


def test_whitespace_around_a_value_is_no_part_of_it():
    headers = Headers(b'A:b\r\nC: \t d \t\r\nE:\r\nF: \t \r\nG:  h  i \r\n')
    assert [headers[name] for name in 'ACEFG'] == ['b', 'd', '', '', 'h  i']


def test_a_header_that_repeats_keeps_order_and_values():
    headers = Headers(b'A: 1\r\nB: 2\r\na: 3\r\n')
    get_all = getattr(headers, 'get_all', None) or headers.getheaders
    assert get_all('A') == ['1', '3']
    assert get_all('b') == ['2']


def test_values_of_headers_are_native_text():
    value = Headers(b'A: \xc3\xa9\r\n')['A']
    assert type(value) is str
    assert value == ensure_str(b'\xc3\xa9', 'iso-8859-1')


def test_headers_can_be_written_before_they_are_looked_at():
    headers = Headers(b'A: 1\r\nB: 2\r\n')
    headers['C'] = '3'
    del headers['A']
    assert sorted(headers.items()) in ([('B', '2'), ('C', '3')], [('b', '2'), ('c', '3')])


@pytest.mark.parametrize('copied', [copy.copy, copy.deepcopy])
@pytest.mark.parametrize('looked', [False, True])
def test_a_copy_of_headers_holds_the_same(copied, looked):
    headers = Headers(b'A: 1\r\nB: 2\r\n')
    if looked:
        assert headers['A'] == '1'
    assert list(copied(headers).items()) == list(headers.items())


def test_two_headers_of_one_block_are_separate():
    block = b'A: 1\r\n'
    first, second = Headers(block), Headers(block)
    first['B'] = '2'
    assert 'B' not in second


@pytest.mark.parametrize('looked', [False, True])
def test_headers_have_no_attribute_that_messages_do_not_have(looked):
    headers = Headers(b'')
    if looked:
        len(headers)
    with pytest.raises(AttributeError):
        headers.no_such_thing


def test_threads_that_look_first_all_see_the_whole_of_headers():
    block = ''.join('A%d: %d\r\n' % (n, n) for n in range(50)).encode('ascii')
    wrong = []
    for _ in range(60):
        headers, gate = Headers(block), threading.Event()

        def look():
            gate.wait(10)
            try:
                assert len(headers) == 50 and headers['a49'] == '49'
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join(10)
    assert not wrong


def test_what_another_thread_has_parsed_meanwhile_is_found():
    headers = Headers(b'A: 1\r\n')
    len(headers)
    for name in ('dict', 'headers') if hasattr(headers, 'dict') else ('_headers', 'policy'):
        assert headers.__getattr__(name) == getattr(headers, name)


@pytest.mark.parametrize('block, pairs', [
    (b'', []),
    (b'A: b\r\n', [('A', 'b')]),
    (b'A:b: c\r\nA:\r\n', [('A', 'b: c'), ('A', '')]),
    (b'a: \t1 2\t \r\n', [('a', '1 2')])])
def test_fields_are_pairs_in_the_order_of_the_wire(block, pairs):
    found = parse_fields(block)
    assert found == pairs
    assert all(type(part) is str for pair in found for part in pair)


def test_every_byte_that_a_value_may_have_is_kept():
    value = bytes(bytearray(range(0x21, 0x7f)) + bytearray(range(0x80, 0x100)))
    (name, found), = parse_fields(b'A: x' + value + b'x\r\n')
    assert found == 'x' + ensure_str(value, 'iso-8859-1') + 'x'
    assert Headers(b'A: x' + value + b'x\r\n')['A'] == found or bytes is str


@pytest.mark.parametrize('raw, encoding', [
    (b'', 'utf-8'), (b'abc', 'utf-8'), (u'\xe9\u20ac'.encode('utf-8'), 'utf-8'),
    (b'\xff', 'iso-8859-1'), (b'\xc3', 'iso-8859-1')])
def test_bytes_become_native_text(raw, encoding):
    assert type(to_str(raw)) is str
    assert to_str(raw) == ensure_str(raw, encoding)


@pytest.mark.parametrize('text, raw', [
    (b'\xff', b'\xff'), (u'abc', b'abc'), (u'\xe9', b'\xe9'),
    (u'\u20ac\xe9', b'\xe2\x82\xac\xc3\xa9')])
def test_text_goes_over_the_wire_as_iso_8859_1_or_else_utf_8(text, raw):
    assert to_bytes(text) == raw


# Header pairs.

@pytest.mark.parametrize('headers, expected', [
    ({}, ()), ([], ()), ({'A': 'b'}, (('A', 'b'),)),
    ([('A', 'b'), ('a', 'c'), ('A', 'b')], (('A', 'b'), ('a', 'c'), ('A', 'b'))),
    ([(u'A', b'b')], (('A', 'b'),)), ([('A', 5)], (('A', '5'),)), ([('A', 10 ** 30)], (
        ('A', '1' + '0' * 30),)), ((['A', ''],), (('A', ''),))])
def test_headers_become_pairs_of_native_text_in_order(headers, expected):
    found = pairs(headers)
    assert found == expected and type(found) is tuple
    assert all(type(part) is str for pair in found for part in pair)


@pytest.mark.parametrize('key', ['send_header', 'response_trailers'])
def test_an_error_of_pairs_names_the_given_key(key):
    with pytest.raises(TypeError) as caught:
        pairs({'A': None}, key)
    assert str(caught.value) == (
        "%s is %s, got None (NoneType); it is the value of 'A'" % (key, TEXT))


REPEATED = (('Vary', 'A'), ('via', ' 1.1 a ,1.1 B'), ('VARY', 'b'))


def test_fields_are_found_whatever_the_case_of_their_names():
    assert has_field(REPEATED, 'vary') and not has_field(REPEATED, 'etag')
    assert values_of(REPEATED, 'vary') == ['A', 'b'] and values_of(REPEATED, 'etag') == []
    assert first_value(REPEATED, 'vary') == 'A'
    assert first_value(REPEATED, 'etag') == '' and first_value(REPEATED, 'etag', None) is None


def test_the_members_of_a_list_are_those_of_all_its_lines():
    assert members(REPEATED, 'vary') == ['A', 'b']
    assert members(REPEATED, 'via') == ['1.1 a', '1.1 B']
    gaps = [('A', ' , a,,\tb , '), ('a', '')]
    assert elements(gaps, 'a') == ['', 'a', '', 'b', '', '']
    assert members(gaps, 'a') == ['a', 'b']


@pytest.mark.parametrize('value, length', [
    ('0', 0), ('42', 42), (u'42', 42), ('007', 7), ('000', 0), ('9' * 18, 10 ** 18 - 1),
    ('0' * 5000 + '1', 1), ('1' + '0' * 18, None), ('9' * 5000, None), ('', None), ('-1', None),
    ('+1', None), ('1.0', None), ('0x10', None), ('1_000', None), (' 1', None), ('1\n', None),
    ('1, 1', None), ('\xb2', None), (u'\u0661', None)])
def test_a_length_is_decimal_digits_that_fit_into_64_bits(value, length):
    assert parse_length(value) == length


@pytest.mark.parametrize('text, expected', [
    ('GET', True), ("!#$%&'*+-.^_`|~09azAZ", True), ('', False), ('a b', False), ('a:', False),
    ('a\n', False), ('\xe9', False), ('a/b', False)])
def test_a_token_has_no_delimiters(text, expected):
    assert bool(is_token(text)) is expected


def test_fields_are_left_out_by_their_names():
    assert without(REPEATED, ['vary']) == REPEATED[1:2]
    assert without(list(REPEATED), ()) == REPEATED


def test_a_message_has_all_values_of_a_name():
    headers = Headers(b'X-Y: 1\r\nx-y: 2\r\n')
    assert get_all(headers, 'X-y') == ['1', '2'] and get_all(headers, 'Z') == []
