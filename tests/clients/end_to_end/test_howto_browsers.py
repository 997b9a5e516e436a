# -*- coding: utf-8 -*-
"""A page in a browser, and what the page fetches; here it is Chromium without a driver."""
import os
import subprocess

import pytest

from support import installed

PAGE = """<!doctype html><title>waiting</title><script>
Promise.all([fetch('/data'), fetch('/send', {method: 'POST', body: JSON.stringify({a: 1})})])
    .then(responses => Promise.all(responses.map(each => each.json())))
    .then(values => { document.title = JSON.stringify(values); });
</script>"""


def run(home, program, *options):
    """Return what a program prints that has its own home directory."""
    command = (installed.program(program),) + options
    return subprocess.check_output(command, env=dict(os.environ, HOME=str(home), no_proxy='*'),
                                   stderr=subprocess.DEVNULL, timeout=60).decode('utf-8')


@pytest.fixture(name='home')
def make_home(https_server, tmpdir):
    """A home directory in which Chromium finds that it has to trust the server."""
    folder = tmpdir.ensure('.pki', 'nssdb', dir=True)
    database = 'sql:%s' % folder
    run(tmpdir, 'certutil', '-d', database, '-N', '--empty-password')
    run(tmpdir, 'certutil', '-d', database, '-A', '-t', 'C,,', '-n', 'test',
        '-i', https_server.cafile)
    return tmpdir


def browse(home, url):
    """Return the page as it is when its scripts have run."""
    return run(home, 'chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
               '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync',
               '--user-data-dir=%s' % home.join('profile'), '--virtual-time-budget=20000',
               '--dump-dom', url)


def test_a_page_and_what_it_fetches(https_server, home):
    https_server.route('GET', '/', response_content=PAGE,
                       response_headers={'Content-Type': 'text/html'})
    https_server.route('GET', '/data', response_json=[1, 2])
    https_server.route('POST', '/send', json={'a': 1}, response_json={'got': True})
    https_server.route('GET', '/favicon.ico', response_status=204)
    assert '<title>[[1,2],{"got":true}]</title>' in browse(home, https_server.url('/'))
    https_server.assert_requested('GET', '/data', count=1)
    https_server.assert_requested('POST', '/send', count=1)
