# -*- coding: utf-8 -*-
"""What a client sent: no socket, no script."""
