# -*- coding: utf-8 -*-
"""Requests in a wanted order are found if they are there, and a failure shows both orders."""
import itertools
import re

import pytest

from httptestserver.recording.criteria import Criteria
from httptestserver.recording.order import criteria_in_order, found_in_order, not_in_order
from support.recorded import asked


def wanted(*paths):
    return [Criteria(path=path) for path in paths]


def received(*paths):
    return [asked(path, response_status=200) for path in paths]


def message(paths, came):
    requests = received(*came)
    criteria = wanted(*paths)
    return not_in_order(criteria, found_in_order(criteria, requests), requests)


# Finding.

@pytest.mark.parametrize('paths, came, indices', [
    ('', 'ab', []), ('a', '', []), ('a', 'a', [0]), ('ab', 'ab', [0, 1]), ('ab', 'xaxbx', [1, 3]),
    ('ab', 'ba', [1]), ('aa', 'a', [0]), ('aa', 'aba', [0, 2]), ('aba', 'aab', [0, 2]),
    ('abc', 'acb', [0, 2]), ('ab', 'aab', [0, 2])])
def test_the_earliest_request_is_taken_for_each(paths, came, indices):
    requests = received(*['/' + each for each in came])
    assert found_in_order(wanted(*['/' + each for each in paths]), requests) == indices


def test_an_order_is_found_if_there_is_one():
    """Compared with the trial of all combinations, with criteria that overlap."""
    criteria = [Criteria(path=re.compile(pattern)) for pattern in ('a|b', 'b', 'a', '')]
    for came in itertools.product('abc', repeat=4):
        requests = received(*['/' + each for each in came])
        for chosen in itertools.product(criteria, repeat=3):
            exists = any(all(each.match(requests[index]) for each, index in zip(chosen, indices))
                         for indices in itertools.combinations(range(4), 3))
            assert (len(found_in_order(chosen, requests)) == 3) == exists


def test_criteria_are_tried_only_as_far_as_needed():
    tried = []
    found_in_order([Criteria(match=lambda request: tried.append(request['path']) or True)],
                   received('/a', '/b'))
    assert tried == ['/a']


# The message.

def test_a_request_that_did_not_come():
    text = message(['/login', '/users', '/users/7', '/logout'],
                   ['/login', '/style.css', '/users', '/users/8', '/logout'])
    assert text.splitlines() == [
        'expected 4 requests in order, but number 3 is missing: any method /users/7',
        '    wanted               received',
        '    any method /login    [0] GET /login -> 200',
        '                         [1] GET /style.css -> 200',
        '    any method /users    [2] GET /users -> 200',
        '  > any method /users/7  did not come',
        '    any method /logout',
        '                         [3] GET /users/8 -> 200',
        '                         [4] GET /logout -> 200',
        'nearest: [3] GET /users/8 -> 200',
        '  path: expected /users/7, got /users/8']


def test_a_request_that_came_too_early():
    assert message(['/a', '/b', '/c'], ['/c', '/a', '/c', '/b']).splitlines() == [
        'expected 3 requests in order, but number 3 came only before number 2: any method /c',
        '    wanted         received',
        '                   [0] GET /c -> 200',
        '    any method /a  [1] GET /a -> 200',
        '                   [2] GET /c -> 200',
        '    any method /b  [3] GET /b -> 200',
        '  > any method /c  came before: [0], [2]']


def test_a_request_that_came_too_early_very_often():
    assert 'came before: [0], [1], [2], [3], [4], ...\n' in message(
        ['/b', '/a', '/c'], ['/a'] * 6 + ['/b']) + '\n'


def test_a_request_that_did_not_come_a_second_time():
    assert message(['/a', '/a'], ['/a', '/b']).splitlines() == [
        'expected 2 requests in order, but number 2 is missing: any method /a',
        '    wanted         received',
        '    any method /a  [0] GET /a -> 200',
        '  > any method /a  did not come again',
        '                   [1] GET /b -> 200',
        'nearest: [1] GET /b -> 200',
        '  path: expected /a, got /b']


def test_the_nearest_request_is_one_that_comes_later_if_there_is_one():
    criteria = [Criteria('GET', '/a'), Criteria('GET', '/b', query={'page': '2'})]
    requests = received('/b', '/a', '/c')
    assert not_in_order(criteria, [1], requests).endswith(
        "nearest: [2] GET /c -> 200\n  path: expected /b, got /c\n"
        "  query: expected {'page': '2'}, got {}")
    requests.pop()
    assert not_in_order(criteria, [1], requests).endswith(
        "nearest: [0] GET /b -> 200\n  query: expected {'page': '2'}, got {}")


def test_no_request_at_all():
    assert message(['/a', '/b'], []).splitlines() == [
        'expected 2 requests in order, but number 1 is missing: any method /a',
        '    wanted         received',
        '  > any method /a  did not come',
        '    any method /b']


def test_one_request_alone_needs_no_number():
    assert message(['/a'], ['/b']).startswith(
        'expected a request that did not come: any method /a\n    wanted')


@pytest.mark.parametrize('length', [1, 20, 60, 120, 5000])
def test_the_columns_fit_a_terminal_whatever_the_paths_are(length):
    paths = ['/%s/%s' % (name * length, name) for name in 'abcd']
    text = message([paths[0], paths[1] + '/x'] + paths[2:], paths)
    table = text[text.index('\n    wanted') + 1:text.index('\nnearest')].split('\n')
    assert len(table) == 8 and max(len(line) for line in table) <= 90
    assert len({line.find('[') for line in table if '[' in line}) == 1
    assert table[1].startswith('    any method /a') and table[1].endswith('/a -> 200')
    assert table[2].startswith('  > any method /b')
    # The end of a path is kept, because it often is what differs.
    assert length == 5000 or table[2].split()[3].endswith('b/x')


def test_of_many_rows_those_around_the_missing_request_are_shown():
    paths = ['/%d' % number for number in range(200)]
    lines = message(paths[:100] + ['/x'] + paths[100:], paths).splitlines()
    assert lines[2:4] == ['    ... 70 lines', '    any method /70   [70] GET /70 -> 200']
    assert lines[32:35] == ['    any method /99   [99] GET /99 -> 200',
                            '  > any method /x    did not come', '    any method /100']
    assert lines[64] == lines[95] == '    ... 70 more' and len(lines) == 98


# The arguments.

def test_pairs_and_dicts_are_taken():
    criteria = criteria_in_order((
        ('GET', '/a'), ['POST', None], (None, re.compile('b')), {'path': '/c', 'json': 5}, {},
        (('GET', 'PUT'), '/d')))
    assert [str(each) for each in criteria] == [
        'GET /a', 'POST any path', 'any method /b/', 'any method /c json=5',
        'any method any path', 'GET or PUT /d']


PAIR = 'a (method, path) pair or a dict of criteria'


@pytest.mark.parametrize('args, kind, text', [
    ((), TypeError, 'assert_requested_in_order() takes the requests in their order, each ' + PAIR),
    (('/a', '/b'), TypeError, "wanted[0] is %s, got '/a' (str); did you mean {'path': '/a'}?"
     % PAIR),
    (('GET', '/a'), TypeError, "wanted[0] is %s, got 'GET' (str); did you mean ('GET', '/a')?"
     % PAIR),
    (('GET /a',), TypeError, "wanted[0] is %s, got 'GET /a' (str); did you mean ('GET', '/a')?"
     % PAIR),
    (('GET /a', 'PUT /b'), TypeError,
     "wanted[0] is %s, got 'GET /a' (str); did you mean ('GET', '/a')?" % PAIR),
    (('GET',), TypeError, "wanted[0] is %s, got 'GET' (str)" % PAIR),
    (({}, 5), TypeError, 'wanted[1] is %s, got 5 (int)' % PAIR),
    ((None,), TypeError, 'wanted[0] is %s, got None (NoneType)' % PAIR),
    ((('GET',),), TypeError, "wanted[0] is %s, got ('GET',) (tuple)" % PAIR),
    (((),), TypeError, 'wanted[0] is %s, got () (tuple)' % PAIR),
    ((('GET', '/a', {}),), TypeError, "wanted[0] is %s, got ('GET', '/a', {}) (tuple)" % PAIR),
    (([('GET', '/a'), ('GET', '/b')],), TypeError,
     "wanted[0] is %s, got [('GET', '/a'), ('GET', '/b')] (list); did you mean "
     'assert_requested_in_order() with a * before the list?' % PAIR),
    ((('GET', 5),), TypeError,
     'wanted[0]: path is a str, a compiled regex or a callable of the path, got 5 (int)'),
    ((('GET', '/a'), ('/b', None)), ValueError,
     "wanted[1]: method is a word such as 'GET', got '/b' (str); did you mean path='/b'?"),
    (({'path': 'b'},), ValueError, "wanted[0]: path is a str that begins with '/', "
     "'http://' or 'https://', or '*', got 'b' (str); did you mean '/b'?"),
])
def test_what_is_no_wanted_request_is_refused(args, kind, text):
    with pytest.raises(kind) as caught:
        criteria_in_order(args)
    assert (type(caught.value), str(caught.value)) == (kind, text)


def test_an_unknown_criterion_is_refused():
    with pytest.raises(TypeError) as caught:
        criteria_in_order([{'path': '/a'}, {'jsn': 5}])
    assert str(caught.value).startswith(
        'wanted[1]: jsn is not a criterion; did you mean json? All of them: method, path, ')
