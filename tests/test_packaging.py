# -*- coding: utf-8 -*-
"""What is published: the names, the modules and who imports whom, the wheel and the sdist."""
import ast
import email
import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

import httptestserver
from httptestserver import server, testing

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__))

#: Each module, and the siblings that it may import: no line names one that comes after it.
MODULES = [
    ('__init__', ''),
    ('fields', ''),
    ('timing', ''),
    ('tls', ''),
    ('request', 'fields'),
    ('response', 'fields request'),
    ('grammar', 'fields'),
    ('heads', 'fields'),
    ('wire', 'fields grammar response'),
    ('har', '__init__ fields heads request response'),
    ('delivery', 'fields heads response timing wire'),
    ('listener', 'timing'),
    ('matching', 'fields request response'),
    ('report', 'fields matching request response'),
    ('scriptfile', 'fields matching response'),
    ('data', 'response'),
    ('endpoint', 'data fields matching report request response timing'),
    ('service', 'data endpoint fields matching report request response timing'),
    ('handler', 'delivery fields grammar heads request response timing wire'),
    ('server', 'data delivery endpoint fields handler har heads listener request response '
               'service timing tls wire'),
    ('testing', 'server'),
    ('pytest_plugin', 'report server'),
    ('console', 'grammar har report'),
    ('__main__', 'console response scriptfile server service timing'),
]
UNTYPED = ['listener', 'timing']        # nobody outside has anything of theirs in hand
DATA = ['ca.pem', 'py.typed', 'server.pem']
FILES = set(DATA)
FILES.update(name + '.py' for name, _ in MODULES)
FILES.update(name + '.pyi' for name, _ in MODULES if name not in UNTYPED)
SDIST_TOP = {'CHANGES.rst', 'LICENSE', 'MANIFEST.in', 'README.rst', 'dev-requirements.txt',
             'setup.py', 'tox.ini'}
SDIST_FOLDERS = {'benchmarks', 'docs', 'tests'}
GENERATED = shutil.ignore_patterns('.*', '__pycache__', '*.py[co]', 'build')


def test_the_public_names_are_these():
    assert sorted(httptestserver.__all__) == [
        'Failure', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest', 'HttpsTestServer',
        'RecordedRequest', 'Server', 'http_server', 'https_server', 'start_server',
        'start_ssl_server']
    assert sorted(server.__all__) == [
        'Handler', 'Server', 'http_server', 'https_server', 'start_server', 'start_ssl_server']
    assert sorted(testing.__all__) == [
        'HttpServerTest', 'HttpTestServer', 'HttpsServerTest', 'HttpsTestServer']


def test_every_public_name_is_there():
    for module in (httptestserver, server, testing):
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.skipif('TOX_ENV_NAME' not in os.environ, reason='only tox installs the package')
def test_the_tests_run_against_the_installed_package():
    assert PACKAGE.startswith(os.path.abspath(sys.prefix) + os.sep)
    child = subprocess.check_output(
        [sys.executable, '-c', 'import httptestserver; print(httptestserver.__file__)'])
    assert os.path.dirname(os.path.abspath(child.decode().strip())) == PACKAGE


def _siblings(source):
    """Yield the names of the modules of the package that *source* imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = 'httptestserver' if node.level else ''
            module = '.'.join(part for part in (parent, node.module) if part)
            names = [module + '.' + alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split('.') + ['__init__']
            if parts[0] == 'httptestserver':
                yield parts[1] if parts[1] in dict(MODULES) else '__init__'


@pytest.mark.parametrize('source, imported', [
    ('import httptestserver', ['__init__']),
    ('import httptestserver.wire', ['wire']),
    ('import six, httptestserver.tls as t', ['tls']),
    ('from httptestserver import tls, wire', ['tls', 'wire']),
    ('from httptestserver import Server', ['__init__']),
    ('from httptestserver.server import Server', ['server']),
    ('from . import tls', ['tls']),
    ('from .server import Handler, Server', ['server', 'server']),
    ('def late():\n    from httptestserver import wire', ['wire']),
    ('import http.server\nfrom six.moves import http_client', []),
])
def test_imports_are_found_however_they_are_spelled(source, imported):
    assert list(_siblings(source)) == imported


def test_the_imports_point_one_way():
    before = set()
    for name, allowed in MODULES:
        with open(os.path.join(PACKAGE, name + '.py'), 'rb') as source:
            imported = set(_siblings(source.read()))
        assert imported <= set(allowed.split()), '%s.py imports what it may not' % name
        assert imported <= before, '%s.py imports what comes after it' % name
        before.add(name)


def _difference(found, expected):
    """Return a line for each name that only one of the two has."""
    return (['missing: ' + name for name in sorted(expected.difference(found))]
            + ['unexpected: ' + name for name in sorted(set(found) - expected)])


def test_the_installed_package_is_up_to_date():
    """What is unexpected may come from a ``build`` folder of before: delete it."""
    present = [name for name in os.listdir(PACKAGE) if not name.endswith(('.pyc', '__pycache__'))]
    assert _difference(present, FILES) == []


@pytest.fixture(scope='module')
def tree(tmpdir_factory):
    """A copy of the source tree without anything that was generated in it."""
    copy = str(tmpdir_factory.mktemp('tree'))
    for name in SDIST_TOP:
        shutil.copy(os.path.join(ROOT, name), copy)
    for name in SDIST_FOLDERS | {'httptestserver'}:
        shutil.copytree(os.path.join(ROOT, name), os.path.join(copy, name), ignore=GENERATED)
    return copy


@pytest.fixture(scope='module')
def dist(tree):
    """The folder of a wheel and an sdist, built by this Python's setuptools unless given."""
    given = os.environ.get('HTTPTESTSERVER_DIST')
    if given:
        return given
    pytest.importorskip('wheel')
    subprocess.check_output(
        [sys.executable, 'setup.py', '-q', 'sdist', 'bdist_wheel'], cwd=tree,
        stderr=subprocess.STDOUT)
    return os.path.join(tree, 'dist')


def _only(folder, pattern):
    found, = glob.glob(os.path.join(folder, pattern))
    return found


@pytest.fixture
def wheel(dist):
    with zipfile.ZipFile(_only(dist, '*.whl')) as archive:
        yield archive


def _info(archive, name):
    """Return the file *name* of the wheel's dist-info as a message."""
    path = 'httptestserver-%s.dist-info/%s' % (httptestserver.__version__, name)
    return email.message_from_string(archive.read(path).decode('utf-8'))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = [name for name in wheel.namelist() if '.dist-info/' not in name]
    assert _difference(names, {'httptestserver/' + name for name in FILES}) == []
    assert [name for name in wheel.namelist() if name.endswith('LICENSE')]


def test_one_wheel_serves_python_2_and_3(wheel):
    assert wheel.filename.endswith(
        'httptestserver-%s-py2.py3-none-any.whl' % httptestserver.__version__)
    assert _info(wheel, 'WHEEL').get_all('Tag') == ['py2-none-any', 'py3-none-any']


def test_the_metadata_names_the_version_six_and_the_pythons(wheel):
    metadata = _info(wheel, 'METADATA')
    assert metadata['Name'] == 'httptestserver'
    assert metadata['Version'] == httptestserver.__version__
    assert [re.sub('[ ()]', '', line) for line in metadata.get_all('Requires-Dist')] == [
        'six>=1.13']
    assert set(metadata['Requires-Python'].replace(' ', '').split(',')) == {
        '>=2.7', '!=3.0.*', '!=3.1.*', '!=3.2.*', '!=3.3.*'}


def test_pytest_finds_the_plugin_and_the_shell_the_command(wheel):
    assert _info(wheel, 'entry_points.txt').get_payload().split() == [
        '[console_scripts]', 'httptestserver', '=', 'httptestserver.__main__:main',
        '[pytest11]', 'httptestserver', '=', 'httptestserver.pytest_plugin']


def _below(folder):
    """Yield the path of every file below *folder*, with slashes, relative to its parent."""
    for path, _, names in os.walk(folder):
        for name in names:
            relative = os.path.relpath(os.path.join(path, name), os.path.dirname(folder))
            yield relative.replace(os.sep, '/')


def test_the_sdist_holds_what_it_takes_to_build_test_and_document(dist, tree):
    with tarfile.open(_only(dist, '*.tar.gz')) as archive:
        names = [member.name.split('/', 1)[1] for member in archive if member.isfile()]
    generated = ('PKG-INFO', 'setup.cfg')
    names = [name for name in names if name not in generated and '.egg-info/' not in name]
    expected = SDIST_TOP | {'httptestserver/' + name for name in FILES}
    for folder in SDIST_FOLDERS:
        expected.update(_below(os.path.join(tree, folder)))
    assert _difference(names, expected) == []
