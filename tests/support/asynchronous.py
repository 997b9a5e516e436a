# -*- coding: utf-8 -*-
"""Code with the syntax of Python 3, in modules that Python 2 reads too, and loops for it."""
import textwrap

import pytest
from six import exec_

try:
    import asyncio
except ImportError:
    # Python 2 has none.
    asyncio = None

__all__ = ['Loop', 'defined']


class Defined(object):
    """The names that a piece of source code has defined, as attributes."""

    def __init__(self, names):
        self.__dict__.update(names)


def defined(source, **names):
    """Return what *source* defines, as attributes. Skips the test on a Python that cannot read it.

    :param names: what *source* may use.
    """
    try:
        code = compile(textwrap.dedent(source), '<asynchronous>', 'exec')
    except SyntaxError:
        pytest.skip('this Python has no async def')
    exec_(code, names)
    return Defined(names)


class Loop(object):
    """An event loop that runs only in these methods, step by step; a context manager.

    Skips the test on a Python without asyncio.
    """

    def __init__(self):
        if asyncio is None:
            pytest.skip('this Python has no asyncio')
        self.loop = asyncio.new_event_loop()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if not self.loop.is_closed():
            self.loop.close()

    def call(self, function, *args, **kws):
        """Return what a call in the loop returns, or raise what it raises."""
        result = asyncio.Future(loop=self.loop)

        def run():
            try:
                result.set_result(function(*args, **kws))
            except KeyboardInterrupt:
                # It ends the loop, which takes no notice of one in a future.
                raise
            except BaseException as error:
                result.set_exception(error)

        self.loop.call_soon(run)
        return self.loop.run_until_complete(result)

    def task(self, function, *args, **kws):
        """Return a new task for the awaitable that a call in the loop returns. It begins later."""
        return self.call(lambda: asyncio.ensure_future(function(*args, **kws), loop=self.loop))

    def begun(self, function, *args, **kws):
        """Return such a task, which waits by now or has ended."""
        task = self.task(function, *args, **kws)
        self.turn()
        return task

    def turn(self):
        """Run what is ready now, and nothing of what becomes ready by that."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def result(self, task):
        """Run until *task* has ended, and return its result or raise its exception."""
        return self.loop.run_until_complete(task)
