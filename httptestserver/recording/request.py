# -*- coding: utf-8 -*-
"""What a client sent: the recorded request with its views, and the wire's failures.

Nothing here does I/O or takes a lock. A request is a dict of facts; its attributes are
views of them, made anew at each access.
"""
import copy
import functools
import json
import re

from six.moves.urllib.parse import unquote_to_bytes

from httptestserver.recording.forms import (
    form_fields, form_files, gather, parameter, urlencoded)

__all__ = ['KEPT', 'LIVE', 'RecordedRequest', 'Target']

#: Octets of content made for one response that history keeps.
KEPT = 1048576


#: Keys whose values live only as long as the connection does.
LIVE = ('connection', 'request', 'rfile', 'server', 'wfile')


class Target(str):
    """The path of a request target; RFC 9112, section 3.2.

    ``origin`` is ``'http://host'`` in the absolute-form and ``''`` otherwise, ``query`` what
    stands behind the question mark, ``parts`` are the segments, decoded octets: so %2F
    stays apart from a slash.
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
    """One request as it came, and the response that it was given.

    A plain dict of facts, so that ``history[-1]['path']`` and comparisons of whole
    entries work. ``duration`` is None, and the ``response_*`` keys are absent, until the
    response has been sent.
    """

    # Unset until they are needed: most requests never need them.
    __slots__ = ('_params', '_target', '_head', '_content')

    def answer(self, duration, head, content, keys):
        """Add what was answered, in one step, so that it takes no lock.

        :param head: a `httptestserver.http1.response_head.Head`; None where none was sent.
        :param content: what was sent of it; None where *keys* tell.
        :param keys: further ``response_*`` keys, a dict.
        """
        dict.__setitem__(self, 'duration', duration)
        self._content, self._head = content, head
        if keys or not _LATE:
            self._tell(**keys)

    def _tell(self, **keys):
        """Write what `answer` was told into the dict. Two threads at once write the same."""
        head = getattr(self, '_head', None)
        if head is not None and head.status is not None:
            keys.update(response_status=head.status, response_reason=head.reason,
                        response_headers=head.fields)
        if head is not None and self._content is not None:
            keys['response_content'] = self._content
        if keys:
            dict.update(self, keys)
            self._head = None

    def __missing__(self, key):
        if key in self:                 # which has told it
            return dict.get(self, key)
        raise KeyError(key)

    def __repr__(self):
        path = str(self.get('path'))
        path = path if len(path) <= 120 else '%s... (%d characters)' % (path[:120], len(path))
        status = self.get('response_status', self.get('response_fault', (
            'raw bytes' if 'response_raw' in self else 'no answer yet')))
        return '<RecordedRequest %s %s, %d bytes -> %s>' % (
            self.get('command'), path, len(self.get('body', b'')), status)

    # Connections are left out of what compares, copies and pickles entries.

    def facts(self):
        """Return a plain dict of all that outlives the connection."""
        facts = dict(self)          # at once: its answer may be added meanwhile
        return {key: facts[key] for key in facts if key not in LIVE}

    def copy(self):
        """Return a request with the same facts."""
        duplicate = RecordedRequest(self.facts())
        duplicate.params = dict(self.params)
        return duplicate

    __copy__ = copy

    def __deepcopy__(self, memo):
        duplicate = RecordedRequest(copy.deepcopy(self.facts(), memo))
        duplicate.params = dict(self.params)
        return duplicate

    def __reduce__(self):
        return _restore, (self.facts(), self.params)

    def __eq__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        return self.facts() == RecordedRequest(other).facts()

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    @property
    def method(self):
        """The method, as it was sent."""
        return self['command']

    @property
    def target(self):
        """The path of the target, without its query: a str, see `Target`."""
        return target_of(self)

    @property
    def params(self):
        """What the placeholders of the route that matched stand for, decoded: a dict."""
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
        """The query's names and values: a str, or a list of them where a name repeats."""
        return gather(urlencoded(self.target.query))

    @property
    def text(self):
        """The body as text, by the charset of its Content-Type, UTF-8 by default.

        :raises ValueError: it is not text in that charset, or the charset is unknown.
        """
        try:
            return self['body'].decode(self._charset)
        except Exception as error:          # some codecs of Python 2 raise what they like
            raise ValueError('the body of %s is not text in %s: %s'
                             % (self.get('requestline'), self._charset, error))

    def json(self):
        """Return the value of a JSON body.

        :raises ValueError: the body is not JSON; says where, and shows it.
        """
        try:
            return json.loads(self.text)
        except (ValueError, RuntimeError) as error:         # or it is nested too deep
            raise ValueError('the body of %s is not JSON: %s; it is %r'
                             % (self.get('requestline'), error, self['body'][:200]))

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart, without its files; as `query`."""
        return form_fields(self['body'], self._content_type, self._charset,
                           self.get('requestline'))

    @property
    def files(self):
        """The files of a multipart form: `File`, or a list of them where a name repeats."""
        return form_files(self['body'], self._content_type, self.get('requestline'))

    @property
    def cookies(self):
        """The names and values of the Cookie field. RFC 6265, section 4.2."""
        field = '; '.join(self.field('Cookie'))
        pairs = [pair.strip().partition('=') for pair in field.split(';') if '=' in pair]
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}

    @property
    def _content_type(self):
        return self['headers'].get('Content-Type') or ''

    def field(self, name):
        """Return every value of the header field *name*, a list."""
        return field_values(self, name)

    @property
    def _charset(self):
        return parameter(self._content_type, 'charset') or 'utf-8'


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


def _telling(name):
    """Return the method of dict of that *name*, which first adds what was answered."""
    method = getattr(dict, name)

    @functools.wraps(method, ('__name__', '__doc__'))
    def telling(self, *args, **keys):
        self._tell()
        return method(self, *args, **keys)
    return telling


class _Probe(dict):
    def keys(self):
        return ['key']

    def __iter__(self):
        return iter(self.keys())

    def __getitem__(self, key):
        return key


#: Whether ``dict(request)`` asks the request's methods, so that they can add late what was
#: answered: four keys more double the dict's table, 370 octets for each of 100,000 entries
#: that mostly nobody looks at, and adding them is a twentieth of a request's time.
_LATE = 'key' in dict(_Probe())

if _LATE:
    for _name in ('__contains__', '__delitem__', '__ior__', '__iter__', '__len__', '__or__',
                  '__reversed__', '__ror__', '__setitem__', 'clear', 'get', 'items', 'keys',
                  'pop', 'popitem', 'setdefault', 'update', 'values'):
        if hasattr(dict, _name):
            setattr(RecordedRequest, _name, _telling(_name))


def _restore(facts, params):
    request = RecordedRequest(facts)
    request.params = params
    return request
