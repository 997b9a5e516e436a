# -*- coding: utf-8 -*-
"""Files that a client uploads."""
import requests

from httptestserver import http_server


def test_a_form_with_a_file():
    with http_server() as server:
        server.route('POST', '/photos', response_status=201)
        requests.post(server.url('/photos'), data={'title': 'Cat'},
                      files={'photo': ('cat.png', b'\x89PNG', 'image/png')})
        request = server.history[-1]
        assert request.form == {'title': 'Cat'}
        photo = request.files['photo']
        assert photo.filename == 'cat.png'
        assert photo.content_type == 'image/png'
        assert photo.content == b'\x89PNG'


def test_a_file_alone():
    with http_server() as server:
        # requests sends an iterator in chunks.
        requests.put(server.url('/backup'), data=iter([b'one ', b'two']))
        assert server.history[-1]['body'] == b'one two'
