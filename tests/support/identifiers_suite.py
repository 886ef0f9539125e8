"""What every `Identifiers` keeps. A subclass has a fixture `identifiers`."""

from __future__ import annotations

from datetime import UTC, datetime

from services.roster.imports.identifiers import Identifiers, Marks

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
HERS = Marks(("email:aa", "staff_number:bb"), "2026-10-05")
LEFT = Marks(("staff_number:bb",), "2024-08-01", NOW)


class IdentifiersSuite:
    async def test_it_is_kept_by_district_as_it_was_put_last(
        self, identifiers: Identifiers
    ) -> None:
        assert await identifiers.all("north") == {}
        await identifiers.put("north", {"teacher-1": HERS, "a/b@c": LEFT})
        await identifiers.put("south", {"teacher-1": LEFT})
        assert await identifiers.all("north") == {"teacher-1": HERS, "a/b@c": LEFT}
        await identifiers.put("north", {"teacher-1": LEFT, "a/b@c": HERS})
        assert await identifiers.all("north") == {"teacher-1": LEFT, "a/b@c": HERS}
        await identifiers.put("north", {"teacher-1": None, "nobody": None})
        assert await identifiers.all("north") == {"a/b@c": HERS}
        assert await identifiers.all("south") == {"teacher-1": LEFT}

    async def test_thousands_are_kept(self, identifiers: Identifiers) -> None:
        many = {f"teacher-{number}": HERS for number in range(2_500)}
        await identifiers.put("north", many)
        await identifiers.put("north", {})
        assert await identifiers.all("north") == many

    async def test_the_key_stays(self, identifiers: Identifiers) -> None:
        key = await identifiers.key()
        assert len(key) >= 32
        assert await identifiers.key() == key
