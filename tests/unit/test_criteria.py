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
    ('url', 'path'), ('params', 'query'), ('nothing', '')])
def test_a_wrong_name_leads_to_the_criterion(name, meant):
    assert criterion_meant(name) == meant
