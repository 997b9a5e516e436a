# -*- coding: utf-8 -*-
"""Each step of the tutorial does what the tutorial says.

A step is a version of the client. The tests so far pass with it, and the next test fails, so a
reader sees why the next version is needed.
"""
import io
import os
import re
import sys

import pytest
# Samples would get another copy each, because pytester forgets what they import.
import requests     # noqa: F401

from support.processes import TESTS, inner_pytest

pytest_plugins = 'pytester'

EXAMPLES = os.path.join(TESTS, 'examples')

#: The client of each step, and how many tests pass with it.
STEPS = [('tutorial/users_1.py', 1), ('tutorial/users_2.py', 3), ('tutorial/users_3.py', 4),
         ('users.py', 7)]

#: What differs between two runs, or two releases of Python, pytest and requests.
VOLATILE = [(r'127[.]0[.]0[.]1:\d+', '127.0.0.1:PORT'),
            (r'\S*site-packages/', 'PACKAGES/'),
            (r'(PACKAGES/\S+[.]py):\d+', r'\1'),
            (r' in [\d.]+s.*', ''),
            (r'^[.F]+ +\[.*', ''),
            (r'^ *\^+$', ''),
            (r'^FAILED .*', 'FAILED'),
            (r'-{4,}|={4,}|_{4,}', '')]


def text(name):
    """Return the text of a file, without the line for Python 2, which a reader does not see."""
    with io.open(os.path.join(EXAMPLES, name), encoding='utf-8') as opened:
        return opened.read().replace(u'# -*- coding: utf-8 -*-\n', u'')


def first_tests(count):
    """Return the module of the tests, cut after *count* of them."""
    return u'\n\n\ndef '.join(text('test_users.py').split(u'\n\n\ndef ')[:count + 1])


@pytest.fixture
def run(testdir, request, monkeypatch):
    # The modules of that name which the tests of the examples have imported.
    for module in ('users', 'test_users'):
        monkeypatch.delitem(sys.modules, module, raising=False)
    # In a continuous integration pytest shows the lines of its summary whole.
    for name in ('CI', 'BUILD_NUMBER'):
        monkeypatch.delenv(name, raising=False)

    def run(client, tests, *options):
        """Run *tests* with *client*, both the texts of a module; return the result."""
        testdir.tmpdir.join('users.py').write_text(client, 'utf-8')
        testdir.tmpdir.join('test_users.py').write_text(tests, 'utf-8')
        return testdir.runpytest_inprocess(
            *inner_pytest(request.config) + ['-q', '--tb=short'] + list(options))
    return run


@pytest.mark.parametrize('client, passed', STEPS)
def test_with_each_client_the_tests_so_far_pass_and_the_next_fails(client, passed, run):
    total = STEPS[-1][1]
    result = run(text(client), first_tests(passed + 1))
    result.assert_outcomes(passed=passed, failed=int(passed < total))


def lines(output):
    """Return the lines of *output* without what is different in each run."""
    for pattern, stable in VOLATILE:
        output = re.sub(pattern, stable, output, flags=re.MULTILINE)
    return [line.strip() for line in output.splitlines() if line.strip()]


needs_newer_pytest = pytest.mark.skipif(
    sys.version_info < (3, 7), reason='older releases of pytest print other reports')


@needs_newer_pytest
def test_the_report_of_a_service_that_is_busy_is_the_one_that_is_shown(run):
    result = run(text('tutorial/users_1.py'), first_tests(2))
    assert lines(result.stdout.str()) == lines(text('tutorial/busy.txt'))


@needs_newer_pytest
def test_the_report_of_a_field_that_is_missing_is_the_one_that_is_shown(run):
    client = re.sub(r',\n +headers=[^\n]+', ')', text('users.py'))
    result = run(client, first_tests(7))
    assert lines(result.stdout.str()) == lines(text('tutorial/field.txt'))
