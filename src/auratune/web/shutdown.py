"""Hears that the service is asked to stop, before the server waits for its connections to end.

An event stream never ends by itself: without this a stop would last until the server loses its patience.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_stop(callback: Callable[[], object]) -> Iterator[None]:
    """Call back on the signals that stop a service, and then do what they did before.

    Only a program's main thread can hear signals; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        callback()
        former = before[number]
        if callable(former):
            former(number, frame)
        elif former == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in _SIGNALS:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in _SIGNALS:
            if signal.getsignal(number) is hear:
                signal.signal(number, before[number])
