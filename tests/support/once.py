"""What libraries find out each time anew, and in a process of tests is always the same."""

from __future__ import annotations

from functools import cache
from unittest.mock import patch

import typer.main
from httpx2._transports import asgi


def found_once() -> None:
    """From now on in this process: what commands `tandem` has takes Typer 85 ms each time that one
    is run; whether trio runs is looked for in all of the path with each request."""
    patch.object(typer.main, "get_command", cache(typer.main.get_command)).start()
    patch.object(asgi, "is_running_trio", bool).start()  # False
