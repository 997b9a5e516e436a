# -*- coding: utf-8 -*-
"""Interpreters, pytests and programs that a test starts."""
import os
import subprocess
import sys
import textwrap
import threading

import httptestserver
from support.waiting import TIMEOUT

__all__ = ['SOURCES', 'TESTS', 'execute', 'inner_pytest', 'interpreter', 'run', 'succeed']

#: The folder of the package that is tested, and the one of the tests.
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(httptestserver.__file__)))
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def interpreter(code):
    """Return an interpreter that runs *code*, with pipes; a `subprocess.Popen`."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([SOURCES, TESTS]))
    # What is deprecated is a matter of pytest's own imports, and of forks with threads.
    command = [sys.executable, '-W', 'error', '-W', 'ignore::DeprecationWarning', '-c',
               textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(code, expected=0, **values):
    """Run *code* in an interpreter, which has to end soon, with *expected*; return its output."""
    code = textwrap.dedent(code).format(**values) if values else code
    process = interpreter(code)
    timer = threading.Timer(3 * TIMEOUT, process.kill)
    timer.start()
    try:
        output, errors = process.communicate()
    finally:
        timer.cancel()
        timer.join()
    errors = errors.decode('utf-8')
    assert process.returncode == expected, errors
    if not expected:
        assert errors == ''
        return output.decode('utf-8')
    return errors


def inner_pytest(config):
    """Return options of a pytest inside the process of that of *config*: cheap, with the plugin.

    If the tests run from the sources, pytest has not found the plugin by itself.
    """
    # Hypothesis imports itself again at the end of each. If a folder above has settings of pytest,
    # each collection would list that folder, too.
    options = ['-p', 'no:cacheprovider', '-p', 'no:hypothesispytest', '--confcutdir=.']
    if not config.pluginmanager.hasplugin('httptestserver'):
        options += ['-p', 'httptestserver.pytest_plugin']
    return options


def execute(command, stdin=b'', **variables):
    """Run *command* and return its exit code and its output, errors included."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=dict(os.environ, **variables))
    output = process.communicate(stdin)[0].decode('utf-8', 'replace')
    return process.returncode, output


def succeed(*command, **variables):
    """Run *command*, which has to succeed, and return its output."""
    code, output = execute(command, **variables)
    assert code == 0, output
    return output
