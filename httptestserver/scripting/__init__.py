# -*- coding: utf-8 -*-
"""What a test says a server sends: no socket."""
