# -*- coding: utf-8 -*-
"""Files and folders that exist until the process exits."""
import os
import sys

import pytest

from support.marks import needs_fork
from support.processes import run


@pytest.mark.skipif(sys.platform == 'win32', reason='Windows has no such permissions')
def test_the_umask_does_not_change_the_permissions():
    output = run('''
        import os, stat
        from httptestserver.temporary import temporary_file, temporary_folder
        os.umask(0o777)
        for path in (temporary_file('a', b'', 0o644), temporary_file('a', b'', 0o600),
                     temporary_folder()):
            print(oct(stat.S_IMODE(os.stat(path).st_mode))[-3:])
    ''')
    assert output.split() == ['644', '600', '755']


MAKE = '''
import os, sys
from httptestserver.temporary import temporary_file, temporary_folder
file, folder = temporary_file('a.pem', b'content', 0o600), temporary_folder()
open(os.path.join(folder, 'b'), 'w').close()
with open(file, 'rb') as opened:
    assert file.endswith('-a.pem') and opened.read() == b'content'
'''


def test_they_are_removed_at_the_exit_with_what_is_in_them():
    output = run(MAKE + '''
print(file)
print(folder)
''')
    paths = output.split()
    assert len(paths) == 2 and not any(map(os.path.exists, paths))


def test_what_is_gone_before_the_exit_is_no_error():
    assert run(MAKE + '''
import shutil
os.remove(file)
shutil.rmtree(folder)
''') == ''


@needs_fork
def test_a_forked_child_leaves_them_to_its_parent():
    assert run(MAKE + '''
child = os.fork()
if not child:
    sys.exit()
os.waitpid(child, 0)
print(os.path.exists(file) and os.path.exists(folder))
''').strip() == 'True'
