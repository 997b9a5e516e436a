# -*- coding: utf-8 -*-
"""What may be missing on the machine of a contributor: a test without it is skipped.

A CI has to have all of it, so there, by the environment variable ``CI``, the test fails.
"""
import importlib
import os

import pytest

__all__ = ['module', 'program']


def program(name):
    """Return *name*, the program of which is installed."""
    folders = os.environ['PATH'].split(os.pathsep)
    if not any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders):
        missing = pytest.fail if os.environ.get('CI') else pytest.skip
        missing('%s is not installed' % name)
    return name


def module(name):
    """Return the module *name*; called for a whole test module, it skips all of that."""
    return importlib.import_module(name) if os.environ.get('CI') else pytest.importorskip(name)
