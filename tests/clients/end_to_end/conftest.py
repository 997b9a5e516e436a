# -*- coding: utf-8 -*-
"""Programs in other languages, each told by lines what to do: the files conversation.*."""
import contextlib
import io
import os
import subprocess
import sys

import pytest

from httptestserver import https_server
from support import installed
from support.browser import chromium
from support.dialogue import Dialogue
from support.loopback import loopback_only
from support.realhosts import environment_of_a_machine

HERE = os.path.dirname(os.path.abspath(__file__))

# Some examples share a module with those of the other guides.
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(HERE)), 'examples'))

PAGE = """<!doctype html><title>page</title><script>
let reported = Promise.resolve();
// One after the other, so that they come in order.
function report(...values) {
    reported = reported.then(
        () => fetch('/report', {method: 'POST', body: JSON.stringify(values)}));
}
%s
</script>"""


def source(name):
    return os.path.join(HERE, name)


@pytest.fixture
def node():
    with Dialogue('node', source('conversation.js')) as program:
        yield program


@pytest.fixture
def event_source():
    """A Node.js that has `EventSource`, as releases since 20.18 do if they are told to."""
    option = '--experimental-eventsource'
    if subprocess.call([installed.program('node'), option, '-e', ''], stderr=subprocess.DEVNULL):
        pytest.skip('this Node.js has no EventSource')
    with Dialogue('node', '--no-warnings', option, source('conversation.js')) as program:
        yield program


@pytest.fixture(scope='session')
def classes(tmpdir_factory):
    """The folder of what is compiled from Java, once."""
    folder = tmpdir_factory.mktemp('classes')
    subprocess.check_call([installed.program('javac'), '-d', str(folder),
                           source('Client.java'), source('Conversation.java'),
                           source('RealHost.java')])
    return folder


@pytest.fixture
def java(classes):
    # These options halve the time that a short program takes.
    with Dialogue('java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', str(classes),
                  'Conversation') as program:
        yield program


@pytest.fixture(scope='session')
def executables(tmpdir_factory):
    """Return a function that compiles a file of Go and returns the path of the program."""
    folder = tmpdir_factory.mktemp('go')

    def compiled(name):
        path = folder.join(name[:-3])
        if not path.exists():
            subprocess.check_call([installed.program('go'), 'build', '-o', str(path),
                                   source(name)])
        return path

    return compiled


@pytest.fixture(scope='session')
def executable(executables):
    """The path of what is compiled from conversation.go."""
    return executables('conversation.go')


@pytest.fixture
def go(executable):
    with Dialogue(str(executable)) as program:
        yield program


@pytest.fixture
def s3(http_server):
    """A client of boto3 whose object store is the server. Each bucket is a folder of it."""
    boto3, config = installed.module('boto3'), installed.module('botocore.config')
    client = boto3.client(
        's3', endpoint_url=http_server.url(''), region_name='us-east-1',
        aws_access_key_id='key', aws_secret_access_key='secret',
        config=config.Config(s3={'addressing_style': 'path'}, proxies={},
                             retries={'max_attempts': 1}))
    yield client
    client.close()


@pytest.fixture
def parts():
    """The settings with which boto3 downloads an object in parts of 500,000 bytes."""
    transfer = installed.module('boto3.s3.transfer')
    return transfer.TransferConfig(multipart_threshold=500000, multipart_chunksize=500000)


@pytest.fixture
def files():
    """The files of servers, as fsspec and all that builds on it open them."""
    # It keeps one per process otherwise.
    return installed.module('fsspec').filesystem('http', skip_instance_cache=True)


@pytest.fixture(scope='session')
def table():
    """A Parquet file of 200,000 rows, in ten groups, with a small column and a large one."""
    pyarrow, parquet = installed.module('pyarrow'), installed.module('pyarrow.parquet')
    target = io.BytesIO()
    parquet.write_table(
        pyarrow.table({'small': [row % 10 for row in range(200000)],
                       'large': ['text %d' % row for row in range(200000)]}),
        target, row_group_size=20000)
    return target.getvalue()


@pytest.fixture
def machine(tmpdir):
    """The environment of a machine that has a proxy and an authority of its own.

    During the test, this process looks up no host and connects to none but this machine.
    """
    with loopback_only(), https_server() as server:
        yield environment_of_a_machine(tmpdir, server.cafile)


@pytest.fixture(name='page')
def make_page(http_server, tmpdir):
    """Return a context: a page with a script, which yields what returns the next report."""
    reports = http_server.route('POST', '/report', response_status=204)
    http_server.route('GET', '/favicon.ico', response_status=204)

    @contextlib.contextmanager
    def page(script):
        http_server.route('GET', '/', response_content=PAGE % script,
                          response_headers={'Content-Type': 'text/html'})
        with chromium(tmpdir, http_server.url('/')):
            yield lambda: reports.take_request(timeout=60).json()

    return page
