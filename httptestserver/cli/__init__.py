# -*- coding: utf-8 -*-
"""What the command line shows and reads."""
