# -*- coding: utf-8 -*-
"""The messages about a key or an attribute that a recorded request does not have.

Nothing here does I/O or takes a lock.
"""
from httptestserver.wording import Words, native, nearest, shown

__all__ = ['KEYS', 'LIVE', 'no_attribute', 'no_key']

#: Keys whose values cannot be used after the connection has closed.
LIVE = ('connection', 'request', 'rfile', 'server', 'wfile')

#: The keys of entries that the reference describes.
KEYS = (
    'body', 'body_discarded', 'client_address', 'close_connection', 'command', 'connection',
    'connection_index', 'duration', 'exchange_index', 'headers', 'path', 'raw_requestline',
    'request', 'request_version', 'requestline', 'response_content', 'response_fault',
    'response_fault_at', 'response_headers', 'response_informational', 'response_raw',
    'response_reason', 'response_status', 'response_trailers', 'rfile', 'server', 'time', 'tls',
    'trailers', 'wfile')

#: Why a key can be absent from an entry although its response has been made.
_REASONS = {
    'response_fault': 'there was no fault',
    'response_fault_at': 'there was no fault',
    'response_informational': 'no interim response was sent',
    'response_raw': 'no raw bytes were sent',
    'response_trailers': 'no trailers were sent',
}

#: Names that users of other libraries write, each with the key or attribute that they mean.
_HABITS = {
    'args': 'query', 'authorization': 'auth', 'content_type': 'headers',
    'data': 'body', 'get_json': 'json', 'host': 'headers', 'remote_addr': 'client_address',
    'response_body': 'response_content', 'response_code': 'response_status',
    'response_content_encoding': 'response_headers', 'response_json': 'response_content',
    'response_folder': 'response_content', 'response_ranges': 'response_headers',
    'status': 'response_status',
    'status_code': 'response_status', 'uri': 'url', 'verb': 'method',
    'version': 'request_version'}


def no_key(entry, key):
    """Return the message of a KeyError, as `Words`.

    :param key: a str that is not a key of *entry*.
    """
    if key in KEYS:
        return Words('the key %s is absent from this request: %s' % (
            shown(key), _reason(entry, key)))
    views = _views(entry)
    if key in views:
        return Words('there is no key %s, but request.%s is %s' % (
            shown(key), _spelled(entry, key),
            'a method' if callable(views[key]) else 'an attribute'))
    meant = _meant(entry, key)
    if meant in views:
        meant = 'request.' + _spelled(entry, meant)
    elif meant:
        meant = shown(meant)
    return Words('there is no key %s%s' % (shown(key), _suggestion(meant, set(entry).union(KEYS))))


def no_attribute(entry, name):
    """Return the message of an AttributeError.

    :param name: of an attribute that *entry* does not have.
    """
    if name in KEYS:
        return 'the attribute %s is absent from this request: %s' % (name, _reason(entry, name))
    meant = _meant(entry, name)
    return 'a recorded request has no attribute %s%s' % (name, _suggestion(
        meant and 'request.' + _spelled(entry, meant), _names(entry)))


def _reason(entry, key):
    """Return why *entry* lacks a key of `KEYS`, in a few words."""
    if key == 'body_discarded':
        return 'the whole body was kept'
    if not key.startswith('response_'):
        return 'a copy leaves it out' if key in LIVE else 'the handler has not recorded it'
    if entry.get('duration') is None:
        return 'no response has been made, or the client left before its end'
    if key in _REASONS:
        return _REASONS[key]
    if 'response_raw' in entry:
        return 'raw bytes were sent, see response_raw'
    return 'a fault came before it' if 'response_fault' in entry else 'it was not sent'


def _views(entry):
    """Return a dict of the public attributes of the class of *entry* that no dict has."""
    owner = type(entry)
    return {name: getattr(owner, name) for name in dir(owner)
            if name[0] != '_' and not hasattr(dict, name)}


def _names(entry):
    return set(filter(_is_name, entry)).union(KEYS, _views(entry))


def _is_name(key):
    return isinstance(key, str)


def _meant(entry, name):
    name = native(name)
    return _HABITS.get(name) or nearest(name, sorted(_names(entry)), 'response_')


def _spelled(entry, name):
    return name + '()' if callable(_views(entry).get(name)) else name


def _suggestion(meant, names):
    if meant:
        return '; did you mean %s?' % meant
    return '. All of them: %s' % ', '.join(sorted(filter(_is_name, names)))
