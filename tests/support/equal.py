# -*- coding: utf-8 -*-
"""Objects that decide by themselves what they equal, as those of dirty-equals do."""
__all__ = ['Anything', 'Derived', 'Kind', 'OldStyle']


class Anything(object):
    """It equals everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None

    def __repr__(self):
        return 'anything'


class Derived(Anything):
    """Its `__eq__` is that of its base."""


class OldStyle:
    """On Python 2 it has another type than its class."""

    def __eq__(self, other):
        return True


class Kind(type):
    """Its classes equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = type.__hash__
