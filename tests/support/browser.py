# -*- coding: utf-8 -*-
"""A browser without a window."""
import contextlib
import os
import signal
import subprocess

from support import installed

__all__ = ['chromium']


@contextlib.contextmanager
def chromium(home, url):
    """Run a Chromium of its own that opens *url*, and reaches no host but this one."""
    process = subprocess.Popen(
        [installed.program('chromium'), '--headless', '--no-sandbox', '--disable-gpu',
         '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--no-proxy-server',
         '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
         '--window-size=1500,1000', '--user-data-dir=%s' % home.join('profile'),
         # Without a port for a debugger it prints the page and ends.
         '--remote-debugging-port=0', url],
        env=dict(os.environ, HOME=str(home)), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
