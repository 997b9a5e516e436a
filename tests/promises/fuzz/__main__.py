# -*- coding: utf-8 -*-
"""Runs the targets from the command line; see the package."""
from __future__ import print_function

import argparse
import os
import subprocess
import sys
import tempfile
import time
import traceback

#: The folder that this package is in, below that of `support`.
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(HERE))


def run(name, seconds, seed):
    """Try mutations for *seconds*, and return how many they were, or None if one failed."""
    from fuzz import mutations, targets
    deadline = time.time() + seconds
    for count, octets in enumerate(mutations.mutations(name, seed)):
        if time.time() > deadline:
            return count
        try:
            targets.TARGETS[name](octets)
        except Exception:
            traceback.print_exc()
            print('%s, seed %s, input %d: %r' % (name, seed, count, octets))
            return None


def run_guided(name, seconds, seed):
    """Have the coverage of the library guide what is tried; the process ends with that."""
    import atheris
    with atheris.instrument_imports(include=['httptestserver']):
        from fuzz import mutations, targets
    folder = tempfile.mkdtemp()
    for index, octets in enumerate(mutations.corpus(name)):
        with open(os.path.join(folder, 'known-%d' % index), 'wb') as file:
            file.write(octets)
    words = os.path.join(folder, '..', os.path.basename(folder) + '.dict')
    with open(words, 'w') as file:
        for word in mutations.WORDS:
            file.write('"%s"\n' % ''.join(['\\x%02x' % each for each in bytearray(word)]))
    atheris.Setup(
        [sys.argv[0], folder, '-max_total_time=%d' % seconds, '-max_len=4096', '-seed=%s' % seed,
         '-timeout=10', '-rss_limit_mb=2048', '-dict=' + words, '-artifact_prefix=' + folder + '/',
         '-print_final_stats=1', '-verbosity=1'], targets.TARGETS[name])
    atheris.Fuzz()


def has_atheris():
    try:
        import atheris
    except ImportError:
        return False
    return bool(atheris)


def all_targets():
    # Imported here, because a guided run has to instrument the library before.
    from fuzz import targets
    return sorted(targets.TARGETS)


def main():
    parser = argparse.ArgumentParser(prog='fuzz', description='Feed the library any octets.')
    parser.add_argument('target', nargs='*', default=[], help='all by default')
    parser.add_argument('--seconds', type=float, default=20, help='in all; 20 by default')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--guided', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.target or all_targets()
    seconds = options.seconds / len(names)
    if options.guided:
        run_guided(names[0], seconds, options.seed)
    failed = []
    for name in names:
        if has_atheris():
            command = [sys.executable, '-m', 'fuzz', '--guided', '--seconds', str(seconds),
                       '--seed', str(options.seed), name]
            count = None if subprocess.call(command, cwd=HERE) else 'guided'
        else:
            count = run(name, seconds, options.seed)
        print('%s: %s' % (name, 'failed' if count is None else '%s inputs' % count))
        failed += [name] * (count is None)
    from fuzz import targets
    targets.close()
    return len(failed)


if __name__ == '__main__':
    sys.exit(main())
