# -*- coding: utf-8 -*-
"""What README and documentation show runs as it is shown.

The ``>>>`` sessions of each file are run in order, and so are its blocks of Python code. They
are written for Python 3; the files in ``tests/examples`` run on every Python by themselves.
"""
import doctest
import glob
import io
import os
import re
import sys
import textwrap

import pytest
# Samples would get another copy each, because pytester forgets what they import.
import requests     # noqa: F401

import httptestserver
from support.processes import TESTS, inner_pytest

pytest_plugins = 'pytester'

ROOT = os.path.dirname(TESTS)
PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__))
DOCS = [os.path.join(ROOT, 'README.rst')] + sorted(
    glob.glob(os.path.join(ROOT, 'docs', '*.rst'))
    + glob.glob(os.path.join(ROOT, 'docs', '*', '*.rst')))
EXAMPLES = sorted(glob.glob(os.path.join(TESTS, 'examples', 'test_*.py')))
BLOCK = re.compile(r'^\.\. code-block:: python\n\n((?:    .*\n|\n)+)', re.M)
LITERAL = re.compile(r'::\n\n((?:    .*\n|\n)+)')

#: Every page that has blocks of Python code, and so a test below that runs them.
README, CHEAT_SHEET = DOCS[0], os.path.join(ROOT, 'docs', 'reference', 'cheat_sheet.rst')

NO_TESTS = 5            # pytest's exit status


def text(path):
    with io.open(path, encoding='utf-8') as opened:
        return opened.read()


python3 = pytest.mark.skipif(sys.version_info < (3,), reason='shown for Python 3')


def blocks(path):
    return [textwrap.dedent(block) for block in BLOCK.findall(text(path))]


WITH_LITERALS = [path for path in DOCS if LITERAL.search(text(path))
                 and re.search('howto|coming|handler', os.path.relpath(path, ROOT))]


@python3
@pytest.mark.parametrize('path', WITH_LITERALS, ids=os.path.basename)
def test_literal_blocks_are_python(path):
    for block in LITERAL.findall(text(path)):
        compile(textwrap.dedent(block), path, 'exec')


#: Parameters that need certificates, and a line of a session with one.
EXTRA = re.compile(r'\b(?:hosts|proxy)=')
NEEDS_EXTRA = re.compile(r'^ *(?:>>>|[.]{3}) .*' + EXTRA.pattern, re.M)


@python3
@pytest.mark.parametrize('path', DOCS, ids=os.path.basename)
def test_sessions_show_what_happens(path):
    if sys.version_info < (3, 8) and NEEDS_EXTRA.search(text(path)):
        pytest.skip('the extra tls needs 3.8')
    failed, _ = doctest.testfile(path, module_relative=False, encoding='utf-8')
    assert not failed


@python3
@pytest.mark.parametrize('number, passed', [(0, 2), (1, 1), (2, 0), (3, 1)])
def test_each_way_of_use_runs(number, passed, testdir, request):
    run_block(blocks(CHEAT_SHEET)[number], passed, testdir, request)


def run_block(block, passed, testdir, request):
    testdir.tmpdir.join('test_shown.py').write_text(block, 'utf-8')
    result = testdir.runpytest_inprocess(*inner_pytest(request.config))
    assert result.ret == (0 if passed else NO_TESTS)
    result.assert_outcomes(passed=passed)


@python3
def test_the_cheat_sheet_runs():
    shown = [block for block in blocks(CHEAT_SHEET)[4:]
             if sys.version_info >= (3, 8) or not EXTRA.search(block)]
    exec(compile('\n'.join(shown), 'cheat sheet', 'exec'), {})


def test_only_these_pages_have_blocks():
    assert [path for path in DOCS if blocks(path)] == [README, CHEAT_SHEET]


def test_the_readme_s_example_has_at_most_15_lines_and_runs_alone(testdir, request):
    example, = blocks(README)
    assert len(example.strip().splitlines()) <= 15
    run_block(example, 1, testdir, request)


def test_the_design_names_every_module():
    design = text(os.path.join(ROOT, 'docs', 'design.rst'))
    folders = [path for path in glob.glob(os.path.join(PACKAGE, '*')) if os.path.isdir(path)]
    modules = [os.path.basename(path)[:-3] for folder in folders
               for path in glob.glob(os.path.join(folder, '[!_]*.py'))]
    assert len(modules) > 20
    # A class has the name of its module, unless there is more in that.
    assert [name for name in modules if not re.search('``%s``' % name, design, re.I)] == []
    tops = [os.path.basename(path) for path in glob.glob(os.path.join(PACKAGE, '[!_]*.py'))]
    assert [name for name in tops if '      %s ' % name not in design] == []


def test_the_readme_fits_two_screens():
    assert len(text(README).splitlines()) <= 90


def test_the_readme_s_first_commands_install_and_serve_and_test():
    commands = [block.strip() for block in LITERAL.findall(text(README))]
    assert commands[:2] == ['python -m pip install . && python -m httptestserver',
                            'python -m pip install -r dev-requirements.txt && tox']


def test_the_readme_s_links_lead_to_files():
    links = re.findall('<([^<>]+)>`_', text(README))
    # An sdist has no folder .github.
    wanted = [link for link in links if os.path.exists(os.path.join(ROOT, link.split('/')[0]))]
    assert len(wanted) > 5
    assert [link for link in wanted if not os.path.exists(os.path.join(ROOT, link))] == []


def test_every_example_is_shown():
    shown = ' '.join([text(path) for path in DOCS])
    assert [path for path in EXAMPLES if os.path.basename(path) not in shown] == []


def rows(title):
    """Return the first cell of each row of the table in the section *title* of the reference."""
    reference = '\n\n'.join([text(path) for path in DOCS if 'reference' in path])
    section = re.split(r'\n\n%s\n-+\n' % title, reference)[1]
    table = re.split(r'\n\n[^\n]+\n[-~]{3,}\n', section)[0]
    return re.findall(r'``(\w+)``', ' '.join(re.findall(r'^   \* - (``.*)$', table, re.M)))


def test_every_key_of_a_response_has_its_row():
    from httptestserver.scripting.response import VOCABULARY

    assert sorted(rows('Keys of a response')) == sorted(VOCABULARY)


def test_every_key_of_a_request_has_its_row():
    from httptestserver import http_server
    from support.client import Client

    with http_server() as server, Client(server) as client:
        client.get()
        keys = set(server.history[0])
        server.enqueue({'response_content': b'ab', 'response_trailers': {'a': 'b'},
                        'response_informational': [(103, {})], 'response_fault': 'disconnect',
                        'response_fault_at': 'end'})
        client.get()                    # reads the interim response
        client.answer()
        keys.update(server.history[1])
    # The first replaces most of them, the second is there if a part of the body is not.
    keys.update(['response_raw', 'body_discarded'])
    assert sorted(rows('Keys of a recorded request')) == sorted(keys)


def test_every_criterion_has_its_row():
    from httptestserver.recording.criteria import CRITERIA

    assert sorted(rows('Criteria of a route')) == sorted(CRITERIA)


def test_the_example_with_a_server_of_the_session_runs(testdir, request):
    folder = os.path.join(TESTS, 'examples', 'session_servers')
    for name in ('conftest.py', 'test_session_servers.py'):
        testdir.tmpdir.join(name).write_text(text(os.path.join(folder, name)), 'utf-8')
    result = testdir.runpytest_inprocess(*inner_pytest(request.config))
    result.assert_outcomes(passed=3)
