# -*- coding: utf-8 -*-
"""Serves clients of every kind for a while, and tells whether all that is promised held.

    python benchmarks/soak.py [--seconds N] [--seed N]

The exit status is 1 where something did not. README.rst beside this file says what is done,
what is looked at, and why the limits are what they are. It runs on every Python that the
library does, on Linux, and needs nothing but the library.
"""
from __future__ import unicode_literals

import argparse
import errno
import gc
import logging
import os
import random
import shutil
import socket
import sys
import tempfile
import threading
import time
import warnings

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from gauge import Gauge, descriptors, threads                               # noqa: E402
from httptestserver import start_server, start_ssl_server                   # noqa: E402
from scripted import Site                                                   # noqa: E402
from traffic import CLIENTS, PATIENCE, Visit, stopping                      # noqa: E402

CONNECTIONS = 240       # at most: some come or go, so that over 200 are open before long
THREADS = 20            # of clients
LIMIT = 6000            # requests that a history keeps
ENOUGH = 4500           # requests to one server in a phase in which none may be dropped
LATE = 5.0              # seconds after which a test that waits for a request has to have it
STOPPED = 5.0           # seconds that stop() may take
SHOWN = 40              # lines of what went wrong

#: What has glibc keep nothing that was freed for one thread alone, so that growth means a leak.
STEADY = {'GLIBC_TUNABLES': 'glibc.malloc.tcache_count=0', 'MALLOC_ARENA_MAX': '1'}


class Watch(logging.Handler):
    """Formats all that is logged, and keeps what is more than information."""

    def __init__(self):
        logging.Handler.__init__(self)
        self.warned = []

    def emit(self, record):
        text = record.getMessage()
        if record.levelno > logging.INFO and 'is busy with code of the test' not in text:
            self.warned.append(text)


class Printed(object):
    """A context in which all that this process prints goes to a file, not to its streams."""

    def __enter__(self):
        sys.stdout.flush()
        sys.stderr.flush()
        self._folder = tempfile.mkdtemp()
        self._path = os.path.join(self._folder, 'printed')
        self._kept = [os.dup(1), os.dup(2)]
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(number, 1)
        os.dup2(number, 2)
        os.close(number)
        self.text = ''
        return self

    def __exit__(self, *error):
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in enumerate(self._kept, 1):
            os.dup2(kept, number)
            os.close(kept)
        with open(self._path, 'rb') as printed:
            self.text = printed.read().decode('utf-8', 'replace')
        shutil.rmtree(self._folder)


class Phase(object):
    """Clients of some *sites* for some seconds, and what disturbs these.

    :param enough: how many requests to one site end it early; None for no such limit.
    """

    def __init__(self, sites, seconds, seed, clients, disturbers=(), enough=None):
        self.sites, self.clients, self._enough = sites, clients, enough
        self._end = time.time() + seconds
        self._over = threading.Event()          # no more clients have to come
        self._left = threading.Event()          # all of them have left
        self._threads = [threading.Thread(target=self._serve, args=(random.Random(each),
                                                                    sites[each % len(sites)]))
                         for each in range(seed, seed + THREADS)]
        self._disturbers = [
            threading.Thread(target=self._disturb, args=(each, site, random.Random(seed + 1)))
            for each in disturbers for site in sites]
        self.alive = {}                 # thread: how many clients it has

    @property
    def going_on(self):
        """Whether clients have to come."""
        if time.time() > self._end or self._enough and max(
                site.ledger.issued for site in self.sites) > self._enough:
            self._over.set()
        return not self._over.is_set()

    def run(self):
        """Have the clients come; returns how many were alive at a time in the middle of it."""
        for thread in self._threads + self._disturbers:
            thread.daemon = True
            thread.start()
        alive = []
        while self.going_on:
            time.sleep(0.05)
            alive.append(sum(list(self.alive.values())))
        self._join(self._threads)
        self._left.set()
        for site in self.sites:
            if site.strict:
                site.ask_once()         # wakes those that wait for a request
        self._join(self._disturbers)
        return sorted(alive)[len(alive) // 2] if alive else 0

    def _join(self, threads):
        for thread in threads:
            thread.join(3 * PATIENCE)
            if thread.is_alive():
                self.sites[0].complain('a thread of the clients hangs')

    def _serve(self, random, site):
        slots = [None] * (CONNECTIONS // THREADS)
        while self.going_on:
            index = random.randrange(len(slots))
            if None in slots:
                index = slots.index(None)
                visit = Visit(site, random)
                slots[index] = random.choice(self.clients)(visit), visit
            if not site.step(*slots[index]):
                slots[index] = None
            self.alive[threading.current_thread()] = len(slots) - slots.count(None)
        for client, visit in filter(None, slots):
            client.close()
            visit.leave()

    def _disturb(self, disturber, site, random):
        try:
            disturber(self, site, random)
        except Exception as error:
            site.complain('%s saw %s: %s' % (disturber.__name__, type(error).__name__, error))

    def pause(self, seconds):
        """Wait, for disturbers; returns whether there are still clients to disturb."""
        return not self._left.wait(seconds)


# What goes on beside the clients.

def breaking(phase, site, random):
    """Has connections break off before a request is read."""
    while phase.pause(random.uniform(0.05, 0.3)):
        site.queue_fault(random, ('disconnect', 'reset'))


def observing(phase, site, random):
    """Takes each request as it comes, as a test does that waits for it."""
    taken = []
    while phase.pause(0):
        try:
            entry = site.server.take_request(timeout=2 * LATE)
        except AssertionError:
            continue
        site.ledger.late(time.time() - entry['time'])
        taken.append(entry)
    if len(site.server.history) < LIMIT:
        history = site.server.history[:len(taken)]
        if [id(entry) for entry in history] != [id(entry) for entry in taken]:
            site.complain('requests were not taken in the order of the history')


def resetting(phase, site, random):
    """Resets the server, and scripts it anew."""
    while phase.pause(random.uniform(0.02, 0.3)):
        site.server.reset()
        site.script()
        site.count('reset')


def silencing(phase, site, random):
    """Has connections go silent before a request is read, until a reset."""
    while phase.pause(random.uniform(0.02, 0.2)):
        site.queue_fault(random, ('disconnect', 'reset', 'stall'))


def restarting(phase, site, random):
    """Stops the server, and starts it."""
    while phase.pause(random.uniform(0.1, 0.8)):
        began = time.time()
        site.server.stop()
        if time.time() - began > STOPPED:
            site.complain('stop() took %.1f s' % (time.time() - began))
        start(site.server)
        site.count('restart')


def start(server):
    """Start *server*, again where some client has its port as its own at that moment."""
    for _ in range(100):
        try:
            server.start()
            return
        except socket.error as error:
            if error.errno != errno.EADDRINUSE:
                raise
        time.sleep(0.02)
    server.start()


class Soak(object):
    """Two pairs of servers, http and https: one runs throughout, the other is restarted."""

    def __init__(self, options):
        self._options = options
        self._random = random.Random(options.seed)
        self.gauge = Gauge()
        self.wrong = []
        self.alive, self.lag, self.cycles = [], 0.0, 0
        self.began = time.time()

    def run(self):
        """Serve for the time that was asked for, and stop."""
        before = threads(), descriptors()
        servers = [serve(history_limit=LIMIT)
                   for serve in (start_server, start_ssl_server) * 2]
        self.sites = [Site(server, number < 2) for number, server in enumerate(servers)]
        try:
            self._open = descriptors()
            for site in self.sites:
                site.begin_anew()
            self._cycle_until_the_end()
        finally:
            for server in servers:
                server.stop()
        if not eventually(lambda: threads() <= before[0] and descriptors() <= before[1]):
            self.wrong.append('after stop() %d threads and %d descriptors, before %d and %d' % (
                (threads(), descriptors()) + before))
        self.left = before, (threads(), descriptors())

    def _cycle_until_the_end(self):
        end = self.began + self._options.seconds
        length = max(2.0, min(15.0, self._options.seconds / 10.0))
        while time.time() < end and len(self.wrong) < SHOWN:
            self._cycle(length)
            self.cycles += 1
            if time.time() - self.began > 0.2 * self._options.seconds:
                self.gauge.sample((time.time() - self.began) / 60.0)

    def _cycle(self, length):
        steady, restarted = self.sites[:2], self.sites[2:]
        self._phase(steady, 0.45 * length, (observing, breaking), enough=ENOUGH)
        self._phase(steady, 0.2 * length, (observing,))
        self._phase(restarted, 0.35 * length, (resetting, silencing, restarting),
                    CLIENTS + [stopping])

    def _phase(self, sites, seconds, disturbers, clients=CLIENTS, enough=None):
        phase = Phase(sites, seconds, self._random.randrange(1 << 30), clients, disturbers,
                      enough)
        alive = phase.run()
        if sites[0].strict:             # where connections are not ended all the time
            self.alive.append(alive)
        for site in sites:
            self._settle(site)

    def _settle(self, site):
        """Wait until all is served, look whether it is right, and begin anew."""
        if not site.strict:
            site.server.stop()          # ends what is silent, and starts without threads
            start(site.server)
        elif not eventually(lambda: descriptors() <= self._open):
            site.complain('%d descriptors are open, not %d' % (descriptors(), self._open))
        self.wrong += site.disagreements(LIMIT)
        self.lag = max(self.lag, site.ledger.lag)
        if site.ledger.lag > LATE:
            self.wrong.append('a test that waits had a request %.1f s late' % site.ledger.lag)
        site.begin_anew()
        self._answers_still(site)

    def _answers_still(self, site):
        if not site.ask_once():
            self.wrong.append('%s does not answer any more' % site.server.scheme)
        self.wrong += site.disagreements(LIMIT)
        site.begin_anew()


def eventually(predicate):
    """Wait until *predicate()* holds; returns whether it did in time."""
    end = time.time() + PATIENCE
    while not predicate():
        if time.time() > end:
            return False
        gc.collect()                    # PyPy closes what nobody did
        time.sleep(0.01)
    return True


def report(soak, options, seconds):
    """Return the lines that tell what happened."""
    counts = {}
    for site in soak.sites:
        for what in site.counts:
            counts[what] = counts.get(what, 0) + site.counts[what]
    lines = ['%d s, seed %d, %d cycles, %d connections alive at a time' % (
        seconds, options.seed, soak.cycles, sorted(soak.alive)[len(soak.alive) // 2])]
    lines += ['%-14s %9d' % (what, counts[what]) for what in sorted(counts)]
    for name, begin, end, growth, limit in soak.gauge.verdicts():
        lines.append('%-14s %9.0f at first, %.0f at last, %+.0f a minute (limit %.0f)' % (
            name, begin, end, growth, limit))
    lines.append('%-14s %9.2f s at most, to learn of a request' % ('lag', soak.lag))
    for name, index in (('threads', 0), ('descriptors', 1)):
        lines.append('%-14s %9d before start, %d after stop' % (
            name, soak.left[0][index], soak.left[1][index]))
    return lines


def judge(soak, watch, printed):
    """Return what did not hold, a line each."""
    wrong = list(soak.wrong)
    for name, _, _, growth, limit in soak.gauge.verdicts():
        if growth > limit:
            wrong.append('%s grow by %.0f a minute, over %.0f' % (name, growth, limit))
    wrong += ['logged: ' + text for text in watch.warned[:5]]
    wrong += ['printed: ' + text for text in printed.text.splitlines()[:20]]
    return wrong


def steady():
    """Run this program again where glibc would keep what its threads have freed for each.

    That is up to 230 KiB for each of 250 threads, and looks like a leak for an hour.
    """
    if any(name not in os.environ for name in STEADY):
        os.environ.update((str(name), str(value)) for name, value in STEADY.items())
        os.execv(sys.executable, [sys.executable] + sys.argv)


def main():
    steady()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, default=600.0, help='600 unless told')
    parser.add_argument('--seed', type=int, default=1, help='of all that is random: 1')
    options = parser.parse_args()
    warnings.simplefilter('always')
    # A client's own ssl leaves its socket open where a reset comes while it wraps it.
    warnings.filterwarnings('ignore', 'unclosed <ssl.SSLSocket')
    watch = Watch()
    logging.getLogger('httptestserver').addHandler(watch)
    logging.getLogger('httptestserver').setLevel(logging.INFO)
    logging.getLogger('httptestserver').propagate = False
    # Threads take turns more often than they would, so that races are lost sooner.
    getattr(sys, 'setswitchinterval', lambda seconds: sys.setcheckinterval(10))(0.0001)
    began = time.time()
    with Printed() as printed:
        soak = Soak(options)
        soak.run()
        gc.collect()
    wrong = judge(soak, watch, printed)
    print('\n'.join(report(soak, options, time.time() - began)))
    print('\n'.join(['All of it held.'] if not wrong else
                    ['This did not hold:'] + ['  ' + line for line in wrong[:SHOWN]]))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
