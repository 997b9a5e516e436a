# -*- coding: utf-8 -*-
"""Tools that read the package without running it know its public names and their types."""
import glob
import importlib
import io
import os
import re
import subprocess
import sys
import textwrap

import pytest

import httptestserver
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY
from support.client import ask
from support.processes import SOURCES, inner_pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 7), reason='such tools need Python 3.7')

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
#: A block of Python code in the documentation.
BLOCK = re.compile(r'^ *(?:\.\. code-block:: python|.*[^:]::|::)\n\n((?: +.*\n|\n)+)', re.MULTILINE)

EACH_NAME = '''\
"""Imports every public name of the package."""
%s
NAMES = [%s]
'''

#: What no type can express, with the words of the error that refuses it at run time.
REFUSED = {'a path in the place of the method': "did you mean path='/a'?"}

TOOLS = {
    'pylint': ['pylint', '--rcfile=%s' % os.devnull],
    'mypy': ['mypy', '--strict', '--config-file='],
    'pyright': ['pyright', '--pythonpath', sys.executable],
}

#: The stubs are read as on the newest Python by mypy, and as on the oldest typed one by pyright.
PYRIGHT = '{"typeCheckingMode": "strict", "pythonVersion": "3.8"}'


def output_of(tool, folder, *names):
    """Return the output and the exit status of a *tool* that reads the files of *folder*."""
    try:
        importlib.import_module(tool)
    except ImportError:
        pytest.skip('%s is not installed' % tool)
    folder.join('pyrightconfig.json').write(PYRIGHT)
    process = subprocess.Popen(
        [sys.executable, '-m'] + TOOLS[tool] + list(names), cwd=str(folder),
        env=dict(os.environ, PYTHONPATH=SOURCES), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return process.communicate()[0].decode(), process.returncode


def complaints(tool, path):
    """Return the output of a *tool* that does not accept the file at *path*, else nothing."""
    output, status = output_of(tool, path.dirpath(), path.basename)
    return output if status else ''


def text(*names):
    """Return the text of a file of the repository."""
    with io.open(os.path.join(ROOT, *names), encoding='utf-8') as source:
        return source.read()


def stub(name):
    """Return the text of a stub of the package."""
    with io.open(os.path.join(SOURCES, 'httptestserver', name), encoding='utf-8') as source:
        return source.read()


def mistakes():
    """Return a dict of the name of each mistake: the index of its first line, and its lines."""
    found, name = {}, None
    for index, line in enumerate(text('tests', 'project', 'typing', 'mistakes.py').split('\n')):
        marked = re.match(' *# mistake: (.*)', line)
        if marked:
            name = marked.group(1)
            found[name] = index + 1, []
        elif not line:
            name = None
        elif name is not None:
            found[name][1].append(line)
    return found


def missed(output):
    """Return the names of the mistakes of which the *output* of a tool has no error."""
    lines = {int(number) - 1
             for number in re.findall(r'mistakes\.py:(\d+)(?::\d+)?(?: -|:) error', output)}
    return {name for name, (first, block) in mistakes().items()
            if not lines.intersection(range(first, first + len(block)))}


@pytest.mark.parametrize('tool', sorted(TOOLS))
def test_a_tool_knows_every_public_name(tool, tmpdir):
    imports = ['from httptestserver import %s' % name for name in httptestserver.__all__]
    names = ',\n         '.join(httptestserver.__all__)
    each = tmpdir.join('each_name.py')
    each.write(EACH_NAME % ('\n'.join(imports), names))
    assert complaints(tool, each) == ''


@pytest.mark.parametrize('tool', sorted(TOOLS))
def test_a_tool_misses_a_name_that_is_not_there(tool, tmpdir):
    one = tmpdir.join('one_name.py')
    one.write(EACH_NAME % ('from httptestserver import Sever', 'Sever'))
    assert 'Sever' in complaints(tool, one)


@pytest.fixture
def good(tmpdir):
    path = tmpdir.join('test_good.py')
    path.write(text('tests', 'project', 'typing', 'good.py'))
    return path


@pytest.mark.parametrize('tool', ['mypy', 'pyright'])
def test_no_mistake_is_found_in_good_lines(tool, good):
    assert complaints(tool, good) == ''


@pytest.mark.parametrize('tool', ['mypy', 'pyright'])
def test_no_mistake_is_found_in_the_guide(tool, tmpdir):
    path = tmpdir.join('test_howto.py')
    path.write(text('tests', 'project', 'typing', 'howto.py'))
    assert complaints(tool, path) == ''


@pytest.mark.skipif(sys.version_info < (3, 8), reason='its annotations need Python 3.8')
def test_the_good_lines_pass(good, request):
    subprocess.check_call(
        [sys.executable, '-m', 'pytest', '-q', good.basename] + inner_pytest(request.config),
        cwd=good.dirname, env=dict(os.environ, PYTHONPATH=SOURCES))


@pytest.mark.parametrize('tool', ['mypy', 'pyright'])
def test_each_mistake_is_found(tool, tmpdir):
    tmpdir.join('mistakes.py').write(text('tests', 'project', 'typing', 'mistakes.py'))
    output, _ = output_of(tool, tmpdir, 'mistakes.py')
    assert missed(output) <= set(REFUSED), output


@pytest.mark.parametrize('name, words', sorted(REFUSED.items()))
def test_what_no_type_can_express_is_refused_at_run_time(name, words):
    _, block = mistakes()[name]
    with httptestserver.http_server() as server:
        with pytest.raises((TypeError, ValueError)) as refused:
            exec(textwrap.dedent('\n'.join(block)), {'server': server})
    assert words in str(refused.value)


def test_the_stubs_have_every_key():
    typed = set(re.findall(r'^    (response_\w+):', stub('typing.pyi'), re.MULTILINE))
    data = re.findall(r"def __setitem__\([^:]*: Literal\['(response_\w+)'\]",
                      stub('scripting/data.pyi'))
    assert typed == set(data) == set(VOCABULARY)
    # One list for reading, and an overload each for two ways of writing.
    assert {stub('scripting/data.pyi').count("'%s'" % key) for key in VOCABULARY} == {3}


def test_the_stubs_have_every_criterion():
    typed = stub('typing.pyi')
    classes = typed[typed.index('class _BodyAndFields'):typed.index('class _CheckOptions')]
    assert sorted(re.findall(r'^    (\w+):', classes, re.MULTILINE)) == sorted(CRITERIA)


def test_the_stubs_have_every_key_of_a_request():
    source = stub('recording/request.pyi')
    keys = set(re.findall(r"'(\w+)'", source)) - {'RecordedRequest', '_Default'}
    # Each is an attribute too.
    request = source[source.index('class RecordedRequest'):]
    assert keys == set(re.findall(r'^    (\w+): ', request, re.MULTILINE))
    with httptestserver.http_server() as server:
        ask(server)
        assert set(server.history[0]) <= keys


def listed(method, names):
    """Return the lines of the docstring of a *method* that begin with a name, by their names."""
    # From 3.13 on the compiler removes the indentation.
    return dict(re.findall(r'^ *- ``(%s)``: (.+)' % names, method.__doc__, re.MULTILINE))


def test_help_has_a_line_for_every_key_and_criterion():
    enqueue, route = httptestserver.Server.enqueue, httptestserver.Server.route
    keys = listed(enqueue, r'response_\w+')
    assert sorted(keys) == sorted(VOCABULARY)
    assert listed(route, r'response_\w+') == keys
    assert sorted(listed(route, r'(?!response_)\w+')) == sorted(CRITERIA)


def is_python(block):
    try:
        return compile(block, 'block', 'exec')
    except SyntaxError:
        return None


def test_the_examples_neither_miss_a_name_nor_hide_an_import(tmpdir):
    for shown in 'examples/*.py', 'clients/end_to_end/test_howto_*.py':
        for path in glob.glob(os.path.join(ROOT, 'tests', shown)):
            tmpdir.join(os.path.basename(path)).write(text(path))
    for path in [os.path.join(ROOT, 'README.rst')] + glob.glob(
            os.path.join(ROOT, 'docs', '**', '*.rst'), recursive=True):
        for number, block in enumerate(BLOCK.findall(text(path))):
            name = re.sub(r'\W', '_', '%s_%d' % (os.path.relpath(path, ROOT), number)) + '.py'
            if is_python(textwrap.dedent(block)):
                tmpdir.join(name).write_text(textwrap.dedent(block), 'utf-8')
    names = [path.basename for path in tmpdir.listdir('*.py')]
    output, status = output_of(
        'pylint', tmpdir, '--disable=all', '--enable=no-name-in-module,redefined-outer-name',
        *names)
    assert status == 0, output
