# -*- coding: utf-8 -*-

"""pip installs from a package index that is a folder."""
import hashlib
import os
import subprocess
import sys
import zipfile

import pytest


def add_wheel(root, name, version='1.0', digest=None):
    """Add a wheel with one module to the index in the folder *root*, and return its path."""
    path = root / ('%s-%s-py3-none-any.whl' % (name, version))
    info = '%s-%s.dist-info/' % (name, version)
    with zipfile.ZipFile(str(path), 'w') as wheel:
        wheel.writestr(name + '.py', 'VERSION = %r\n' % version + '# filling\n' * 10000)
        wheel.writestr(info + 'METADATA',
                       'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version))
        wheel.writestr(info + 'WHEEL',
                       'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
        wheel.writestr(info + 'RECORD', '')
    digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
    page = root / 'simple' / name / 'index.html'
    page.parent.mkdir(parents=True)
    page.write_text('<!DOCTYPE html><a href="/%s#sha256=%s">file</a>' % (path.name, digest))
    return path


def install(server, target, name, *options, **variables):
    """Have pip install a package into *target*. Return whether it could, and its output."""
    command = [sys.executable, '-m', 'pip', '--isolated', 'install', name, '--no-cache-dir',
               '--disable-pip-version-check', '--retries', '0', '--target', str(target),
               '--index-url', server.url('/simple/')]
    # Settings of the machine may name more indexes, and --isolated does not ignore all of them.
    environment = dict(os.environ, PIP_CONFIG_FILE=os.devnull, **variables)
    process = subprocess.run(command + list(options), env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             universal_newlines=True, timeout=120)
    return process.returncode == 0, process.stdout


@pytest.fixture(name='root')
def new_root(tmp_path):
    root = tmp_path / 'index'
    root.mkdir()
    return root


def test_a_package_is_installed(http_server, root, tmp_path):
    wheel = add_wheel(root, 'example')
    http_server.data['response_folder'] = root
    assert install(http_server, tmp_path / 'target', 'example')[0]
    assert 'VERSION' in (tmp_path / 'target' / 'example.py').read_text()
    http_server.assert_requested('GET', '/simple/example/')
    http_server.assert_requested('GET', '/' + wheel.name)


def test_a_package_is_installed_over_tls(https_server, root, tmp_path):
    add_wheel(root, 'example')
    https_server.data['response_folder'] = root
    assert install(https_server, tmp_path, 'example', REQUESTS_CA_BUNDLE=https_server.cafile)[0]
    https_server.assert_requested('GET', '/simple/example/')


def test_a_download_breaks_and_resumes(http_server, root, tmp_path):
    wheel = add_wheel(root, 'example')
    http_server.data['response_folder'] = root
    file = http_server.route('GET', '/' + wheel.name, response_folder=root)
    file.enqueue(response_folder=root, response_fault='disconnect', response_fault_at='body')
    assert install(http_server, tmp_path, 'example', '--resume-retries', '1')[0]
    assert [each.response_status for each in file.history] == [200, 206]


def test_a_file_that_was_changed_is_refused(http_server, root, tmp_path):
    add_wheel(root, 'example', digest='0' * 64)
    http_server.data['response_folder'] = root
    installed, output = install(http_server, tmp_path, 'example')
    assert not installed and 'HASHES' in output


def test_a_package_is_missing(http_server, root, tmp_path):
    http_server.data['response_folder'] = root
    installed, output = install(http_server, tmp_path, 'example')
    assert not installed and 'No matching distribution found' in output
