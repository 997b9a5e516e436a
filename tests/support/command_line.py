# -*- coding: utf-8 -*-
"""The command line in a process of its own."""
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest
from six.moves import http_client
from six.moves.urllib.parse import urlsplit

from httptestserver import tls
from support.processes import SOURCES, TESTS

__all__ = ['PATIENCE', 'Command', 'JsonCommand', 'shown']

PATIENCE = 30           # seconds until a command that hangs is killed, which fails its test


class Command(object):
    """``python -m httptestserver`` in a process of its own; use as a context."""

    #: What Python runs.
    module = 'httptestserver'

    def __init__(self, *options, **settings):
        folders = [SOURCES, TESTS] + os.environ.get('PYTHONPATH', '').split(os.pathsep)
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(folders))
        # The command flushes each line without it.
        environment.pop('PYTHONUNBUFFERED', None)
        environment.update(settings.get('variables', {}))
        self._terminal = settings.get('output')
        command = [sys.executable, '-W', 'error', '-m', self.module] + list(options)
        self.process = subprocess.Popen(
            settings.get('before', []) + command, env=environment,
            stdout=self._terminal or subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True)
        self._patience = threading.Timer(PATIENCE, self.process.kill)
        self._patience.start()

    def __enter__(self):
        if self._terminal:
            return self
        self.greeting = self.line()
        self.curl = self.line().strip()
        self.url = re.search(r'https?(\+unix)?://\S+', self.greeting).group()
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.result()

    def line(self):
        """Return the next line of the output, '' at its end."""
        return self.process.stdout.readline().rstrip('\n')

    def end(self, number=signal.SIGTERM):
        """Send a signal and return (status, output, errors)."""
        if os.name != 'posix':
            pytest.skip('on Windows a signal ends another process at once')
        self.process.send_signal(number)
        return self.result()

    def result(self):
        streams = [stream for stream in (self.process.stdout, self.process.stderr) if stream]
        try:
            output = [stream.read() for stream in streams if not stream.closed]
            return tuple([self.process.wait()] + output)
        finally:
            self._patience.cancel()
            self._patience.join()
            for stream in streams:
                stream.close()

    def connect(self):
        address = urlsplit(self.url)
        if address.scheme == 'https':
            return http_client.HTTPSConnection(address.hostname, address.port, timeout=PATIENCE,
                                               context=tls.client_context(tls.CAFILE))
        return http_client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)

    def connect_bare(self):
        address = urlsplit(self.url)
        return socket.create_connection((address.hostname, address.port), PATIENCE)

    def request(self, method='GET', target='/', body=None):
        """Return (status, the field values named X-Test, content)."""
        client = self.connect()
        try:
            client.request(method, target, body)
            response = client.getresponse()
            fields = [value for name, value in response.getheaders()
                      if name.lower() == 'x-test']
            return response.status, fields, response.read()
        finally:
            client.close()


class JsonCommand(Command):
    """A command whose greeting is on standard error."""

    def __enter__(self):
        self.greeting = self.process.stderr.readline()
        self.curl = self.process.stderr.readline().strip()
        self.url = re.search(r'https?(\+unix)?://\S+', self.greeting).group()
        return self


def shown(line):
    """Return *line* without its time of day and its duration."""
    match = re.match(r'\d\d:\d\d:\d\d (.*?)(, [0-9.]+ m?s)?$', line)
    assert match, line
    return match.group(1)
