"""How a share lets somebody read: it is asked when nothing else lets her in, so that what is read
by its owner or her coach takes no database command more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from services.access.guarded import About
from services.access.sharing.domain import MOST_OPEN, Share, ShareState
from services.chassis.call import Call
from services.chassis.kernel import Clock
from services.chassis.write.write_path import WritePath


class Artifact(Protocol):
    """What is shared."""

    @property
    def id(self) -> str: ...

    @property
    def teacher(self) -> str: ...

    @property
    def shareable(self) -> bool:
        """Whether it may be shared as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class OpenShares:
    """Those of one kind of artifacts. `withheld`: whether one is its teacher's alone for now, so
    that no share opens it and none is used up by it. `met_at`: at which meetings a reader is with a
    teacher now, of a district; None where nothing is shared with those who are at one."""

    shares: WritePath[Share]
    clock: Clock
    withheld: Callable[[Any], Awaitable[bool]] | None = None
    met_at: Callable[[str, str, str], Awaitable[Collection[str]]] | None = None

    def beside(self, whose: Callable[[Any], About]) -> Callable[[Any], About]:
        """Whom an artifact is about, and by what else it may be read."""
        return lambda artifact: replace(whose(artifact), shared=_Of(self, artifact))


@dataclass(frozen=True, slots=True)
class _Of:
    """Of one artifact: `SharedWith`. Only its teacher's own shares let anybody in: of two records
    that became one by mistake, and are two again, one may have shared the other's."""

    open: OpenShares
    artifact: Artifact

    async def by(self, call: Call) -> str:
        if not self.artifact.shareable:
            return ""
        reader, now = call.principal.person, self.open.clock.now()
        wanted = {"artifact": self.artifact.id, "state": ShareState.OPEN.value}
        met = await self._met(call)
        either = [{"audience": reader}, *({"meeting": each} for each in met)]
        found = await self.open.shares.find(call.district, wanted, "", MOST_OPEN, either=either)
        withheld = self.open.withheld
        if found.items and withheld is not None and await withheld(self.artifact):
            return ""
        hers = [each for each in found.items if each.teacher == self.artifact.teacher]
        opening = [each for each in hers if each.opens_to(reader, now, met)]
        lasting_first = sorted(opening, key=lambda each: each.once)
        return lasting_first[0].id if opening else ""

    async def take(self, call: Call, share: str) -> None:
        reader, now = call.principal.person, self.open.clock.now()
        alone = replace(call, key="", if_match=None)  # both are said of what is read
        met = await self._met(call)
        await self.open.shares.change(alone, share, lambda each: each.read(reader, now, met))
        call.as_it_stands = True

    async def _met(self, call: Call) -> Collection[str]:
        """No database command when profiles are warm."""
        met_at = self.open.met_at
        if met_at is None:
            return ()
        return await met_at(call.district, call.principal.person, self.artifact.teacher)
