# -*- coding: utf-8 -*-
"""What users see of an object is what the API reference documents, and nothing else."""
import glob
import io
import os
import re

import pytest
from six.moves import BaseHTTPServer
from six.moves.urllib.request import ProxyHandler, build_opener

import httptestserver
import httptestserver.pytest_plugin
from httptestserver import Failure, Handler, Tunnel, http_server
from httptestserver.recording.absence import KEYS
from httptestserver.recording.criteria import CRITERIA
from httptestserver.scripting.vocabulary import VOCABULARY

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, 'docs')


@pytest.fixture(scope='module')
def reference():
    pages = []
    for path in sorted(glob.glob(os.path.join(DOCS, 'reference', '*.rst'))):
        with io.open(path, encoding='utf-8') as text:
            pages.append(text.read())
    return u'\n'.join(pages)


@pytest.fixture(scope='module')
def server():
    with http_server() as server:
        server.route('POST', '/')
        build_opener(ProxyHandler({})).open(server.url(), data=b'x=1').close()
        yield server


def public(thing, *bases):
    """Return the public names of *thing* that none of *bases* has."""
    return {name for name in dir(thing) if not name.startswith('_')
            }.difference(*[dir(base) for base in bases])


def section(reference, name):
    """Return the indented lines below the ``autoclass`` directive of the class *name*."""
    found = re.search(r'^\.\. autoclass:: [\w.]*\b%s(\(.*\))?\n((   .*)?\n)+' % name, reference,
                      re.MULTILINE)
    assert found, 'the reference has no class %s' % name
    return found.group()


def documented(reference, name):
    """Return the names of the members that the reference documents of the class *name*."""
    text = section(reference, name)
    listed = re.search(r':members:((?:.*,\n)*.*)', text)
    names = re.findall(r'\w+', listed.group(1)) if listed and ':no-members:' not in text else []
    names += re.findall(r'^   \.\. (?:auto)?(?:attribute|method|property):: (\w+)', text,
                        re.MULTILINE)
    borrowed = re.search(r'^   As in `\w+`[^:]*:((?:.*,\n)*.*)', text, re.MULTILINE)
    return set(names + (re.findall(r'``(\w+)``', borrowed.group(1)) if borrowed else []))


@pytest.mark.parametrize('text, names', [
    ('.. autoclass:: a.b.Name\n   :members: one, two,\n             three\n\ntext',
     'one two three'),
    ('.. autoclass:: Name()\n   :no-members:\n\n.. autoclass:: Other\n   :members: one\n', ''),
    ('.. autoclass:: Name\n\n   .. attribute:: one\n      :value: {}\n\n   .. automethod:: two\n',
     'one two'),
    ('.. autoclass:: Name\n   :members: one\n\n   As in `Other`, for it: ``two``,\n   ``three``.\n'
     '\nMore ``text``.\n', 'one two three'),
])
def test_members_are_found_however_they_are_listed(text, names):
    assert documented(text, 'Name') == set(names.split())


def test_a_server_has_what_is_documented(server, reference):
    assert public(server, object) == documented(reference, 'Server')


def test_a_route_has_what_is_documented(server, reference):
    assert public(server.route(), object) == documented(reference, 'Route')


def test_a_stream_has_what_is_documented(server, reference):
    assert public(server.stream(), object) == documented(reference, 'Stream')


def test_data_has_what_is_documented(server, reference):
    assert public(server.data, dict) == documented(reference, 'Data')


def test_a_recorded_request_has_what_is_documented(server, reference):
    # The keys, which are attributes too, have a table of their own.
    request = server.history[-1]
    assert public(request, dict) - set(request) == documented(reference, 'RecordedRequest')


def test_a_failure_has_what_is_documented(reference):
    assert public(Failure, tuple) == documented(reference, 'Failure')


def test_a_tunnel_has_what_is_documented(reference):
    assert public(Tunnel, tuple) == documented(reference, 'Tunnel')


def test_a_handler_has_what_is_documented(reference):
    # Python 2's BaseHTTPRequestHandler lacks two methods of Python 3's.
    standard = set(dir(BaseHTTPServer.BaseHTTPRequestHandler))
    standard |= {'flush_headers', 'send_response_only'}
    # The chapter on handlers describes methods such as do_GET together.
    names = {name for name in public(Handler) - standard if not name.startswith('do_')}
    assert names == documented(reference, 'Handler') - standard


def test_an_entry_has_the_keys_that_are_documented(server, reference):
    table = reference[reference.index('.. _history-keys:'):].partition('.. autoclass::')[0]
    keys = {key for row in re.findall(r'^   \* - (``.*)', table, re.MULTILINE)
            for key in re.findall(r'``(\w+)``', row)}
    absent = {'body_discarded', 'response_fault', 'response_fault_at', 'response_raw',
              'response_trailers', 'response_informational'}
    assert set(server.history[-1]) == keys - absent
    assert keys == set(KEYS)


# Examples.

CLASSES = ['Server', 'Route', 'Data', 'Stream', 'RecordedRequest', 'Failure', 'Tunnel',
           'Handler',
           'HttpServerTest', 'HttpsServerTest']


def examples(reference):
    """Return the code that the reference shows: its sessions, and the files that it includes."""
    code = re.findall(r'^ *(?:>>>|\.\.\.) (.*)', reference, re.MULTILINE)
    for path in re.findall(r'literalinclude:: \.\./(\S+\.py)', reference):
        with io.open(os.path.join(DOCS, path), encoding='utf-8') as text:
            code.append(text.read())
    return u'\n'.join(code)


@pytest.mark.parametrize('name', CLASSES)
def test_each_documented_member_has_an_example(reference, name):
    code = examples(reference)
    members = documented(reference, name)
    assert [each for each in sorted(members) if not re.search(r'\b%s\b' % each, code)] == []


@pytest.mark.parametrize('names', [
    httptestserver.__all__, httptestserver.pytest_plugin.__all__, sorted(VOCABULARY), CRITERIA],
    ids=['package', 'fixtures', 'keys', 'criteria'])
def test_each_name_and_key_has_an_example(reference, names):
    code = examples(reference)
    assert [each for each in names if not re.search(r'\b%s\b' % each, code)] == []
