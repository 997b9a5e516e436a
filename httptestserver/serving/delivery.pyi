import socket
from typing import Callable

from httptestserver.serving.handler import Handler
from httptestserver.scripting.response import Response
from httptestserver.waiting import Interrupt

__all__ = ['BrokenOff', 'Ended', 'break_off', 'deliver', 'wait']

TICK: float
HOLD_TICK: float
STEP: int

class Ended(Exception): ...

class BrokenOff(Exception):
    fault: str
    def __init__(self, fault: str) -> None: ...

def deliver(exchange: Handler, response: Response) -> None: ...
def wait(interrupt: Interrupt, response: Response) -> None: ...
def break_off(
    connection: socket.socket,
    fault: str,
    interrupt: Interrupt,
    silence: Callable[[socket.socket], object],
) -> None: ...
