# -*- coding: utf-8 -*-
"""The built documentation in Chromium, as a reader with a wide and with a narrow screen sees it.

A server of this package serves the pages, and one page more that walks through all of them in a
frame. Each page reports what is wrong with it: ``tox -e docs`` builds them and runs this.
"""
import io
import mimetypes
import os
import re

import pytest

from httptestserver import http_server
from support.browser import chromium

PAGES = os.environ.get('HTTPTESTSERVER_PAGES')
pytestmark = pytest.mark.skipif(not PAGES, reason='tox -e docs builds the pages')

WIDE, NARROW = 1400, 390
PATIENCE = 100          # seconds for all pages

#: It comes first in each page, so that it notices the errors of all other scripts.
WATCH = u"""<script>
var errors = [];
var original = console.error;
console.error = function () {
    errors.push(Array.from(arguments).join(' '));
    original.apply(console, arguments);
};
addEventListener('unhandledrejection', event => errors.push('' + event.reason));
// A resource that cannot be loaded is an event, too, which does not bubble.
addEventListener('error', event => errors.push(
    event.message || 'not loaded: ' + (event.target.src || event.target.href)), true);
</script>"""

#: Loads each page in a frame, at each width, and sends what it has found.
WALK = u"""<!doctype html><title>walk</title><body><script>
async function look(page, width) {
    var frame = document.createElement('iframe');
    frame.width = width;
    frame.height = 900;
    frame.src = page;
    var loaded = new Promise(resolve => frame.onload = resolve);
    document.body.append(frame);
    await loaded;
    // Scripts of the page act on its load, too.
    await new Promise(resolve => setTimeout(resolve, 20));
    var root = frame.contentDocument.documentElement;
    var code = Array.from(frame.contentDocument.querySelectorAll('pre'));
    var found = {
        page: page, width: width, errors: frame.contentWindow.errors,
        code: code.length,
        cut: code.filter(each => each.scrollWidth > each.clientWidth)
                 .map(each => each.textContent.slice(0, 60)),
        too_wide: root.scrollWidth > root.clientWidth
    };
    frame.remove();
    return found;
}
async function walk() {
    var found = [];
    for (var page of await (await fetch('/pages')).json())
        found.push(...await Promise.all([look(page, %d), look(page, %d)]));
    await fetch('/found', {method: 'POST', body: JSON.stringify(found)});
}
walk().catch(error => fetch('/found', {method: 'POST', body: JSON.stringify('' + error)}));
</script>""" % (WIDE, NARROW)


def read(path):
    with io.open(path, 'rb') as opened:
        return opened.read()


def serve_pages(server, folder):
    """Add routes for the files of *folder*, and for the page that walks through them."""
    def content(request):
        target = request['path'].partition('?')[0]
        path = os.path.join(folder, *target[len('/html/'):].split('/'))
        if not os.path.isfile(path):
            return 404
        body = read(path)
        if path.endswith('.html'):
            body = body.replace(b'<head>', b'<head>' + WATCH.encode('ascii'), 1)
        kind = mimetypes.guess_type(path)[0] or 'application/octet-stream'
        return {'response_content': body, 'response_headers': {
            'Content-Type': kind, 'Cache-Control': 'max-age=600'}}

    server.route('GET', re.compile('^/html/'), response_callback=content)
    server.route('GET', '/pages', response_json=['/html/' + page for page in pages_of(folder)])
    server.route('GET', '/walk', response_content=WALK,
                 response_headers={'Content-Type': 'text/html'})
    server.route('GET', '/favicon.ico', response_status=204)
    return server.route('POST', '/found')


def pages_of(folder):
    """Return the path of each page below *folder*, with slashes."""
    found = [os.path.relpath(os.path.join(path, name), folder).replace(os.sep, '/')
             for path, _, names in os.walk(folder) for name in names]
    return sorted(name for name in found if name.endswith('.html'))


def walk(folder, home):
    """Return what was found on each page below *folder*, at each width, and what is missing."""
    with http_server(check=True) as server:
        found = serve_pages(server, str(folder))
        with chromium(home, server.url('/walk')):
            request = found.take_request(timeout=PATIENCE)
    missing = [each['path'] for each in server.history if each['response_status'] == 404]
    return request.json(), missing


@pytest.fixture(scope='module')
def walked(tmpdir_factory):
    return walk(PAGES, tmpdir_factory.mktemp('home'))


@pytest.fixture(scope='module')
def found(walked):
    return walked[0]


def test_every_page_was_looked_at_twice(found):
    pages = ['/html/' + page for page in pages_of(PAGES)]
    assert len(pages) > 10
    assert [each['page'] for each in found[::2]] == pages
    assert [each['page'] for each in found[1::2]] == pages
    assert sum(each['code'] for each in found) > 100


def test_no_page_has_an_error_on_its_console(found):
    assert [(each['page'], each['errors']) for each in found if each['errors']] == []


def test_no_file_that_a_page_loads_is_missing(walked):
    assert walked[1] == []


def test_no_code_is_cut_off_on_a_wide_screen(found):
    assert [(each['page'], each['cut']) for each in found
            if each['cut'] and each['width'] == WIDE] == []


def test_no_page_is_wider_than_the_screen(found):
    assert [(each['page'], each['width']) for each in found if each['too_wide']] == []


BROKEN = u"""<!doctype html><html><head><title>broken</title></head><body>
<script src="missing.js"></script><script>console.error('bad'); undefined_name;</script>
<img src="http://outside.example/x.png">
<pre style="overflow: auto; width: 50px">a long line of code</pre>
<div style="width: 500px">wide</div></body></html>"""


def test_what_is_wrong_with_a_page_is_found(tmpdir):
    tmpdir.ensure('pages', dir=True).join('broken.html').write_text(BROKEN, 'utf-8')
    (wide, narrow), missing = walk(tmpdir.join('pages'), tmpdir.mkdir('home'))
    assert set(missing) == {'/html/missing.js'}
    assert re.search('not loaded: http://127.*/html/missing.js', '\n'.join(wide['errors']))
    assert 'not loaded: http://outside.example/x.png' in wide['errors']
    assert 'bad' in wide['errors']
    assert 'Uncaught ReferenceError: undefined_name is not defined' in wide['errors']
    assert wide['cut'] == ['a long line of code']
    assert (wide['too_wide'], narrow['too_wide']) == (False, True)
