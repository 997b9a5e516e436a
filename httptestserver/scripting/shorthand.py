# -*- coding: utf-8 -*-
"""The short forms of a response, and hints for values that are no response.

Nothing here does I/O or takes a lock.
"""
from six import text_type
from six.moves import collections_abc

from httptestserver.recording.coroutines import check_result
from httptestserver.scripting.vocabulary import is_content, is_json_int, is_response_key, key_meant
from httptestserver.wording import native, shown, wrong

__all__ = ['short_form']

#: What a response may be, as messages say it.
_SHORT = ('a status (int), content (bytes or str), a dict of response_* keys or a callable of the '
          'request')


def short_form(response):
    """Return the dict of ``response_*`` keys that *response* stands for. It is not checked.

    :param response: a status (int), content (bytes or str), a dict of keys or a callback.
    :raises TypeError: it is something else. The message says how to write what was meant.
    :raises ValueError: it is a dict without any such key.
    """
    if is_json_int(response):
        return {'response_status': response}
    if isinstance(response, (bytes, bytearray, text_type)):
        return {'response_content': response}
    if isinstance(response, collections_abc.Mapping):
        if response and not any(map(is_response_key, response)):
            raise ValueError(_no_script(response))
        return dict(response)
    if callable(response):
        return {'response_callback': response}
    check_result('a response', response)
    raise wrong(TypeError, 'a response', _SHORT, response, _instead(response))


def _no_script(response):
    """Return the message for *response*, a dict that has no ``response_*`` key."""
    # Sorted, so that the message does not depend on the order of the dict.
    names = sorted(response, key=native)
    name = next((each for each in names if key_meant(each)), names[0])
    meant = key_meant(name)
    suggestion = 'did you mean %s? To' % meant if meant else 'to'
    return "%s is not a key of a response; %s send this dict as JSON: {'response_json': {...}}" % (
        native(name), suggestion)


def _instead(response):
    """Return a hint for a wrong *response*: how to write what it may mean; '' if not known."""
    if response is None:
        return "a response without a body is 200; for null: {'response_json': None}"
    if isinstance(response, list):
        return "to send this list as JSON: {'response_json': [...]}"
    if isinstance(response, (bool, float)):
        return "to send it as JSON: {'response_json': %s}" % shown(response)
    if isinstance(response, tuple):
        return 'name its parts: %s' % _named_parts(response)
    return "to send its content: {'response_content': ...}" if is_content(response) else ''


def _named_parts(response):
    """Return a dict, as source, that names the parts of a tuple such as (content, status)."""
    if len(response) == 2 and len(list(filter(is_json_int, response))) == 1:
        return '{%s}' % ', '.join(map(_named_part, response))
    return "{'response_status': ..., 'response_headers': ..., 'response_content': ...}"


def _named_part(part):
    if is_json_int(part):
        return "'response_status': %d" % part
    if isinstance(part, dict):
        return "'response_json': {...}"
    return "'response_json': [...]" if isinstance(part, list) else "'response_content': ..."
