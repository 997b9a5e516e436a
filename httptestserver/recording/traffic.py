# -*- coding: utf-8 -*-
"""Makes the lines that show the requests of a server in the report of a failed test.

Nothing here does I/O or takes a lock.
"""
from six import ensure_text

from httptestserver.recording.messages import sourced_line
from httptestserver.recording.request import source_of
from httptestserver.recording.text import message_lines, request_fields, response_fields

__all__ = ['traffic']

#: At most so many requests are listed: the newest ones.
LINES = 50

#: At most so many characters of one content are shown.
CUT = 200

#: At most so many characters of one line of a message are shown.
WIDTH = 200

#: Fields that say nothing about a client or a script, in lower case.
USUAL_REQUEST = ('accept-encoding', 'connection', 'content-length', 'host', 'user-agent')
USUAL_RESPONSE = ('connection', 'content-length', 'date', 'server')


def traffic(history, failures=(), begin=0, verbose=False):
    """Return lines with the requests of a *history*, then with the failures on the wire.

    :param history: a list of recorded requests.
    :param failures: a list of `Failure`.
    :param begin: how many of the oldest requests are left out.
    :param verbose: whether all header fields are shown.
    """
    begin = max(begin, len(history) - LINES)
    lines = [u'  ... %d older ones' % begin] if begin else []
    for index, request in enumerate(history[begin:], begin):
        lines.append(u'  ' + ensure_text(sourced_line(index, request), 'utf-8', 'replace'))
        lines += _messages(request, verbose)
    return lines + [u'  failure on %s' % ensure_text(str(each), 'utf-8', 'replace')
                    for each in failures]


def _messages(request, verbose):
    fields = request_fields(request)
    if not verbose:
        fields = [field for field in fields if not _is_usual(*field)]
    lines = _message(u'      > ', fields, request['body'])
    if request.get('body_discarded'):
        lines.append(u'      > ... (%d bytes)'
                     % (len(request['body']) + request['body_discarded']))
    # If no route matches, `check` reports the content of the 404, so it is not shown twice.
    return lines if source_of(request).place == 'nowhere' else lines + _response(request, verbose)


def _response(request, verbose):
    fields = [(name, value) for name, value in response_fields(request)
              if verbose or name.lower() not in USUAL_RESPONSE]
    content = request.get('response_raw', request.get('response_content', b''))
    return _message(u'      < ', fields, content)


def _is_usual(name, value):
    # Many clients send this Accept, which allows everything.
    return name.lower() in USUAL_REQUEST or (name.lower(), value) == ('accept', '*/*')


def _message(mark, fields, content):
    return [mark + _cut(line) for line in message_lines(fields, content, CUT) if line]


def _cut(line):
    return line if len(line) <= WIDTH else u'%s... (%d characters)' % (line[:WIDTH], len(line))
