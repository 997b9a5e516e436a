# -*- coding: utf-8 -*-
"""The data of an endpoint are a dict that checks what is written."""
import copy
import operator
import os
import pickle
import random
import threading
import warnings
from operator import methodcaller as call

import pytest

from support.inside import Unbound

from httptestserver.scripting.data import Data
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.waiting import ConnectionThread

KEYS = ['path', 'command', 'response_status', 'response_content', 'response_timeout', 5, None,
        u'body', ('a', 1)]

#: Calls that no dict minds and after which data would hold something wrong.
WRONG_WRITES = [
    (call('__setitem__', 'response_status', '200'), TypeError),
    (call('__setitem__', 'response_status', 99), ValueError),
    (call('__setitem__', 'response_stauts', 200), ValueError),
    (call('update', response_status=200, response_stauts=200), ValueError),
    (call('update', {'path': '/', 'response_timeout': -1}), ValueError),
    (call('update', [('path', '/'), ('response_content', 5)]), TypeError),
    (call('update', {'path': '/'}, response_clear=1), TypeError),
    (call('setdefault', 'response_headers', 5), TypeError),
    (call('setdefault', 'response_nothing'), ValueError),
    (call('__ior__', {'path': '/', 'response_reset': 'yes'}), TypeError),
    (call('__ior__', [('path', '/'), ('response_headers', {'A': 'b\r\nC: d'})]), ValueError),
]

#: Calls that raise the same on a dict.
WRONG_CALLS = [
    call('pop', 'no such key'), call('__delitem__', 'no such key'),
    call('__getitem__', 'no such key'), call('update', 5), call('update', {}, {}),
    call('update', [(1, 2, 3)]), call('__setitem__', [], 1),
    call('update', [('path', '/'), ([], 1)]), call('setdefault', [], 1), call('pop'),
    call('pop', 'a', 1, 2), call('setdefault'), call('copy', 1), call('clear', 1), hash,
    operator.attrgetter('nothing')]


@pytest.fixture
def endpoint():
    return Unbound()


@pytest.fixture
def data(endpoint):
    return endpoint.data


def value_for(key, chance):
    return {'response_status': chance.randint(100, 999),
            'response_content': chance.choice([b'', b'a', u'b', None]),
            'response_timeout': chance.random()}.get(key, chance.randint(0, 9))


def random_step(chance):
    """Return a function of a dict that reads or writes it at random, and what it is called."""
    key = chance.choice(KEYS)
    keys = chance.sample(KEYS, chance.randint(0, 3))
    new = {each: value_for(each, chance) for each in keys}
    value = value_for(key, chance)
    steps = {
        'set': lambda d: d.__setitem__(key, value),
        'update': lambda d: d.update(new),
        'update pairs': lambda d: d.update(list(new.items())),
        'update iterator': lambda d: d.update(iter(list(new.items()))),
        'update keywords': lambda d: d.update(path=value, body=b''),
        'update both': lambda d: d.update(new, path=value),
        'update nothing': lambda d: d.update(),
        'setdefault': lambda d: d.setdefault(key, value),
        'pop': lambda d: d.pop(key),
        'pop default': lambda d: d.pop(key, None),
        'delete': lambda d: d.__delitem__(key),
        'get': lambda d: (d.get(key), d.get(key, 7)),
        'item': lambda d: d[key],
        'in': lambda d: (key in d, key not in d),
        'look': lambda d: (len(d), bool(d), sorted(map(repr, d)), sorted(map(repr, d.keys())),
                           sorted(map(repr, d.values())), sorted(map(repr, d.items()))),
        'equal': lambda d: (d == new, d != new, new == d, d == dict(d), d != dict(d), d == 5),
        'copy': lambda d: (d.copy(), dict(d), copy.copy(d), eval(repr(d))),
    }
    if chance.random() < 0.02:
        return 'clear', lambda d: d.clear()
    if chance.random() < 0.05:
        return 'popitem', lambda d: d.pop(d.popitem()[0], 'gone') if d else None
    name = chance.choice(sorted(steps))
    return name, steps[name]


def outcome(step, subject):
    try:
        return step(subject)
    except Exception as error:
        return type(error), error.args


@pytest.mark.parametrize('seed', range(40))
def test_data_does_what_a_dict_does(data, seed):
    chance, model = random.Random(seed), {}
    for _ in range(150):
        name, step = random_step(chance)
        if name == 'popitem':
            assert outcome(step, data) == outcome(step, model)
            model.clear()
            model.update(data)          # which item goes is no promise of every Python's
        else:
            assert outcome(step, data) == outcome(step, model), name
        assert data == model and dict(data) == model and not data != model


def test_popitem_gives_and_removes_one_item(data):
    data.update(response_status=201, path='/')
    popped = [data.popitem(), data.popitem()]
    assert sorted(popped) == [('path', '/'), ('response_status', 201)]
    assert data == {}
    with pytest.raises(KeyError):
        data.popitem()


@pytest.mark.parametrize('wrong', WRONG_CALLS)
def test_a_wrong_call_raises_what_a_dicts_raises(data, wrong):
    model = {'path': '/before', 'response_status': 201}
    data.update(model)
    with pytest.raises(Exception) as expected:
        wrong(dict(model))
    with pytest.raises(type(expected.value)):
        wrong(data)
    assert data == model


@pytest.mark.parametrize('write, error', WRONG_WRITES)
def test_a_write_that_is_wrong_in_part_writes_nothing(endpoint, write, error):
    before = {'path': '/before', 'response_status': 201}
    endpoint.data.update(before)
    with pytest.raises(error):
        write(endpoint.data)
    assert endpoint.data == before
    assert endpoint.response_data == {'response_status': 201}


def test_an_update_from_something_that_fails_writes_nothing(data):
    def items():
        yield 'path', '/'
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        data.update(items())
    assert data == {}


@pytest.mark.parametrize('key', ['response', 'Response_status', 'responses', 'x_response_y', 5,
                                 None, b'\xff', ('response_status',)])
def test_keys_that_do_not_script_hold_anything(data, key):
    data[key] = object
    assert data[key] is object


@pytest.mark.parametrize('key', ['response_status', u'response_status'])
def test_keys_that_script_may_be_any_text(endpoint, key):
    endpoint.data[key] = 404
    assert endpoint.response_data == {'response_status': 404}
    with pytest.raises(TypeError):
        endpoint.data[key] = None


def test_a_setdefault_checks_only_what_it_writes(data):
    data['response_status'] = 201
    assert data.setdefault('response_status', 'ignored') == 201


def test_the_error_of_a_misspelt_key_names_the_nearest_and_all(data):
    with pytest.raises(ValueError) as caught:
        data['response_contents'] = b''
    assert str(caught.value) == (
        'response_contents is not a key of a response; did you mean response_content?'
        ' All of them: ' + ', '.join(sorted(VOCABULARY)))


def test_a_union_in_place_writes_to_the_same_data(data):
    same = data
    same |= {'response_status': 201}
    assert same is data and data == {'response_status': 201}


def test_copies_of_data_are_plain_dicts(data):
    data.update(response_status=201, path='/')
    for copied in (data.copy(), copy.copy(data), copy.deepcopy(data), dict(data),
                   pickle.loads(pickle.dumps(data))):
        assert type(copied) is dict and copied == data
        copied['response_nonsense'] = 1
    assert data == {'response_status': 201, 'path': '/'}


def test_data_equal_data(endpoint):
    other = Unbound()
    assert endpoint.data == other.data
    other.data['path'] = '/'
    assert endpoint.data != other.data
    assert not endpoint.data == other.data


def test_a_snapshot_of_keys_lets_data_change_meanwhile(data):
    data.update(path='/', body=b'')
    for _ in data.keys():
        data['more'] = 1
    for _ in data.items():
        data['still more'] = 1
    for _ in data.values():
        data.pop('more', None)
    assert sorted(data) == ['body', 'path', 'still more']


# Keys that script nothing.

MISTAKES = [('status', 'response_status'), ('status_code', 'response_status'),
            ('content', 'response_content'), ('json', 'response_json'),
            ('timeout', 'response_timeout')]

WRITERS = {
    'set': lambda data, key: operator.setitem(data, key, 404),
    'update': lambda data, key: data.update({key: 404}),
    'update pairs': lambda data, key: data.update([(key, 404)]),
    'update keywords': lambda data, key: data.update(name='x', **{key: 404}),
    'setdefault': lambda data, key: data.setdefault(key, 404),
    'union': lambda data, key: operator.ior(data, {key: 404}),
}


@pytest.mark.parametrize('key, meant', MISTAKES)
@pytest.mark.parametrize('write', sorted(WRITERS))
def test_a_key_that_scripts_nothing_is_written_with_a_warning(data, write, key, meant):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        WRITERS[write](data, key)
    warning, = caught
    assert warning.category is UserWarning
    assert str(warning.message) == (
        '%s in data is not a key of a response, and scripts nothing; did you mean %s?'
        % (key, meant))
    code = WRITERS[write].__code__
    assert (warning.filename, warning.lineno) == (code.co_filename, code.co_firstlineno)
    assert data[key] == 404


def test_a_statement_is_warned_of_at_its_line(data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        data['status'] = 404
        data |= {'status': 404}
        data.update(status=404)
    lines = [each.lineno for each in caught]
    assert lines == [lines[0], lines[0] + 1, lines[0] + 2]
    assert {os.path.basename(each.filename)[:9] for each in caught} == {'test_data'}


@pytest.mark.parametrize('write', sorted(WRITERS))
def test_nothing_is_written_if_the_warning_is_an_error(data, write):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(UserWarning):
            WRITERS[write](data, 'status')
    assert data == {}


def test_each_line_is_warned_of_once_by_default(data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('default')
        for _ in range(3):
            data['status'] = 404
    assert len(caught) == 1


def test_what_is_wrong_is_refused_before_a_warning(data):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with pytest.raises(ValueError) as caught:
            data.update(status=404, response_stauts=404)
    assert 'did you mean response_status?' in str(caught.value)


@pytest.mark.parametrize('key', ['headers', 'body', 'path', 'method', 'code', 'text', 'delay',
                                 'data', u'mood', 5, None])
def test_another_key_is_written_without_a_warning(data, key):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for write in sorted(WRITERS):
            if write != 'update keywords' or isinstance(key, str):
                WRITERS[write](data, key)


def test_what_is_there_already_is_no_mistake_of_setdefault(data):
    dict.__setitem__(data, 'status', 404)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert data.setdefault('status', 500) == 404


@pytest.mark.parametrize('kind, count', [(ConnectionThread, 0), (threading.Thread, 1)])
def test_the_thread_of_a_connection_is_not_warned(data, kind, count):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        thread = kind(target=WRITERS['set'], args=(data, 'status'))
        thread.start()
        thread.join(30)
    assert len(caught) == count and data == {'status': 404}


# Threads.

def run_threads(*functions):
    """Run *functions* at once, each in a thread; raise what one of them raised."""
    gate, errors = threading.Event(), []

    def run(function):
        gate.wait(10)
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.daemon = True
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert not errors, errors


def test_one_of_many_setdefaults_wins(data):
    for _ in range(30):
        data.clear()
        won = []
        run_threads(*[lambda value=value: won.append(data.setdefault('response_status', value))
                      for value in range(200, 206)])
        assert set(won) == {data['response_status']} and len(won) == 6


def test_an_item_is_popped_once(data):
    data.update((n, n) for n in range(2000))
    popped = []

    def pop():
        try:
            while True:
                popped.append(data.popitem()[0])
        except KeyError:
            pass

    run_threads(pop, pop, pop)
    assert sorted(popped) == list(range(2000))


def test_an_update_is_seen_whole_or_not_at_all(endpoint):
    data, left = endpoint.data, [1]
    data.update(response_status=100, a=100, response_content=b'100')

    def write():
        for n in range(600):
            n = 100 + n % 900
            data.update(response_status=n, a=n, response_content=str(n).encode('ascii'))
        del left[:]

    def read():
        while left:
            found = data.copy()
            assert found['response_status'] == found['a'] == int(found['response_content'])
            script = endpoint.response_data
            assert script['response_status'] == int(script['response_content'])

    run_threads(write, read, read)


def test_readers_of_snapshots_do_not_mind_writers(data):
    left = [1]

    def write():
        for n in range(1500):
            data[n] = n
            data.pop(n - 5, None)
        del left[:]

    def read():
        while left:
            for key, value in data.items():
                assert key == value
            sorted(data.keys()), sorted(data.values()), repr(data), data == {}, data.copy()

    run_threads(write, read, read)


class CountingLock(object):
    """A lock that counts how often it is taken."""

    def __init__(self):
        self._lock, self.taken, self.held = threading.RLock(), 0, False

    def __enter__(self):
        self._lock.acquire()
        self.taken += 1
        self.held = True

    def __exit__(self, *error):
        self.held = False
        self._lock.release()


WRITES = [
    call('__setitem__', 'response_status', 404), call('update', path='/'),
    call('__ior__', {'path': '/'}), call('setdefault', 'a', 1), call('pop', 'path'),
    call('__delitem__', 'path'), call('popitem'), call('clear')]
READS = [
    call('copy'), call('keys'), call('values'), call('items'), repr, lambda data: data == {},
    lambda data: data != {}]


@pytest.mark.parametrize('step', WRITES + READS)
def test_the_lock_is_taken_by_every_call_that_needs_it(step):
    lock = CountingLock()
    data = Data(lock, lambda *script: None, lambda: None)
    data.update(path='/', response_status=201)
    before = lock.taken
    step(data)
    assert lock.taken > before


@pytest.mark.parametrize('step', WRITES)
def test_each_write_is_reported_under_the_lock(step):
    lock, reported = CountingLock(), []
    data = Data(lock, lambda *script: None, lambda: reported.append(lock.held))
    data.update(path='/', response_status=201)
    del reported[:]
    step(data)
    assert reported == [True]


@pytest.mark.parametrize('step', READS + [call('setdefault', 'path', 1)])
def test_what_writes_nothing_is_not_reported(step):
    reported = []
    data = Data(CountingLock(), lambda *script: None, lambda: reported.append(1))
    data.update(path='/', response_status=201)
    del reported[:]
    step(data)
    assert reported == []


def test_the_lock_is_free_when_a_wrong_write_has_raised(endpoint):
    for write, error in WRONG_WRITES:
        with pytest.raises(error):
            write(endpoint.data)
    run_threads(endpoint.reset, lambda: endpoint.data.update(response_status=201))
