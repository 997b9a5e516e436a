# -*- coding: utf-8 -*-
"""Sphinx builds the documentation with this; ``make html`` runs it, warnings are errors.

A build uses no network, and the pages load nothing from another host. It needs Python 3.10, whose
`sys` lists the modules of the standard library.
"""
import builtins
import importlib
import os
import sys

from docutils import nodes

sys.path.insert(0, os.path.abspath('..'))

import httptestserver  # noqa: E402

project = 'httptestserver'
author = copyright = 'the httptestserver authors'
release = version = httptestserver.__version__

extensions = ['sphinx.ext.autodoc', 'sphinx_copybutton']
exclude_patterns = ['build']
default_role = 'py:obj'         # `Server` in a docstring leads to the class
nitpicky = True
autodoc_member_order = 'bysource'
autodoc_inherit_docstrings = False
autodoc_preserve_defaults = True

html_theme = 'furo'
html_title = 'httptestserver %s' % version
pygments_dark_style = 'github-dark'
html_static_path = ['_static']
html_css_files = ['custom.css']
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    'navigation_with_keys': True,
    'light_css_variables': {
        'color-brand-primary': '#0b6970', 'color-brand-content': '#0b6970',
        'color-brand-visited': '#5b4b8a', 'color-fault': '#b0421a'},
    'dark_css_variables': {
        'color-brand-primary': '#63c9d0', 'color-brand-content': '#63c9d0',
        'color-brand-visited': '#b3a3e6', 'color-code-background': '#1c1f24',
        'color-fault': '#f2a27c'},
}

# The copy button drops prompts, and the output of a session.
copybutton_prompt_text = r'>>> |\.\.\. |\$ '
copybutton_prompt_is_regexp = True

#: Where the standard library's documentation is; only links lead there.
PYTHON = 'https://docs.python.org/3/library/'


def _page_of(name):
    """Return the page of Python's documentation that describes *name*, or None.

    The name has to exist, so a misspelt one stays an unresolved reference.
    """
    parts = name.split('.')
    if hasattr(builtins, parts[0]):
        value = getattr(builtins, parts[0])
        if isinstance(value, type):
            return 'exceptions' if issubclass(value, BaseException) else 'stdtypes'
        return 'functions' if callable(value) else 'constants'
    for length in range(len(parts), 0, -1):
        module = '.'.join(parts[:length])
        if parts[0] in sys.stdlib_module_names:
            try:
                value = importlib.import_module(module)
                for part in parts[length:]:
                    value = getattr(value, part)
                return module
            except (ImportError, AttributeError):
                continue
    return None


def link_to_python(app, env, node, content):
    """Make a link of a reference to the standard library."""
    name = node.get('reftarget', '')
    page = node.get('refdomain') == 'py' and _page_of(name)
    if not page:
        return None
    anchor = 'module-' + name if page == name else name
    return nodes.reference('', '', content, internal=False,
                           refuri='%s%s.html#%s' % (PYTHON, page, anchor))


def setup(app):
    app.connect('missing-reference', link_to_python)
