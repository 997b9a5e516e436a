# -*- coding: utf-8 -*-
"""Takes from this process what Windows lacks, and makes sockets refuse what Windows refuses.

It is for processes that a test starts, and comes before the package is imported, which looks at
what is there at that time. With ``-p support.windows`` pytest does it first of all.
"""
import errno
import importlib
import os
import signal
import socket
import sys

__all__ = ['EXCLUSIVE', 'LISTENING']

#: These import some of `MODULES`, because on this system they are there.
EARLIER = ['asyncio', 'multiprocessing.util', 'subprocess', 'tempfile']

MODULES = ['fcntl', 'grp', 'pty', 'pwd', 'resource', 'termios', 'tty']

NAMES = [
    (os, 'chown fork forkpty geteuid getgid getpgid killpg mkfifo openpty setsid WNOHANG'),
    (signal, 'ITIMER_REAL SIGALRM SIGCHLD SIGHUP SIGKILL SIGQUIT SIGUSR1 SIGUSR2 alarm pause '
             'pthread_kill pthread_sigmask setitimer SIG_BLOCK SIG_SETMASK sigwait'),
    (socket, 'AF_UNIX SCM_RIGHTS SO_REUSEPORT'),
]

#: Stands for the option of Windows: one that does no harm, and that can be read again.
EXCLUSIVE = socket.SO_KEEPALIVE

LISTENING = getattr(socket, 'SO_ACCEPTCONN', 30)        # Python 2 does not name it


def _take_away():
    for name in EARLIER:
        try:
            importlib.import_module(name)
        except ImportError:
            # Python 2 has no asyncio.
            pass
    for name in MODULES:
        sys.modules[name] = None
    for module, names in NAMES:
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    if not hasattr(socket, 'dup'):
        # Python 2 has `fromfd`, but not on Windows.
        del socket.fromfd
    socket.SO_EXCLUSIVEADDRUSE = EXCLUSIVE


def _refusing(name, is_refused):
    """Make the method *name* of sockets raise if ``is_refused(socket, argument)``."""
    original = getattr(socket.socket, name)

    def method(self, argument):
        if is_refused(self, argument):
            raise socket.error(errno.EADDRNOTAVAIL, 'as on Windows')
        return original(self, argument)
    setattr(socket.socket, name, method)


_take_away()
_refusing('connect', lambda self, address: address[0] in ('0.0.0.0', '::'))
_refusing('shutdown', lambda self, how: self.getsockopt(socket.SOL_SOCKET, LISTENING))
