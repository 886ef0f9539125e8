"""How a process of a service begins, and what it does when it is told to end before it has.

The first import of every `__main__`, and nothing but the standard library: the imports that
follow take a second, or ten on a busy machine. A process that is the first of its container has
no other way to hear a signal in that time, and would be killed after the whole grace period.
"""

import contextlib
import gc
import os
import signal
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LINE = b'{"event":"ended_before_it_began","level":"info"}\n'


def begin() -> None:
    """Before the imports. Garbage is looked for only after them, from `runner.spare_collector` on:
    nearly all that they make stays, and looking through it again and again takes a tenth of the
    CPU of a start. Then `end_when_told`."""
    gc.disable()
    end_when_told()


def end_when_told() -> None:
    """From now on SIGTERM and SIGINT end the process at once with exit code 0: nothing is under
    way yet. `runner.run` takes over. A signal that a parent has blocked until now is heard."""
    for number in SIGNALS:
        signal.signal(number, end_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def interrupt_when_told() -> None:
    """From now on SIGTERM is what SIGINT is, for a command whose exit code must say that it did
    not come to its end. A signal that a parent has blocked until now is heard, and SIGINT also
    where it is ignored, as by what a shell has begun in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def end_at_once(number: int, frame: FrameType | None) -> None:
    """The handler of a process that has not begun."""
    with contextlib.suppress(OSError):
        os.write(1, _LINE)
    os._exit(0)
