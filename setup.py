# -*- coding: utf-8 -*-
"""Builds and installs httptestserver; runs on every Python that the library supports."""
import atexit
import io
import os
import re
import shutil
import tempfile

from setuptools import setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(*path):
    """Return the text of the file at *path*, below the folder of this one."""
    with io.open(os.path.join(HERE, *path), encoding='utf-8') as text:
        return text.read()


def version():
    """Return the package's ``__version__``: read, because to import it takes six."""
    return re.search(r"^__version__ = '([^']+)'$",
                     read('httptestserver', '__init__.py'), re.MULTILINE).group(1)


#: What the tests import. The last jsonschema in pure Python runs up to 3.13; the compiled one
#: that follows it has no wheels for PyPy and the oldest Pythons. Later releases of cryptography
#: have none for the PyPy of Debian.
TEST = [
    'pytest >= 4.6, < 10',
    'pytest-timeout < 3',
    'requests < 3',
    'urllib3 < 3',
    'h11 < 1',
    'hypothesis < 7',
    'httpx < 1; python_version >= "3.6"',
    'aiohttp < 4; python_version >= "3.6"',
    'haralyzer < 3; python_version >= "3.6"',
    'freezegun < 2; python_version >= "3.7"',
    'jsonschema < 4.18; python_version >= "3.6" and python_version < "3.14"',
    'jsonschema < 5; python_version >= "3.14"',
    'trustme >= 1, < 2; python_version >= "3.8"',
    'cryptography < 44; python_version >= "3.8" and platform_python_implementation == "PyPy"',
    'mock < 4; python_version < "3"',
    'nose < 2; python_version < "3"',
]

#: What makes certificates. On an older Python the library raises an error that says so.
TLS = [
    'trustme >= 1, < 2; python_version >= "3.8"',
]

#: What builds the documentation, here and on Read the Docs. Sphinx needs Python 3.10 or later.
DOCS = [
    'furo',
    'sphinx < 10',
    'sphinx-copybutton < 1',
]


def build_folder():
    """Return a new folder for what a build makes. It is deleted when this process ends.

    In a folder beside this file modules would stay that are gone, and get into the next wheel.
    """
    folder = tempfile.mkdtemp('-httptestserver')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def project_urls():
    """Return the links to the repository whose workflow builds this; none in another place.

    No address is written here, so a copy of the repository does not point to somebody else's.
    """
    host, name = os.environ.get('GITHUB_SERVER_URL'), os.environ.get('GITHUB_REPOSITORY')
    if not (host and name):
        return {}
    source = '%s/%s' % (host, name)
    return {'Source': source, 'Issues': source + '/issues',
            'Changes': source + '/blob/HEAD/CHANGES.rst',
            'Documentation': source + '/tree/HEAD/docs'}


setup(
    name='httptestserver',
    version=version(),
    description='A real HTTP and HTTPS server inside a Python test process',
    long_description=read('README.rst'),
    long_description_content_type='text/x-rst',
    author='httptestserver contributors',
    license='MIT',
    keywords='http https server test mock fake unittest pytest',
    packages=['httptestserver'] + ['httptestserver.' + folder for folder in (
        'cli', 'http1', 'recording', 'scripting', 'serving')],
    package_data={'httptestserver': ['certificates/*.pem', 'py.typed', '*.pyi', '*/*.pyi']},
    install_requires=['six >= 1.13'],
    extras_require={'tls': TLS, 'test': TEST, 'docs': DOCS},
    project_urls=project_urls(),
    python_requires='>=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*',
    entry_points={
        'console_scripts': ['httptestserver = httptestserver.__main__:run'],
        'pytest11': ['httptestserver = httptestserver.pytest_plugin'],
    },
    zip_safe=False,
    # One wheel for 2 and 3. Not the option `universal`, which setuptools deprecates.
    options={'bdist_wheel': {'python_tag': 'py2.py3'}, 'build': {'build_base': build_folder()}},
    classifiers=[
        'Development Status :: 4 - Beta',
        'Framework :: Pytest',
        'Intended Audience :: Developers',
        'Operating System :: OS Independent',
        'Programming Language :: Python',
        'Programming Language :: Python :: 2',
        'Programming Language :: Python :: 2.7',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.4',
        'Programming Language :: Python :: 3.5',
        'Programming Language :: Python :: 3.6',
        'Programming Language :: Python :: 3.7',
        'Programming Language :: Python :: 3.8',
        'Programming Language :: Python :: 3.9',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Programming Language :: Python :: 3.14',
        'Programming Language :: Python :: 3.15',
        'Programming Language :: Python :: Implementation :: CPython',
        'Programming Language :: Python :: Implementation :: PyPy',
        'Topic :: Internet :: WWW/HTTP :: HTTP Servers',
        'Topic :: Software Development :: Testing :: Mocking',
        'Typing :: Typed',
    ],
)
