# -*- coding: utf-8 -*-
"""The command line in this process: ``main`` in this thread, and its user in another."""
import sys
import threading

from six.moves import queue

from httptestserver import __main__ as module
from support.waiting import TIMEOUT

__all__ = ['Inside', 'replace']


class Stream(object):
    """Stands for standard output, or for standard error. Another thread waits for its lines."""

    encoding = 'utf-8'

    def __init__(self):
        self._lines = queue.Queue()
        self._part = ''

    def isatty(self):
        return False

    def write(self, text):
        whole, end, self._part = (self._part + text).rpartition('\n')
        for line in whole.split('\n') if end else ():
            self._lines.put(line)

    def flush(self):
        """Lines are there at once."""

    def line(self):
        """Return the next line, and wait for it if need be."""
        return self._lines.get(timeout=TIMEOUT)

    def rest(self):
        """Return a list of the lines that are there."""
        return [self._lines.get() for _ in range(self._lines.qsize())]


class Inside(object):
    """A command line that looks often at a watched script.

    ``out`` and ``err`` are its `Stream` objects, and ``server`` is its server.
    """

    def __init__(self, monkeypatch):
        self.out, self.err = Stream(), Stream()
        self.server = None
        self._outputs = []
        make_output, make_server = module.Output, module.Server

        def output(stream):
            self._outputs.append(make_output(stream))
            return self._outputs[-1]

        def server(*args, **options):
            self.server = make_server(*args, **options)
            return self.server

        monkeypatch.setattr(module, 'Output', output)
        monkeypatch.setattr(module, 'Server', server)
        monkeypatch.setattr(module, 'INTERVAL', 0.01)
        monkeypatch.setattr(module, 'WAKE', 0.01)
        self._monkeypatch = monkeypatch

    def run(self, use, *options):
        """Serve while *use* runs in another thread, and return the exit status.

        :param use: called with this object when the greeting is there. The
            command ends when it returns, unless an option has ended it before.
        """
        errors = []
        # Not before, because pytest sets both for each phase of a test.
        self._monkeypatch.setattr(sys, 'stdout', self.out)
        self._monkeypatch.setattr(sys, 'stderr', self.err)

        def user():
            try:
                greeted = self.err if '--json' in options else self.out
                assert greeted.line().startswith('Serving ')
                while 'curl' not in greeted.line():
                    # A proxy prints variables before the command to try.
                    pass
                use(self)
            except BaseException as error:
                errors.append(error)
            finally:
                self._outputs[0].closed.set()

        thread = threading.Thread(target=user)
        thread.daemon = True
        thread.start()
        status = module.main(list(options))
        thread.join(TIMEOUT)
        assert not thread.is_alive(), 'the user of the command hangs'
        if errors:
            raise errors[0]
        return status


def replace(path, text):
    """Replace a file as editors do: write another one, and rename it."""
    other = path.dirpath().join('new')
    other.write(text)
    other.rename(path)
