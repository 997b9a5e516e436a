# -*- coding: utf-8 -*-
"""The command line in a process that may not ask the network."""
import sys

from httptestserver.__main__ import main
from support.loopback import loopback_only

if __name__ == '__main__':
    with loopback_only():
        sys.exit(main())
