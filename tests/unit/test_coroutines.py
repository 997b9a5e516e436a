# -*- coding: utf-8 -*-
"""What `recording.coroutines` refuses: user code that is asynchronous."""
import functools

import pytest

from httptestserver.recording.coroutines import check_function, check_result, condition
from support.asynchronous import defined

SOURCE = '''
import functools
import types

async def plain(value=None):
    return value

async def pieces(value=None):
    yield value

class Method(object):
    async def method(self, value=None):
        return value

class Called(object):
    async def __call__(self, value=None):
        return value

@types.coroutine
def older(value=None):
    yield value

partial = functools.partial(functools.partial(plain), None)
method = Method().method
called = Called()
'''

NAMES = ['plain', 'pieces', 'method', 'called', 'older', 'partial']


def made(name):
    return getattr(defined(SOURCE), name)


@pytest.mark.parametrize('name', NAMES)
def test_a_coroutine_function_is_refused(name):
    function = made(name)
    with pytest.raises(TypeError) as caught:
        check_function('response_callback', function)
    kind = 'async generator' if name == 'pieces' else 'coroutine'
    shown = {'called': repr(function), 'partial': 'plain'}.get(name, name)
    assert str(caught.value) == (
        'response_callback is a plain function, got the %s function %s; nothing would await it: '
        'write def instead of async def' % (kind, shown))


class Plain(object):
    def __call__(self, value):
        return value

    def method(self, value):
        return value

    @staticmethod
    def static(value):
        return value


def generator(value):
    yield value


@pytest.mark.parametrize('function', [
    len, str, Plain, Plain(), Plain().method, Plain.static, generator, lambda value: value,
    functools.partial(len), functools.partial(generator, 1), [].append])
def test_a_plain_function_is_not_refused(function):
    check_function('match', function)


def test_a_mock_is_refused_if_it_is_an_asynchronous_one():
    mock = pytest.importorskip('unittest.mock')
    for plain in mock.Mock(), mock.MagicMock(), mock.MagicMock(spec=generator):
        check_function('match', plain)
        check_result('match', plain)
    if hasattr(mock, 'AsyncMock'):
        with pytest.raises(TypeError):
            check_function('match', mock.AsyncMock())


@pytest.mark.parametrize('name', NAMES)
def test_what_it_returns_is_refused(name):
    result = made(name)()
    with pytest.raises(TypeError) as caught:
        check_result('response_status', result)
    assert str(caught.value) == (
        'response_status is a plain value, got %r (%s); %s' % (
            result, type(result).__name__,
            'nothing would await it: write def instead of async def' if name == 'pieces'
            else 'nothing awaits it: give the value itself'))


def test_an_awaitable_of_any_class_is_refused():
    class Later(object):
        def __await__(self):
            return iter(())

    with pytest.raises(TypeError):
        check_result('match', Later())


def test_a_coroutine_that_is_refused_causes_no_warning(recwarn):
    result = made('plain')()
    with pytest.raises(TypeError):
        check_result('match', result)
    # It is closed, and cannot be awaited any more.
    with pytest.raises(RuntimeError):
        result.send(None)
    del result
    assert not recwarn.list


@pytest.mark.parametrize('value', [
    None, True, 0, 'a', b'a', [], {}, Plain(), generator(1), iter(()), Plain])
def test_a_plain_value_is_not_refused(value):
    check_result('match', value)


@pytest.mark.parametrize('met', [True, False, None, 0, 'a', []])
def test_a_condition_returns_what_its_function_returns(met):
    assert condition('match', lambda value: (value, met)[1])(1) is met


def test_a_condition_that_is_a_coroutine_function_is_refused():
    with pytest.raises(TypeError) as caught:
        condition('match', made('plain'))
    assert str(caught.value).startswith('match is a plain function, got the coroutine function')


def test_a_condition_that_returns_an_awaitable_raises():
    plain = made('plain')
    is_met = condition('match', lambda value: plain(value))
    with pytest.raises(TypeError) as caught:
        is_met(1)
    assert str(caught.value).startswith('the result of match is a plain value, got <coroutine ')


def test_objects_of_old_style_classes_are_not_refused():
    # On Python 2, the type of such an object is not its class.
    class Old:
        def __call__(self, value):
            return value

    check_function('match', Old())
    check_result('match', Old())
