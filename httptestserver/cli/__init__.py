# -*- coding: utf-8 -*-
"""The command line: its output, and the script files that it reads."""
