# -*- coding: utf-8 -*-
"""A program that a test talks to: what it is told is a line, and so is what it prints."""
import os
import subprocess
import threading

from six.moves import queue

from support import installed
from support.waiting import TIMEOUT

__all__ = ['Dialogue']


class Dialogue(object):
    """*command*, which runs until the end of a block; it is killed if the block raises.

    It ends by itself when its standard input does. What it prints as errors comes as lines, too.
    """

    def __init__(self, *command, **variables):
        installed.program(command[0])
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, no_proxy='*', **variables))
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.daemon = True
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._process.kill()
        self._process.stdin.close()
        timer = threading.Timer(TIMEOUT, self._process.kill)
        timer.start()
        code = self._process.wait()
        timer.cancel()
        self._reader.join(TIMEOUT)
        self._process.stdout.close()
        assert kind is not None or code == 0, self._left()

    def say(self, line):
        """Tell the program *line*."""
        self._process.stdin.write((line + '\n').encode('utf-8'))
        self._process.stdin.flush()

    def hear(self):
        """Return the next line that the program prints; it has to print one soon."""
        line = self._lines.get(timeout=TIMEOUT)
        assert line is not None, 'the program has ended'
        return line

    def ask(self, line):
        """Tell the program *line*, and return the next line that it prints."""
        self.say(line)
        return self.hear()

    def _read(self):
        for line in iter(self._process.stdout.readline, b''):
            self._lines.put(line.decode('utf-8').rstrip('\r\n'))
        self._lines.put(None)

    def _left(self):
        """Return the lines that nobody has asked for, as they are if the program has failed."""
        return '\n'.join([line for line in iter(self._lines.get, None)])
