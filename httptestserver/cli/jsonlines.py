# -*- coding: utf-8 -*-
"""Shows exchanges, tunnels and failures as JSON, one object on a line, for programs.

The format is described in the reference of the command line. All characters are ASCII. Nothing
here does I/O or takes a lock.
"""
import base64
import collections
import json

from six import ensure_text, string_types

from httptestserver.http1.fields import first_value
from httptestserver.recording.text import (
    content_size, content_text, date_time, decoded, request_fields, response_fields, source_name)

__all__ = ['JsonLines']

#: The most that is shown of a body: in characters if it is text, otherwise in bytes.
CUT = 65536


class JsonLines(object):
    """Shows exchanges, tunnels and failures as lines of JSON."""

    def exchange(self, request):
        """Return a line for a `RecordedRequest` whose exchange is complete."""
        duration = request['duration']
        return _line('exchange', request['time'], [
            ('client', _client(request['client_address'])),
            ('connection', request['connection_index']),
            ('index', request['exchange_index']),
            ('duration', None if duration is None else round(duration, 6)),
            ('tls', _plain(request['tls'])),
            ('tunnel', _text(request.tunnel)),
            ('route', None if request.route is None else ensure_text(repr(request.route))),
            ('request', _request(request)),
            ('response', _response(request)),
            ('fault', _fault(request))])

    def failure(self, failure):
        """Return a line for a `Failure`."""
        return _line('failure', failure.time, [
            ('client', _client(failure.client_address)),
            ('connection', failure.connection_index),
            ('reason', ensure_text(failure.reason, errors='replace'))])

    def tunnel(self, tunnel):
        """Return a line for a `Tunnel`."""
        return _line('tunnel', tunnel.time, [
            ('connection', tunnel.connection_index), ('target', _text(tunnel.target))])


def _line(kind, seconds, members):
    return ensure_text(json.dumps(collections.OrderedDict(
        [('type', kind), ('time', date_time(seconds))] + members)))


def _client(address):
    return collections.OrderedDict([('host', address[0]), ('port', address[1])])


def _request(request):
    method, target, version = request['raw_requestline'].split()[:3]
    fields = request_fields(request)
    return collections.OrderedDict([
        ('method', decoded(method)), ('target', decoded(target)), ('version', decoded(version)),
        ('url', _text(request.url)),
        ('headers', fields),
        ('body', _body(request['body'], fields,
                       len(request['body']) + request.get('body_discarded', 0))),
        ('trailers', _pairs(request['trailers']))])


def _response(request):
    """Return what was sent, or None if nothing was."""
    raw, status = request.get('response_raw'), request.get('response_status')
    if raw is None and status is None:
        return None
    fields = response_fields(request)
    size = content_size(request)
    return collections.OrderedDict([
        ('status', status), ('reason', _text(request.get('response_reason'))),
        ('headers', fields),
        ('body', _body(request.get('response_content', b'') if raw is None else raw, fields,
                       None if size < 0 else size)),
        ('trailers', _pairs(request.get('response_trailers'))),
        ('raw', raw is not None)])


def _fault(request):
    if 'response_fault' not in request:
        return None
    return collections.OrderedDict([
        ('kind', request['response_fault']), ('at', request['response_fault_at'])])


def _body(content, fields, size):
    """Return an object for a body: its *size*, and its text, base64 or file.

    ``cut`` is whether a part of the body is missing. Of a body in a file only the name is shown.

    :param content: bytes, or the source of streamed content.
    :param fields: the header fields.
    :param size: in bytes; None if it is not known.
    """
    if not isinstance(content, bytes):
        return collections.OrderedDict([
            ('size', size), ('cut', size != 0), ('file', source_name(content))])
    text = content_text(content, first_value(fields, 'content-type'))
    if text is None:
        name, shown, part = 'base64', base64.b64encode(content[:CUT]).decode('ascii'), content
    else:
        name, shown, part = 'text', text[:CUT], text
    cut = len(part) > CUT or size != len(content)
    return collections.OrderedDict([('size', size), ('cut', cut), (name, shown)])


def _pairs(pairs):
    return [(decoded(name), decoded(value)) for name, value in pairs or ()]


def _text(value):
    return None if value is None else decoded(value)


def _plain(value):
    """Return *value*, facts about a TLS connection, with each str of Python 2 as text."""
    if isinstance(value, dict):
        return {_plain(key): _plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return _text(value) if isinstance(value, string_types) else value
