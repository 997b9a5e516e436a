# -*- coding: utf-8 -*-
"""Sphinx builds the documentation with this; ``make html`` runs it, warnings are errors."""
import os
import sys

sys.path.insert(0, os.path.abspath('..'))

import httptestserver  # noqa: E402

project = 'httptestserver'
author = copyright = 'the httptestserver authors'
release = version = httptestserver.__version__

extensions = ['sphinx.ext.autodoc']
exclude_patterns = ['build']
default_role = 'py:obj'         # `Server` in a docstring leads to the class
autodoc_member_order = 'bysource'
autodoc_inherit_docstrings = False
autodoc_preserve_defaults = True

html_theme = 'alabaster'
html_theme_options = {'description': 'A real HTTP and HTTPS server inside a test process.',
                      'fixed_sidebar': True, 'show_powered_by': False,
                      'page_width': '1280px'}
html_show_sourcelink = False
