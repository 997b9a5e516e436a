"""Mistakes, each below a comment that names it and up to the next empty line.

Type checkers find them, but for those that no type can express.
"""
import re
import unittest
from typing import List

from httptestserver import (
    HttpServerTest, RecordedRequest, Server, http_server, start_server, start_ssl_server)


def mistakes(server: Server, request: RecordedRequest) -> None:
    # mistake: a misspelt key in route()
    server.route('GET', '/a', response_staus=404)

    # mistake: a misspelt key in enqueue()
    server.enqueue(response_staus=404)

    # mistake: a misspelt key in update()
    server.data.update(response_staus=404)

    # mistake: a misspelt key in data
    server.data['response_staus'] = 404

    # mistake: a misspelt key in a dict
    server.enqueue({'response_staus': 404})

    # mistake: the key of another library in route()
    server.route('GET', '/a', status=404)

    # mistake: the key of another library in enqueue()
    server.enqueue(json={'name': 'Ada'})

    # mistake: the key of another library in data
    server.data['status'] = 404

    # mistake: a status that is a str
    server.data['response_status'] = '404'

    # mistake: a delay that is a str
    server.enqueue(response_timeout='1')

    # mistake: a fault that does not exist
    server.enqueue(response_fault='resett')

    # mistake: a coding that does not exist
    server.enqueue(response_content_encoding='br')

    # mistake: a folder that is bytes
    server.route('GET', '/{path...}', response_folder=b'data')

    # mistake: ranges that are an int
    server.enqueue(response_ranges=100)

    # mistake: not to forward is no value
    server.enqueue(response_forward=False)

    # mistake: a file of authorities that is bytes
    server.route('GET', '/', response_forward_cafile=b'ca.pem')

    # mistake: a moment that does not exist
    server.enqueue(response_fault='reset', response_fault_at='bodyy')

    # mistake: a header field without a value
    server.enqueue(response_headers=[('Vary',)])

    # mistake: a content that is a dict
    server.enqueue(response_content={'name': 'Ada'})

    # mistake: an event that is a number
    server.enqueue(response_events=[5])

    # mistake: a misspelt keyword of an event
    server.stream().send('sunrise', evnet='tick')

    # mistake: a fault that a stream does not have
    server.stream().abort('stall')

    # mistake: a callback without a result
    server.enqueue(lambda request: None)

    # mistake: a callback whose result is a list
    @server.route('GET', '/list')
    def names(request: RecordedRequest) -> List[str]:
        return [request.method]

    # mistake: a callback whose result is a pair
    server.route('GET', '/pair', response_callback=lambda request: ({'name': 'Ada'}, 201))

    # mistake: a path in the place of the method
    server.route('/a')

    # mistake: a criterion for a header field that is a float
    server.route(headers={'X-Page': 2.5})

    # mistake: a criterion for a query that is a dict
    server.wait(timeout=0, query={'page': {'from': 1}})

    # mistake: a criterion for a form that is a regex of bytes
    server.assert_requested('POST', '/a', form={'name': re.compile(b'A')})

    # mistake: a criterion for a file that is an int
    server.route(files={'photo': 5})

    # mistake: credentials without a password
    server.route(auth=('ann',))

    # mistake: a body that is a dict
    server.route(body={'name': 'Ada'})

    # mistake: a misspelt key of a request
    print(request['bdy'])

    # mistake: a misspelt attribute of a request
    print(request.bdy)

    # mistake: a header field that may be missing
    print(request.headers.get('X-Absent').upper())

    # mistake: a timeout that is a str
    server.wait(timeout='5')

    # mistake: a take with criteria
    server.take_request(path='/a')

    # mistake: a request that is not awaited
    print(server.take_request_async().body)

    # mistake: a timeout of an awaitable that is a str
    server.wait_async(timeout='5').close()

    # mistake: a callback that is a coroutine function
    @server.route('GET', '/later')
    async def later(request: RecordedRequest) -> int:
        return 200

    # mistake: a timeout in the place of the count
    server.wait(.1)

    # mistake: a limit that is a str
    start_server(history_limit='3').stop()

    # mistake: a handler of another class
    start_server(handler=object).stop()

    # mistake: a misspelt file
    start_ssl_server(certfle='server.pem').stop()

    # mistake: a misspelt keyword of check()
    server.check(unservd=True)

    # mistake: a count that is a str
    server.route('GET', '/a', count='2')

    # mistake: a path in the place of a pair
    server.assert_requested_in_order('/a')

    # mistake: a misspelt criterion of a wanted request
    server.assert_requested_in_order({'pth': '/a'})

    # mistake: a misspelt keyword of a check at the end of a block
    with http_server(check={'unservd': True}):
        pass

    # mistake: a misspelt option of the server of a class
    class WithOptions(HttpServerTest, unittest.TestCase):
        server_options = {'histry_limit': 3}
    WithOptions.setUpClass()

    # mistake: a fault that connections cannot end with
    server.close_connections('stall')

    # mistake: a timeout in the place of the number of connections
    server.wait_connections(.1)

    # mistake: a number that cannot be set
    server.open_connections = 0

    # mistake: a list of hosts in the place of one str
    server.environ(no_proxy=['a.example'])

    # mistake: the name of a variable in the place of an environment
    server.environ('HOME')

    # mistake: an environment in the place of hosts
    with server.intercept({'HOME': '/home/ada'}):
        pass

    # mistake: one host in the place of a list
    start_ssl_server(hosts='api.example.com').stop()

    # mistake: the file of a certificate in the place of a context
    start_ssl_server(ssl_context='server.pem').stop()

    # mistake: a certificate that is not bundled
    start_ssl_server(certificate='revoked').stop()

    # mistake: an https server that is a proxy
    start_ssl_server(proxy=True).stop()

    # mistake: an address in the place of a switch
    start_server(proxy='127.0.0.1:3128').stop()

    # mistake: a misspelt attribute of a tunnel
    print(server.tunnels[0].host)

    # mistake: requests in the place of a document
    server.replay(server.history)

    # mistake: one name in the place of a list
    server.har(redact='Cookie')

    # mistake: hosts of a server that has no certificate
    start_server(hosts=['api.example.com']).stop()

    # mistake: a misspelt attribute of a server
    print(server.histroy)
