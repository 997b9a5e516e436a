# -*- coding: utf-8 -*-
"""A client of a service with users. It tries again if that may help."""
import requests

ATTEMPTS = 3


def fetch_user(base, number):
    for attempts_left in reversed(range(ATTEMPTS)):
        response = requests.get('%s/users/%d' % (base, number),
                                headers={'Accept': 'application/json'})
        if response.status_code != 503 or not attempts_left:
            break
    response.raise_for_status()
    return response.json()
