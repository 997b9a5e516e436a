"""Takes one measure of one peer: ``python benchmarks/worker.py NAME PEER SETTINGS``.

It prints a JSON object: ``rows`` (row to value) or ``skipped`` (why there are none).
run.py calls it so that each figure comes from a new process, without the imports, threads or
garbage of another peer. Such a process can also be killed.
"""

import importlib.util
import json
import os
import sys

# These register their measures.
import features                 # noqa: F401
import inside                   # noqa: F401
import outside                  # noqa: F401
from measure import MEASURES, Settings, Skip
from peers import PEERS


def take(name, peer, settings):
    """Return the JSON object that the docstring of this module describes."""
    if settings.cpu is not None:
        # This is what taskset does. Subprocesses inherit it.
        os.sched_setaffinity(0, {settings.cpu})
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
    # A server that does not stop must not keep the process running.
    os._exit(0)


if __name__ == '__main__':
    main(*sys.argv[1:])
