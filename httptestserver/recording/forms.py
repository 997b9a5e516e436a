# -*- coding: utf-8 -*-
"""Parses forms: urlencoded ones, queries included, and multipart ones with files.

Nothing here does I/O or takes a lock.
"""
import collections
import re

from six import ensure_str
from six.moves.urllib.parse import parse_qsl, unquote_to_bytes

from httptestserver.http1.fields import to_str, to_bytes, parse_fields

__all__ = ['File', 'form_fields', 'form_files', 'gather', 'is_multipart', 'parameter', 'parts',
           'urlencoded']


def gather(items):
    """Return a dict of the (name, value) *items*, with a list of values if a name repeats.

    A test can compare it with the ``params`` or ``data`` that it gave to a client.
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


#: A file of a multipart form: its name and content type, each a str, and its content, bytes.
File = collections.namedtuple('File', 'filename content_type content')


def urlencoded(text):
    """Return the (name, value) pairs of a query or of an urlencoded form."""
    # Some Pythons split at semicolons too, but browsers send them as part of a value.
    return parse_qsl(text.replace(';', '%3B'), keep_blank_values=True)


def is_multipart(content_type):
    """Whether a form of this type is multipart."""
    return content_type.lower().startswith('multipart/form-data')


def form_fields(body, content_type, charset, requestline):
    """Return the fields of a form, without its files: a dict of str, as `gather` returns it.

    :param charset: the charset of fields that do not name their own.
    :param requestline: the request line, for the messages of errors.
    :raises ValueError: the body is not of its content type.
    """
    if not is_multipart(content_type):
        return gather(urlencoded(ensure_str(body, 'utf-8', 'replace')))
    return gather((to_str(field), _decoded(content, part_type, charset, requestline))
                  for field, filename, part_type, content in parts(
                      body, content_type, requestline)
                  if filename is None)


def form_files(body, content_type, requestline):
    """Return the files of a multipart form: a dict of `File`, as `gather` returns it.

    :raises ValueError: the body is not of its content type.
    """
    if not is_multipart(content_type):
        return {}
    return gather((to_str(field), File(to_str(filename), part_type, content))
                  for field, filename, part_type, content in parts(
                      body, content_type, requestline)
                  if filename is not None)


def _decoded(content, content_type, charset, requestline):
    """Return the *content* of a part as a str.

    :param content_type: of the part; its charset goes before *charset*, that of the form.
    :raises ValueError: there is no such charset.
    """
    charset = parameter(content_type, 'charset') or charset
    try:
        return ensure_str(content.decode(charset, 'replace'))
    # The client chooses the codec, and some codecs of Python 2 raise their own exceptions.
    except Exception as error:
        raise ValueError('a part of %s is not text: %s' % (requestline, error))


def parts(body, content_type, requestline):
    """Yield (name, file name or None, content type, content) of each part. RFC 7578.

    The content type is a str, and the others are bytes.

    :raises ValueError: the body is not of its content type.
    """
    boundary = parameter(content_type, 'boundary')
    if not boundary:
        raise ValueError('the body of %s has no boundary: %s' % (requestline, content_type))
    # The line end before a delimiter is part of the delimiter: RFC 2046, section 5.1.1.
    delimiter = b'\r\n--' + to_bytes(boundary)
    if delimiter + b'--' not in b'\r\n' + body:
        raise ValueError('the body of %s has no closing delimiter --%s--, so it is cut or has '
                         'another boundary' % (requestline, boundary))
    for part in (b'\r\n' + body).split(delimiter)[1:]:
        if part.startswith(b'--'):
            return
        head, _, content = part.partition(b'\r\n\r\n')
        # A delimiter may be followed by white space, and then by its line end.
        head = head.lstrip(b' \t')[2:]
        # A field may be folded over several lines: RFC 5322, section 2.2.3.
        head = re.sub(br'\r\n[ \t]+', b' ', head)
        fields = {field.lower(): value for field, value in parse_fields(head + b'\r\n')}
        disposition = fields.get('content-disposition', '')
        name = _parameter_bytes(disposition, 'name')
        if name is not None:
            yield (name, _parameter_bytes(disposition, 'filename'),
                   fields.get('content-type', 'text/plain'), content)


_parameters = re.compile(r';[ \t]*([^=;\s]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))').findall


def parameter(value, name):
    """Return the parameter *name* of a field *value*, or None. RFC 9110, section 5.6.6."""
    raw = _parameter_bytes(value, name)
    return None if raw is None else to_str(raw)


def _parameter_bytes(value, name):
    """Return the bytes of a `parameter`, or None."""
    found = {key.lower(): (quoted, token) for key, quoted, token in _parameters(value)}
    # The extended form is preferred: RFC 8187, section 4.2. It is charset'language'value.
    if name + '*' in found:
        _, _, text = ''.join(found[name + '*']).partition("'")
        _, _, encoded = text.partition("'")
        return unquote_to_bytes(encoded)
    if name in found:
        quoted, token = found[name]
        # Browsers send UTF-8, and `parse_fields` has decoded it as ISO-8859-1. Only \" and \\ are
        # unescaped, because browsers send file names with plain backslashes.
        return to_bytes(re.sub(r'\\(["\\])', r'\1', quoted) or token)
    return None
