# -*- coding: utf-8 -*-

"""A fake object store: buckets with objects, in the memory of the test."""
import hashlib
import threading
from xml.sax.saxutils import escape

ERROR = u'<Error><Code>%s</Code></Error>'
LISTING = u'<ListBucketResult><KeyCount>%d</KeyCount>%s</ListBucketResult>'
ITEM = u'<Contents><Key>%s</Key><Size>%d</Size></Contents>'


class ObjectStore(object):
    """Serves objects below /bucket/key of *server*.

    A test may read and change ``objects``, a dict of (bucket, key) and bytes. ``reads`` and
    ``writes`` are routes, so they have a history and a queue.
    """

    def __init__(self, server):
        self.objects = {}
        self._writing = threading.Lock()
        path = '/{bucket}/{key...}'
        server.route('GET', '/{bucket}', response_callback=self.listing)
        self.reads = server.route(('GET', 'HEAD'), path, response_callback=self.read)
        self.writes = server.route('PUT', path, response_callback=self.write)
        server.route('DELETE', path, response_callback=self.delete)

    def read(self, request):
        content = self.objects.get(name(request))
        if content is None:
            return error(404, 'NoSuchKey')
        return {'response_content': content, 'response_ranges': True,
                'response_headers': {'ETag': etag(content)}}

    def write(self, request):
        # Without a lock, two clients could both be the first to write an object.
        with self._writing:
            current = self.objects.get(name(request))
            if request.headers.get('If-None-Match') == '*' and current is not None:
                return error(412, 'PreconditionFailed')
            if request.headers.get('If-Match', etag(current)) != etag(current):
                return error(412, 'PreconditionFailed')
            self.objects[name(request)] = request.body
        return {'response_headers': {'ETag': etag(request.body)}}

    def delete(self, request):
        self.objects.pop(name(request), None)
        return 204

    def listing(self, request):
        prefix = request.query.get('prefix', '')
        items = [ITEM % (escape(key), len(content))
                 for (bucket, key), content in sorted(self.objects.items())
                 if bucket == request.params['bucket'] and key.startswith(prefix)]
        return {'response_content': LISTING % (len(items), ''.join(items)),
                'response_headers': {'Content-Type': 'application/xml'}}


def name(request):
    return request.params['bucket'], request.params['key']


def etag(content):
    return None if content is None else '"%s"' % hashlib.md5(content).hexdigest()


def error(status, code):
    return {'response_status': status, 'response_content': ERROR % code,
            'response_headers': {'Content-Type': 'application/xml'}}
