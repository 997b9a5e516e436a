"""Defines what a measure is, and has the list of measures of inside.py and outside.py."""

from collections import OrderedDict, namedtuple

from peers import PEERS

#: Seconds to wait for a stop that does not end.
PATIENCE = 5.0

Measure = namedtuple('Measure', 'name rows run peers once')
Measure.__doc__ = """One measure.

:ivar rows: row to unit. If the unit ends in '/s', more is better, else less is.
:ivar run: ``run(peer, settings)`` returns row to value.
:ivar peers: names of the peers for which it makes sense.
:ivar once: True if one round is enough.
"""

Settings = namedtuple('Settings', 'seconds megabytes requests cpu')
Settings.__doc__ = """How much to measure.

:ivar seconds: for each rate.
:ivar megabytes: of each body sent or received.
:ivar requests: to record.
:ivar cpu: the processor that both sides share, or None to use all.
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
    """The measure cannot be taken here, for the reason given."""
