# -*- coding: utf-8 -*-
"""The text of a difference: one line if that shows it, else a diff."""
import pytest

from httptestserver.recording.difference import Difference, closeness, listed
from httptestserver.recording.target import Target
from httptestserver.wording import Words


def shown(name, expected, actual, sides=None):
    return listed([Difference(name, expected, actual, sides)])


@pytest.mark.parametrize('name, expected, actual, line', [
    ('method', Words('POST'), 'GET', '  method: expected POST, got GET'),
    ('path', Words('/a'), Target('/b'), '  path: expected /a, got /b'),
    ('path', Words('/a'), Target('http://c.test/b'), '  path: expected /a, got http://c.test/b'),
    ('auth', ('bearer', 't'), Words('no credentials'),
     "  auth: expected ('bearer', 't'), got no credentials"),
    ('query', {'a': '1'}, {'b': '2'}, "  query: expected {'a': '1'}, got {'b': '2'}"),
    ('body', Words('/^a/'), b'b', "  body: expected /^a/, got 'b'"),
    ('body', b'a', b'b', "  body: expected 'a', got 'b'"),
    ('json', 1, 2, '  json: expected 1, got 2'),
    ('json_has', {'a': 1}, Words("no JSON: 'x'"),
     "  json_has: expected {'a': 1}, got no JSON: 'x'"),
    ('match', Words('is_big'), 5, '  match: expected is_big, got 5')])
def test_a_short_difference_is_one_line(name, expected, actual, line):
    assert shown(name, expected, actual) == line


def near(*paths):
    """Return those of *paths* that are nearest to the path /users/7."""
    found = {path: closeness([Difference('path', Words('/users/7'), Target(path), None)])
             for path in paths}
    return [path for path in paths if found[path] == max(found.values())]


def test_fewer_differences_are_nearer():
    method = Difference('method', Words('POST'), 'GET', None)
    path = Difference('path', Words('/a'), Target('/b'), None)
    assert closeness([]) > closeness([method]) > closeness([method, method])
    assert closeness([path]) > closeness([method, method])


@pytest.mark.parametrize('paths, nearest', [
    (['/logout', '/users/8', '/user'], ['/users/8']),
    (['/user/7', '/users'], ['/user/7']),
    (['/users/8', '/users/9'], ['/users/8', '/users/9']),
    (['/a', '/logout', '/orders/23456789'], ['/a', '/logout', '/orders/23456789']),
    (['http://a.test/users/7', '/user/7'], ['/user/7'])])
def test_of_paths_those_that_are_most_alike_are_nearest(paths, nearest):
    assert near(*paths) == nearest


@pytest.mark.parametrize('expected, nearer, other', [
    ('/users/{id}', '/user/7', '/logout'), ('/users/{id}/posts', '/users/7/post', '/users'),
    ('/users/{id}', '/users', '/logout'), ('/files/{name...}', '/file/a/b', '/a')])
def test_a_placeholder_is_like_any_segment(expected, nearer, other):
    keys = [closeness([Difference('path', Words(expected), Target(path), None)])
            for path in (nearer, other)]
    assert keys[0] > keys[1]


def test_another_path_is_less_near_than_another_method():
    assert closeness([Difference('method', Words('POST'), 'GET', None)]) > closeness(
        [Difference('path', Words('/users/7'), Target('/users/8'), None)])


def test_several_differences_are_listed():
    assert listed([Difference('method', Words('A'), 'B', None)] * 2) == (
        '  method: expected A, got B\n  method: expected A, got B')


def test_a_diff_is_of_the_sides():
    def sides(actual):
        return {'a': '1' * 120}, {'a': actual['a']}
    text = shown('headers', {'a': 'x' * 120}, {'a': '2' * 120, 'b': '3'}, sides)
    assert text.split('\n') == [
        '  headers differ:', '    --- expected', '    +++ received', '    @@ -1,3 +1,3 @@',
        '     {', '    -  "a": "%s"' % ('1' * 120), '    +  "a": "%s"' % ('2' * 120), '     }']


def test_a_file_is_shown_as_a_body():
    def sides(actual):
        return {'a': b'1\n' + b'x' * 200, 'b': b'same', 'c': b'x'}, actual
    text = shown('files', {'a': b'y' * 300}, {'a': b'2\n' + b'x' * 200, 'b': b'same'}, sides)
    assert text.split('\n') == [
        "  files['a'] differs:", '    --- expected', '    +++ received', '    @@ -1,2 +1,2 @@',
        '    -1', '    +2', '     ' + 'x' * 199 + '... (201 characters)',
        "  files['c']: expected 'x', got <absent>"]
