"""Private keys in files, as `tandem privacy policy keygen` writes them."""

from __future__ import annotations

from pathlib import Path

from services.chassis.ed25519 import public_key
from services.ctl.exits import Exit, Stop


def key_pair(place: Path) -> tuple[str, str]:
    """The private and the public key of a file. Raises Stop."""
    try:
        private = place.read_text().strip()
        return private, public_key(private)
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{place}: {error.strerror}") from None
    except ValueError:
        raise Stop(Exit.USAGE, f"{place}: it holds no key of `keygen`") from None
