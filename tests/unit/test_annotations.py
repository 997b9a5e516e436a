# -*- coding: utf-8 -*-
"""The names for annotations exist on every Python, and can be used in annotations there."""
import sys

import pytest

from httptestserver import typing as names
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY

typed = pytest.mark.skipif(sys.version_info < (3, 8), reason='typing has less before Python 3.8')


@pytest.mark.parametrize('name', names.__all__)
def test_each_name_is_there(name):
    assert getattr(names, name) is not None


@pytest.mark.parametrize('name', ['MakeHttpServer', 'MakeHttpsServer'])
def test_fixtures_have_classes(name):
    assert isinstance(getattr(names, name), type)


@pytest.mark.parametrize('name', ['Criteria', 'ResponseKeys'])
def test_dicts_are_made_by_their_names(name):
    assert getattr(names, name)(a=1) == {'a': 1}


@typed
@pytest.mark.parametrize('name, keys', [('ResponseKeys', VOCABULARY), ('Criteria', CRITERIA)])
def test_each_key_of_a_dict_is_optional(name, keys):
    assert set(getattr(names, name).__annotations__) == set(keys)
    assert not getattr(names, name).__total__


@typed
def test_names_are_combined():
    from typing import Optional, Union
    for name in names.__all__:
        assert Optional[getattr(names, name)] == Union[getattr(names, name), None]


@typed
def test_a_subclass_adds_keys():
    found = {'ResponseKeys': names.ResponseKeys}
    # Not every Python can compile this.
    exec('class Job(ResponseKeys, total=False):\n    response_job: str', found)
    assert set(found['Job'].__annotations__) == set(VOCABULARY).union(['response_job'])
