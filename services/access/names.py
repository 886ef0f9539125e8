"""What people, classes and a service's own things are called, and which ids an answer keeps back,
from what the service keeps itself: nothing is asked of another service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from services.access.access import Access
from services.access.profile import Profile
from services.chassis.call import Call
from services.chassis.edge.naming import Named, Owned
from services.chassis.kernel import Fault
from services.chassis.write.loading import UNREADABLE

Title = Callable[[str, str], Awaitable[str]]  # district and id -> empty where there is none


class NamesBeside:
    """People (`person`) and their classes (`class`, of a teacher) by the access view; `titles` are
    those of other kinds. It is asked only about ids that the caller is shown anyway. What refers to
    a teacher's work is shown to whom `Access.sees` shows work of that kind."""

    def __init__(self, access: Access, **titles: Title) -> None:
        self._access = access
        self._titles = titles

    async def names(self, call: Call, wanted: Sequence[Named]) -> Mapping[Named, str]:
        people = {each.id for each in wanted if each.kind == "person"}
        people |= {each.of for each in wanted if each.kind == "class"}
        profiles = await self._access.profiles(call.district, sorted(people))
        titled = [each for each in wanted if each.of and each.kind not in self._titles]
        found = await self._class_titles(call.district, titled, profiles)
        for each in wanted:
            if each.kind in self._titles:
                found[each] = await self._title(call.district, each)
                continue
            profile = profiles.get(each.id)
            if profile is not None and not each.of:
                found[each] = profile.name
        return {each: name for each, name in found.items() if name}

    async def _title(self, district: str, named: Named) -> str:
        """Empty, too, where this build cannot read it: what names it can be read."""
        try:
            return await self._titles[named.kind](district, named.id)
        except Fault as fault:
            if fault.code not in UNREADABLE:
                raise
            return ""

    async def _class_titles(
        self, district: str, wanted: Sequence[Named], known: Mapping[str, Profile | None]
    ) -> dict[Named, str]:
        """Of classes that somebody teaches or taught, and of those that she covers or covered."""
        teachers: dict[Named, list[str]] = {}
        for each in wanted:
            profile = known.get(each.of)
            covers = profile.covers if profile is not None else ()
            away = [cover.teacher for cover in covers if each.id in cover.classes]
            teachers[each] = [each.of, *away]
        named = {teacher for found in teachers.values() for teacher in found}
        profiles = await self._access.profiles(district, sorted(named))
        titles: dict[Named, str] = {}
        for each, whose in teachers.items():
            for profile in filter(None, map(profiles.get, reversed(whose))):
                titles[each] = profile.class_titles.get(each.id, titles.get(each, ""))
        return titles

    async def hidden(self, call: Call, asked: Sequence[Owned]) -> Collection[Owned]:
        sees = {of: await self._access.sees(call, of) for of in {each.of for each in asked}}
        return [each for each in asked if each.kind not in sees[each.of]]
