# -*- coding: utf-8 -*-
"""Feeds the library octets that nobody has thought of; `targets` say what must hold then.

``python -m fuzz`` in the folder ``tests/promises`` runs every target for 20 seconds in all, as the
tox environment ``fuzz`` does; ``python -m fuzz --seconds 600`` longer, ``python -m fuzz requests``
one target. Where ``atheris`` is installed (``pip install atheris``) the coverage of the library
guides what is tried next, else inputs are mutations of known ones, the same for the same
``--seed``. An input that fails is shown, and belongs into ``test_fuzz.py``, or, where it is raw
HTTP, into ``conformance/more_cases.json``.
"""
