# -*- coding: utf-8 -*-
"""A client of a service with users."""
import requests


def fetch_user(base, number):
    response = requests.get('%s/users/%d' % (base, number),
                            headers={'Accept': 'application/json'})
    response.raise_for_status()
    return response.json()
