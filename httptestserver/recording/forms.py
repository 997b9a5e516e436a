# -*- coding: utf-8 -*-
"""The forms that a body may hold: urlencoded, or multipart with files.

Nothing here does I/O or takes a lock.
"""
import collections
import re

from six import ensure_str
from six.moves.urllib.parse import parse_qsl, unquote_to_bytes

from httptestserver.http1.fields import to_str, to_bytes, parse_fields

__all__ = ['File', 'form_fields', 'form_files', 'gather', 'parameter', 'urlencoded']


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


#: A file of a multipart form: its name and type as the client told them, and its octets.
File = collections.namedtuple('File', 'filename content_type content')


def urlencoded(text):
    """Return the (name, value) pairs of a query, or of a form like it."""
    # Only some Pythons take a semicolon for a separator; no browser does.
    return parse_qsl(text.replace(';', '%3B'), keep_blank_values=True)


def _is_multipart(content_type):
    return content_type.lower().startswith('multipart/form-data')


def form_fields(body, content_type, charset, name):
    """Return the fields of a form, without its files: a dict as of `gather`.

    :param name: of the request, for messages.
    :raises ValueError: it is no form.
    """
    if not _is_multipart(content_type):
        return gather(urlencoded(ensure_str(body, 'utf-8', 'replace')))
    return gather((field, _decoded(content, part_type, charset, name))
                  for field, filename, part_type, content in _parts(body, content_type, name)
                  if filename is None)


def form_files(body, content_type, name):
    """Return the files of a multipart form: a dict as of `gather`, of `File`."""
    if not _is_multipart(content_type):
        return {}
    return gather((field, File(filename, part_type, content))
                  for field, filename, part_type, content in _parts(body, content_type, name)
                  if filename is not None)


def _decoded(content, content_type, charset, request):
    """Return the *content* of a part as a str; *charset* is that of the form."""
    charset = parameter(content_type, 'charset') or charset
    try:
        return ensure_str(content.decode(charset, 'replace'))
    except Exception as error:          # some codecs of Python 2 raise what they like
        raise ValueError('a part of %s is not text: %s' % (request, error))


def _parts(body, content_type, request):
    """Yield (name, file name or None, type, content) of each part. RFC 7578."""
    boundary = parameter(content_type, 'boundary')
    if not boundary:
        raise ValueError('the body of %s has no boundary: %s' % (request, content_type))
    # RFC 2046, section 5.1.1: the delimiter begins with the line end before it.
    delimiter = b'\r\n--' + to_bytes(boundary)
    if delimiter + b'--' not in b'\r\n' + body:
        raise ValueError('the body of %s has no closing delimiter --%s--, so it is cut or its '
                         'boundary is another' % (request, boundary))
    for part in (b'\r\n' + body).split(delimiter)[1:]:
        if part.startswith(b'--'):
            return
        head, _, content = part.partition(b'\r\n\r\n')
        head = re.sub(br'\r\n[ \t]+', b' ', head.lstrip(b' \t')[2:])      # folded lines
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
    if name + '*' in found:             # RFC 8187; name, if it is there, is for old servers
        charset, _, text = ''.join(found[name + '*']).partition("'")
        return to_str(unquote_to_bytes(text.partition("'")[2]))
    if name in found:
        quoted, token = found[name]
        # Browsers send the octets of UTF-8 as they are, which we took for ISO-8859-1, and
        # backslashes too; others escape them.
        return to_str(to_bytes(re.sub(r'\\(["\\])', r'\1', quoted) or token))
    return None
