# -*- coding: utf-8 -*-
"""A handler with its own key: a URL that is called after the response."""
import pytest
import requests

from httptestserver import Handler, http_server


def check_url(key, value):
    if not value.startswith('http'):
        raise ValueError('%s is a URL, got %r' % (key, value))


class WebhookHandler(Handler):
    response_keys = {'response_webhook': check_url}

    def handle_request(self):
        super(WebhookHandler, self).handle_request()
        if 'response_webhook' in self.script:
            requests.post(self.script['response_webhook'], data=b'done')


def test_calls_the_url_of_the_script():
    with http_server(handler=WebhookHandler) as server:
        done = server.route('POST', '/done')
        server.route('POST', '/jobs', response_status=202, response_webhook=server.url('/done'))
        assert requests.post(server.url('/jobs')).status_code == 202
        assert done.take_request()['body'] == b'done'


def test_a_wrong_url_is_refused_at_the_line_that_sets_it():
    with http_server(handler=WebhookHandler) as server:
        with pytest.raises(ValueError):
            server.enqueue(response_webhook='/done')
