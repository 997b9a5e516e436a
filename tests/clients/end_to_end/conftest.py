# -*- coding: utf-8 -*-
"""Programs in other languages, each told by lines what to do: the files conversation.*."""
import os
import subprocess

import pytest

from httptestserver import https_server
from support import installed
from support.dialogue import Dialogue
from support.loopback import loopback_only
from support.realhosts import environment_of_a_machine

HERE = os.path.dirname(os.path.abspath(__file__))


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
def machine(tmpdir):
    """The environment of a machine that has a proxy and an authority of its own.

    During the test, this process looks up no host and connects to none but this machine.
    """
    with loopback_only(), https_server() as server:
        yield environment_of_a_machine(tmpdir, server.cafile)
