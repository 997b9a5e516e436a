# -*- coding: utf-8 -*-
"""Has garbage collections leave the thousands of collected tests alone.

Looking at them took a tenth of the time of all tests.
"""
import gc


def pytest_collection_finish():
    if hasattr(gc, 'freeze'):
        gc.collect()
        gc.freeze()
