# -*- coding: utf-8 -*-
"""Digests, by which tests compare large contents: to show where two differ may take minutes."""
import hashlib

__all__ = ['digest']


def digest(content):
    return hashlib.sha256(content).hexdigest()
