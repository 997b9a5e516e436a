# -*- coding: utf-8 -*-
"""Small HAR documents in the shapes in which several programs write them.

All of them record the same: a page in a coding, an image, a JSON request by POST that is repeated,
an urlencoded form, a redirect that sets two cookies, bytes that are not UTF-8, and what no server
of HTTP can repeat.
"""
from __future__ import unicode_literals

import base64

__all__ = ['DATA', 'IMAGE', 'PAGE', 'RECORDINGS', 'chromium', 'document', 'firefox', 'mitmproxy',
           'playwright']

DATA = b'caf\xe9 \x80'
IMAGE = b'\x89PNG\r\n\x1a\n\xff'
PAGE = '<p>caf\xe9</p>'
ORIGIN = 'https://shop.example'
# What browsers read in DATA, who take windows-1252 if there is no charset, and other programs.
WINDOWS, LATIN = 'caf\xe9 \u20ac', 'caf\xe9 \x80'
LOGIN = 'user=Ada+L&page=%2Fhome'


def document(creator, version, entries, **log):
    return {'log': dict(log, version='1.2', creator={'name': creator, 'version': version},
                        entries=entries)}


def named(pairs):
    return [{'name': name, 'value': value} for name, value in pairs]


def in_base64(content):
    return base64.b64encode(content).decode('ascii')


def chromium():
    """Return what the developer tools of Chromium write: HTTP/2 with its pseudo-fields."""
    def entry(method, path, status, fields, content, post=None, **others):
        asked = {'method': method, 'url': ORIGIN + path, 'httpVersion': 'http/2.0',
                 'headers': named([(':authority', 'shop.example'), (':method', method),
                                   (':path', path), (':scheme', 'https'), ('accept', '*/*')]),
                 'queryString': [], 'cookies': [], 'headersSize': -1,
                 'bodySize': len(post['text']) if post else 0}
        if post:
            asked['postData'] = post
        return dict({
            '_connectionId': '41', '_initiator': {'type': 'script'}, '_priority': 'High',
            '_resourceType': 'fetch', 'cache': {}, 'connection': '443', 'pageref': 'page_1',
            'request': asked,
            'response': {'status': status, 'statusText': '', 'httpVersion': 'http/2.0',
                         'headers': named(fields), 'cookies': [], 'content': content,
                         'redirectURL': '', 'headersSize': -1, 'bodySize': -1,
                         '_transferSize': 90, '_error': None,
                         '_fetchedViaServiceWorker': False},
            'serverIPAddress': '192.0.2.7', 'startedDateTime': '2026-11-28T10:00:00.000Z',
            'time': 12.5, 'timings': {'blocked': 1, 'dns': -1, 'ssl': -1, 'connect': -1, 'send': 0,
                                      'wait': 10, 'receive': 1}}, **others)
    cancelled = entry('GET', '/ads.js', 0, [], {'size': 0, 'mimeType': 'x-unknown'})
    cancelled['response']['_error'] = 'net::ERR_ABORTED'
    broken = entry('GET', '/film', 200, [('content-type', 'video/mp4'), ('content-length', '10')],
                   {'size': 5, 'mimeType': 'video/mp4'})
    broken['response']['_error'] = 'net::ERR_CONTENT_LENGTH_MISMATCH'
    json = {'mimeType': 'application/json', 'text': '{"item": 7}'}
    counted = {'size': 8, 'mimeType': 'application/json'}
    return document('WebInspector', '537.36', [
        entry('GET', '/?q=1', 200, [('content-type', 'text/html; charset=utf-8'),
                                    ('content-encoding', 'br'), ('date', 'x')],
              {'size': 12, 'mimeType': 'text/html', 'text': PAGE}),
        entry('GET', '/logo.png', 200, [('content-type', 'image/png'), ('content-length', '9')],
              {'size': 9, 'mimeType': 'image/png', 'text': in_base64(IMAGE), 'encoding': 'base64'}),
        entry('POST', '/cart', 201, [('content-type', 'application/json')],
              dict(counted, text='{"n": 1}'), json),
        entry('POST', '/cart', 200, [('content-type', 'application/json')],
              dict(counted, text='{"n": 2}'), json),
        entry('POST', '/login', 303, [('location', '/home'), ('set-cookie', 'a=1; Path=/'),
                                      ('set-cookie', 'b=2')],
              {'size': 0, 'mimeType': 'x-unknown'},
              {'mimeType': 'application/x-www-form-urlencoded', 'text': LOGIN,
               'params': named([('user', 'Ada+L'), ('page', '%2Fhome')])}),
        entry('GET', '/data', 200, [('content-type', 'text/plain'), ('content-length', '6')],
              {'size': 6, 'mimeType': 'text/plain', 'compression': 0, 'text': WINDOWS}),
        # Cancelled before and in the response, and no HTTP.
        cancelled,
        broken,
        entry('GET', '/socket', 101, [('upgrade', 'websocket')],
              {'size': 0, 'mimeType': 'x-unknown'}, _resourceType='websocket',
              _webSocketMessages=[{'type': 'send', 'time': 1.5, 'opcode': 1, 'data': 'hello'}]),
    ], pages=[{'startedDateTime': '2026-11-28T10:00:00.000Z', 'id': 'page_1', 'title': ORIGIN,
               'pageTimings': {'onContentLoad': 10, 'onLoad': 20}}])


def firefox():
    """Return what the developer tools of Firefox write: params beside text, no pseudo-fields."""
    def entry(method, path, status, fields, content, post=None, reason='OK'):
        asked = {'bodySize': len(post['text']) if post else 0, 'method': method,
                 'url': ORIGIN + path, 'httpVersion': 'HTTP/2',
                 'headers': named([('Host', 'shop.example'), ('Accept', '*/*')]), 'cookies': [],
                 'queryString': [], 'headersSize': 200}
        if post:
            asked['postData'] = post
        return {'startedDateTime': '2026-11-28T10:00:00.000+01:00', 'request': asked,
                'response': {'status': status, 'statusText': reason, 'httpVersion': 'HTTP/2',
                             'headers': named(fields), 'cookies': [], 'content': content,
                             'redirectURL': '', 'headersSize': 300, 'bodySize': 400},
                'cache': {}, 'timings': {'blocked': 0, 'dns': 0, 'connect': 0, 'ssl': 0, 'send': 0,
                                         'wait': 10, 'receive': 0},
                'time': 10, '_securityState': 'secure', 'serverIPAddress': '192.0.2.7',
                'connection': '443', 'pageref': 'page_1'}
    json = {'mimeType': 'application/json', 'params': [], 'text': '{"item":7}'}
    kind = {'mimeType': 'application/json; charset=utf-8', 'size': 8}
    return document('Firefox', '150.0', [
        entry('GET', '/?q=1', 200, [('content-type', 'text/html; charset=utf-8'),
                                    ('content-encoding', 'gzip'), ('X-Firefox-Spdy', 'h2')],
              # The size is that of the coded content.
              {'mimeType': 'text/html; charset=utf-8', 'size': 32, 'text': PAGE}),
        entry('GET', '/logo.png', 200, [('content-type', 'image/png')],
              {'mimeType': 'image/png', 'size': 9, 'encoding': 'base64', 'text': in_base64(IMAGE)}),
        entry('POST', '/cart', 201, [('content-type', 'application/json')],
              dict(kind, text='{"n": 1}'), json, 'Created'),
        entry('POST', '/cart', 200, [('content-type', 'application/json')],
              dict(kind, text='{"n": 2}', encoding=None), json),
        entry('POST', '/login', 303, [('location', '/home'), ('set-cookie', 'a=1; Path=/'),
                                      ('set-cookie', 'b=2')],
              {'mimeType': 'text/plain', 'size': 0,
               'comment': 'Response bodies are not included.'},
              {'mimeType': 'application/x-www-form-urlencoded', 'text': LOGIN,
               'params': named([('user', 'Ada L'), ('page', '/home')])}, 'See Other'),
        entry('GET', '/data', 200, [('content-type', 'text/plain'), ('content-length', '6')],
              {'mimeType': 'text/plain', 'size': 6, 'text': LATIN}),
        # Blocked.
        entry('GET', '/ads.js', 0, [],
              {'mimeType': '', 'size': 0, 'encoding': 'base64', 'text': ''}, None, ''),
    ], browser={'name': 'Firefox', 'version': '150.0'}, pages=[])


def mitmproxy():
    """Return what mitmproxy writes: sizes as on the wire, before codings are undone."""
    def entry(method, path, status, fields, content, post=None):
        asked = {'method': method, 'url': ORIGIN + path, 'httpVersion': 'HTTP/1.1', 'cookies': [],
                 'headers': named([('Host', 'shop.example')]), 'queryString': [],
                 'headersSize': 90, 'bodySize': len(post['text']) if post else 0}
        if post:
            asked['postData'] = post
        return {'startedDateTime': '2026-11-28T10:00:00.000000+00:00', 'time': 12.1,
                'request': asked,
                'response': {'status': status, 'statusText': 'OK', 'httpVersion': 'HTTP/1.1',
                             'cookies': [], 'headers': named(fields), 'content': content,
                             'redirectURL': '', 'headersSize': 90,
                             'bodySize': content.get('size', -1)},
                'cache': {}, 'timings': {'connect': 1.0, 'ssl': 2.0, 'send': 1.0, 'receive': 1.0,
                                         'wait': 3.0},
                'serverIPAddress': '192.0.2.7'}
    json = {'mimeType': 'application/json', 'text': '{"item": 7}', 'params': []}
    gone = entry('GET', '/gone', 0, [], {})
    gone['response'].update(statusText='', httpVersion='', headersSize=-1, bodySize=-1,
                            _transferSize=0, _error='server closed connection')
    return document('mitmproxy', '12.3', [
        entry('GET', '/?q=1', 200, [('Content-Type', 'text/html; charset=utf-8'),
                                    ('Content-Encoding', 'gzip'), ('Content-Length', '29'),
                                    ('Connection', 'keep-alive')],
              {'size': 29, 'compression': -17, 'mimeType': 'text/html; charset=utf-8',
               'text': PAGE}),
        entry('GET', '/logo.png', 200, [('Content-Type', 'image/png'), ('Transfer-Encoding',
                                                                        'chunked')],
              {'size': 9, 'compression': 0, 'mimeType': 'image/png', 'text': in_base64(IMAGE),
               'encoding': 'base64'}),
        entry('POST', '/cart', 201, [('Content-Type', 'application/json')],
              {'size': 8, 'compression': 0, 'mimeType': 'application/json', 'text': '{"n": 1}'},
              json),
        entry('POST', '/cart', 200, [('Content-Type', 'application/json')],
              {'size': 8, 'compression': 0, 'mimeType': 'application/json', 'text': '{"n": 2}'},
              json),
        entry('POST', '/login', 303, [('Location', '/home'), ('Set-Cookie', 'a=1; Path=/'),
                                      ('Set-Cookie', 'b=2')],
              {'size': 0, 'compression': 0, 'mimeType': '', 'text': ''},
              {'mimeType': 'application/x-www-form-urlencoded', 'text': LOGIN,
               'params': named([('user', 'Ada L'), ('page', '/home')])}),
        # Without a charset, text is read as ISO-8859-1.
        entry('GET', '/data', 200, [('Content-Type', 'application/x'), ('Content-Length', '6')],
              {'size': 6, 'compression': 0, 'mimeType': 'application/x', 'text': LATIN}),
        gone])


def playwright():
    """Return what Playwright writes: sizes of the text, and the status -1 of what has failed."""
    def entry(method, path, status, fields, content, post=None):
        asked = {'method': method, 'url': ORIGIN + path, 'httpVersion': 'HTTP/2.0', 'cookies': [],
                 'headers': named([(':authority', 'shop.example'), ('accept', '*/*')]),
                 'queryString': [], 'headersSize': -1, 'bodySize': -1}
        if post:
            asked['postData'] = post
        return {'startedDateTime': '2026-11-28T10:00:00.000Z', 'time': -1, 'request': asked,
                'response': {'status': status, 'statusText': '', 'httpVersion': 'HTTP/2.0',
                             'cookies': [], 'headers': named(fields), 'content': content,
                             'headersSize': -1, 'bodySize': -1, 'redirectURL': ''},
                'cache': {}, 'timings': {'send': -1, 'wait': -1, 'receive': -1}}
    json = {'mimeType': 'application/json', 'text': '{"item":7}', 'params': []}
    failed = entry('GET', '/ads.js', -1, [], {'size': -1, 'mimeType': 'x-unknown'})
    failed['response']['_failureText'] = 'net::ERR_FAILED'
    broken = entry('GET', '/film', 200, [('content-type', 'video/mp4'), ('content-length', '10')],
                   {'size': -1, 'mimeType': 'video/mp4'})
    broken['response']['_failureText'] = 'net::ERR_CONTENT_LENGTH_MISMATCH'
    return document('Playwright', '1.65.1', [
        entry('GET', '/?q=1', 200, [('content-type', 'text/html; charset=utf-8'),
                                    ('content-encoding', 'gzip')],
              {'size': 12, 'mimeType': 'text/html; charset=utf-8', 'compression': -20,
               'text': PAGE}),
        entry('GET', '/logo.png', 200, [('content-type', 'image/png')],
              {'size': 9, 'mimeType': 'image/png', 'text': in_base64(IMAGE),
               'encoding': 'base64'}),
        entry('POST', '/cart', 201, [('content-type', 'application/json')],
              {'size': 8, 'mimeType': 'application/json', 'text': '{"n": 1}'}, json),
        entry('POST', '/cart', 200, [('content-type', 'application/json')],
              {'size': 8, 'mimeType': 'application/json', 'text': '{"n": 2}'}, json),
        entry('POST', '/login', 303, [('location', '/home'), ('set-cookie', 'a=1; Path=/'),
                                      ('set-cookie', 'b=2')],
              {'size': -1, 'mimeType': 'x-unknown'},
              {'mimeType': 'application/x-www-form-urlencoded', 'text': LOGIN,
               'params': named([('user', 'Ada L'), ('page', '/home')])}),
        entry('GET', '/data', 200, [('content-type', 'text/plain'), ('content-length', '6')],
              {'size': 9, 'mimeType': 'text/plain', 'compression': 3, 'text': WINDOWS}),
        failed, broken], browser={'name': 'chromium', 'version': '156.0'}, pages=[])


RECORDINGS = {'Chromium': chromium, 'Firefox': firefox, 'mitmproxy': mitmproxy,
              'Playwright': playwright}
