# -*- coding: utf-8 -*-
"""HTTP/1.1 as bytes: no script, no history, no thread."""
