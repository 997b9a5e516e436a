"""What a measure is, and the list of them that inside.py and outside.py fill."""

from collections import OrderedDict, namedtuple

from peers import PEERS

PATIENCE = 5.0          # seconds to wait for a stop that does not end

Measure = namedtuple('Measure', 'name rows run peers once')
Measure.__doc__ = """One measure.

:ivar rows: row to unit. A unit that ends in '/s' is better when there is more of it.
:ivar run: ``run(peer, settings)`` returns row to value.
:ivar peers: names of the peers it makes sense for.
:ivar once: True if more rounds would tell nothing new.
"""

Settings = namedtuple('Settings', 'seconds megabytes requests cpu')
Settings.__doc__ = """How much to measure.

:ivar seconds: for each rate.
:ivar megabytes: of each body sent or received.
:ivar requests: to record.
:ivar cpu: the processor that both sides share, or None to let them run free.
"""

MEASURES = OrderedDict()


def measure(name, *rows, **options):
    """Register a function under *name*.

    :param rows: (row, unit) pairs.
    :param options: `peers` and `once` of the Measure.
    """
    def register(run):
        MEASURES[name] = Measure(name, OrderedDict(rows), run,
                                 options.get('peers', tuple(PEERS)), options.get('once', False))
        return run
    return register


class Skip(Exception):
    """Why a measure cannot be taken here."""
