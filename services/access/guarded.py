"""The guarded path: who may is decided here, beside the write path and the read stores, from the
operation's policy and from whom a thing is about. No use case asks it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from services.access.about import About as About
from services.access.access import Access
from services.access.decision import Decision
from services.access.looks import Grants
from services.access.policy import OF_THE_DISTRICT
from services.chassis.call import Call, caller_of
from services.chassis.kernel import Aggregate, Clock
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.keys import Act
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T")
S_co = TypeVar("S_co", covariant=True)
MOST_READS = 10  # for a page of what is many teachers'


class Finds(Protocol[S_co]):
    async def find(
        self,
        district: str,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[S_co]: ...


class GuardedList(Generic[S_co]):
    """Pages of what a store finds, for whoever may see what `about` says."""

    def __init__(self, finds: Finds[S_co], access: Access) -> None:
        self._finds = finds
        self._access = access

    def own(self, call: Call, place: str = "/teacher_id") -> str:
        """The id of whoever asks, where a list is hers unless `place` names another. Raises
        Fault INVALID of a partner, who is nobody, or FORBIDDEN as `Access.check_scope`."""
        self._access.check_scope(call)
        return caller_of(call, place)

    async def own_or_all(self, call: Call) -> str:
        """As `own`, of what the district sees of everybody: empty for its administrators and for
        partners' programs, whose list without a filter is of all."""
        self._access.check_scope(call)
        if call.principal.partner or await self._access.admits(call, OF_THE_DISTRICT):
            return ""
        return call.principal.person

    async def find(
        self,
        call: Call,
        about: About,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[S_co]:
        """As `WritePath.find`. What is hidden from the caller is left to the store, by `either`:
        nobody can tell how much there is of it. Raises Fault as `Access.allow`."""
        await _allow(self._access, call, about)
        return await self._finds.find(call.district, where, after, limit, by, unless, either)

    async def find_admitted(
        self,
        call: Call,
        about: About,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        whose: Callable[[S_co], str],
        by: ByDate | None = None,
        unless: Mapping[str, Scalar] | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[S_co]:
        """As `WritePath.find`, of many teachers' things: `about` says who may ask, and of what is
        found those are given whose teacher, `whose`, lets the caller in today. A page may be
        short, and more follow."""
        await _allow(self._access, call, about)
        items: list[S_co] = []
        admitted: dict[str, Decision] = {}
        left_out = 0
        for _ in range(MOST_READS):
            wanted = limit - len(items)
            page = await self._finds.find(call.district, where, after, wanted, by, unless, either)
            new = {whose(each) for each in page.items} - admitted.keys()
            admitted |= await self._access.admitted(call, new)
            items += [each for each in page.items if admitted[whose(each)]]
            left_out += page.left_out
            after = page.after
            if len(page.items) + page.left_out < wanted or not after or len(items) == limit:
                break
        others = {whose(each) for each in items} - {call.principal.person}
        self._access.shown(call, {each: admitted[each] for each in others})
        return Found(items, after, left_out)

    async def find_of_many(
        self,
        call: Call,
        about: About,
        where: Mapping[str, Scalar],
        after: str,
        limit: int,
        whose: Callable[[S_co], str],
        by: ByDate | None = None,
        either: Sequence[Mapping[str, Scalar]] = (),
    ) -> Found[S_co]:
        """As `WritePath.find`, where the page is about many people, each of its things about the
        one that `whose` gives, and `about` only says who may ask: see `Access.allow_many`."""
        look = await self._access.allow_many(call, parties=about.parties, class_id=about.class_id)
        page = await self._finds.find(call.district, where, after, limit, by, None, either)
        look.shown({whose(each) for each in page.items})
        return page


class Guarded(GuardedList[A]):
    """One kind of aggregate. `about` says of each whom it is about. Without it the kind is about
    nobody: then who may is decided before it is known whether there is such a thing. Everything
    raises Fault as `Access.allow` does, before anything else is told or done."""

    def __init__(
        self,
        path: WritePath[A],
        access: Access,
        clock: Clock,
        about: Callable[[Any], About | Awaitable[About]] | None = None,
    ) -> None:
        super().__init__(path, access)
        self._path = path
        self._clock = clock
        self._about = about

    async def get(self, call: Call, id: str, about: About | None = None) -> A:
        """`about`, where the id alone tells it: then it is asked before anything is read, and
        who may not learns nothing of what is there."""
        call.single = id
        if about is not None:
            await _allow(self._access, call, about)
            return await self._path.get(call.district, id)
        await self._allow(call)
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
        """As `WritePath.create`. What the same call made before is shown to whom it is open now."""
        await self._allow(call)
        await self._allow(call, new)
        return await self._shown(call, await self._path.create(call, new, within, check))

    async def create_about(
        self,
        call: Call,
        about: About,
        make: Callable[[], Awaitable[A]],
        within: Sequence[Bound] = (),
        check: Callable[[], Awaitable[None]] | None = None,
    ) -> A:
        """As `create`, of what takes reading to make: who may not learns nothing of it."""
        await _allow(self._access, call, about)
        return await self._shown(call, await self._path.create(call, await make(), within, check))

    async def change(self, call: Call, id: str, act: Act[A]) -> A:
        """As `WritePath.change`."""
        await self._allow(call)
        return await self._path.change(call, id, self._allowed(call, act))

    async def look(self, call: Call, id: str, act: Act[A]) -> A:
        """As `WritePath.look`."""
        await self._allow(call)
        return await self._path.look(call, id, self._allowed(call, act))

    async def move(self, call: Call, id: str, method: Callable[[Any, str, Any], None]) -> A:
        """Change it by a method of the aggregate that takes who and when."""
        by, at = call.principal.id, self._clock.now()
        return await self.change(call, id, lambda aggregate: method(aggregate, by, at))

    async def admits(
        self, call: Call, operation: str, thing: Any, known: dict[Hashable, bool]
    ) -> bool:
        """Whether the policy of an operation lets the caller do it with one that she was let see:
        as `Access.allow` would, asked ahead. `known`: what was found so far, by policy and whom
        a thing is about; more is put into it. No database command when profiles are warm."""
        policy = self._access.policies[operation]
        about = await self._whose(thing)
        if about.hidden_from(call.principal):
            return False
        key = policy, about.teacher, about.parties, about.class_id
        found = known.get(key)
        if found is None:
            decision = await self._access.admits(
                call, policy, about.teacher, about.parties, about.class_id
            )
            found = known[key] = bool(decision)
        return found

    def now(self) -> datetime:
        return self._clock.now()

    def new_id(self, call: Call) -> str:
        return self._path.new_id(call)

    def derived_id(self, district: str, *parts: str) -> str:
        return self._path.derived_id(district, *parts)

    async def _shown(self, call: Call, made: A) -> A:
        if call.replayed:
            await self._allow(call, made)
        return made

    def _allowed(self, call: Call, act: Act[A]) -> Callable[[A], Awaitable[None]]:
        async def allowed(aggregate: A) -> None:
            await self._allow(call, aggregate)
            done = act(aggregate)
            if done is not None:
                await done

        return allowed

    async def _allow(self, call: Call, aggregate: A | None = None) -> None:
        """Of a kind that is about somebody with the aggregate, of any other without one."""
        if aggregate is None:
            self._access.check_scope(call)
        if self._about is None and aggregate is None:
            await _allow(self._access, call, About())
        elif self._about is not None and aggregate is not None:
            await _allow(self._access, call, await self._whose(aggregate))

    async def _whose(self, thing: Any) -> About:
        about = self._about(thing) if self._about is not None else About()
        return about if isinstance(about, About) else await about


class GuardedReads:
    """What is put together when it is read, from views and more. Raises Fault as
    `Access.allow`, before anything is read."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def one(self, call: Call, about: About, read: Callable[[], Awaitable[T]]) -> T:
        """For whoever may see what `about` says."""
        await _allow(self._access, call, about)
        return await read()

    async def many(
        self,
        call: Call,
        parties: Collection[str],
        read: Callable[[], Awaitable[T]],
        people: Callable[[T], Collection[str]] | None,
        grants: Callable[[T], Grants] = lambda _: (),
        teacher: str | None = None,
    ) -> T:
        """About many people, for `parties`, and `teacher` as `Access.allow` takes her; the others
        as `LookAtMany.shown` does. `people`: whom what is found shows, None: nobody can know."""
        allowed = self._access.allow_many(call, teacher=teacher, parties=parties)
        look, trust = await allowed, self._access.trust
        if people is None:
            trust.check_all(call)
        else:
            trust.check_people(call, ())
        found = await read()
        shown = None if people is None else people(found)
        trust.check_people(call, shown or ())
        look.shown(shown, grants(found))
        return found


async def _allow(access: Access, call: Call, about: About) -> None:
    hidden, shared = about.hidden_from(call.principal), about.shared
    whose, named, class_id = about.teacher, about.parties, about.class_id
    await access.allow(
        call, teacher=whose, parties=named, class_id=class_id, hidden=hidden, shared=shared
    )
