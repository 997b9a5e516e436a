# -*- coding: utf-8 -*-
"""What must hold for any bytes: each target is a function of them that raises if it does not."""
from __future__ import unicode_literals

import io
import json
import os
import random
import re
import shutil
import tempfile

from six import ensure_str, text_type
from six.moves.urllib.parse import unquote_to_bytes

from fuzz import strict, unpack
from httptestserver import start_server
from httptestserver.http1.fields import Headers, to_str
from httptestserver.http1.grammar import BadRequest, parse_head
from httptestserver.recording.criteria import Criteria
from httptestserver.recording.request import RecordedRequest, note_limit, target_of
from httptestserver.scripting.response import resolve
from httptestserver.scripting.vocabulary import VOCABULARY
from httptestserver.cli.scriptfile import Scenario, ScriptError
from httptestserver.http1.connection import Disconnected
from httptestserver.http1.reader import Reader
from support.client import Client, request
from support.pieces import Pieces, cut

__all__ = ['TARGETS', 'chunks', 'close', 'codings', 'folders', 'requests', 'scripts', 'templates',
           'views']

#: Refusals that are the library's choice, not the standard's: what is too long for it, or more
#: than it does.
BY_CHOICE = (413, 414, 431)


def _divided(octets):
    """Return a `random.Random` that the first byte seeds, and the other bytes."""
    return random.Random(bytearray(octets[:1] or b'\0')[0]), octets[1:]


def requests(octets):
    """The reader takes no request that a second parser, which is strict, reads otherwise."""
    chance, octets = _divided(octets)
    wanted = strict.converse(octets)
    found, end = read_all(Reader(Pieces(*cut(octets, chance))))
    assert found == wanted.messages[:len(found)], (found, wanted)
    if end in BY_CHOICE:
        return
    assert len(found) == len(wanted.messages), (end, found, wanted)
    # A part is refused early if no further byte can mend it, and the rest once it is whole.
    assert (end == 'end') is (wanted.end == 'end'), (end, wanted)


def read_all(reader):
    """Return the messages that *reader* takes, and 'end', 'cut' or the status of a refusal."""
    messages = []
    try:
        for head in iter(reader.read_head, b''):
            command, path, version, line, raw, framing = parse_head(head)
            assert head.startswith(raw) and raw.endswith(b'\r\n')
            content, trailers = reader.read_body(framing)
            fields = [(_latin(name), _latin(value)) for name, value in pairs(framing.block)]
            messages.append((
                _octets(command, raw), raw.split(b' ')[1], int(version[-1]), fields, content,
                [(_latin(name), _latin(value)) for name, value in trailers]))
            assert to_str(raw.split(b' ')[1]) == path and to_str(raw[:-2]) == line
            if framing.close or version == 'HTTP/1.0' and not framing.keep_alive:
                break
        return messages, 'end'
    except BadRequest as error:
        assert 400 <= error.status < 600 and '\n' not in error.reason
        return messages, error.status
    except Disconnected:
        return messages, 'cut'


def pairs(block):
    """Return the fields of *block* as a test sees them in history."""
    headers = Headers(block)
    # Python 2 keeps their order here alone.
    lines = getattr(headers, 'headers', None)
    if lines is None:
        return headers.items()
    return [(name, value.strip(b' \t\r\n'))
            for name, _, value in [line.partition(b':') for line in lines]]


def _latin(text):
    return text if isinstance(text, bytes) else text.encode('latin-1')


def _octets(command, raw):
    assert raw.startswith(_latin(command) + b' ')
    return _latin(command)


CHUNKED = parse_head(b'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')[-1]


def chunks(octets):
    """The reader finds the same end of a chunked body as a second parser."""
    chance, octets = _divided(octets)
    limit = chance.choice([None, 0, 3])
    rest = strict.Octets(octets)
    try:
        content, trailers = strict.read_chunks(rest)
        wanted = (content[:limit], [(bytes(name), bytes(value)) for name, value in trailers],
                  octets[rest.at:], len(content) - len(content[:limit]))
    except (strict.Refused, strict.Cut) as error:
        wanted = error
    reader = Reader(Pieces(*cut(octets, chance)), limit)
    try:
        content, trailers = reader.read_body(CHUNKED)
        found = (content, [(_latin(name), _latin(value)) for name, value in trailers],
                 reader.read(), reader.discarded)
    except BadRequest as error:
        assert error.status in BY_CHOICE or isinstance(wanted, Exception), (error, wanted)
        return
    except Disconnected as error:
        assert isinstance(wanted, Exception), (error, wanted)
        return
    assert found == wanted, (found, wanted)


VIEWS = ('method', 'params', 'url', 'query', 'text', 'form', 'files', 'cookies', 'auth')


def views(octets):
    """A view of any request raises nothing but ValueError; form and files are str and bytes.

    The input is Content-Type, Cookie, target and body, NUL between them. The second one is the
    Authorization too.
    """
    parts = (octets.split(b'\0', 3) + [b''] * 3)[:4]
    content_type, cookie, target = [re.sub(b'[\r\n]', b'', part) for part in parts[:3]]
    recorded = RecordedRequest(
        command=str('POST'), path=to_str(b'/' + target), requestline=str('POST / HTTP/1.1'),
        body=parts[3],
        headers=Headers(b'Content-Type: ' + content_type + b'\r\nCookie: ' + cookie
                        + b'\r\nAuthorization: ' + cookie + b'\r\n'))
    for name in VIEWS:
        try:
            value = getattr(recorded, name)
        except ValueError:
            continue
        if name in ('query', 'form', 'cookies', 'files'):
            assert isinstance(value, dict), (name, value)
            for key in value:
                _check_values(name, key, value[key])
    assert isinstance(target_of(recorded), str)
    try:
        recorded.json()
    except ValueError:
        pass
    assert recorded == recorded.copy() and repr(recorded)


def _check_values(name, key, values):
    assert isinstance(key, str), (name, key)
    for value in values if isinstance(values, list) else [values]:
        if name == 'files':
            assert isinstance(value.content, bytes) and isinstance(value.filename, str), value
        else:
            assert isinstance(value, str), (name, key, value)


#: How much a coding may make of a body in the next target.
LIMIT = 20000


def codings(octets):
    """A body is decoded as the whole of it is by other means, or is a ValueError.

    The input is a Content-Encoding and a body, NUL between them.
    """
    value, _, body = octets.partition(b'\0')
    # Python 2 takes all of these for space.
    value = re.sub(b'[\r\n\x0b\x0c]', b'', value)
    recorded = RecordedRequest(
        command=str('POST'), path=str('/'), requestline=str('POST / HTTP/1.1'), body=body,
        headers=Headers(b'Content-Encoding: ' + value + b'\r\n'))
    note_limit(recorded, LIMIT)
    try:
        found = recorded.content
    except ValueError as error:
        assert str(error).startswith('the body of POST / HTTP/1.1 cannot be decoded as ')
        found = None
    assert found == (unpack.content(value, body, LIMIT) if body else body), found


def templates(octets):
    """A template is refused at once or matches as its segments say, whatever the target is.

    The input is a template and a target, LF between them.
    """
    template, _, target = octets.partition(b'\n')
    text = template.decode('utf-8', 'surrogateescape' if str is text_type else 'replace')
    try:
        criteria = Criteria(path=text)
    except (TypeError, ValueError):
        return
    recorded = RecordedRequest(command=str('GET'), path=to_str(target), body=b'',
                               headers=Headers(b''))
    found = criteria.match(recorded)
    assert str(criteria) and isinstance(criteria.differences(recorded), list)
    assert bool(criteria.differences(recorded)) is not found
    if found:
        assert all(isinstance(value, str) for value in criteria.params(recorded).values())
    if b'://' not in octets and b'?' not in template:
        assert found is _fits(text, to_str(target)), (template, target, found)


def _fits(template, target):
    """Whether *target* has the segments of *template*, a placeholder for any but an empty one."""
    segments = ensure_str(template).split(str('/'))
    others = target.split(str('?'))[0].split(str('/'))
    if segments[-1][-4:] == str('...}'):
        # It stands for all segments that are left, of which there has to be one.
        segments.pop()
        others = others[:len(segments)] if len(others) > len(segments) else []
    return len(segments) == len(others) and all([
        bool(other) if segment[:1] == str('{') else
        unquote_to_bytes(segment) == unquote_to_bytes(other)
        for segment, other in zip(segments, others)])


# Files of a folder.

#: The files of the folder, by their paths.
FILES = {b'a.txt': b'the file a', b'inner/b': b'the file b', b'inner/deep/index.html': b'<p>',
         b'\xe2\x82\xac %2e': b'the file c'}


def folders(octets):
    """A file of a folder is served by exactly its path, and nothing outside of the folder ever is.
    """
    if os.name == 'nt':
        # There some of these names mean something else.
        return
    path = to_str(re.sub(b'[\0- \x7f]', b'', octets))
    recorded = RecordedRequest(command=str('GET'), path=path, body=b'', headers=Headers(b''))
    response = resolve({'response_folder': _folder()}, recorded)
    content = response.content
    if not isinstance(content, bytes):
        content = b''.join(content)
        response.content.close()
    if str('://') in path:
        assert response.status != 200 or content in FILES.values()
        return
    segments = [unquote_to_bytes(each) for each in path.split(str('?'))[0].split(str('/'))]
    assert response.status in (200, 301, 404), response.status
    wanted = None if any([b'/' in each for each in segments]) else _file_at(b'/'.join(segments))
    assert (response.status == 200) is (wanted is not None), (response.status, wanted)
    if wanted is not None:
        assert content == wanted
    elif response.status == 301:
        location = dict(response.headers)['Location']
        assert re.match('[^/:?]+/([?]|$)', location), location


def _file_at(path):
    """Return the content of the file that *path* names, bytes; None if there is none."""
    if path[:1] != b'/':
        return None
    path = re.sub(b'^/(up/folder/)*', b'', path)
    path = re.sub(b'^link/', b'inner/', path)
    return FILES.get(path + b'index.html' if path[-1:] == b'/' else path)


def _folder():
    """Return a folder with `FILES`, some links, and something outside that must not be served."""
    if 'folder' not in _state:
        outer = _state['outer'] = tempfile.mkdtemp()
        _write(os.path.join(outer, 'secret'), b'secret')
        _state['folder'] = folder = os.path.join(outer, 'folder')
        os.makedirs(os.path.join(folder, 'inner', 'deep'))
        for name in FILES:
            _write(os.path.join(folder.encode('utf-8'), name), FILES[name])
        for name, target in (('link', 'inner'), ('out', '../secret'), ('up', '..'), ('top', '/'),
                             ('loop', 'loop')):
            os.symlink(target, os.path.join(folder, name))
    return _state['folder']


def _write(path, content):
    with io.open(path, 'wb') as file:
        file.write(content)


# Scripts in a file.

def scripts(octets):
    """A script is refused with a `ScriptError`, or serves without an error of its own making."""
    octets = octets if octets[:1] != b'\0' else composed(octets[1:])
    server = _server()
    server.reset()
    script = followed(octets, server)
    if script is None:
        return
    server.reset()
    document = _hasty(json.loads(octets.decode('utf-8-sig')))
    if followed(json.dumps(document).encode('ascii'), server) is None:
        return
    for path in ['/'] + [route.get('path') for route in document.get('routes', [])][:2]:
        path = path if isinstance(path, text_type) and re.match('/[!-~]*$', path) else '/'
        with Client(server) as client:
            client.send(request('GET', re.sub('[#{}]', '', path), 'Connection: close'))
            client.rest()
    _check_errors(server)


def followed(octets, server):
    """Return the `Script` of *octets* once *server* follows it, None if it is refused."""
    with io.open(_state['path'], 'wb') as file:
        file.write(octets)
    try:
        script = Scenario(_state['path'])
        script.apply(server)
        return script
    except ScriptError as error:
        assert str('\n') not in str(error)
        return None


def _check_errors(server):
    try:
        server.check()
    except AssertionError as error:
        failed = str(error).split('Traceback')[1:]
        # This error can be raised only when the content is known.
        assert all('half of a stream' in each for each in failed), error


def _hasty(value):
    """Return *value* without what would take time."""
    if isinstance(value, list):
        return [_hasty(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _hasty(value[key]) for key in value}
    for key, hasty in (('response_timeout', 0), ('response_rate', 1e9)):
        if key in changed and isinstance(changed[key], (int, float)):
            changed[key] = hasty
    if changed.get('response_fault') == 'stall':
        changed['response_fault'] = 'reset'
    return changed


KEYS = sorted(VOCABULARY) + ['data', 'queue', 'routes', 'method', 'path', 'query', 'headers',
                             'body', 'json', 'form', 'cookies', 'json_has', 'files', 'auth',
                             'regex', 'response_statsu', '\ud800', '']
SCALARS = [None, True, False, 0, 1, 2, 200, 404, 99, 1000, -1, 0.5, 1e308, float('inf'),
           float('nan'), 10 ** 400, '', 'a', '/', '/{a}', '/{', 'GET', 'disconnect', 'reset',
           'stall', 'accept', 'request', 'response', 'body', 'end', '\u20ac', '\ud800', 'a\r\nb',
           '\0', 103, '(', '^a']


def composed(octets):
    """Return a JSON document that the bytes choose, mostly of the words of a script."""
    choices = iter(bytearray(octets))
    document = {ensure_str(name): _value(choices, name) for name in ('data', 'queue', 'routes')
                if next(choices, 0) % 3}
    return json.dumps(document).encode('ascii')


def _value(choices, name, depth=0):
    kind = next(choices, 0)
    if name == 'data' and depth == 0:
        return _object(choices, depth)
    if name in ('queue', 'routes') and depth < 2 and kind % 16:
        return [_object(choices, depth) if choice % 4 or name == 'routes' else
                SCALARS[choice % len(SCALARS)]
                for choice in [next(choices, 0) for _ in range(kind % 4)]]
    if kind % 8 == 6 and depth < 4:
        return _object(choices, depth)
    if kind % 8 == 7 and depth < 4:
        return [_value(choices, '', depth + 1) for _ in range(next(choices, 0) % 3)]
    return SCALARS[next(choices, 0) % len(SCALARS)]


def _object(choices, depth):
    made = {}
    for _ in range(next(choices, 0) % 5):
        key = KEYS[next(choices, 0) % len(KEYS)]
        made[key] = _value(choices, key, depth + 1)
    return made


#: A server and the path of a script for `scripts`, and a folder for `folders`, each made once.
_state = {}


def _server():
    if 'server' not in _state:
        handle, _state['path'] = tempfile.mkstemp('.json')
        os.close(handle)
        _state['server'] = start_server()
    return _state['server']


def close():
    """End what the targets hold. Idempotent."""
    if 'server' in _state:
        _state.pop('server').stop()
        os.remove(_state.pop('path'))
    if 'folder' in _state:
        del _state['folder']
        shutil.rmtree(_state.pop('outer'))


TARGETS = {each.__name__: each for each in (
    requests, chunks, views, codings, templates, folders, scripts)}
