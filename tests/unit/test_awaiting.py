# -*- coding: utf-8 -*-
"""What `recording.awaiting` does: tasks of asyncio wait, and their loop runs on."""
import gc
import platform
import threading
import weakref

import pytest

from httptestserver.recording import awaiting
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.history import History
from support.asynchronous import Loop, asyncio, defined
from support.failing import failure
from support.recorded import Requests
from support.waiting import TIMEOUT, eventually, in_threads

ANY = Criteria()

needs_asyncio = pytest.mark.skipif(asyncio is None, reason='this Python has no asyncio')


@pytest.fixture
def history():
    return Requests()


@pytest.fixture
def loop():
    with Loop() as loop:
        yield loop


def collect():
    """Have finalizers run, for which PyPy needs more than one collection."""
    for _ in range(3):
        gc.collect()


def path(request):
    return request['path']


def paths(requests):
    return [request['path'] for request in requests]


# Without a loop.

@pytest.mark.parametrize('method', ['wait_async', 'take_request_async'])
def test_without_a_loop_that_runs_a_call_raises(history, method):
    call = {'wait_async': lambda: history.wait_async(1, 5, ANY),
            'take_request_async': lambda: history.take_async(5)}[method]
    text = ('%s() needs an asyncio event loop that runs in this thread; without one, call %s()'
            % (method, method[:-6]))
    with pytest.raises(RuntimeError) as caught:
        call()
    assert str(caught.value) == text
    assert history.guard.tasks == []


def test_beside_a_loop_that_does_not_run_a_call_raises(history, loop):
    asyncio.set_event_loop(loop.loop)
    try:
        with pytest.raises(RuntimeError):
            history.take_async(5)
    finally:
        asyncio.set_event_loop(None)


def test_beside_a_loop_of_another_thread_a_call_raises(history, loop):
    def call():
        with pytest.raises(RuntimeError):
            history.take_async(5)
        return True

    assert loop.call(lambda: in_threads(lambda _: call(), [0], 1)) == [True]


# Waits.

def test_what_has_come_is_not_awaited(history, loop):
    history.come('/a', '/b', '/a')
    task = loop.begun(history.wait_async, 2, 5, Criteria(path='/a'))
    assert paths(task.result()) == ['/a', '/a']
    assert path(loop.begun(history.take_async, 0).result()) == '/a'
    assert loop.begun(history.wait_async, 0, 0, Criteria(path='/none')).result() == []
    assert history.guard.tasks == []


def test_a_wait_ends_with_the_request_that_it_lacks(history, loop):
    history.come('/a')
    task = loop.begun(history.wait_async, 2, TIMEOUT, Criteria(path='/a'))
    for wanted in '/b', '/a':
        assert not task.done()
        history.come(wanted)
        # Each of the two wakes the task, so the wait does not last until its deadline.
        for _ in range(3):
            loop.turn()
    assert paths(task.result()) == ['/a', '/a']
    assert history.guard.tasks == []


def test_a_task_that_was_not_first_looks_again_when_it_is(history, loop):
    first = loop.begun(history.take_async, TIMEOUT)

    def make():
        # The requests come before the second task waits, so they do not wake it.
        task = asyncio.ensure_future(history.take_async(TIMEOUT), loop=loop.loop)
        history.come('/a', '/b')
        return task

    second = loop.call(make)
    for _ in range(5):
        loop.turn()
    assert [path(task.result()) for task in (first, second)] == ['/a', '/b']
    assert history.guard.tasks == []


def test_a_request_of_another_thread_wakes_a_loop_that_is_idle(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)
    thread = threading.Timer(0.02, history.come, ['/a'])
    thread.start()
    assert path(loop.result(task)) == '/a'
    thread.join()


@needs_asyncio
@pytest.mark.parametrize('timeout', [-1, 0, 0.01])
def test_the_texts_of_failures_are_those_of_waits_that_block(history, loop, timeout):
    history.come('/b')
    wanted = Criteria(path='/a')
    assert failure(loop.result, loop.task(history.wait_async, 1, timeout, wanted)) == failure(
        history.wait, 1, timeout, wanted)
    history.take(0)
    assert failure(loop.result, loop.task(history.take_async, timeout)) == failure(
        history.take, timeout)
    assert history.guard.tasks == []


def test_a_wait_counts_from_a_reset_on(history, loop):
    history.come('/a', '/a')
    task = loop.begun(history.wait_async, 3, TIMEOUT, ANY)
    history.forget()
    history.come('/b', '/b')
    loop.turn()
    loop.turn()
    assert not task.done()
    history.come('/b')
    assert paths(loop.result(task)) == ['/b', '/b', '/b']


def test_a_take_after_a_reset_gets_what_comes_then(history, loop):
    history.come('/a')
    history.take(0)
    task = loop.begun(history.take_async, TIMEOUT)
    history.forget()
    history.come('/b')
    assert path(loop.result(task)) == '/b'


def test_criteria_run_in_the_thread_of_the_loop_without_the_lock(history, loop):
    threads = []

    def match(request):
        threads.append(threading.current_thread())
        assert in_threads(lambda _: len(history.requests()), [0], 1) == [1]
        return True

    task = loop.begun(history.wait_async, 1, TIMEOUT, Criteria(match=match))
    in_threads(history.come, ['/a'], 1)
    loop.result(task)
    assert threads == [threading.current_thread()]


def test_an_exception_of_a_criterion_is_that_of_the_task(history, loop):
    task = loop.begun(history.wait_async, 1, TIMEOUT, Criteria(match=lambda request: 1 / 0))
    history.come('/a')
    with pytest.raises(ZeroDivisionError):
        loop.result(task)
    assert history.guard.tasks == []


def test_a_request_of_another_history_leaves_a_wait_waiting(history, loop):
    route = History(history.guard, whole=history)
    task = loop.begun(route.wait_async, 1, 0.02, ANY)
    history.come('/a')
    assert '\n1 request came to the server, but not to this route:\n' in failure(
        loop.result, task)


def test_a_wait_holds_up_no_other(history, loop):
    tasks = [loop.begun(history.take_async, TIMEOUT)] + [
        loop.begun(history.wait_async, 1, TIMEOUT, Criteria(path=each)) for each in ('/b', '/a')]
    history.come('/a')
    assert paths(loop.result(tasks[2])) == ['/a']
    history.come('/b')
    assert paths(loop.result(tasks[1])) == ['/b']
    assert path(loop.result(tasks[0])) == '/a'


# Takes.

def test_tasks_take_in_the_order_in_which_they_wait(history, loop):
    tasks = [loop.begun(history.take_async, TIMEOUT) for _ in range(5)]
    history.come('/0', '/1')
    history.come('/2', '/3', '/4')
    assert [path(loop.result(task)) for task in tasks] == ['/0', '/1', '/2', '/3', '/4']
    assert history.guard.tasks == []


def test_a_task_that_comes_later_does_not_take_before_one_that_waits(history, loop):
    first, later = loop.begun(history.take_async, TIMEOUT), loop.call(history.take_async, TIMEOUT)
    history.come('/0')
    # Ready are the call that wakes the first and, before the first can look, a step of the second.
    second = loop.loop.create_task(later)
    loop.turn()
    assert not first.done() and not second.done()
    history.come('/1')
    assert [path(loop.result(task)) for task in (second, first)] == ['/1', '/0']


def test_a_take_whose_time_is_over_does_not_take_before_one_that_waits(history, loop):
    first, later = loop.begun(history.take_async, TIMEOUT), loop.call(history.take_async, 0)
    history.come('/0')
    second = loop.loop.create_task(later)
    loop.turn()
    assert not first.done() and second.done()
    assert failure(second.result).startswith('within 0 s no further request; 1 received:')
    assert path(loop.result(first)) == '/0'


def test_threads_and_tasks_take_different_requests(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)
    history.come('/0')
    # The task is woken only when the loop runs.
    assert path(history.take(0)) == '/0'
    loop.turn()
    assert not task.done()
    history.come('/1')
    assert path(loop.result(task)) == '/1'
    assert failure(history.take, 0)


def test_what_was_dropped_before_it_was_taken_counts_as_taken(loop):
    history = Requests(2)
    task = loop.begun(history.take_async, TIMEOUT)
    history.come('/0', '/1', '/2', '/3')
    assert path(loop.result(task)) == '/2'


# Cancellation.

@needs_asyncio
@pytest.mark.parametrize('turns', range(5))
def test_a_take_that_is_cancelled_takes_nothing(history, loop, turns):
    task = loop.begun(history.take_async, TIMEOUT)
    history.come('/0')
    for _ in range(turns):
        loop.turn()
    if loop.call(task.cancel):
        with pytest.raises(asyncio.CancelledError):
            loop.result(task)
        assert turns < 3
        assert path(history.take(0)) == '/0'
    else:
        assert turns > 0
        assert path(task.result()) == '/0'
    assert history.guard.tasks == []


def test_what_a_cancelled_take_left_goes_to_the_next_in_line(history, loop):
    first = loop.begun(history.take_async, TIMEOUT)
    second = loop.task(history.take_async, TIMEOUT)
    history.come('/0')
    loop.turn()
    # The first was woken, and has not looked yet. The second waits behind it.
    assert len(history.guard.tasks) == 2 and not first.done()
    first.cancel()
    assert path(loop.result(second)) == '/0'
    assert first.cancelled()


def test_what_a_late_take_left_goes_to_the_next_in_line(history, loop):
    first = loop.begun(history.take_async, 0.01)
    second = loop.begun(history.take_async, TIMEOUT)
    assert failure(loop.result, first)
    history.come('/0')
    assert path(loop.result(second)) == '/0'


def test_a_task_that_is_cancelled_before_it_begins_waits_for_nothing(history, loop):
    task = loop.task(history.take_async, TIMEOUT)
    loop.call(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        loop.result(task)
    assert history.guard.tasks == []


def test_a_cancelled_task_leaves_no_reference(history, loop):
    tasks = []

    def call():
        made = history.take_async(TIMEOUT)
        tasks.append(weakref.ref(made))
        return made

    collected = gc.isenabled()
    gc.disable()
    try:
        task = loop.begun(call)
        task.cancel()
        loop.turn()
        loop.turn()
        assert task.cancelled()
        del task
        if platform.python_implementation() != 'CPython':
            collect()
        assert tasks[0]() is None
    finally:
        if collected:
            gc.enable()


# Loops that do not run any more.

def test_a_wait_in_a_closed_loop_is_forgotten_with_the_next_request(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)
    loop.loop.close()
    history.come('/0')
    assert history.guard.tasks == []
    assert path(history.take(0)) == '/0'
    # It is pending for ever, which would be logged.
    task._log_destroy_pending = False


def test_a_loop_that_closes_before_it_is_awake_is_forgotten(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)
    history.come('/0')
    loop.loop.close()
    assert len(history.guard.tasks) == 1
    history.come('/1')
    assert history.guard.tasks == []
    task._log_destroy_pending = False


def test_a_loop_that_closes_while_it_is_woken_is_forgotten(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)

    def closed(function):
        raise RuntimeError('Event loop is closed')

    loop.loop.call_soon_threadsafe = closed
    history.come('/0')
    assert history.guard.tasks == []
    task._log_destroy_pending = False


def test_a_loop_that_stands_still_is_woken_once(history, loop):
    task, calls = loop.begun(history.take_async, TIMEOUT), []
    wake = loop.loop.call_soon_threadsafe
    loop.loop.call_soon_threadsafe = lambda function: calls.append(wake(function))
    history.come(*['/%d' % n for n in range(100)])
    assert len(calls) == 1
    assert path(loop.result(task)) == '/0'


def test_a_loop_that_stands_still_does_not_hold_up_another(history, loop):
    task = loop.begun(history.take_async, TIMEOUT)
    with Loop() as other:
        second = other.begun(history.take_async, TIMEOUT)
        history.come('/0')
        assert path(other.result(second)) == '/0'
    history.come('/1')
    assert path(loop.result(task)) == '/1'


def test_a_forked_process_does_not_wake_the_loop_of_its_parent(history, loop, monkeypatch):
    task = loop.begun(history.take_async, TIMEOUT)
    monkeypatch.setattr(awaiting, 'getpid', lambda: -1)
    loop.loop.call_soon_threadsafe = None
    history.come('/0')
    assert history.guard.tasks == []
    task._log_destroy_pending = False


# The protocol.

def test_it_is_a_coroutine_for_asyncio(history, loop):
    made = loop.call(history.take_async, TIMEOUT)
    assert asyncio.iscoroutine(made)
    assert isinstance(made.send(None), asyncio.Future)
    assert history.guard.tasks == [made]
    made.close()
    assert history.guard.tasks == []


def test_it_is_awaited_once(history, loop):
    history.come('/0', '/1')
    code = defined('''
        async def take(history):
            awaitable = history.take_async(5)
            first = await awaitable
            try:
                await awaitable
            except RuntimeError as error:
                return first, str(error)
        ''')
    first, text = loop.result(loop.task(code.take, history))
    assert path(first) == '/0'
    assert text == 'this call of take_request_async() was awaited already'


@needs_asyncio
def test_what_is_never_awaited_causes_a_warning(history, loop):
    with pytest.warns(RuntimeWarning) as caught:
        loop.call(history.take_async, TIMEOUT)
        collect()
    assert str(caught[0].message) == 'take_request_async() was never awaited'
    assert history.guard.tasks == []


def test_what_is_closed_unawaited_causes_no_warning(history, loop, recwarn):
    loop.call(history.take_async, TIMEOUT).close()
    collect()
    assert not recwarn.list


def test_an_exception_that_is_thrown_in_first_ends_it(history, loop):
    made = loop.call(history.take_async, TIMEOUT)
    with pytest.raises(ZeroDivisionError):
        made.throw(ZeroDivisionError())
    assert history.guard.tasks == []


# Races of a loop and threads.

def test_each_request_is_taken_once_by_tasks_that_may_be_cancelled(history, loop):
    code = defined('''
        import asyncio

        async def take_all(history, count):
            """Take so many requests; every second take has a short time."""
            taken, index = [], 0
            while len(taken) < count:
                index += 1
                task = asyncio.ensure_future(history.take_async(20))
                if index % 2:
                    await asyncio.sleep(0.0001 * (index % 7))
                    task.cancel()
                try:
                    taken.append(await task)
                except asyncio.CancelledError:
                    pass
            return taken
        ''')
    names = ['/%d' % n for n in range(400)]
    thread = threading.Thread(target=lambda: history.come(*names))
    task = loop.task(code.take_all, history, len(names))
    thread.start()
    assert paths(loop.result(task)) == names
    thread.join()
    assert history.guard.tasks == []


def test_threads_and_loops_take_each_request_once(history):
    code = defined('''
        import asyncio

        async def take_all(history, count):
            # In Python 3.6 the order in which `gather` makes tasks is none.
            tasks = [asyncio.ensure_future(history.take_async(20)) for _ in range(count)]
            return await asyncio.gather(*tasks)
        ''')

    def take(kind):
        if kind == 'thread':
            return [history.take(20) for _ in range(50)]
        with Loop() as loop:
            return loop.result(loop.task(code.take_all, history, 50))

    names = ['/%d' % n for n in range(200)]
    thread = threading.Thread(target=lambda: history.come(*names))
    thread.start()
    taken = in_threads(take, ['thread', 'loop', 'thread', 'loop'], 4)
    thread.join()
    assert sorted(paths(sum(taken, []))) == sorted(names)
    # Each has got them in their order.
    order = {name: n for n, name in enumerate(names)}
    for each in taken:
        numbers = [order[path(request)] for request in each]
        assert numbers == sorted(numbers)
    eventually(lambda: history.guard.tasks == [])
