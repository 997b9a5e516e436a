# -*- coding: utf-8 -*-
"""Clients that ask for real host names, what they find, and the environment of a machine."""
import collections
import hashlib
import io
import os
import subprocess
import zipfile

from support import installed
from support.processes import TESTS
from support.waiting import TIMEOUT

__all__ = ['AUTHORITIES', 'USER', 'Row', 'beside', 'environment_of_a_machine', 'fetch',
           'serve_all']

#: What names authorities to a client, or turns a client to the environment.
AUTHORITIES = [
    'AWS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS', 'PIP_CERT',
    'REQUESTS_CA_BUNDLE', 'SSL_CERT_DIR', 'SSL_CERT_FILE', 'WGETRC']

#: What sends requests to a proxy, or past it.
PROXIES = ['ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

USER = 'https://api.example.com/users/7'

#: A client: the URL that it asks for, its command, and what it prints.
Row = collections.namedtuple('Row', 'url, command, printed')


def environment_of_a_machine(folder, cafile):
    """Return an environment that has another proxy, another authority, and hosts without a proxy.

    :param folder: a home directory, in which no client finds settings.
    :param cafile: the other authority.
    """
    wgetrc = folder.join('other.wgetrc')
    wgetrc.write('ca_certificate = %s\n' % cafile)
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(('PIP_', 'GIT_', 'AWS_'))}
    environment.update(
        dict.fromkeys(AUTHORITIES, str(cafile)),
        SSL_CERT_DIR=str(folder.ensure('certificates', dir=True)), WGETRC=str(wgetrc),
        # Nothing listens there, so a client that is not intercepted reaches no network.
        HTTP_PROXY='http://127.0.0.1:9', HTTPS_PROXY='http://127.0.0.1:9',
        ALL_PROXY='http://127.0.0.1:9', NO_PROXY='localhost,.example.com,amazonaws.com',
        HOME=str(folder), PIP_CONFIG_FILE=os.devnull, GIT_CONFIG_NOSYSTEM='1',
        AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    environment.update({name.lower(): environment[name] for name in PROXIES})
    return environment


def beside(name):
    """Return the path of a file beside the tests."""
    return os.path.join(TESTS, 'clients', 'end_to_end', name)


def fetch(command, environment):
    """Return the exit code of a command and its output, errors included.

    The test of a program that is missing is skipped.
    """
    if not os.path.isabs(command[0]):
        installed.program(command[0])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=3 * TIMEOUT, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode('utf-8', 'replace')


def serve_all(server):
    """Script what the clients of all rows ask for."""
    server.route('GET', USER, response_json={'name': 'Ada'})
    server.route('GET', USER.replace('https', 'http'), response_json={'name': 'Bob'})
    server.route('GET', 'https://llm.example.com/v1/models/ada',
                 response_json={'id': 'ada', 'object': 'model', 'created': 1, 'owned_by': 'Ada'})
    server.route('POST', 'https://sqs.us-nowhere-1.amazonaws.com/',
                 response_json={'QueueUrls': ['https://sqs.us-nowhere-1.amazonaws.com/1/Ada']})
    # The protocol of git that takes nothing but files.
    server.route('GET', 'https://git.example.com/ada.git/info/refs',
                 response_content='%s\trefs/heads/main\n' % ('7' * 40))
    server.route('GET', 'https://git.example.com/ada.git/HEAD',
                 response_content='ref: refs/heads/main\n')
    package = wheel()
    link = '<a href="/ada-1.0-py3-none-any.whl#sha256=%s">ada-1.0-py3-none-any.whl</a>'
    server.route('GET', 'https://pypi.example.com/simple/ada/',
                 response_content=link % hashlib.sha256(package).hexdigest(),
                 response_headers={'Content-Type': 'text/html'})
    server.route('GET', 'https://pypi.example.com/ada-1.0-py3-none-any.whl',
                 response_content=package)


def wheel():
    """Return the bytes of a Python package without code."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w') as archive:
        archive.writestr('ada-1.0.dist-info/METADATA',
                         'Metadata-Version: 2.1\nName: ada\nVersion: 1.0\n')
        archive.writestr('ada-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nTag: py3-none-any\n')
        archive.writestr('ada-1.0.dist-info/RECORD', '')
    return content.getvalue()
