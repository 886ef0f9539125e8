"""How this process checks an engine by TLS, and what it shows of itself.

Certificates are replaced while a process runs: cert-manager and Strimzi do it every few months,
by replacing the files. So the files, and not what was once in them, decide each new connection.
"""

from __future__ import annotations

import logging
import os
import ssl
import threading
from dataclasses import dataclass
from typing import Any, Literal

log = logging.getLogger(__name__)

_Seen = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files by path. `ca`: whom to trust, empty: the system's. `cert` and `key`: the client
    certificate (mutual TLS) and its key without a passphrase; both or neither."""

    ca: str = ""
    cert: str = ""
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.ca or self.cert or self.key)

    def context(self) -> ssl.SSLContext:
        """A client's context of what is in the files now, TLS 1.2 at least, the host's name
        checked. Reads files: milliseconds. Raises OSError (also ssl.SSLError)."""
        made = ssl.create_default_context(cafile=self.ca or None)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert:
            made.load_cert_chain(self.cert, self.key, password="")  # asks no terminal for one
        return made

    def seen(self) -> _Seen:
        """Differs once a file was replaced or written. Raises OSError."""
        names = [name for name in (self.ca, self.cert, self.key) if name]
        looks = [os.stat(name) for name in names]
        return tuple((look.st_ino, look.st_size, look.st_mtime_ns) for look in looks)


SYSTEM_TRUST = TlsFiles()


def trusting(ca: str) -> ssl.SSLContext | Literal[True]:
    """How an HTTP client checks a server (its `verify`): by the authorities in the PEM file `ca`
    and those of the system; empty: by these alone. Reads files: milliseconds. Raises OSError
    (also ssl.SSLError)."""
    if not ca:
        return True
    made = ssl.create_default_context()
    made.load_verify_locations(ca)
    return made


class RenewedContext(ssl.SSLContext):
    """A client's context that looks at its files before each handshake. Where they changed
    they are read again; while they cannot be read, what they last held stays in use.

    Any thread may use it. Sessions are not resumed: a peer that was trusted under the old files
    would stay trusted. Raises OSError (also ssl.SSLError) when first made.
    """

    def __new__(cls, files: TlsFiles) -> RenewedContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._seen = files.seen()
        self._current = files.context()

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        kwargs.pop("session", None)
        return self._renewed().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        kwargs.pop("session", None)
        return self._renewed().wrap_bio(*args, **kwargs)

    def _renewed(self) -> ssl.SSLContext:
        with self._lock:
            try:
                seen = self._files.seen()
                if seen != self._seen:
                    self._current = self._files.context()
                    self._seen = seen  # not before: a pair that is half replaced is tried again
            except OSError as error:
                log.warning("Certificates cannot be read, the last ones stay in use: %s", error)
            return self._current
