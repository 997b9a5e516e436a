# -*- coding: utf-8 -*-
"""What CONTRIBUTING and the settings of the repository's host say is true.

``tox -e lint`` checks the form of the settings. Here it is what they name.
"""
import io
import os
import re
import subprocess
import sys

import pytest
from six.moves import configparser

from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import FAULTS, VOCABULARY
from support.processes import TESTS

ROOT = os.path.dirname(TESTS)

pytestmark = pytest.mark.skipif(not os.path.isdir(os.path.join(ROOT, '.github')),
                                reason='an sdist has no folder .github')


def text(*path):
    with io.open(os.path.join(ROOT, *path), encoding='utf-8') as opened:
        return opened.read()


@pytest.fixture(scope='module')
def contributing():
    return text('.github', 'CONTRIBUTING.rst')


@pytest.fixture(scope='module')
def workflow():
    return text('.github', 'workflows', 'ci.yml')


@pytest.fixture(scope='module')
def tox():
    """The settings of tox."""
    parser = configparser.RawConfigParser()
    parser.read(os.path.join(ROOT, 'tox.ini'))
    return parser


def environments(tox):
    return re.findall(r'[\w]+', tox.get('tox', 'envlist'))


def literals(part):
    """Return what *part* has in double backticks."""
    return re.findall('``([^`]+)``', part)


def section(document, title):
    """Return the text below *title*, up to the next title."""
    rest = re.split(r'(?:^|\n)%s\n[-~=]+\n' % re.escape(title), document)[1]
    return re.split(r'\n\n[^\n]+\n[-~=]{3,}\n\n', rest)[0]


def first_cells(document, heading):
    """Return the first cells of the rows of the simple table that begins with *heading*."""
    table = re.split(r'\n=+ =[= ]*\n%s [^\n]*\n=+ =[= ]*\n' % heading, document)[1]
    rows = re.split(r'\n=+ =[= ]*\n', table)[0].split('\n')
    return [re.split('  +', row)[0] for row in rows if row and row[0] != ' ']


# Commands.

def test_the_commands_name_what_is_there(contributing, tox):
    blocks = re.findall(r'::\n\n((?:    .*\n|\n)+)', contributing)
    commands = [line.strip() for block in blocks for line in block.splitlines() if line.strip()]
    assert 'python -m pip install -e ".[test]" && python -m pytest' in commands
    assert "'test': TEST" in text('setup.py')
    paths = [word for command in commands for word in command.split()
             if word.startswith('tests/') or word.endswith('.txt')]
    assert paths and [path for path in paths
                      if not os.path.exists(os.path.join(ROOT, path))] == []
    marks = set(re.findall('-m "not ([a-z]+)"', contributing))
    assert marks == {'thorough'} and '\nthorough:' in tox.get('pytest', 'markers')


def test_the_environments_of_tox_are_listed(contributing, tox):
    listed = [literals(cell)[0] for cell in first_cells(contributing, 'environment')]
    others = [name for name in environments(tox) if not re.match(r'py\d', name)]
    named = [name for name in listed if not re.match(r'py\d', name)]
    assert sorted(named) == sorted(others + ['coverage'])
    assert [name for name in set(re.findall(r'tox -e (\w+)', contributing))
            if name not in environments(tox)] == []


def test_the_programs_that_a_ci_installs_are_listed(contributing):
    wanted = re.search(r"<<'LIST'\n(.*?)\nLIST\n", text('.ci', 'run'), re.DOTALL).group(1)
    programs = {line.split()[0] for line in wanted.splitlines()} - {'debootstrap'}
    assert len(programs) > 5 and programs <= set(literals(contributing))


# Files.

def test_the_map_has_the_folders_of_the_tests(contributing):
    folders = {name for name in os.listdir(TESTS) if os.path.isdir(os.path.join(TESTS, name))
               and not name.startswith(('.', '_'))}
    assert [literals(cell)[0] for cell in first_cells(contributing, 'folder')] == sorted(
        folders, key=['unit', 'api', 'promises', 'clients', 'project', 'examples',
                      'support'].index)


def test_no_two_files_of_tests_have_the_same_name():
    """pytest imports each by its bare name, because their folders are no packages."""
    names = []
    for folder, folders, files in os.walk(TESTS):
        # Another run has the tests of programs: `norecursedirs`.
        folders[:] = [name for name in folders if name != 'end_to_end']
        names += [name for name in files if name.startswith('test_')]
    assert len(names) > 100
    assert [name for name in sorted(set(names)) if names.count(name) > 1] == []


def test_every_test_of_a_proxy_has_the_guard_of_the_network():
    pattern = r"server?\(.*proxy=True|Proxy\('--proxy'|def test_\w+\(.*\bhttp_proxy\b"
    found = [path for path in sources_of_tests() if re.search(pattern, text(path))]
    assert len(found) >= 8
    guards = r"'guard'|support\.guarded|loopback_only|machine\b"
    # The examples have it by their conftest.py.
    assert [path for path in found if os.path.basename(os.path.dirname(path)) != 'examples'
            and not re.search(guards, text(path))] == []


def sources_of_tests():
    return [os.path.join(folder, name) for folder, _, names in os.walk(TESTS) for name in names
            if name.startswith('test_') and name.endswith('.py')]


def test_every_path_leads_somewhere(contributing):
    paths = [name for name in literals(contributing) if re.match(r'[.\w]+/[\w./]+$', name)]
    assert len(paths) > 40
    assert [path for path in paths if path != 'docs/build/html'
            and not os.path.exists(os.path.join(ROOT, path))] == []


@pytest.mark.parametrize('name', ['SECURITY.md', 'CONTRIBUTING.rst'])
def test_links_lead_to_files(name):
    links = re.findall(r'\]\(([^)]+)\)', text('.github', name))
    assert [link for link in links
            if not os.path.exists(os.path.join(ROOT, '.github', link))] == []


def steps(contributing, title):
    """Yield for each numbered step its files and the identifiers that it mentions."""
    for step in re.split(r'\n\d\. ', section(contributing, title))[1:]:
        names = literals(step.split('\n\n')[0])
        yield ([name for name in names if '/' in name],
               [name for name in names if re.match(r'_?[A-Z]\w*$|[a-z_]{5,}$', name)])


RECIPES = [('How to add a key of a response', 'response_trailers'),
           ('How to add a criterion of a route', 'cookies'), ('How to add a fault', 'stall')]


@pytest.mark.parametrize('title, example', RECIPES)
def test_each_file_of_a_recipe_has_its_example(contributing, title, example):
    assert literals(section(contributing, title))[0].strip("'") == example
    files = [path for paths, _ in steps(contributing, title) for path in paths]
    assert len(files) > 8
    # The code behind the script has the name without its prefix.
    word = re.compile(r'(\b|_)%s\b' % example.replace('response_', ''))
    assert [path for path in files if not word.search(text(path))] == []


@pytest.mark.parametrize('title', [title for title, _ in RECIPES])
def test_each_name_of_a_recipe_is_in_its_file(contributing, title):
    for paths, names in steps(contributing, title):
        together = '\n'.join([text(path) for path in paths])
        assert [name for name in names if not re.search(r'\b%s\b' % name, together)
                and name not in ('versionadded', 'stop')] == [], paths


def holding(folder, names):
    """Return the files below *folder* that have every one of *names*."""
    for path, _, files in os.walk(os.path.join(ROOT, folder)):
        for each in files:
            relative = os.path.relpath(os.path.join(path, each), ROOT).replace(os.sep, '/')
            if each.endswith(('.py', '.pyi')):
                content = text(relative)
                if all([re.search(r'\b%s\b' % name, content) for name in names]):
                    yield relative


@pytest.mark.parametrize('title, names, folders', [
    (RECIPES[0][0], sorted(VOCABULARY), ['httptestserver', 'tests']),
    (RECIPES[1][0], CRITERIA, ['httptestserver']), (RECIPES[2][0], FAULTS, ['httptestserver'])],
    ids=['key', 'criterion', 'fault'])
def test_a_recipe_has_every_file_that_lists_all(contributing, title, names, folders):
    named = set(literals(section(contributing, title)))
    found = {path for folder in folders for path in holding(folder, names)}
    assert len(found) > 2 and found - named == set()


# The workflow.

def test_linux_runs_what_a_contributor_runs(workflow):
    assert re.findall(r'^ +run: (\.ci\S+)$', workflow, re.MULTILINE) == ['.ci/run']
    assert os.access(os.path.join(ROOT, '.ci', 'run'), os.X_OK)


def test_linux_has_every_python(workflow, tox):
    given = re.search('PYTHONS: "(.*)"', workflow).group(1).split()
    # These come from a newer Debian, and PyPy from this one.
    newest = re.findall(r'python(3\.\d+)-venv', text('.ci', 'newest'))
    assert len(newest) == 2
    wanted = {name[2] + '.' + name[3:] for name in environments(tox) if re.match(r'py\d', name)}
    assert set(given + newest) == wanted - {'y.3'}


def test_the_other_systems_have_the_newest_python(workflow, tox):
    newest = max([int(name[3:]) for name in environments(tox) if re.match(r'py3\d', name)])
    assert re.findall('python-version: "(.*)"', workflow) == ['3.%d' % newest]
    command, = re.findall(r'run: python -m pytest (.*)', workflow)
    assert command == 'tests/unit tests/api -m "not thorough"'


def test_the_workflow_may_only_read(workflow):
    assert re.findall(r'^permissions:\n((?:  .*\n)+)', workflow, re.MULTILINE) == [
        '  contents: read\n']
    assert workflow.count('permissions:') == 1 and 'secrets' not in workflow
    assert workflow.count('persist-credentials: false') == workflow.count('actions/checkout@')


def test_the_workflow_ends_and_its_actions_have_major_versions(workflow):
    jobs = workflow.partition('\njobs:\n')[2]
    assert (len(re.findall(r'^  \w+:$', jobs, re.MULTILINE))
            == len(re.findall(r'^    timeout-minutes: \d+$', jobs, re.MULTILINE)) == 2)
    used = re.findall(r'uses: (\S+)', workflow)
    assert used and [each for each in used if not re.match(r'actions/[\w-]+@v\d+$', each)] == []


# Settings of other tools.

def test_read_the_docs_installs_what_tox_installs(tox):
    settings = text('.readthedocs.yaml')
    assert 'extra_requirements: [%s]' % tox.get('testenv:docs', 'extras') in settings
    assert "'docs': DOCS" in text('setup.py')
    assert os.path.exists(os.path.join(
        ROOT, re.search('configuration: (.*)', settings).group(1)))
    assert 'fail_on_warning: true' in settings and ' -W ' in text('docs', 'Makefile')


def test_a_commit_is_checked_as_tox_checks_it(tox):
    hooks, lint = text('.pre-commit-config.yaml'), tox.get('testenv:lint', 'deps')
    for each in set(re.findall(r'additional_dependencies: \["(flake8|check-jsonschema)(.*)"\]',
                               hooks)):
        assert ' '.join([each[0], each[1][0], each[1][1:]]) in lint
    folders = re.search(r'files: \^\(([\w|]+)\)/\|\^setup', hooks).group(1).split('|')
    assert 'flake8 %s setup.py' % ' '.join(folders) in tox.get('testenv:lint', 'commands')
    checks = re.findall(r'--builtin-schema \S+', hooks)
    assert sorted(checks) == sorted(re.findall(r'--builtin-schema \S+',
                                               tox.get('testenv:lint', 'commands')))


@pytest.mark.parametrize('variables, urls', [
    ({}, []),
    ({'GITHUB_SERVER_URL': 'http://host', 'GITHUB_REPOSITORY': 'own/name'},
     ['Changes, http://host/own/name/blob/HEAD/CHANGES.rst',
      'Documentation, http://host/own/name/tree/HEAD/docs',
      'Issues, http://host/own/name/issues', 'Source, http://host/own/name'])])
def test_the_links_of_a_package_are_those_of_the_repository_that_builds_it(
        tmpdir, variables, urls):
    pytest.importorskip('setuptools')
    # Measured there, the sources would count beside the package that is installed.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(('COVERAGE_PROCESS_', 'GITHUB_'))}
    subprocess.check_output(
        [sys.executable, 'setup.py', '-q', 'egg_info', '--egg-base', str(tmpdir)], cwd=ROOT,
        stderr=subprocess.STDOUT, env=dict(environment, **variables))
    lines = tmpdir.join('httptestserver.egg-info', 'PKG-INFO').read().splitlines()
    assert sorted([line.partition(': ')[2] for line in lines
                   if line.startswith('Project-URL:')]) == urls
