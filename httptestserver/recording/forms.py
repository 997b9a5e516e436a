# -*- coding: utf-8 -*-
"""Forms: urlencoded, as a query is too, or multipart with files.

Nothing here does I/O or takes a lock.
"""
import collections
import re

from six import ensure_str
from six.moves.urllib.parse import parse_qsl, unquote_to_bytes

from httptestserver.http1.fields import to_str, to_bytes, parse_fields

__all__ = ['File', 'form_fields', 'form_files', 'gather', 'parameter', 'urlencoded']


def gather(items):
    """Return a dict of the (name, value) *items*, with a list of values if a name repeats.

    It equals what clients such as requests take as ``params`` or ``data``.
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


#: A file of a multipart form: its name and type as the client sent them, and its bytes.
File = collections.namedtuple('File', 'filename content_type content')


def urlencoded(text):
    """Return the (name, value) pairs of a query or of an urlencoded form."""
    # Some Pythons take a semicolon for a separator, which no browser sends as one.
    return parse_qsl(text.replace(';', '%3B'), keep_blank_values=True)


def _is_multipart(content_type):
    return content_type.lower().startswith('multipart/form-data')


def form_fields(body, content_type, charset, requestline):
    """Return the fields of a form, without its files: a dict as `gather` returns it.

    :param charset: of the fields that name none.
    :param requestline: names the request in messages.
    :raises ValueError: the body is not of its content type.
    """
    if not _is_multipart(content_type):
        return gather(urlencoded(ensure_str(body, 'utf-8', 'replace')))
    return gather((field, _decoded(content, part_type, charset, requestline))
                  for field, filename, part_type, content in _parts(
                      body, content_type, requestline)
                  if filename is None)


def form_files(body, content_type, requestline):
    """Return the files of a multipart form: a dict of `File`, as `gather` returns it.

    :raises ValueError: the body is not of its content type.
    """
    if not _is_multipart(content_type):
        return {}
    return gather((field, File(filename, part_type, content))
                  for field, filename, part_type, content in _parts(
                      body, content_type, requestline)
                  if filename is not None)


def _decoded(content, content_type, charset, requestline):
    """Return the *content* of a part as a str, by its own charset or else that of the form."""
    charset = parameter(content_type, 'charset') or charset
    try:
        return ensure_str(content.decode(charset, 'replace'))
    # Some codecs of Python 2 raise exceptions of their own.
    except Exception as error:
        raise ValueError('a part of %s is not text: %s' % (requestline, error))


def _parts(body, content_type, requestline):
    """Yield (name, file name or None, content type, content) of each part. RFC 7578."""
    boundary = parameter(content_type, 'boundary')
    if not boundary:
        raise ValueError('the body of %s has no boundary: %s' % (requestline, content_type))
    # The line end before a delimiter belongs to it: RFC 2046, section 5.1.1.
    delimiter = b'\r\n--' + to_bytes(boundary)
    if delimiter + b'--' not in b'\r\n' + body:
        raise ValueError('the body of %s has no closing delimiter --%s--, so it is cut or has '
                         'another boundary' % (requestline, boundary))
    for part in (b'\r\n' + body).split(delimiter)[1:]:
        if part.startswith(b'--'):
            return
        head, _, content = part.partition(b'\r\n\r\n')
        # White space may stand between a delimiter and its line end.
        head = head.lstrip(b' \t')[2:]
        # A field may be folded over several lines: RFC 5322, section 2.2.3.
        head = re.sub(br'\r\n[ \t]+', b' ', head)
        fields = {field.lower(): value for field, value in parse_fields(head + b'\r\n')}
        disposition = fields.get('content-disposition', '')
        name = parameter(disposition, 'name')
        if name is not None:
            yield (name, parameter(disposition, 'filename'),
                   fields.get('content-type', 'text/plain'), content)


_parameters = re.compile(r';[ \t]*([^=;\s]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))').findall


def parameter(value, name):
    """Return the parameter *name* of a field *value*, or None. RFC 9110, section 5.6.6."""
    found = {key.lower(): (quoted, token) for key, quoted, token in _parameters(value)}
    # The extended form goes before the plain one, which is for old servers: RFC 8187.
    if name + '*' in found:
        _, _, text = ''.join(found[name + '*']).partition("'")
        _, _, encoded = text.partition("'")
        return to_str(unquote_to_bytes(encoded))
    if name in found:
        quoted, token = found[name]
        # Browsers send UTF-8, which was decoded as ISO-8859-1. They do not escape backslashes,
        # and other clients do.
        return to_str(to_bytes(re.sub(r'\\(["\\])', r'\1', quoted) or token))
    return None
