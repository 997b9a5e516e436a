# -*- coding: utf-8 -*-
"""The guide of the clients of real hosts lists those that are tested, and no others."""
import io
import os
import re

import pytest

import test_proxy_argument
import test_proxy_environment
from support.processes import TESTS

GUIDE = os.path.join(os.path.dirname(TESTS), 'docs', 'howto', 'real_host_clients.rst')

TABLES = {
    'By the environment alone': list(test_proxy_environment.ROWS),
    'By one argument': list(test_proxy_argument.CLIENTS) + ['node'],
    'By options': ['java', 'chromium'],
}


@pytest.mark.parametrize('heading', sorted(TABLES))
def test_the_guide_lists_the_clients_that_are_tested(heading):
    with io.open(GUIDE, encoding='utf-8') as opened:
        section = opened.read().partition('\n%s\n---' % heading)[2].partition('\n---')[0]
    rows = re.findall(r'^   \* - ([A-Za-z0-9]+)', section, re.M)[1:]
    tested = [re.match('[a-z0-9]+', name).group() for name in TABLES[heading]]
    assert sorted(map(str.lower, rows)) == sorted(set(tested))
