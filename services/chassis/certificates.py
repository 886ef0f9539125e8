"""When the certificates in a process's files end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from cryptography import x509

from services.chassis.metrics import CERTIFICATE_END, Metrics


def end_in_file(setting: str, path: str) -> datetime:
    """Of the PEM file that a setting names, the end of the certificate that ends first; of
    authorities of the one that ends last, since an old one may stay beside its successor. Reads
    the file: milliseconds. Raises OSError, and ValueError where it is none."""
    found = x509.load_pem_x509_certificates(Path(path).read_bytes())
    ends = [each.not_valid_after_utc for each in found]
    return max(ends) if setting.endswith("CA_FILE") else min(ends)


def show_ends(metrics: Metrics, files: Mapping[str, str]) -> None:
    """From now on tell the end of what is in each of these files, paths by setting, whenever
    metrics are asked for."""
    for setting, path in files.items():
        metrics.of(CERTIFICATE_END, setting).set_function(_told(setting, path))


def _told(setting: str, path: str) -> Callable[[], float]:
    """The end in seconds since 1970; 0 while it cannot be read. A file is read again once it was
    replaced or written."""
    seen: tuple[int, int, int] | None = None
    end = 0.0

    def told() -> float:
        nonlocal seen, end
        try:
            look = os.stat(path)
            now = look.st_ino, look.st_size, look.st_mtime_ns
            if now != seen:
                end = end_in_file(setting, path).timestamp()
                seen = now
        except (OSError, ValueError):
            seen, end = None, 0.0
        return end

    return told
