# -*- coding: utf-8 -*-
"""A client that uploads: a form with a file, a file alone, pieces, and more than one can keep."""
import re

import pytest
import requests


def publish(url, title, photo):
    """Send a photo in a form, as a browser does."""
    response = requests.post(url + '/photos', data={'title': title},
                             files={'photo': ('cat.png', photo, 'image/png')})
    response.raise_for_status()


def back_up(url, content):
    """Send a file, or an iterator of pieces, as the body; a service may refuse it."""
    return requests.put(url + '/backup', data=content).status_code != 413


def test_a_form_with_a_file(http_server):
    http_server.route('POST', '/photos', form={'title': 'Cat'}, response_status=201)
    publish(http_server.url(''), 'Cat', b'\x89PNG')
    request = http_server.history[-1]
    assert request.form == {'title': 'Cat'}
    photo = request.files['photo']
    assert (photo.filename, photo.content_type) == ('cat.png', 'image/png')
    assert photo.content == b'\x89PNG'


def test_a_file_that_is_no_picture_is_refused(http_server):
    http_server.route('POST', '/photos', response_status=415)
    http_server.route('POST', '/photos', files={'photo': re.compile(b'^.PNG', re.DOTALL)})
    publish(http_server.url(''), 'Cat', b'\x89PNG')
    with pytest.raises(requests.HTTPError):
        publish(http_server.url(''), 'Cat', b'GIF89a')


def test_a_file_alone(http_server, tmpdir):
    path = tmpdir.join('backup')
    path.write(b'one two')
    with path.open('rb') as opened:
        assert back_up(http_server.url(''), opened)
    request = http_server.history[-1]
    assert request['body'] == b'one two'
    assert request['headers']['Content-Length'] == '7'


def test_pieces_are_sent_in_chunks(http_server):
    assert back_up(http_server.url(''), iter([b'one ', b'two']))
    request = http_server.history[-1]
    assert request['body'] == b'one two'
    assert request['headers']['Transfer-Encoding'] == 'chunked'


@pytest.mark.httptestserver(body_limit=1000)
def test_a_large_upload_is_not_kept(http_server):
    assert back_up(http_server.url(''), b'x' * 3000000)
    request = http_server.history[-1]
    assert request['body'] == b'x' * 1000
    assert request['body_discarded'] == 2999000


def test_an_upload_that_is_refused(http_server):
    http_server.route('PUT', '/backup', body=lambda body: len(body) > 1000, response_status=413)
    assert not back_up(http_server.url(''), b'x' * 1001)


def test_an_upload_that_is_refused_while_it_is_sent(http_server):
    http_server.enqueue(413, response_early=True)
    assert not back_up(http_server.url(''), b'x' * 8000000)
    request = http_server.history[-1]
    assert request['headers']['Content-Length'] == '8000000'
    assert request['body'] == b''


def test_a_connection_that_ends_before_the_upload_was_read(http_server):
    http_server.enqueue(response_fault='reset', response_fault_at='request')
    with pytest.raises(requests.ConnectionError):
        back_up(http_server.url(''), b'x' * 3000000)
    assert http_server.history[-1]['path'] == '/backup'
