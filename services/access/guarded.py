"""The guarded path: who may is decided here, beside the write path and the read stores, from the
operation's policy and from whom a thing is about. No use case asks it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from services.access.access import Access
from services.chassis.call import Call
from services.chassis.kernel import Aggregate, Clock
from services.chassis.write.documents import Scalar
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
S_co = TypeVar("S_co", covariant=True)
Act = Callable[[A], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class About:
    """Whom a thing is about: `teacher`, whose it is, and `parties`, who are named in it."""

    teacher: str | None = None
    parties: tuple[str, ...] = ()


def nobodys(_: object) -> About:
    """Of what is about nobody."""
    return About()


class Finds(Protocol[S_co]):
    async def find(
        self, district: str, where: Mapping[str, Scalar], after: str, limit: int
    ) -> Found[S_co]: ...


class GuardedList(Generic[S_co]):
    """Pages of what a store finds, for whoever may see what `about` says."""

    def __init__(self, finds: Finds[S_co], access: Access) -> None:
        self._finds = finds
        self._access = access

    async def find(
        self, call: Call, about: About, where: Mapping[str, Scalar], after: str, limit: int
    ) -> Found[S_co]:
        """As `WritePath.find`. Raises Fault as `Access.allow`."""
        await self._access.allow(call, teacher=about.teacher, parties=about.parties)
        return await self._finds.find(call.district, where, after, limit)


class Guarded(GuardedList[A]):
    """One kind of aggregate. `about` says of each whom it is about. Everything raises Fault
    as `Access.allow` does, before anything else is told or done."""

    def __init__(
        self,
        path: WritePath[A],
        access: Access,
        clock: Clock,
        about: Callable[[A], About],
    ) -> None:
        super().__init__(path, access)
        self._path = path
        self._clock = clock
        self._about = about

    async def get(self, call: Call, id: str, about: About | None = None) -> A:
        """`about`, where the id alone tells it: then it is asked before anything is read, and
        who may not learns nothing of what is there."""
        if about is not None:
            await self._access.allow(call, teacher=about.teacher, parties=about.parties)
            return await self._path.get(call.district, id)
        found = await self._path.get(call.district, id)
        await self._allow(call, found)
        return found

    async def create(
        self,
        call: Call,
        new: A,
        within: Sequence[Bound] = (),
        check: Callable[[], Awaitable[None]] | None = None,
    ) -> A:
        """As `WritePath.create`."""
        await self._allow(call, new)
        return await self._path.create(call, new, within, check)

    async def change(self, call: Call, id: str, act: Act[A]) -> A:
        """As `WritePath.change`."""

        async def allowed(aggregate: A) -> None:
            await self._allow(call, aggregate)
            done = act(aggregate)
            if done is not None:
                await done

        return await self._path.change(call, id, allowed)

    async def move(self, call: Call, id: str, method: Callable[[Any, str, Any], None]) -> A:
        """Change it by a method of the aggregate that takes who and when."""
        by, at = call.principal.id, self._clock.now()
        return await self.change(call, id, lambda aggregate: method(aggregate, by, at))

    def new_id(self, call: Call) -> str:
        return self._path.new_id(call)

    def derived_id(self, district: str, *parts: str) -> str:
        return self._path.derived_id(district, *parts)

    async def _allow(self, call: Call, aggregate: A) -> None:
        about = self._about(aggregate)
        await self._access.allow(call, teacher=about.teacher, parties=about.parties)
