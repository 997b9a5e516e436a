# -*- coding: utf-8 -*-
"""The recorded request: a dict of facts, and attributes that parse them.

Nothing here does I/O or takes a lock.
"""
import collections
import copy
import json

from six import string_types

from httptestserver.http1.fields import get_all
from httptestserver.recording.absence import LIVE, no_attribute, no_key
from httptestserver.recording.credentials import credentials
from httptestserver.recording.forms import (
    form_fields, form_files, gather, parameter, urlencoded)
from httptestserver.recording.target import Target, origin
from httptestserver.wording import Words, shown

__all__ = ['CutContent', 'KEPT', 'LIVE', 'RecordedRequest', 'Source', 'UNKNOWN',
           'displayed_target', 'facts_of', 'limit_of', 'located_target_of', 'note_limit',
           'note_source', 'note_tunnel', 'source_of', 'target_of']

#: An entry keeps at most so much of content that comes from an iterable.
KEPT = 1048576          # bytes


class CutContent(bytes):
    """The beginning of a content of which not all was kept."""

    __slots__ = ()


class Source(collections.namedtuple('Source', 'route place criteria')):
    """Where the script of a request was found.

    ``route`` is a `Route` or None. ``place`` is ``'queue'`` or ``'data'``, of the route or of the
    server, or ``'nowhere'`` if no route matched. Both are None if this is not known. ``criteria``
    are those of the route.
    """

    __slots__ = ()

    def rest(self, request):
        """Return what the ``{name...}`` of the route matches: a tuple of decoded segments.

        It is None without a route, and if the path of the route does not end so.
        """
        return self.criteria and self.criteria.rest(request)


# A source without a route has no criteria.
Source.__new__.__defaults__ = (None,)

UNKNOWN = Source(None, None)

#: The body of a request whose content was last asked for, this content, why there is none, and
#: how many bytes it may have. They share a slot, which saves 16 bytes in each entry.
UNDECODED = None, None, None, None


class RecordedRequest(dict):
    """One request as it came, and the response that it got.

    It is a dict of facts, such as ``history[-1]['path']``. Each fact is an attribute too, such as
    ``history[-1].path``, unless a dict has a method of that name. Until the response has been made,
    ``duration`` is None and the ``response_*`` keys are absent. Copies, pickles and comparisons
    leave out the keys that need an open connection: ``connection``, ``request``, ``rfile``,
    ``server`` and ``wfile``.
    """

    # Most requests never need these, so they stay unset until they are first used.
    __slots__ = ('_content', '_params', '_source', '_target', '_tunnel')

    def __repr__(self):
        status = self.get('response_status', self.get('response_fault', (
            'raw bytes' if 'response_raw' in self else 'no response yet')))
        return '<RecordedRequest %s %s, %d bytes -> %s>' % (
            self.get('command'), shown(Words(displayed_target(self)), 120),
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
        request = _restore(facts_of(self), dict(self.params), limit_of(self), self.tunnel)
        note_source(request, source_of(self))
        return request

    __copy__ = copy

    def __deepcopy__(self, memo):
        facts = copy.deepcopy(facts_of(self), memo)
        return _restore(facts, dict(self.params), limit_of(self), self.tunnel)

    def __reduce__(self):
        return _restore, (facts_of(self), self.params, limit_of(self), self.tunnel)

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

        They are percent-decoded, so ``%2F`` is a slash in them. It is empty if no route matched, or
        if its path has no placeholders.
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
    def tunnel(self):
        """The ``'host:port'`` of the tunnel through a proxy in which the request came, else None.
        """
        return _slot(RecordedRequest._tunnel, self, None)

    @property
    def url(self):
        """The requested URL, made of the target and the Host field. RFC 9112, section 3.3.

        Without a Host field it has the host of the `tunnel`, if there is one. A target that does
        not start with a slash is returned unchanged.
        """
        target = self['path']
        if target[:1] == '/':
            return '%s://%s%s' % (_scheme_of(self), _host_of(self), target)
        return target

    @property
    def query(self):
        """The names and values of the query: a dict of str, or of a list of str if a name repeats.
        """
        return gather(urlencoded(target_of(self).query))

    @property
    def content(self):
        """The body with the codings of its Content-Encoding undone: bytes. RFC 9110, section 8.4.

        The codings gzip and deflate are undone, also several of them. It is the body itself if it
        has no coding. It is decoded once, when it is first used.

        :raises ValueError: the body does not decode: it is damaged, cut off or followed by other
            bytes, its coding is unknown, or it becomes larger than the ``body_limit`` of the
            server, which is 64 MiB for this if it is not set. Or ``body_limit`` has cut the body.
        """
        body = self['body']
        if 'body_discarded' not in self and self['headers'].get('Content-Encoding') is None:
            # Most bodies have no coding, so the look into the slot is saved.
            return body
        kept, content, wrong, limit = _slot(RecordedRequest._content, self, UNDECODED)
        # A handler may replace the body of an entry.
        if kept is not body:
            content, wrong = _content_of(self, body, limit)
            self._content = body, content, wrong, limit
        if wrong is not None:
            raise ValueError(wrong)
        return content

    @property
    def text(self):
        """The `content` as text, decoded by the charset of its Content-Type, by default UTF-8.

        :raises ValueError: it is not text in that charset, or the charset is unknown. Or as
            `content`; so do `json`, `form` and `files`.
        """
        return _text_of(self, self.content)

    def json(self):
        """Return the value of a JSON body.

        :raises ValueError: the body is not JSON. The message shows the position and the body.
        """
        content = self.content
        try:
            return json.loads(_text_of(self, content))
        # JSON that is nested too deep raises RuntimeError.
        except (ValueError, RuntimeError) as error:
            raise ValueError('the body of %s is not JSON: %s; it is %s'
                             % (self.get('requestline'), error, shown(content)))

    @property
    def form(self):
        """The fields of a form, urlencoded or multipart, without its files: a dict as `query`.

        A body that is not multipart is read as urlencoded, whatever its Content-Type is. So the
        text of a JSON body is the name of a field.

        :raises ValueError: a multipart body is not valid.
        """
        return form_fields(self.content, self._content_type, self._charset,
                           self.get('requestline'))

    @property
    def files(self):
        """The files of a multipart form: a dict of ``File``, or of lists of them if names repeat.

        It is empty for other bodies.

        :raises ValueError: the body is not of its Content-Type.
        """
        return form_files(self.content, self._content_type, self.get('requestline'))

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
        field = '; '.join(get_all(self['headers'], 'Cookie'))
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
    return target.at(origin(_scheme_of(request), _host_of(request)))


def _scheme_of(request):
    return 'https' if request.get('tls') else 'http'


def _host_of(request):
    # A plain dict has no tunnel.
    return request['headers'].get('Host') or getattr(request, 'tunnel', None) or ''


def note_tunnel(request, target):
    """Keep the ``'host:port'`` of the tunnel in which a recorded *request* came; None for none."""
    if target is not None:
        request._tunnel = target


def displayed_target(request):
    """Return what messages show of the target of *request*: its URL if it came through a tunnel.
    """
    return request.url if getattr(request, 'tunnel', None) else request.get('path')


def note_limit(request, limit):
    """Keep how many bytes of the body of a recorded *request* its server keeps; None for all."""
    if limit is not None:
        request._content = UNDECODED[:3] + (limit,)


def limit_of(request):
    """Return the limit that `note_limit` has kept; None if there is none, as in a plain dict."""
    return getattr(request, '_content', UNDECODED)[3]


def note_source(request, source):
    """Keep the `Source` of the script of a recorded *request*."""
    request._source = source


def source_of(request):
    """Return the `Source` of the script of a recorded *request*."""
    return _slot(RecordedRequest._source, request, UNKNOWN)


def _content_of(request, body, limit):
    """Return (the decoded *body*, None), or (None, why it cannot be decoded)."""
    discarded = request.get('body_discarded')
    if discarded is not None:
        return None, _not_whole(request, body, discarded, limit)
    if not body:
        return body, None
    # Imported here, because few bodies have a coding.
    from httptestserver.recording.decoding import codings_of, undone
    try:
        codings = codings_of(get_all(request['headers'], 'Content-Encoding'))
        return undone(body, codings, limit), None
    except ValueError as error:
        return None, 'the body of %s cannot be decoded %s' % (_line(request), error)


def _text_of(request, content):
    """Return the *content* of a request as text: see `RecordedRequest.text`."""
    charset = request._charset
    try:
        return content.decode(charset)
    # The client chooses the codec, and some codecs of Python 2 raise their own exceptions.
    except Exception as error:
        raise ValueError('the body of %s is not text in %s: %s'
                         % (request.get('requestline'), charset, error))


def _not_whole(request, body, discarded, limit):
    if body or limit == 0:
        return 'the body of %s is cut: body_limit kept %d of %d bytes' % (
            _line(request), len(body), len(body) + discarded)
    return ("the body of %s was not read, because of response_early or a fault at 'request'"
            % _line(request))


def _line(request):
    # Cut, because near misses show the message in 200 characters.
    return shown(Words(request.get('requestline')), 80)


def _restore(facts, params, limit=None, tunnel=None):
    """Return a request with these facts. Pickles contain this function's name."""
    request = RecordedRequest(facts)
    request.params = params
    note_limit(request, limit)
    note_tunnel(request, tunnel)
    return request
