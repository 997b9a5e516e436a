from httptestserver.recording.request import Failure as Failure, RecordedRequest as RecordedRequest
from httptestserver.server import (
    Server as Server,
    http_server as http_server,
    https_server as https_server,
    start_server as start_server,
    start_ssl_server as start_ssl_server,
)
from httptestserver.testing import (
    HttpServerTest as HttpServerTest,
    HttpsServerTest as HttpsServerTest,
    HttpsTestServer as HttpsTestServer,
    HttpTestServer as HttpTestServer,
)

__version__: str

__all__ = ['Failure', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Server', 'http_server', 'https_server',
           'start_server', 'start_ssl_server']
