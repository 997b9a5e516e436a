# -*- coding: utf-8 -*-
"""The recorded request: a dict of facts, with views of them as attributes.

Nothing here does I/O or takes a lock.
"""
import copy
import json
import re

from six.moves.urllib.parse import unquote_to_bytes

from httptestserver.recording.forms import (
    form_fields, form_files, gather, parameter, urlencoded)
from httptestserver.wording import Words, shown

__all__ = ['KEPT', 'LIVE', 'RecordedRequest', 'Target', 'facts_of', 'field_values', 'target_of']

#: How much of the content that is made while it is sent stays in an entry, in bytes.
KEPT = 1048576

#: Keys whose values are of use only as long as the connection is open.
LIVE = ('connection', 'request', 'rfile', 'server', 'wfile')


class Target(str):
    """The path of a request target; RFC 9112, section 3.2.

    ``origin`` is ``'http://host'`` in the absolute-form and ``''`` otherwise, ``query`` is what
    follows the question mark. ``parts`` are the segments as decoded bytes, so that %2F stays
    apart from a slash.
    """

    def __new__(cls, target):
        origin = ''
        if target[:1] != '/' and '://' in target:
            scheme, rest = target.split('://', 1)
            end = re.search('[/?]|$', rest).start()
            origin, target = '%s://%s' % (scheme.lower(), rest[:end].lower()), rest[end:]
            target = target if target.startswith('/') else '/' + target
        path, _, query = target.partition('?')
        self = super(Target, cls).__new__(cls, path)
        self.origin, self.query = origin, query
        self.parts = tuple([unquote_to_bytes(part) for part in path.split('/')])
        return self


class RecordedRequest(dict):
    """One request as it came, and the response that it got.

    A plain dict of facts, so that ``history[-1]['path']`` and comparisons of whole entries
    work. ``duration`` is None, and the ``response_*`` keys are absent, until the response has
    been made.
    """

    # Both are unset until they are needed, which for most requests is never.
    __slots__ = ('_params', '_target')

    def __repr__(self):
        status = self.get('response_status', self.get('response_fault', (
            'raw bytes' if 'response_raw' in self else 'no response yet')))
        return '<RecordedRequest %s %s, %d bytes -> %s>' % (
            self.get('command'), shown(Words(self.get('path')), 120),
            len(self.get('body', b'')), status)

    # What lives only with the connection is not compared, copied or pickled.

    def copy(self):
        """Return a request with the same facts."""
        return _restore(facts_of(self), dict(self.params))

    __copy__ = copy

    def __deepcopy__(self, memo):
        return _restore(copy.deepcopy(facts_of(self), memo), dict(self.params))

    def __reduce__(self):
        return _restore, (facts_of(self), self.params)

    def __eq__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        return facts_of(self) == facts_of(other)

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    @property
    def method(self):
        """The method, as it was sent."""
        return self['command']

    @property
    def params(self):
        """The decoded segments that the route's placeholders stand for: a dict by their names."""
        return getattr(self, '_params', {})

    @params.setter
    def params(self, params):
        self._params = params

    @property
    def url(self):
        """The URL that was asked for, made of the target and the Host field."""
        target = self['path']
        if target[:1] == '/':
            scheme = 'https' if self.get('tls') else 'http'
            return '%s://%s%s' % (scheme, self['headers'].get('Host', ''), target)
        return target

    @property
    def query(self):
        """The query's names and values: a dict of str, or of lists of them if a name repeats."""
        return gather(urlencoded(target_of(self).query))

    @property
    def text(self):
        """The body as text, by the charset of its Content-Type, UTF-8 by default.

        :raises ValueError: it is not text in that charset, or the charset is unknown.
        """
        try:
            return self['body'].decode(self._charset)
        # Some codecs of Python 2 raise exceptions of their own.
        except Exception as error:
            raise ValueError('the body of %s is not text in %s: %s'
                             % (self.get('requestline'), self._charset, error))

    def json(self):
        """Return the value of a JSON body.

        :raises ValueError: the body is not JSON; the message has the place and the body.
        """
        try:
            return json.loads(self.text)
        # Values that are nested too deep raise RuntimeError.
        except (ValueError, RuntimeError) as error:
            raise ValueError('the body of %s is not JSON: %s; it is %s'
                             % (self.get('requestline'), error, shown(self['body'])))

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart, without its files: a dict as `query`."""
        return form_fields(self['body'], self._content_type, self._charset,
                           self.get('requestline'))

    @property
    def files(self):
        """The files of a multipart form: a dict of `File`, or of lists if a name repeats."""
        return form_files(self['body'], self._content_type, self.get('requestline'))

    @property
    def cookies(self):
        """The names and values of the Cookie field. RFC 6265, section 4.2."""
        field = '; '.join(field_values(self, 'Cookie'))
        pairs = [pair.strip().partition('=') for pair in field.split(';') if '=' in pair]
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}

    @property
    def _content_type(self):
        return self['headers'].get('Content-Type') or ''

    @property
    def _charset(self):
        return parameter(self._content_type, 'charset') or 'utf-8'


def facts_of(request):
    """Return a plain dict of all in *request* that outlives its connection."""
    # Copied in one step, because another thread may be adding the response.
    facts = dict(request)
    return {key: facts[key] for key in facts if key not in LIVE}


def target_of(request):
    """Return the `Target` of a recorded *request*.

    It is made once, because each of a thousand routes may look at it.
    """
    target = getattr(request, '_target', None)
    if target is None:
        target = request._target = Target(request['path'])
    return target


def field_values(request, name):
    """Return the values of each header field of this *name*, a list."""
    headers = request['headers']
    # Messages of Python 2 have only getheaders().
    get_all = getattr(headers, 'get_all', None) or headers.getheaders
    return get_all(name) or []


def _restore(facts, params):
    """Return the request of these facts; pickles name this function."""
    request = RecordedRequest(facts)
    request.params = params
    return request
