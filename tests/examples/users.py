# -*- coding: utf-8 -*-
"""A client of a service with users. It tries again if that may help."""
import time

import requests

ATTEMPTS = 3


def fetch_user(base, number, timeout=5.0):
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            response = requests.get('%s/users/%d' % (base, number), timeout=timeout,
                                    headers={'Accept': 'application/json'})
        except (requests.ConnectionError, requests.Timeout):
            if not attempts_left:
                raise
            continue
        if response.status_code != 503 or not attempts_left:
            break
        time.sleep(float(response.headers.get('Retry-After', 0)))
    response.raise_for_status()
    return response.json()
