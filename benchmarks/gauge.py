# -*- coding: utf-8 -*-
"""Measures the memory, descriptors, threads and objects of this process, and how they grow."""
import ctypes
import gc
import os
import platform
import threading

__all__ = ['Gauge', 'descriptors', 'slope', 'threads']

CPYTHON = platform.python_implementation() == 'CPython'

#: KiB by which memory may grow in a minute; about 20 bytes for each connection.
GROWTH = 512.0
#: KiB that may be in use by chance, because free space between blocks is not given back.
NOISE = 8192.0 if CPYTHON else 131072.0
#: How many objects that the collector knows may be added in a minute, and how many by chance.
OBJECTS, CHANCE = 200.0, 1500.0


def descriptors():
    """Return how many descriptors are open."""
    return len(os.listdir('/proc/self/fd')) - 1


def threads():
    """Return how many threads there are."""
    return threading.active_count()


def give_back():
    """Make malloc give free pages back, if it can, so that the resident size is what is in use."""
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)


def resident():
    """Return the resident size in KiB."""
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1024.0


def slope(points):
    """Return the slope of the line through *points* of (x, y), by least squares."""
    count = float(len(points))
    if count < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


class Gauge(object):
    """Samples of memory and objects, taken when the process is idle."""

    def __init__(self):
        # Pairs of (minutes, KiB), and of (minutes, number of objects).
        self.memory = []
        self.objects = []

    def sample(self, minutes):
        """Collect garbage, and take a sample of the rest."""
        for _ in range(3):
            gc.collect()
        give_back()
        self.memory.append((minutes, resident()))
        # PyPy takes seconds to list its objects.
        if CPYTHON:
            self.objects.append((minutes, len(gc.get_objects())))

    @property
    def minutes(self):
        """Minutes between the first sample and the last."""
        return self.memory[-1][0] - self.memory[0][0] if self.memory else 0.0

    def limit(self, growth, chance):
        """Return the allowed slope: *growth*, and *chance* spread over the time."""
        return growth + chance / max(self.minutes, 1e-3)

    def verdicts(self):
        """Yield (name, begin, end, slope, its limit) for memory and objects."""
        for name, points, growth, chance in (
                ('memory, KiB', self.memory, GROWTH, NOISE),
                ('objects', self.objects, OBJECTS, CHANCE)):
            if points:
                yield (name, points[0][1], points[-1][1], slope(points),
                       self.limit(growth, chance))
