# -*- coding: utf-8 -*-
"""What is recorded of a tunnel."""
import copy
import pickle

from httptestserver.recording.tunnel import Tunnel

TUNNEL = Tunnel(3, 'a.test:443', 1.5)


def test_a_tunnel_is_a_tuple_with_names():
    assert TUNNEL == (3, 'a.test:443', 1.5)
    assert (TUNNEL.connection_index, TUNNEL.target, TUNNEL.time) == TUNNEL
    assert repr(TUNNEL) == "Tunnel(connection_index=3, target='a.test:443', time=1.5)"


def test_copies_are_equal():
    assert copy.deepcopy(TUNNEL) == pickle.loads(pickle.dumps(TUNNEL)) == TUNNEL
