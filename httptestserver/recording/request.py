# -*- coding: utf-8 -*-
"""The recorded request: a dict of facts, and attributes that parse them.

Nothing here does I/O or takes a lock.
"""
import collections
import copy
import json

from six import string_types

from httptestserver.http1.fields import to_bytes, to_str
from httptestserver.recording.absence import LIVE, no_attribute, no_key
from httptestserver.recording.credentials import credentials
from httptestserver.recording.forms import (
    form_fields, form_files, gather, parameter, urlencoded)
from httptestserver.recording.target import Target, origin
from httptestserver.wording import Words, shown

__all__ = ['KEPT', 'LIVE', 'RecordedRequest', 'Source', 'UNKNOWN', 'facts_of', 'field_values',
           'located_target_of', 'note_source', 'source_of', 'target_of']

#: An entry keeps at most so much of content that comes from an iterable.
KEPT = 1048576          # bytes


class Source(collections.namedtuple('Source', 'route place')):
    """Where the script of a request was found.

    ``route`` is a `Route` or None. ``place`` is ``'queue'`` or ``'data'``, of the route or of the
    server, or ``'nowhere'`` if no route matched. Both are None if this is not known.
    """

    __slots__ = ()


UNKNOWN = Source(None, None)


class RecordedRequest(dict):
    """One request as it came, and the response that it got.

    It is a dict of facts, such as ``history[-1]['path']``. Each fact is an attribute too, such as
    ``history[-1].path``, unless a dict has a method of that name. Until the response has been made,
    ``duration`` is None and the ``response_*`` keys are absent. Copies, pickles and comparisons
    leave out the keys that need an open connection: ``connection``, ``request``, ``rfile``,
    ``server`` and ``wfile``.
    """

    # Most requests never need these, so they stay unset until they are first used.
    __slots__ = ('_params', '_source', '_target')

    def __repr__(self):
        status = self.get('response_status', self.get('response_fault', (
            'raw bytes' if 'response_raw' in self else 'no response yet')))
        return '<RecordedRequest %s %s, %d bytes -> %s>' % (
            self.get('command'), shown(Words(self.get('path')), 120),
            len(self.get('body', b'')), status)

    def __getattr__(self, name):
        # Python calls this only if the attribute is missing.
        if name[:1] != '_' and name in self:
            return self[name]
        if name[:1] == '_' or hasattr(type(self), name):
            # It is an unset slot, or a property that has raised. This raises the same error again.
            return object.__getattribute__(self, name)
        error = AttributeError(no_attribute(self, name))
        # With these set, tracebacks of Python 3.12 and later would add a second suggestion.
        error.name = error.obj = None
        raise error

    def __missing__(self, key):
        raise KeyError(no_key(self, key) if isinstance(key, string_types) else key)

    def __dir__(self):
        return sorted(set(dir(type(self))).union(key for key in self if isinstance(key, str)))

    def copy(self):
        """Return a `RecordedRequest` with the same facts."""
        request = _restore(facts_of(self), dict(self.params))
        note_source(request, source_of(self))
        return request

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
        """The method as it was sent, a str."""
        return self['command']

    @property
    def params(self):
        """What the placeholders of the route's path matched: a dict of str by their names.

        It is empty if no route matched, or if its path has no placeholders.
        """
        return _slot(RecordedRequest._params, self, {})

    @params.setter
    def params(self, params):
        self._params = params

    @property
    def route(self):
        """The `Route` whose script made the response; None if no route did."""
        return source_of(self).route

    @property
    def url(self):
        """The requested URL, made of the target and the Host field. RFC 9112, section 3.3.

        A target that does not start with a slash is returned unchanged.
        """
        target = self['path']
        if target[:1] == '/':
            scheme = 'https' if self.get('tls') else 'http'
            return '%s://%s%s' % (scheme, self['headers'].get('Host', ''), target)
        return target

    @property
    def query(self):
        """The names and values of the query: a dict of str, or of a list of str if a name repeats.
        """
        return gather(urlencoded(target_of(self).query))

    @property
    def text(self):
        """The body as text, decoded by the charset of its Content-Type. The default is UTF-8.

        :raises ValueError: it is not text in that charset, or the charset is unknown.
        """
        try:
            return self['body'].decode(self._charset)
        # The client chooses the codec, and some codecs of Python 2 raise their own exceptions.
        except Exception as error:
            raise ValueError('the body of %s is not text in %s: %s'
                             % (self.get('requestline'), self._charset, error))

    def json(self):
        """Return the value of a JSON body.

        :raises ValueError: the body is not JSON. The message shows the position and the body.
        """
        try:
            return json.loads(self.text)
        # JSON that is nested too deep raises RuntimeError.
        except (ValueError, RuntimeError) as error:
            raise ValueError('the body of %s is not JSON: %s; it is %s'
                             % (self.get('requestline'), error, shown(self['body'])))

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart, without its files: a dict as `query`.

        A body that is not multipart is read as urlencoded, whatever its Content-Type is. So the
        text of a JSON body is the name of a field.

        :raises ValueError: a multipart body is not valid.
        """
        return form_fields(self['body'], self._content_type, self._charset,
                           self.get('requestline'))

    @property
    def files(self):
        """The files of a multipart form: a dict of ``File``, or of lists of them if names repeat.

        It is empty for other bodies.

        :raises ValueError: the body is not of its Content-Type.
        """
        return form_files(self['body'], self._content_type, self.get('requestline'))

    @property
    def auth(self):
        """The credentials of the Authorization field: (scheme, credentials), or None without one.

        The scheme is in lower case. For ``'basic'`` the credentials are (user, password). For other
        schemes, and if they are not valid, they are the text that follows the scheme.
        """
        return credentials(self['headers'].get('Authorization'))

    @property
    def cookies(self):
        """The cookies: a dict of str by their names. RFC 6265, section 4.2."""
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
    """Return a plain dict of the items of *request* that do not need an open connection."""
    # `dict` copies in one step. A loop can fail if another thread adds the response meanwhile.
    facts = dict(request)
    return {key: facts[key] for key in facts if key not in LIVE}


def _slot(slot, request, default):
    """Return the value of a *slot* of *request*, or *default* if it is unset."""
    try:
        # For an unset slot, plain attribute access would call `__getattr__`: 1 us more.
        return slot.__get__(request)
    except AttributeError:
        return default


def target_of(request):
    """Return the `Target` of a recorded *request*.

    It is parsed once and kept, because each of many routes may need it.
    """
    target = _slot(RecordedRequest._target, request, None)
    if target is None:
        target = request._target = Target(request['path'])
    return target


def located_target_of(request):
    """Return the `Target` of a recorded *request* with an origin, whatever form it was sent in.

    It is what the request line says, else the scheme of the connection and the Host field:
    RFC 9112, section 3.3.
    """
    target = target_of(request)
    if target.origin:
        return target
    host = to_str(to_bytes(request['headers'].get('Host') or ''))
    return target.at(origin('https' if request.get('tls') else 'http', host))


def note_source(request, source):
    """Keep the `Source` of the script of a recorded *request*."""
    request._source = source


def source_of(request):
    """Return the `Source` of the script of a recorded *request*."""
    return _slot(RecordedRequest._source, request, UNKNOWN)


def field_values(request, name):
    """Return the values of all header fields of this *name*: a list of str, maybe empty."""
    headers = request['headers']
    # Python 2 names the method getheaders().
    get_all = getattr(headers, 'get_all', None) or headers.getheaders
    return get_all(name) or []


def _restore(facts, params):
    """Return a request with these facts. Pickles contain this function's name."""
    request = RecordedRequest(facts)
    request.params = params
    return request
