"""Takes one measure of one peer: ``python benchmarks/worker.py NAME PEER SETTINGS``.

It prints a JSON object: ``rows`` (row to value) or ``skipped`` (why there are none).
run.py calls it so that each figure comes from a fresh process, which no other peer's
imports, threads or garbage burden, and which can be killed.
"""

import importlib.util
import json
import os
import sys

import inside                   # noqa: F401 - registers its measures
import outside                  # noqa: F401
from measure import MEASURES, Settings, Skip
from peers import PEERS


def take(name, peer, settings):
    """The JSON object that this module's docstring tells of."""
    if settings.cpu is not None:
        os.sched_setaffinity(0, {settings.cpu})      # as taskset does; subprocesses inherit it
    module = PEERS[peer].module
    if module and not importlib.util.find_spec(module.partition('.')[0]):
        return {'skipped': '%s is not installed' % peer}
    measure = MEASURES[name]
    try:
        result = measure.run(peer, settings)
    except (Skip, ImportError, NotImplementedError) as error:
        return {'skipped': str(error)}
    return {'rows': result if isinstance(result, dict) else dict.fromkeys(measure.rows, result)}


def main(name, peer, settings):
    print(json.dumps(take(name, peer, Settings(**json.loads(settings)))), flush=True)
    os._exit(0)         # a server that does not stop shall not keep the process


if __name__ == '__main__':
    main(*sys.argv[1:])
