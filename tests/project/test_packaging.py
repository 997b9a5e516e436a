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
from support.processes import TESTS, run

ROOT = os.path.dirname(TESTS)
PACKAGE = os.path.dirname(os.path.abspath(httptestserver.__file__))

#: The floors of the package: a module imports from the floors below its own, and a folder's
#: modules also from each other. The package's own module has the version.
FLOORS = [['__init__'], ['waiting', 'wording'], ['temporary'], ['tls'], ['http1'], ['recording'],
          ['scripting'], ['har', 'serving', 'typing'], ['server'],
          ['testing', 'pytest_plugin', 'cli'], ['__main__']]
GENERATED = shutil.ignore_patterns('.*', '__pycache__', '*.py[co]', 'build')
SDIST_TOP = {'CHANGES.rst', 'LICENSE', 'MANIFEST.in', 'README.rst', 'dev-requirements.txt',
             'setup.py', 'tox.ini'}
SDIST_FOLDERS = {'benchmarks', 'docs', 'tests'}


def test_the_public_names_are_these():
    assert sorted(httptestserver.__all__) == [
        'Data', 'Failure', 'Handler', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
        'HttpsTestServer', 'RecordedRequest', 'Route', 'Server', 'Stream', 'Tunnel',
        'http_server', 'https_server', 'start_server', 'start_ssl_server']
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


def _imported(source):
    """Yield the modules of the package that *source* imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in getattr(node, 'names', ()) if hasattr(alias, 'name')]
        if isinstance(node, ast.Import):
            paths = names
        elif isinstance(node, ast.ImportFrom) and not node.level:
            paths = ['%s.%s' % (node.module, name) for name in names]
        else:
            assert not isinstance(node, ast.ImportFrom), 'imports are absolute'
            continue
        for path in paths:
            if path.split('.')[0] == 'httptestserver':
                yield _module_of(path)


def _module_of(path):
    """Return the module of the package that the dotted *path* is, or is in, without its head."""
    parts = path.split('.')[1:]
    while parts and not os.path.exists(os.path.join(PACKAGE, *parts) + '.py'):
        parts.pop()
    return '.'.join(parts) or '__init__'


@pytest.mark.parametrize('source, imported', [
    ('import httptestserver', ['__init__']),
    ('import httptestserver.http1.reader', ['http1.reader']),
    ('import six, httptestserver.tls as t', ['tls']),
    ('from httptestserver import tls, server', ['tls', 'server']),
    ('from httptestserver.http1 import reader', ['http1.reader']),
    ('from httptestserver.http1.reader import Reader', ['http1.reader']),
    ('from httptestserver import Server', ['__init__']),
    ('def late():\n    from httptestserver import tls', ['tls']),
    ('import http.server\nfrom six.moves import http_client', []),
])
def test_imports_are_found_however_they_are_spelled(source, imported):
    assert list(_imported(source)) == imported


def _floor(module):
    return [module.split('.')[0] in floor for floor in FLOORS].index(True)


#: Modules that only some tests need. The last two are of the standard library.
LATE = ['httptestserver.' + name for name in (
    'cli', 'har', 'http1.byteranges', 'http1.conditions', 'http1.intermediary',
    'http1.response_reader', 'http1.upstream', 'recording.awaiting', 'recording.decoding',
    'recording.exact', 'recording.order', 'recording.traffic', 'scripting.destination',
    'scripting.encoding', 'scripting.events', 'scripting.feed', 'scripting.files',
    'scripting.harcontent', 'scripting.hardocument', 'scripting.harentry', 'scripting.proxying',
    'scripting.ranges', 'scripting.replaying', 'scripting.stream', 'serving.authority',
    'serving.environment', 'serving.forwarding', 'serving.proxy', 'temporary'
)] + ['asyncio', 'difflib']


@pytest.mark.skipif(sys.version_info < (3, 7), reason='the package imports all that it names')
def test_what_a_test_does_not_use_is_not_imported():
    output = run('''
        import sys
        from support.client import Client
        from httptestserver import http_server
        with http_server(check=True) as server:
            server.route('GET', '/', response_json={{}})
            with Client(server) as client:
                assert client.get().status == 200
            server.assert_requested('GET', '/')
        print([name for name in {late!r} if name in sys.modules])
    ''', late=LATE)
    assert output.strip() == '[]'


def test_imports_point_one_way():
    imports = {}
    for path in _below(PACKAGE):
        if path.endswith('.py') and path != 'httptestserver/__init__.py':
            module = _module_of(path[:-3].replace('/', '.').replace('.__init__', ''))
            with open(os.path.join(PACKAGE, '..', path), 'rb') as source:
                imports[module] = set(_imported(source.read()))
    wrong = ['%s imports %s' % (module, other) for module in imports for other in imports[module]
             if _floor(other) >= _floor(module)
             and (module.split('.')[0] != other.split('.')[0] or '.' not in module)]
    assert wrong == []
    while imports:
        leaves = [module for module in imports if not imports[module].intersection(imports)]
        assert leaves, 'these import each other: %s' % sorted(imports)
        for module in leaves:
            del imports[module]


def test_stubs_are_of_what_users_touch():
    stubs = {path for path in _below(PACKAGE) if path.endswith('.pyi')}
    # A class has its stub beside its source, where editors look for its docstrings.
    assert stubs == {'httptestserver/%s.pyi' % module for module in (
        '__init__', '__main__', 'har', 'pytest_plugin', 'server', 'testing', 'tls', 'typing',
        'recording/history', 'recording/request', 'recording/tunnel', 'scripting/data',
        'scripting/endpoint', 'scripting/stream', 'serving/handler')}


#: What is private in the standard library, and used all the same: see the comments there. The last
#: one is a public method of named tuples.
FOREIGN = {'_accept', '_headers', '_opener', '_payload', '_sleep', '_sock', '_replace'}


def _private(source):
    """Return the private attributes that *source* looks at in other objects, and has itself."""
    looked, own = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            own.add(node.name)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == '__slots__':
            own.update(ast.literal_eval(node.value))
        if isinstance(node, ast.Attribute) and re.match('_[^_]', node.attr):
            of_self = isinstance(node.value, ast.Name) and node.value.id in ('self', 'cls')
            (own if of_self else looked).add(node.attr)
    return looked, own


def test_no_module_looks_at_what_is_private_to_another():
    """But for `Server._backend`, through which handlers and sessions reach the rest."""
    for path in _below(PACKAGE):
        if path.endswith('.py'):
            with open(os.path.join(PACKAGE, '..', path), 'rb') as source:
                looked, own = _private(source.read())
            assert looked - own - FOREIGN <= {'_backend'}, path


def _difference(found, expected):
    """Return a line for each name that only one of the two has."""
    return (['missing: ' + name for name in sorted(expected.difference(found))]
            + ['unexpected: ' + name for name in sorted(set(found) - expected)])


def test_the_installed_package_is_up_to_date(tree):
    present = [path for path in _below(PACKAGE) if not path.endswith('.pyc')]
    assert _difference(present, set(_below(os.path.join(tree, 'httptestserver')))) == []


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


def test_the_wheel_holds_the_package_and_nothing_else(wheel, tree):
    names = [name for name in wheel.namelist() if '.dist-info/' not in name]
    assert _difference(names, set(_below(os.path.join(tree, 'httptestserver')))) == []
    assert [name for name in wheel.namelist() if name.endswith('LICENSE')]


def test_a_build_leaves_no_folder_from_which_old_modules_get_into_a_wheel(tree, dist):
    assert not os.path.exists(os.path.join(tree, 'build'))


def test_one_wheel_serves_python_2_and_3(wheel):
    assert wheel.filename.endswith(
        'httptestserver-%s-py2.py3-none-any.whl' % httptestserver.__version__)
    assert _info(wheel, 'WHEEL').get_all('Tag') == ['py2-none-any', 'py3-none-any']


def test_the_metadata_names_the_version_six_and_the_pythons(wheel):
    metadata = _info(wheel, 'METADATA')
    assert metadata['Name'] == 'httptestserver'
    assert metadata['Version'] == httptestserver.__version__
    assert [re.sub('[ ()]', '', line) for line in metadata.get_all('Requires-Dist')
            if 'extra ==' not in line] == ['six>=1.13']
    assert sorted(metadata.get_all('Provides-Extra')) == ['docs', 'test', 'tls']
    assert set(metadata['Requires-Python'].replace(' ', '').split(',')) == {
        '>=2.7', '!=3.0.*', '!=3.1.*', '!=3.2.*', '!=3.3.*'}


def test_pytest_finds_the_plugin_and_the_shell_the_command(wheel):
    assert _info(wheel, 'entry_points.txt').get_payload().split() == [
        '[console_scripts]', 'httptestserver', '=', 'httptestserver.__main__:run',
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
    expected = set(SDIST_TOP)
    for folder in SDIST_FOLDERS | {'httptestserver'}:
        expected.update(_below(os.path.join(tree, folder)))
    assert _difference(names, expected) == []
