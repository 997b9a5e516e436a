# -*- coding: utf-8 -*-
"""The command line: what it shows, and the scripts that it reads."""
