"""What orgs and people are called, beside their ids."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from services.access.access import Access
from services.access.names import NamesBeside
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.naming import Named
from services.chassis.kernel import Fault, if_there
from services.chassis.write.loading import UNREADABLE
from services.chassis.write.write_path import WritePath
from services.roster.org.domain import Org
from services.roster.record import Status, record_id

SECONDS = 60.0  # a name is believed: rosters come once a night
KEPT = 10_000  # names in memory


class RosterNames(NamesBeside):
    """`Names` of people and of the kind `org`, the latter for whoever may list orgs (`policy`);
    orgs that the roster no longer has have none. 1 database command for each org that was not asked
    for in a minute."""

    def __init__(
        self,
        orgs: WritePath[Org],
        access: Access,
        policy: Policy,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(access)
        self._orgs, self._policy = orgs, policy
        self._monotonic = monotonic
        self._names: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    async def names(self, call: Call, wanted: Sequence[Named]) -> Mapping[Named, str]:
        orgs = [each for each in wanted if each.kind == "org"]
        found = dict(await super().names(call, [each for each in wanted if each.kind != "org"]))
        if orgs and await self._access.admits(call, self._policy):
            named = {each: await self._name(call.district, each.id) for each in orgs}
            found |= {each: name for each, name in named.items() if name}
        return found

    async def _name(self, district: str, id: str) -> str:
        until, name = self._names.get((district, id), (0.0, ""))
        if until > self._monotonic():
            return name
        org = await self._org(district, id)
        name = org.name if org is not None and org.status is Status.ACTIVE else ""
        self._names[district, id] = (self._monotonic() + SECONDS, name)
        self._names.move_to_end((district, id))
        if len(self._names) > KEPT:
            self._names.popitem(last=False)
        return name

    async def _org(self, district: str, id: str) -> Org | None:
        """None, too, where it cannot be read: what names it can be."""
        try:
            return await if_there(self._orgs.get(district, record_id(district, "org", id)))
        except Fault as fault:
            if fault.code not in UNREADABLE:
                raise
            return None
