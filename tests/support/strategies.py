# -*- coding: utf-8 -*-
"""Legal requests and the parts of messages, as hypothesis draws them.

They are the same each time; with ``HTTPTESTSERVER_EXAMPLES=20`` in the environment there are
twenty times as many, and others each time.
"""
from __future__ import unicode_literals

import atexit
import operator
import os
import shutil
import tempfile

from support import installed
from support.peer import Request, wire

hypothesis = installed.module('hypothesis')
given, st = hypothesis.given, installed.module('hypothesis.strategies')

__all__ = ['HOME', 'SET_ASIDE', 'contents', 'examples', 'fields', 'given', 'pieces', 'reasons',
           'requests', 'st']

MORE = int(os.environ.get('HTTPTESTSERVER_EXAMPLES', 0))

# hypothesis keeps what it computes about characters, by default beside the tests.
HOME = tempfile.mkdtemp()
atexit.register(shutil.rmtree, HOME, True)
installed.module('hypothesis.configuration').set_hypothesis_home_dir(HOME)


def examples(count):
    """Return the settings of a test of *count* examples.

    None of them is made smaller: one that fails by hanging would hang a hundred times.
    """
    checks = hypothesis.HealthCheck
    return hypothesis.settings(
        max_examples=count * (MORE or 1), derandomize=not MORE, deadline=None, database=None,
        phases=[hypothesis.Phase.generate], suppress_health_check=[
            checks.too_slow, checks.data_too_large, checks.filter_too_much])


# What is legal in a request.

TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
PATH = "abzAZ09-._~!$&'()*+,;=:@/"
VISIBLE = ''.join(map(chr, range(0x21, 0x7f))) + '\x80\x85\xa0\xad\xe9\xff'
#: Fields that the strategies below set where they mean them, or the server, or h11.
SET_ASIDE = frozenset([b'host', b'content-length', b'transfer-encoding', b'connection', b'expect',
                       b'upgrade', b'trailer', b'date', b'server', b'content-type'])


def text_of(alphabet, **sizes):
    """Return a strategy of octets that are characters of *alphabet*."""
    return st.text(st.sampled_from(alphabet), **sizes).map(wire)


tokens = text_of(TOKEN, min_size=1, max_size=12)
names = st.one_of(
    tokens.filter(lambda name: name.lower() not in SET_ASIDE),
    st.sampled_from([b'X-A', b'x-a', b'X-a', b'Cookie', b'Set-Cookie', b'Accept',
                     b'Content-Lengths', b'Hosts', b'TE', b'From', b'Content-Encoding']))
values = st.one_of(
    st.just(b''), text_of(VISIBLE, max_size=1), text_of(VISIBLE + ' \t', max_size=30).map(
        lambda value: value.strip(b' \t')),
    st.sampled_from([b'chunked', b'close', b'0', b'a: b', b'a:b', b'"a, b"', b'a=1; b="2"',
                     b'\xe2\x82\xac', b'x' * 9000]))
fields = st.lists(st.tuples(names, values), max_size=6)
spaces = st.tuples(st.sampled_from([b'', b' ', b'\t', b'  \t ']),
                   st.sampled_from([b'', b' ', b'\t']))
contents = st.one_of(
    st.binary(max_size=60), st.sampled_from([b'\r\n\r\n', b'0\r\n\r\n', b'GET / HTTP/1.1\r\n\r\n']),
    st.builds(operator.mul, st.binary(min_size=1, max_size=20), st.sampled_from([1, 300, 7000])))
escapes = st.sampled_from(['%41', '%2F', '%00', '%zz', '%', '%E2%82%AC', '?', '?a=b&a=c', '{x}',
                           '|'])
paths = st.lists(st.one_of(st.text(st.sampled_from(PATH), max_size=8), escapes), max_size=4).map(
    lambda parts: wire('/' + ''.join(parts)))


@st.composite
def pieces(draw, content=contents):
    """Draw octets cut at random, no piece of them empty."""
    octets = draw(content)
    cuts = draw(st.lists(st.integers(0, len(octets)), max_size=4))
    cuts = sorted(set(cuts + [0, len(octets)]))
    return [octets[start:end] for start, end in zip(cuts, cuts[1:])]


@st.composite
def requests(draw):
    """Draw a legal `peer.Request`."""
    method = draw(st.one_of(st.sampled_from([b'GET', b'HEAD', b'POST', b'HEAD', b'OPTIONS',
                            b'get']),
                            tokens))
    target = draw(paths)
    form = draw(st.integers(0, 9))
    if method == b'CONNECT':
        target = b'localhost:443'
    elif method == b'OPTIONS' and form < 5:
        target = b'*'
    elif form == 5:
        target = b'http://user@localhost:80' + target
    version = draw(st.sampled_from([b'1.1', b'1.1', b'1.1', b'1.0']))
    framing = draw(st.sampled_from(['none', 'length', 'chunked'][:2 if version == b'1.0' else 3]))
    more = draw(fields)
    if draw(st.integers(0, 3)) == 0 and version == b'1.1':
        more.append((b'Expect', draw(st.sampled_from([b'100-continue', b'100-Continue']))))
    return Request(method, target, more, draw(spaces), framing, draw(pieces()),
                   draw(st.lists(st.tuples(names, values), max_size=3)), version)


reasons = st.text(st.sampled_from(VISIBLE + ' \t'), max_size=12)
