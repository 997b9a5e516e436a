"""Measures httptestserver and its peers side by side and prints the table.

    python benchmarks/run.py [--only NAME] [--rounds N] [--quick] [--full] [--unpinned]
                             [--json FILE]

README.rst in this folder says what the figures mean, and why the comparison is fair.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time

import report
import worker
from measure import Settings
from peers import PEERS
from worker import MEASURES

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    options = parse()
    measures = chosen(options.only)
    results = Results()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for number in range(options.rounds):
            for measure in measures:
                if not (measure.once and number):
                    take_round(measure, number, settings(options), results)
    except KeyboardInterrupt:
        print('Stopped in round %d. These are the figures up to then.\n' % (number + 1))
    print(report.table(results.values, measures, heading(options, results)))
    print(report.targets(results.values))
    for reason in sorted(results.skipped):
        print('Skipped: ' + reason)
    if options.json:
        write(options, results)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--only', action='append', metavar='NAME', default=[],
                        help='measures whose name starts with NAME; may repeat: '
                        + ', '.join(MEASURES))
    parser.add_argument('--rounds', type=int, default=5, metavar='N', help='5 by default')
    parser.add_argument('--quick', action='store_true',
                        help='one short round, to see that everything runs')
    parser.add_argument('--full', action='store_true', help='bodies of 1 GiB, not 256 MiB')
    parser.add_argument('--unpinned', action='store_true',
                        help='let client and server run on all processors')
    parser.add_argument('--json', metavar='FILE', help='write every figure there')
    options = parser.parse_args()
    if options.quick:
        options.rounds = 1
    return options


def chosen(names):
    if not names:
        return list(MEASURES.values())
    found = [measure for measure in MEASURES.values() if measure.name.startswith(tuple(names))]
    if not found:
        sys.exit('no measure starts with %s; there are: %s'
                 % (' or '.join(names), ', '.join(MEASURES)))
    return found


def settings(options):
    pinned = not options.unpinned and hasattr(os, 'sched_getaffinity')
    return Settings(seconds=0.3 if options.quick else 1.0,
                    megabytes=1024 if options.full else 64 if options.quick else 256,
                    requests=3000 if options.quick else 100000,
                    cpu=max(os.sched_getaffinity(0)) if pinned else None)


class Results(object):
    """The figures, and the reasons if there are none."""

    def __init__(self):
        # A dict of row to peer to the value of each round, which is None if the round failed.
        self.values = {}
        self.skipped = set()

    def add(self, measure, peer, result):
        if 'skipped' in result:
            self.skipped.add('%s of %s: %s' % (measure.name, peer, result['skipped']))
        rows = result.get('rows', {})
        for row in measure.rows:
            self.values.setdefault(row, {}).setdefault(peer, []).append(rows.get(row))

    def rounds(self):
        """Return how many rounds began; fewer than planned if the run was interrupted."""
        return max([len(rounds) for peers in self.values.values() for rounds in peers.values()]
                   or [0])


def take_round(measure, number, settings, results):
    """Take *measure* of each of its peers. Each round begins with another peer."""
    names = [name for name in PEERS if name in measure.peers]
    turn = number % len(names)
    for peer in names[turn:] + names[:turn]:
        progress('round %d: %s of %s' % (number + 1, measure.name, peer))
        results.add(measure, peer, take(measure, peer, settings))
    progress('')


def progress(text):
    """Show *text* on a terminal, over the text before."""
    if sys.stderr.isatty():
        sys.stderr.write('\r%-70s\r' % text)
        sys.stderr.flush()


def take(measure, peer, settings):
    """Return the JSON object of a worker. At the end all its processes have been killed."""
    limit = 60 + 30 * settings.seconds + settings.requests / 100 * measure.once
    process = subprocess.Popen(
        [sys.executable, worker.__file__, measure.name, peer, json.dumps(settings._asdict())],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        start_new_session=True)
    try:
        output, errors = process.communicate(timeout=limit)
        if process.returncode:
            return {'skipped': 'it failed: ' + (errors.splitlines() or ['?'])[-1]}
        return json.loads(output.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {'skipped': 'no result within %d s' % limit}
    finally:
        end(process)


def end(process):
    """Kill the session that *process* leads."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        # It has ended already, with its subprocesses.
        pass
    process.communicate()


def environment():
    """Return an environment in which this checkout is used, unless PYTHONPATH has another."""
    path = [os.environ.get('PYTHONPATH', ''), os.path.dirname(HERE)]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, path)))


def heading(options, results):
    rounds = results.rounds()
    return '%s, %s %s, %d processors, %s, %d round%s' % (
        time.strftime('%Y-%m-%d'), platform.python_implementation(), platform.python_version(),
        os.cpu_count(), 'unpinned' if settings(options).cpu is None else 'pinned to one',
        rounds, '' if rounds == 1 else 's')


def write(options, results):
    with open(options.json, 'w') as stream:
        json.dump({'heading': heading(options, results), 'settings': settings(options)._asdict(),
                   'values': results.values, 'skipped': sorted(results.skipped),
                   'ratios': report.ratios(results.values)}, stream, indent=1)


if __name__ == '__main__':
    main()
