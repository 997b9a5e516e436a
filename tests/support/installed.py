# -*- coding: utf-8 -*-
"""What may be missing on the machine of a contributor: a test without it is skipped.

A CI has to have all of it, so there, by the environment variable ``CI``, the test fails.
"""
import importlib
import os

import pytest

__all__ = ['missing', 'module', 'program']


def program(name):
    """Return *name*, the program of which is installed."""
    # On Windows its file has another name.
    files = [os.path.join(folder, file_name) for folder in os.environ['PATH'].split(os.pathsep)
             for file_name in (name, name + '.exe')]
    if not any([os.access(path, os.X_OK) for path in files]):
        missing(name)
    return name


def missing(name):
    """Skip the test that needs *name*; in a CI, fail."""
    end = pytest.fail if os.environ.get('CI') else pytest.skip
    end('%s is not installed' % name)


def module(name):
    """Return the module *name*; called for a whole test module, it skips all of that."""
    return importlib.import_module(name) if os.environ.get('CI') else pytest.importorskip(name)
