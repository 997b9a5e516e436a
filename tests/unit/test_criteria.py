# -*- coding: utf-8 -*-
"""Criteria: the order in which they are tried, how they are shown, and which need the body."""
import re

import pytest

from httptestserver.recording.criteria import CRITERIA, OF_BODY, Criteria, criterion_meant
from support.recorded import recorded

#: A value of each criterion that `SENT` meets.
MET = {
    'method': 'POST', 'path': '/a/{b}', 'query': {'c': 1}, 'headers': {'X-A': re.compile('d')},
    'body': b'{"e": 1}', 'json': {'e': 1}, 'form': {'{"e": 1}': ''}, 'cookies': {'f': None},
    'match': lambda request: True, 'json_has': {}, 'files': {'g': None}, 'auth': 't'}
#: One that it does not meet.
MISSED = {
    'method': 'GET', 'path': '/a', 'query': {'c': 2}, 'headers': {'X-A': re.compile('e')},
    'body': b'', 'json': {}, 'form': {'e': '1'}, 'cookies': {'f': 'x'},
    'match': lambda request: False, 'json_has': {'f': 1}, 'files': {'g': b''}, 'auth': ('t', '')}
SENT = recorded(b'POST /a/b?c=1 HTTP/1.1\r\nHost: a\r\nX-A: d\r\nAuthorization: Bearer t\r\n'
                b'Content-Length: 8\r\n\r\n{"e": 1}')
HEAD = [name for name in CRITERIA if name not in OF_BODY]


def test_every_criterion_has_its_example():
    assert set(MET) == set(MISSED) == set(CRITERIA)
    assert Criteria(**MET).match(SENT) and not Criteria(**MISSED).match(SENT)


@pytest.mark.parametrize('name', CRITERIA)
def test_one_that_is_not_met_is_enough(name):
    criteria = Criteria(**dict(MET, **{name: MISSED[name]}))
    assert not criteria.match(SENT)
    assert [each.name for each in criteria.differences(SENT)] == [name]


def test_those_of_the_body_are_tried_last():
    names = [each.name for each in Criteria(**MISSED).differences(SENT)]
    assert names == ['path', 'method', 'query', 'cookies', 'headers', 'auth', 'form', 'files',
                     'body', 'json', 'json_has']


@pytest.mark.parametrize('name', CRITERIA)
def test_the_head_is_matched_without_the_body(name):
    missed = Criteria(**{name: MISSED[name]})
    assert missed.needs_body is (name in OF_BODY)
    assert missed.match_head(SENT) is (name in OF_BODY)
    assert Criteria(**{name: MET[name]}).match_head(SENT)


@pytest.mark.parametrize('name', ['query', 'headers', 'form', 'cookies', 'files'])
def test_an_empty_dict_is_no_criterion(name):
    assert str(Criteria(**{name: {}})) == 'any method any path'


def test_no_criterion_matches_everything():
    assert Criteria().match(SENT) and not Criteria().differences(SENT)


@pytest.mark.parametrize('name, meant', [
    ('authorization', 'auth'), ('credentials', 'auth'), ('file', 'files'), ('jsonhas', 'json_has'),
    ('has_json', 'json_has'), ('basic_auth', 'auth'), ('url', 'path'), ('params', 'query'),
    ('host', 'path'), ('nothing', '')])
def test_a_wrong_name_leads_to_the_criterion(name, meant):
    assert criterion_meant(name) == meant


MULTIPART = (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n'
             b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nPNG\r\n'
             b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nB\r\n--x--\r\n')


@pytest.mark.parametrize('criteria, text', [
    ({'form': {'photo': 'PNG'}},
     "form: expected {'photo': 'PNG'}, got {'title': 'B'}; 'photo' is a file: see files="),
    ({'files': {'title': 'B'}}, "; 'title' is a field: see form="),
    ({'form': {'photo': None, 'name': 'x'}},
     "form: expected {'photo': <absent>, 'name': 'x'}, got {'title': 'B'}"),
    ({'form': {'title': 'C'}}, "form: expected {'title': 'C'}, got {'title': 'B'}")])
def test_a_part_of_the_other_kind_is_named(criteria, text):
    request = recorded(MULTIPART)
    found, = Criteria(**criteria).differences(request)
    shown = str(found).replace("'name': 'x', 'photo': <absent>", "'photo': <absent>, 'name': 'x'")
    assert shown.endswith(text)


def test_a_body_that_was_not_read_is_shown_with_the_reason():
    request = recorded(b'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n', body_discarded=5)
    found, = Criteria(body='hello').differences(request)
    assert str(found) == (
        "body: expected 'hello', got ''; the body of PUT /a HTTP/1.1 was not read, because of "
        "response_early or a fault at 'request'")


def test_a_body_with_a_coding_is_shown_with_the_coding():
    request = recorded(b'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n\r\npacked')
    found, = Criteria(body='hello').differences(request)
    assert str(found) == "body: expected 'hello', got 'packed'; its Content-Encoding is gzip"
    # A regex of text is searched in what was decoded, so there is nothing to add.
    found, = Criteria(body=re.compile(u'hello')).differences(request)
    assert 'its Content-Encoding' not in str(found)
