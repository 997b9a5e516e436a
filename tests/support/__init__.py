# -*- coding: utf-8 -*-
"""What tests share: clients, waits, servers, processes and what hypothesis draws."""
