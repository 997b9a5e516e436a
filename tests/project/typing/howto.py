# -*- coding: utf-8 -*-
"""Annotated fixtures, tests and callbacks."""
from typing import Dict, List

import pytest

from httptestserver import RecordedRequest, Route, Server
from httptestserver.typing import MakeHttpServer, ResponseKeys


@pytest.fixture(name='users')
def fixture_users(http_server: Server) -> Route:
    names: Dict[str, str] = {'7': 'Ada'}

    def respond(request: RecordedRequest) -> ResponseKeys:
        name = names.get(request.params['id'])
        if name is None:
            return {'response_status': 404}
        return {'response_json': {'name': name}, 'response_headers': {'ETag': '"1"'}}

    return http_server.route('GET', '/users/{id}', response_callback=respond)


def sent_tags(endpoint: Route) -> List[str]:
    """Return the entity tags that the client has sent back."""
    return [request.headers.get('If-None-Match') or '' for request in endpoint.history]


def test_the_tag_is_sent_back(users: Route, make_http_server: MakeHttpServer) -> None:
    other = make_http_server(history_limit=10)
    other.enqueue(503, response_headers={'Retry-After': '1'})
    assert sent_tags(users) == []
