# -*- coding: utf-8 -*-
"""What a client sent: the recorded request with its views, and the wire's failures.

Nothing here does I/O or takes a lock. A request is a dict of facts; its attributes are
views of them, made anew at each access.
"""
import collections
import json
import re

from six import ensure_str
from six.moves.urllib.parse import parse_qsl, unquote_to_bytes

__all__ = ['Failure', 'RecordedRequest', 'Target', 'gather']

_BOUNDARY = re.compile(r'(?i);[ \t]*boundary=(?:"([^"]+)"|([^;\s]+))').search
_CHARSET = re.compile(r'(?i);[ \t]*charset=(?:"([^"]+)"|([^;\s]+))').search
_NAME = re.compile(r'(?i);[ \t]*name=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))').search
_FILENAME = re.compile(r'(?i);[ \t]*filename\*?=').search


def gather(items):
    """Return a dict of the (name, value) *items*: a str, or a list where a name repeats.

    So it equals what clients such as requests take as ``params`` or ``data``.
    """
    gathered = {}
    for name, value in items:
        if name not in gathered:
            gathered[name] = value
        elif isinstance(gathered[name], list):
            gathered[name].append(value)
        else:
            gathered[name] = [gathered[name], value]
    return gathered


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
    response has been sent. ``params`` are the parts that the template of a route took from
    the path, decoded.
    """

    __slots__ = ('params', '_target')

    def __init__(self, *args, **kws):
        super(RecordedRequest, self).__init__(*args, **kws)
        self.params = {}
        self._target = None

    def __repr__(self):
        return '<RecordedRequest %s>' % self.get('requestline')

    @property
    def method(self):
        """The method, as it was sent."""
        return self['command']

    @property
    def target(self):
        """The path of the target, without its query: a str, see `Target`."""
        if self._target is None:            # 1,000 routes look at it
            self._target = Target(self['path'])
        return self._target

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
        return gather(_urlencoded(self.target.query))

    @property
    def text(self):
        """The body as text, by the charset of its Content-Type, UTF-8 by default.

        :raises ValueError: it is not text in that charset, or the charset is unknown.
        """
        match = _CHARSET(self._content_type)
        charset = match.group(1) or match.group(2) if match else 'utf-8'
        try:
            return self['body'].decode(charset)
        except (LookupError, UnicodeError) as error:
            raise ValueError('the body of %s is not text in %s: %s'
                             % (self.get('requestline'), charset, error))

    def json(self):
        """Return the value of a JSON body.

        :raises ValueError: the body is not JSON; says where, and shows it.
        """
        try:
            return json.loads(self.text)
        except ValueError as error:
            raise ValueError('the body of %s is not JSON: %s; it is %r'
                             % (self.get('requestline'), error, self['body'][:200]))

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart, without its files; as `query`."""
        if self._content_type.lower().startswith('multipart/form-data'):
            return gather((name, ensure_str(content)) for name, content in self._parts())
        return gather(_urlencoded(ensure_str(self['body'], 'utf-8', 'replace')))

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
        headers = self['headers']
        every = getattr(headers, 'get_all', None) or headers.getheaders     # of Python 2
        return every(name) or []

    def _parts(self):
        """Yield the name and the content of each part that is no file. RFC 7578."""
        match = _BOUNDARY(self._content_type)
        if match is None:
            raise ValueError('multipart/form-data without a boundary: %s' % self._content_type)
        delimiter = b'\r\n--' + ensure_str(match.group(1) or match.group(2)).encode('utf-8')
        for part in (b'\r\n' + self['body']).split(delimiter)[1:]:
            if part.startswith(b'--'):
                return
            head, _, content = part.partition(b'\r\n\r\n')
            head = ensure_str(head, 'utf-8', 'replace')
            name = _NAME(head)
            if name and not _FILENAME(head):
                yield name.group(1) or name.group(2), content


def _urlencoded(text):
    return parse_qsl(text, keep_blank_values=True)


class Failure(collections.namedtuple(
        'Failure', 'client_address connection_index time reason')):
    """What went wrong on a connection, where no request came of it.

    ``time`` is in seconds since the epoch, ``reason`` one line of text.
    """

    __slots__ = ()

    def __str__(self):
        return 'connection %s from %s:%s: %s' % (
            (self.connection_index,) + tuple(self.client_address[:2]) + (self.reason,))
