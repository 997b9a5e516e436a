# -*- coding: utf-8 -*-
"""Large contents: how tests make them, compare them, and count what was sent of them."""
import hashlib

__all__ = ['content_of', 'digest', 'sent']


def content_of(size):
    """Return *size* bytes. Each depends on its position, so that none may be lost or come twice."""
    # 251 is prime, so the bytes of two pieces differ if their sizes are the usual ones.
    cycle = bytes(bytearray(range(251)))
    return (cycle * (size // len(cycle) + 1))[:size]


def digest(content):
    """Return a text by which contents are compared: to show where two differ may take minutes."""
    return hashlib.sha256(content).hexdigest()


def sent(route):
    """Return how many bytes of content were sent in responses to GET, also by a whole server."""
    return sum([len(each.response_content) for each in route.history
                if each['command'] == 'GET'])
