# -*- coding: utf-8 -*-
"""Connections: sockets, threads and time."""
