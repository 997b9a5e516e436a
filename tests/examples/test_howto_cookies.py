# -*- coding: utf-8 -*-

"""A client that logs in and sends the cookie of its session back."""
import requests


class Shop(object):
    """The orders of somebody who has logged in."""

    def __init__(self, url, name, password, verify=True):
        self.url = url
        self.verify = verify
        self.session = requests.Session()
        self.session.post(url + '/login', data={'name': name, 'password': password},
                          verify=verify)

    def orders(self):
        return self.session.get(self.url + '/orders', verify=self.verify).json()


def login(server, cookie, **options):
    server.route('POST', '/login', form={'name': 'ada', 'password': 'secret'},
                 response_headers=[('Set-Cookie', cookie), ('Set-Cookie', 'theme=dark')])
    server.route('GET', '/orders', response_json=[7])
    return Shop(server.url(''), 'ada', 'secret', **options)


def test_the_cookies_are_sent_back(http_server):
    shop = login(http_server, 'session=s1; HttpOnly')
    with shop.session:
        assert shop.orders() == [7]
    assert http_server.history[-1].cookies == {'session': 's1', 'theme': 'dark'}


def test_an_expired_cookie_is_not_sent(http_server):
    shop = login(http_server, 'session=s1; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    with shop.session:
        shop.orders()
    assert http_server.history[-1].cookies == {'theme': 'dark'}


def test_a_new_cookie_replaces_the_old_one(http_server):
    shop = login(http_server, 'session=s1')
    http_server.route('GET', '/orders', response_json=[],
                      response_headers={'Set-Cookie': 'session=s2'})
    with shop.session:
        shop.orders()
        shop.orders()
    assert [each.cookies.get('session') for each in http_server.history] == [None, 's1', 's2']


def test_a_secure_cookie_is_sent_over_https_only(http_server, https_server):
    shop = login(https_server, 'session=s1; Secure', verify=https_server.cafile)
    with shop.session:
        shop.orders()
        shop.url = http_server.url('')
        http_server.data['response_json'] = []
        shop.orders()
    assert https_server.history[-1].cookies == {'session': 's1', 'theme': 'dark'}
    assert http_server.history[-1].cookies == {'theme': 'dark'}
