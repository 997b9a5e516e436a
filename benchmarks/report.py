"""Makes the table of ratios, and says which targets are met."""

import statistics
from collections import namedtuple

from measure import PATIENCE
from peers import LIMIT, OURS, PEERS
from worker import MEASURES

HEADS = {'pytest-httpserver threaded': 'same, threaded'}

Target = namedtuple('Target', 'row peers least most')
Target.__doc__ = """A figure to reach.

:ivar peers: the smallest ratio to one of these counts; without peers the figure itself.
:ivar least, most: one of them is None.
"""

HTTPSERVER = ('pytest-httpserver', 'pytest-httpserver threaded')
LIFECYCLES = [row for measure in MEASURES.values() for row in measure.rows
              if row.startswith('start + stop')]
TARGETS = [Target(row, HTTPSERVER, 150, None) for row in LIFECYCLES] + [
    Target('http.client, kept connection', HTTPSERVER, 4, None),
    Target('http.client, kept connection', (LIMIT,), 0.8, None),
    Target('http.client, new connections', HTTPSERVER, 2, None),
    Target('wrk, 1 connection', HTTPSERVER, 5, None),
    Target('wrk, 1 connection', ('aiohttp',), 1.3, None),
    Target('wrk, 1 connection', (LIMIT,), 0.75, None),
    Target('wrk, 32 connections', HTTPSERVER, 10, None),
    Target('wrk, 32 connections', ('aiohttp',), 0.9, None),
    Target('requests.get', HTTPSERVER, 1.5, None),
    Target('https, new connections', (LIMIT,), 0.8, None),
    Target('memory a recorded request', (), None, 1.2),
    Target('import, beyond http.server', (), None, 5),
    Target('a request, 1000 routes', (), None, 2),
    Target('a request through a new tunnel, to a new TLS connection', (), None, 1.5),
    Target('a file of a folder, to response_content of its path', (), None, 1.1),
]


def unit(row):
    return next(measure.rows[row] for measure in MEASURES.values() if row in measure.rows)


def middle(values):
    """Return the median of the rounds that have a value, None if there is none."""
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def ratio(row, ours, peers):
    """Return how many times better than a peer we are: the median of the rounds' ratios."""
    pairs = [(our, peer) for our, peer in zip(ours, peers) if our and peer]
    if unit(row).endswith('/s'):
        return middle([our / peer for our, peer in pairs])
    return middle([peer / our for our, peer in pairs])


def ratios(values):
    """Return a dict of row to peer to ratio, for the rows that were measured."""
    return {row: {peer: ratio(row, peers.get(OURS, []), rounds)
                  for peer, rounds in peers.items() if peer != OURS}
            for row, peers in values.items()}


def spread(rounds):
    """Return half the range of the rounds, as a part of their median: how busy the machine was."""
    rounds = [value for value in rounds if value is not None]
    return (max(rounds) - min(rounds)) / 2.0 / statistics.median(rounds) if rounds else None


# -- the table -------------------------------------------------------------------------

def table(values, measures, heading):
    """Return the table as reStructuredText: our own figure, then how many times better it is."""
    rows = [['measure', OURS, '+-'] + [HEADS.get(peer, peer) for peer in PEERS if peer != OURS]]
    times = ratios(values)
    for row in (row for measure in measures for row in measure.rows if row in values):
        if any(value is not None for rounds in values[row].values() for value in rounds):
            rows.append(cells(row, values[row], times[row]))
    return '%s\n\n%s' % (heading, simple_table(rows))


def cells(row, peers, times):
    ours = peers.get(OURS, [])
    wobble = '-' if spread(ours) is None else '%d%%' % (100 * spread(ours))
    line = [row, figure(middle(ours), unit(row)), wobble]
    for peer in PEERS:
        if peer != OURS:
            mark = '>' if endless(row, peers.get(peer, [])) else ''
            line.append(mark + short(times.get(peer)))
    return line


def endless(row, rounds):
    """Return whether a stop took longer than PATIENCE."""
    return unit(row) == 'ms' and (middle(rounds) or 0) >= 1000 * PATIENCE


def figure(value, unit):
    if value is None:
        return '-'
    return short(value) + (unit if unit == '/s' else ' ' + unit)


def short(value):
    """Return *value* with three digits, or fewer if it is small."""
    if value is None:
        return '-'
    if value < 0.1:
        return '%.2g' % value
    if value >= 1000:
        return '{:,.0f}'.format(float('%.3g' % value))
    return '%.0f' % value if value >= 100 else '%.1f' % value if value >= 10 else '%.2f' % value


def simple_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    rule = '  '.join('=' * width for width in widths)
    lines = ['  '.join([row[0].ljust(widths[0])]
                       + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])])
             for row in rows]
    return '\n'.join([rule, lines[0], rule] + lines[1:] + [rule, ''])


# -- the targets -----------------------------------------------------------------------

def targets(values):
    """Return a table of the targets that were measured: met, or missed and by how much."""
    rows = [['target', 'at', 'reached', '']]
    for target in TARGETS:
        got = reached(target, values)
        if got is not None:
            rows.append([describe(target), bound(target), short(got), verdict(target, got)])
    return simple_table(rows) if len(rows) > 1 else ''


def reached(target, values):
    if not target.peers:
        return middle(values.get(target.row, {}).get(OURS, []))
    found = ratios(values).get(target.row, {})
    found = [found[peer] for peer in target.peers if found.get(peer) is not None]
    return min(found) if found else None


def describe(target):
    return '%s, %s' % (target.row, 'to ' + target.peers[0] if target.peers else unit(target.row))


def bound(target):
    return 'least %s' % target.least if target.most is None else 'most %s' % target.most


def verdict(target, got):
    if target.most is None:
        met, part = got >= target.least, got / target.least
    else:
        met, part = got <= target.most, target.most / got
    return 'met' if met else 'missed by %d%%' % round(100 * (1 - part))
