# -*- coding: utf-8 -*-
"""Code with the syntax of Python 3, in modules that Python 2 reads too."""
import textwrap

import pytest
from six import exec_

__all__ = ['defined']


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
