# -*- coding: utf-8 -*-
"""Values of keys in a script file: each error says in the words of JSON what is allowed."""
from __future__ import unicode_literals

import re

import pytest
from six import ensure_text

from httptestserver.cli.document import ScriptError
from httptestserver.cli.scriptkeys import ALLOWED, CODE, KEYS, key_value, short_response
from httptestserver.scripting.vocabulary import VOCABULARY

#: Words that are no JSON.
PYTHON = re.compile(r"\b(None|True|False|str|int|float|bool|dict|tuple|unicode)\b|'")

VALUES = [None, True, 5, 1.5, -1, 'x', '404', '\r', '\u00e9', [], {}, [1], [[1]], {'a': None},
          {'a': ['b']}, [['a', True]], [[100, None]], [[99, {}]], {'a\r': 'b'}]

# Any value of the first is allowed. The messages of the other two have their own tests.
OTHERS = ('response_json', 'response_content', 'response_events')


def refused(function, *args):
    with pytest.raises(ScriptError) as caught:
        function(*args)
    return ensure_text(caught.value.args[0])


def error_of(key, value):
    try:
        key_value('data.' + key, key, value, '.')
    except ScriptError as error:
        return ensure_text(error.args[0])


def test_each_key_is_code_or_has_words_of_its_own():
    assert set(VOCABULARY) == set(ALLOWED).union(CODE, OTHERS)


@pytest.mark.parametrize('key', sorted(KEYS))
def test_no_message_speaks_python(key):
    errors = [error_of(key, value) for value in VALUES]
    assert any(errors) or key == 'response_json'
    for error in filter(None, errors):
        assert error.startswith('data.' + key), error
        # A name of a file is shown in the same way everywhere.
        assert not PYTHON.search(re.sub("the file '.*?'", '', error)), error


@pytest.mark.parametrize('key, value, error', [
    ('response_status', '404', 'an integer from 100 to 999, got "404"; did you mean 404?'),
    ('response_timeout', '1', 'a number of seconds, 0 or more, got "1"; did you mean 1?'),
    ('response_reason', 4, 'text that UTF-8 can encode, without CR, LF and NUL, got 4'),
    ('response_early', None, 'true or false, got null; to unset the key, leave it out'),
    ('response_clear', 1, 'true or false, got 1'),
    ('response_ranges', 1, 'true or false, got 1'),
    ('response_fault', '404', 'one of "disconnect", "reset", "stall", got "404"'),
    ('response_informational', [[99, {}]],
     'a list of [STATUS, FIELDS]; a status is 100 to 199 but 101, the fields are as in '
     'response_headers, got [[99, {}]]'),
])
def test_a_wrong_value_is_shown_as_json(key, value, error):
    assert error_of(key, value) == 'data.%s is %s' % (key, error)


@pytest.mark.parametrize('event, error', [
    (5, '[0] is a string (its data), or an object of data, event, id, retry and comment, got 5; to '
        'send it as JSON: {"data": ...}'),
    ({'event': 5}, '[0].event is a string, got 5'),
    ({'comment': ['a']}, '[0].comment is a string, got ["a"]'),
    ({'id': True}, '[0].id is a string or an integer, got true'),
    ({'retry': -1}, '[0].retry is an integer of 0 or more, in milliseconds, got -1'),
    ({'name': 'a'}, '[0]: name is not a key of an event. All of them: data, event, id, retry, '
                    "comment. To send this dict as JSON: {'data': {...}}"),
])
def test_a_wrong_event_is_an_error_with_its_place(event, error):
    assert error_of('response_events', [event]) == 'data.response_events' + error


def test_right_events_are_no_error():
    events = ['a', {'data': {'b': None}, 'event': 'c', 'id': 7, 'retry': 0, 'comment': 'd'},
              {'id': 'e', 'data': None}]
    assert key_value('data.response_events', 'response_events', events, '.') is events


@pytest.mark.parametrize('response', ['', 'a', 100, 999])
def test_a_short_response_is_a_status_or_text(response):
    assert short_response('queue[0]', response) is response


@pytest.mark.parametrize('response, shown', [
    (99, '99'), (None, 'null; to send it as JSON: {"response_json": ...}'),
    (True, 'true; to send it as JSON: {"response_json": ...}'),
    ([], '[]; to send it as JSON: {"response_json": ...}')])
def test_another_short_response_is_refused(response, shown):
    assert refused(short_response, 'queue[0]', response) == (
        'queue[0] is a status from 100 to 999, a string, or an object of response_* keys, got '
        + shown)
