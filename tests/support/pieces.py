# -*- coding: utf-8 -*-
"""A connection without a socket, on which bytes arrive in pieces."""

__all__ = ['Pieces', 'cut']


class Pieces(object):
    """A connection on which *pieces* arrive one by one, then its end (or *error*)."""

    def __init__(self, *pieces, **keys):
        self._pieces = [piece for piece in pieces if piece]
        self._error = keys.get('error')
        self.received = 0

    def recv(self, size):
        if self._pieces:
            taken, rest = self._pieces[0][:size], self._pieces[0][size:]
            self._pieces[:1] = [rest] if rest else []
            self.received += len(taken)
            return taken
        if self._error:
            raise self._error
        return b''


def cut(content, chance):
    """Return *content* in pieces of sizes that *chance*, a `random.Random`, draws."""
    pieces = []
    while content:
        size = chance.choice([1, 1, 2, 3, 7, 50, 1000, 65536])
        pieces.append(content[:size])
        content = content[size:]
    return pieces
