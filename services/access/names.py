"""What people, classes and a service's own things are called, and which ids an answer keeps back,
from what the service keeps itself: nothing is asked of another service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from services.access.access import Access
from services.chassis.call import Call
from services.chassis.edge.naming import Named, Owned

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
        found: dict[Named, str] = {}
        for each in wanted:
            if each.kind in self._titles:
                found[each] = await self._titles[each.kind](call.district, each.id)
                continue
            profile = profiles.get(each.of or each.id)
            if profile is not None:
                titles = profile.class_titles
                found[each] = titles.get(each.id, "") if each.of else profile.name
        return {each: name for each, name in found.items() if name}

    async def hidden(self, call: Call, asked: Sequence[Owned]) -> Collection[Owned]:
        sees = {of: await self._access.sees(call, of) for of in {each.of for each in asked}}
        return [each for each in asked if each.kind not in sees[each.of]]
