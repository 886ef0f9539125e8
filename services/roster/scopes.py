"""What partners' programs may do with a roster."""

from __future__ import annotations

READ = frozenset({"roster.read"})
WRITE = frozenset({"roster.write"})
