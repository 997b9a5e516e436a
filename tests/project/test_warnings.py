# -*- coding: utf-8 -*-
"""Nothing of the package warns, however old or new the Python is."""
import subprocess
import sys
import textwrap

import pytest

from support.processes import SOURCES

#: What a test does with a server, in a process where each warning is an error from the start.
USE = '''
    import sys
    sys.path.insert(0, {sources!r})
    from six.moves import http_client

    import httptestserver
    import httptestserver.__main__
    from httptestserver import https_server, http_server

    def status(server, method, path, body=None):
        if server.cafile:
            client = http_client.HTTPSConnection(
                server.host, server.port, context=server.client_context())
        else:
            client = http_client.HTTPConnection(server.host, server.port)
        client.request(method, path, body)
        response = client.getresponse()
        response.read()
        client.close()
        return response.status

    def failure(function, **criteria):
        try:
            function(**criteria)
        except AssertionError as error:
            return str(error)

    for name in httptestserver.__all__:
        getattr(httptestserver, name)
    for start in (http_server, https_server):
        with start() as server:
            server.route('POST', '/items', json={{'a': 1}}, response_status=201)
            assert status(server, 'POST', '/items', '{{"a": 1}}') == 201
            assert status(server, 'POST', '/items', '{{"a": 2}}') == 404
            server.wait(count=2)
            assert '/items' in failure(server.assert_requested, method='GET', path='/item')
            assert '/items' in failure(server.check)
            assert len(server.har()['log']['entries']) == 2
'''


@pytest.mark.parametrize('warnings', ['error', 'default'])
def test_a_server_is_used_from_import_to_stop_without_a_warning(warnings):
    command = [sys.executable, '-W', warnings, '-c', textwrap.dedent(USE.format(sources=SOURCES))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.communicate()[0].decode('utf-8', 'replace') == ''
    assert process.returncode == 0
