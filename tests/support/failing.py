# -*- coding: utf-8 -*-
"""The texts of assertions that are to fail."""
import pytest

__all__ = ['failure', 'problems']


def failure(function, *args, **kws):
    """Return the text of the AssertionError that a call raises."""
    with pytest.raises(AssertionError) as caught:
        function(*args, **kws)
    return str(caught.value)


def problems(server, **keys):
    """Return the text of what `check` of *server* finds."""
    return failure(server.check, **keys)
