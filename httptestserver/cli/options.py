# -*- coding: utf-8 -*-
"""The options of the command line, with the help and the allowed values of each.

A wrong option ends the process with status 2 and a line that says what is allowed.
"""
import argparse
import os
import sys

import httptestserver
from httptestserver.http1.address import UNIX
from httptestserver.scripting.opening import is_below
from httptestserver.scripting.vocabulary import check
from httptestserver.server import DEFAULT_HOST, DEFAULT_PORT
from httptestserver.serving.authority import require
from httptestserver.serving.identity import REFUSED, identify
from httptestserver.serving.options import HTTPS_NAMES

__all__ = ['EXAMPLES', 'check_identity', 'new_parser', 'parse', 'secure_options', 'with_option']

# Converts an argument back to the bytes that the user gave, because Python 3 decodes them.
_to_bytes = getattr(os, 'fsencode', bytes)

EXAMPLES = '''\
examples:
  %(prog)s -p 8080 --status 503
  %(prog)s --https --content @page.html --verbose
  %(prog)s --script api.json --watch
  %(prog)s --proxy --script api.json
  %(prog)s --script api.json --json --count 10 > traffic.jsonl
  %(prog)s --folder public -p 8080
  %(prog)s --forward https://api.example.com --har api.har
  %(prog)s --replay api.har

a script, such as api.json; each of its three parts may be absent:
  {
    "data": {"response_status": 404},
    "queue": [503, {"response_fault": "reset"}],
    "routes": [
      {"method": "GET", "path": "/users/{id}", "response_json": {"name": "Ada"}},
      {"method": "POST", "path": "/users", "json": {"name": "Ada"},
       "response_status": 201, "response_headers": {"Location": "/users/1"}},
      {"path": "/flaky", "queue": [503, 503], "response_content": "at last"}
    ]
  }

  Of the routes that match a request the last one responds: first with its queue, then
  with its response_* keys. If no route matches, the queue responds, and then the data.
  Criteria of routes: method, path, query, headers, body, json, form and cookies.
  A body may be a file below the folder of the script:
  "response_content": {"file": "page.html"}
'''

#: Pairs of an option and another one that it needs.
NEEDS = (('certfile', 'https'), ('keyfile', 'certfile'), ('client_cafile', 'https'),
         ('hosts', 'https'), ('certificate', 'https'), ('watch', 'script'), ('redact', 'har'),
         ('response_forward_cafile', 'response_forward'))

#: Pairs of options that no server can have together.
EXCLUDE = (('proxy', 'https'), ('proxy', 'unix'), ('proxy', 'certfile'),
           ('proxy', 'client_cafile'), ('proxy', 'hosts'), ('proxy', 'certificate'),
           ('response_folder', 'response_content'), ('response_forward', 'response_content'),
           ('response_folder', 'response_forward'), ('response_forward', 'response_status'),
           ('response_forward', 'response_headers'))


def parse(parser, argv):
    """Return the options in *argv*; None stands for the arguments of the process.

    :param parser: from `new_parser`.
    :raises SystemExit: with status 2 if they are wrong.
    """
    options = parser.parse_args(argv)
    # This comes before what an option needs, because that may be excluded too.
    for name, other in EXCLUDE:
        if _has(options, name) and _has(options, other):
            parser.error('%s and %s exclude each other' % (_option(name), _option(other)))
    for name, other in NEEDS:
        if _has(options, name) and not _has(options, other):
            parser.error('%s needs %s' % (_option(name), _option(other)))
    if options.response_forward is True and not options.proxy:
        parser.error('--forward needs a URL, or --proxy')
    _check_files(parser, options)
    _check_har(parser, options)
    options.scheme = 'https' if options.https else 'http'
    if options.unix is not None:
        _check_unix(parser, options)
        options.host = UNIX + options.unix
    return options


def _has(options, name):
    value = getattr(options, name)
    # Empty content is a value, too.
    return value is not None and value is not False


def _option(name):
    """Return the option whose value is the attribute *name* of the options."""
    name = 'header' if name == 'response_headers' else name.replace('response_', '')
    return '--' + name.replace('_', '-')


def _check_unix(parser, options):
    if options.port:
        parser.error('--unix has no --port')
    if options.unix.startswith(UNIX):
        parser.error('--unix is a path, got %r; did you mean --unix %s?' % (
            options.unix, options.unix[len(UNIX):]))


def _check_files(parser, options):
    for name in 'har', 'replay', 'script':
        if getattr(options, name) == '':
            parser.error("--%s is the path of a file, got ''" % name)


def _check_har(parser, options):
    """Refuse a HAR file that would replace another file, or that every client could read."""
    if not options.har:
        return
    path = _real(options.har)
    for name in ('script', 'replay'):
        if getattr(options, name) and _real(getattr(options, name)) == path:
            parser.error('--har and --%s are the same file: %s' % (name, options.har))
    folder = options.response_folder
    if folder and is_below(path, _real(folder)):
        parser.error('--har is a file below --folder, where every client can read it: %s'
                     % options.har)


def _real(path):
    return os.path.normcase(os.path.realpath(path))


def with_option(options, message):
    """Return the *message* of an error, after the option if its value is what is wrong."""
    # Of two keys that do not fit, the other may be in a script.
    key, is_about_value, _ = message.partition(' is ')
    is_option = is_about_value and key.startswith('response_') and (
        getattr(options, key, None) is not None)
    return '%s: %s' % (_option(key), message) if is_option else message


def secure_options(options):
    """Return a dict of those *options* that are parameters of `Server` for https only."""
    return {name: value for name, value in vars(options).items()
            if name in HTTPS_NAMES and value is not None}


def check_identity(options):
    """Check the certificates that the *options* name. An http server has none.

    :raises EnvironmentError, ImportError, ValueError: one cannot be read or made.
    """
    if options.proxy:
        require('--proxy')
    if options.hosts:
        require('--hosts')
    identify(options.scheme, dict(dict.fromkeys(HTTPS_NAMES), **secure_options(options)))


def new_parser():
    """Return the `argparse.ArgumentParser` of the command line."""
    parser = argparse.ArgumentParser(
        prog=_program(), usage='%(prog)s [options]', epilog=EXAMPLES, formatter_class=_Page,
        description='Serve HTTP, respond as scripted, and print a line for each request.')
    parser.add_argument('-V', '--version', action=_Version, nargs=0,
                        help='show the version, and end')
    _add_address(parser.add_argument_group('where to listen'))
    _add_tls(parser.add_argument_group('TLS'))
    _add_response(parser.add_argument_group('how to respond'))
    _add_display(parser.add_argument_group('what to show'))
    _add_end(parser.add_argument_group('when to end, if not on Ctrl-C'))
    return parser


def _program():
    name = os.path.basename(sys.argv[0])
    return 'httptestserver' if name.startswith('httptestserver') else 'python -m httptestserver'


class _Page(argparse.RawDescriptionHelpFormatter):
    """Formats the help. The column of option names is wide enough for most of them."""

    def __init__(self, *args, **settings):
        super(_Page, self).__init__(*args, max_help_position=27, **settings)

    def _format_action_invocation(self, action):
        # Pythons before 3.13 would repeat the value after each name: ``-p PORT, --port PORT``.
        names = ', '.join(action.option_strings)
        return names if action.nargs == 0 else '%s %s' % (
            names, action.metavar or action.dest.upper())


class _Version(argparse.Action):
    """Shows the version on standard output. argparse of Python 2 uses standard error."""

    def __call__(self, parser, *_):
        sys.stdout.write('httptestserver %s\n' % httptestserver.__version__)
        parser.exit()


def _add_address(group):
    one = group.add_mutually_exclusive_group()
    one.add_argument('--host', default=DEFAULT_HOST,
                     help='name or address (default: %(default)s)')
    one.add_argument('--unix', metavar='PATH',
                     help='a Unix socket; @NAME is an abstract one')
    group.add_argument('-p', '--port', type=_number(int, 'a port: 0 to 65535', 0, 65535),
                       default=DEFAULT_PORT, help='0 to 65535 (default: one that is free)')
    group.add_argument('--proxy', action='store_true',
                       help='be a proxy, and respond for every host name')


def _add_tls(group):
    group.add_argument('--https', action='store_true',
                       help='speak TLS, by default with the bundled certificate')
    one = group.add_mutually_exclusive_group()
    one.add_argument('--certfile', metavar='FILE',
                     help='your own certificate, a PEM file')
    group.add_argument('--keyfile', metavar='FILE',
                       help='its private key, if it is in another PEM file')
    one.add_argument('--hosts', metavar='NAME,...', type=_hosts,
                     help='certificates for these names and addresses')
    one.add_argument('--certificate', metavar='NAME', choices=sorted(REFUSED),
                     help='one that clients refuse: %s' % ', '.join(sorted(REFUSED)))
    group.add_argument('--client-cafile', metavar='FILE',
                       help='demand client certificates of an authority, a PEM file')


def _add_response(group):
    group.add_argument('--status', dest='response_status', metavar='STATUS',
                       type=_number(int, 'a status: 100 to 999', 100, 999),
                       help='100 to 999 (default: 200)')
    group.add_argument('-H', '--header', dest='response_headers', metavar="'NAME: VALUE'",
                       type=_field, action='append',
                       help='a header field; may be given more than once')
    group.add_argument('--content', dest='response_content', metavar='TEXT', type=_content,
                       help='the body; @FILE reads it from a file')
    group.add_argument('--folder', dest='response_folder', metavar='DIR',
                       help='serve the files below this folder')
    group.add_argument('--forward', dest='response_forward', metavar='URL', nargs='?', const=True,
                       help='respond what the server at this URL responds')
    group.add_argument('--forward-cafile', dest='response_forward_cafile', metavar='FILE',
                       help='trust only these authorities there, a PEM file')
    group.add_argument('--replay', metavar='FILE',
                       help='respond what this HAR file has recorded')
    group.add_argument('--timeout', dest='response_timeout', metavar='SECONDS',
                       type=_number(float, 'a number of seconds: 0 to 86400', 0, 86400),
                       help='delay before the response, 0 to 86400 (default: 0)')
    group.add_argument('-s', '--script', metavar='FILE',
                       help='a JSON file with routes and a queue: see below')
    group.add_argument('-w', '--watch', action='store_true',
                       help='read the script again when it changes')


def _add_display(group):
    group.add_argument('-v', '--verbose', action='store_true',
                       help='print header fields and bodies too')
    group.add_argument('-j', '--json', action='store_true',
                       help='print JSON, a line for each request and failure')
    group.add_argument('--har', metavar='FILE',
                       help='write each exchange to this file, as HAR 1.2')
    group.add_argument('--redact', metavar='NAME', type=_redacted, action='append',
                       help='without the values of this header field')


def _add_end(group):
    group.add_argument('-n', '--count', metavar='N',
                       type=_number(int, 'a number of requests: 1 or more', 1, float('inf')),
                       help='after N requests, with status 0')
    group.add_argument('--timeout-exit', metavar='SECONDS',
                       type=_number(float, 'a number of seconds: 0 to 31536000', 0, 31536000),
                       help='after this time, with status 1')


def _number(kind, allowed, low, high):
    """Return an argparse type for numbers from *low* to *high*.

    :param kind: int or float.
    :param allowed: what is allowed, for the message of an error.
    """
    def parse_number(text):
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError('%r is not %s' % (text, allowed))
        return number
    return parse_number


def _field(text):
    """Return the (name, value) of a header field, ``Name: value``, as bytes."""
    name, colon, value = [part.strip(b' \t') for part in _to_bytes(text).partition(b':')]
    if not (name and colon):
        raise argparse.ArgumentTypeError("%r is not of the form 'Name: value'" % (text,))
    try:
        check('response_headers', [(name, value)])
    except ValueError as error:
        raise argparse.ArgumentTypeError(error)
    return name, value


def _redacted(text):
    """Return the name of a header field in *text*."""
    # Imported here, because few commands write a HAR file.
    from httptestserver.har import redacted_names
    try:
        redacted_names([text])
    except ValueError as error:
        raise argparse.ArgumentTypeError(error)
    return text


def _hosts(text):
    """Return the list of the names in *text*, with commas between them."""
    names = [name.strip() for name in text.split(',') if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError('%r is not a list of names, with commas' % text)
    return names


def _content(text):
    """Return the bytes of *text*, or of the file that ``@FILE`` names."""
    if not text.startswith('@'):
        return _to_bytes(text)
    try:
        with open(text[1:], 'rb') as content:
            return content.read()
    except EnvironmentError as error:
        raise argparse.ArgumentTypeError('cannot read %s: %s' % (text[1:], error.strerror))
