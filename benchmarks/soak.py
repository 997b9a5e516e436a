# -*- coding: utf-8 -*-
"""Serves clients of every kind for a while, and says whether every promise was kept.

    python benchmarks/soak.py [--seconds N] [--seed N]

The exit status is 1 if one was not. README.rst in this folder says what is done, what is checked,
and the reasons of the limits. It runs on Linux, on every Python that the library supports, and
needs only the library.
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

#: How many connections there are at most. Some come or go, so soon more than 200 are open.
CONNECTIONS = 240
#: How many threads the clients have.
THREADS = 20
#: How many requests a history keeps.
LIMIT = 6000
#: How many requests one server gets in a phase in which none may be dropped.
ENOUGH = 4500
#: Seconds after which a waiting test has to have its request.
LATE = 5.0
#: Seconds that stop() may take.
STOPPED = 5.0
#: How many errors are shown.
SHOWN = 40

#: With this, glibc keeps no freed memory for a single thread, so that growth means a leak.
STEADY = {'GLIBC_TUNABLES': 'glibc.malloc.tcache_count=0', 'MALLOC_ARENA_MAX': '1'}


class Watch(logging.Handler):
    """Formats every log record, and keeps those above the level INFO."""

    def __init__(self):
        logging.Handler.__init__(self)
        self.warned = []

    def emit(self, record):
        text = record.getMessage()
        if record.levelno > logging.INFO and ' is busy with ' not in text:
            self.warned.append(text)


class Printed(object):
    """A context in which everything that this process prints goes to a file."""

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
    """Clients of some *sites* for some seconds, and threads that disturb the sites.

    :param enough: how many requests to one site end it early; None for no such limit.
    """

    def __init__(self, sites, seconds, seed, clients, disturbers=(), enough=None):
        self.sites, self.clients, self._enough = sites, clients, enough
        self._end = time.time() + seconds
        # Set when no more clients have to come, and when all of them have left.
        self._over = threading.Event()
        self._left = threading.Event()
        self._threads = [threading.Thread(target=self._serve, args=(random.Random(each),
                                                                    sites[each % len(sites)]))
                         for each in range(seed, seed + THREADS)]
        self._disturbers = [
            threading.Thread(target=self._disturb, args=(each, site, random.Random(seed + 1)))
            for each in disturbers for site in sites]
        # Thread: how many clients it has.
        self.alive = {}

    @property
    def going_on(self):
        """Whether more clients have to come."""
        if time.time() > self._end or self._enough and max(
                site.ledger.issued for site in self.sites) > self._enough:
            self._over.set()
        return not self._over.is_set()

    def run(self):
        """Run the clients; return how many were alive at a time, as a median."""
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
            # One more request wakes the threads that wait for one.
            if site.strict:
                site.ask_once()
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
        """Let a disturber wait; return whether there are still clients to disturb."""
        return not self._left.wait(seconds)


# Each of the following runs in its own thread while clients are served.

def breaking(phase, site, random):
    """Queues faults that end a connection before a request is read."""
    while phase.pause(random.uniform(0.05, 0.3)):
        site.queue_fault(random, ('disconnect', 'reset'))


def observing(phase, site, random):
    """Takes each request as it comes, like a test that waits for it."""
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
    """Resets the server, and scripts it again."""
    while phase.pause(random.uniform(0.02, 0.3)):
        site.server.reset()
        site.script()
        site.count('reset')


def silencing(phase, site, random):
    """Queues faults before a request is read; the stalls last until a reset."""
    while phase.pause(random.uniform(0.02, 0.2)):
        site.queue_fault(random, ('disconnect', 'reset', 'stall'))


def restarting(phase, site, random):
    """Stops the server, and starts it again."""
    while phase.pause(random.uniform(0.1, 0.8)):
        began = time.time()
        site.server.stop()
        if time.time() - began > STOPPED:
            site.complain('stop() took %.1f s' % (time.time() - began))
        start(site.server)
        site.count('restart')


def ending(phase, site, random):
    """Ends the connections that are open."""
    while phase.pause(random.uniform(0.05, 0.4)):
        site.server.close_connections(random.choice(('disconnect', 'reset')))
        site.count('all ended')


def start(server):
    """Start *server*; try again if a client uses its port as its own at that moment."""
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
    """Two pairs of servers, http and https. One pair is never stopped, the other is."""

    def __init__(self, options):
        self._options = options
        self._random = random.Random(options.seed)
        self.gauge = Gauge()
        self.wrong = []
        self.alive, self.lag, self.cycles = [], 0.0, 0
        self.began = time.time()

    def run(self):
        """Serve for the given time, and stop."""
        before = threads(), descriptors()
        servers = [serve(history_limit=LIMIT)
                   for serve in (start_server, start_ssl_server) * 2]
        self.sites = [Site(server, number < 2) for number, server in enumerate(servers)]
        try:
            self._open = descriptors()
            for site in self.sites:
                site.begin_again()
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
        self._phase(restarted, 0.35 * length,
                    (resetting, silencing, restarting, ending), CLIENTS + [stopping])

    def _phase(self, sites, seconds, disturbers, clients=CLIENTS, enough=None):
        phase = Phase(sites, seconds, self._random.randrange(1 << 30), clients, disturbers,
                      enough)
        alive = phase.run()
        # On the other sites connections are ended all the time.
        if sites[0].strict:
            self.alive.append(alive)
        for site in sites:
            self._check(site)

    def _check(self, site):
        """Wait until everything is served, check it, and begin again."""
        if not site.strict:
            # This ends stalled connections, and all threads.
            site.server.stop()
            start(site.server)
        elif not eventually(lambda: descriptors() <= self._open):
            site.complain('%d descriptors are open, not %d' % (descriptors(), self._open))
        self.wrong += site.disagreements(LIMIT)
        self.lag = max(self.lag, site.ledger.lag)
        if site.ledger.lag > LATE:
            self.wrong.append('a waiting test had its request %.1f s late' % site.ledger.lag)
        site.begin_again()
        self._check_that_it_responds(site)

    def _check_that_it_responds(self, site):
        if not site.ask_once():
            self.wrong.append('%s does not respond any more' % site.server.scheme)
        self.wrong += site.disagreements(LIMIT)
        site.begin_again()


def eventually(predicate):
    """Wait until *predicate()* is true; return whether it was in time."""
    end = time.time() + PATIENCE
    while not predicate():
        if time.time() > end:
            return False
        # PyPy closes sockets that were not closed only when they are collected.
        gc.collect()
        time.sleep(0.01)
    return True


def report(soak, options, seconds):
    """Return the lines of the report."""
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
    """Return a list of the promises that were not kept."""
    wrong = list(soak.wrong)
    for name, _, _, growth, limit in soak.gauge.verdicts():
        if growth > limit:
            wrong.append('%s grow by %.0f a minute, over %.0f' % (name, growth, limit))
    wrong += ['logged: ' + text for text in watch.warned[:5]]
    wrong += ['printed: ' + text for text in printed.text.splitlines()[:20]]
    return wrong


def steady():
    """Run this program again if glibc would keep freed memory for each thread.

    That is up to 230 KiB for each of 250 threads, and looks like a leak for an hour.
    """
    if any(name not in os.environ for name in STEADY):
        os.environ.update((str(name), str(value)) for name, value in STEADY.items())
        os.execv(sys.executable, [sys.executable] + sys.argv)


def main():
    steady()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seconds', type=float, default=600.0, help='600 by default')
    parser.add_argument('--seed', type=int, default=1, help='of everything random, 1 by default')
    options = parser.parse_args()
    warnings.simplefilter('always')
    # The ssl module leaves a client's socket open if a reset comes while it is wrapped.
    warnings.filterwarnings('ignore', 'unclosed <ssl.SSLSocket')
    watch = Watch()
    logging.getLogger('httptestserver').addHandler(watch)
    logging.getLogger('httptestserver').setLevel(logging.INFO)
    logging.getLogger('httptestserver').propagate = False
    # Threads switch more often than usual, so that races show sooner.
    getattr(sys, 'setswitchinterval', lambda seconds: sys.setcheckinterval(10))(0.0001)
    began = time.time()
    with Printed() as printed:
        soak = Soak(options)
        soak.run()
        gc.collect()
    wrong = judge(soak, watch, printed)
    print('\n'.join(report(soak, options, time.time() - began)))
    print('\n'.join(['Every promise was kept.'] if not wrong else
                    ['These promises were not kept:'] + ['  ' + line for line in wrong[:SHOWN]]))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
