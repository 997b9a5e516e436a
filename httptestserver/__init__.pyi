from httptestserver import server as server, testing as testing
from httptestserver.recording.history import Failure as Failure
from httptestserver.recording.request import RecordedRequest as RecordedRequest
from httptestserver.recording.tunnel import Tunnel as Tunnel
from httptestserver.scripting.data import Data as Data
from httptestserver.scripting.endpoint import Route as Route
from httptestserver.scripting.stream import Stream as Stream
from httptestserver.server import (
    Handler as Handler,
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

__all__ = ['Data', 'Failure', 'Handler', 'HttpServerTest', 'HttpTestServer', 'HttpsServerTest',
           'HttpsTestServer', 'RecordedRequest', 'Route', 'Server', 'Stream', 'Tunnel',
           'http_server', 'https_server', 'start_server', 'start_ssl_server']
