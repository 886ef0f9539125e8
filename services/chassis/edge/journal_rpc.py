"""`coaching.journal.v1.JournalService`: a service's own past and what comes, for rebuilds and
partners.

Who may read: callers with the journal's scope, within their district. The platform's own
projectors have the district `*` and may read them all.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.chassis.call import Call, Principal
from services.chassis.edge.beginners import Who
from services.chassis.edge.follow_rpc import Following
from services.chassis.edge.followers import Followers
from services.chassis.edge.journal_records import batches, record_of
from services.chassis.edge.paging import decode_token, encode_token
from services.chassis.kernel import Fault, Kind, invalid, not_found
from services.chassis.write.documents import Journal, ended
from services.chassis.write.sealing import SealingKey

EVERY_DISTRICT = "*"
BATCH = 500
LARGEST_BATCH = 1_000
AMONG = 2_000  # entries looked at for the newest, by one read of the journal
TYPES = 200

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,199}")
_AGGREGATE = re.compile(r"[A-Za-z0-9._@/-]{1,1024}")  # ids, some made of several

CallOf = Callable[[Any], Call]
Told = Callable[[Call, bool], None]
Renewed = Callable[[Principal], Awaitable[Principal]]


class JournalService(journal_pb2_grpc.JournalServiceServicer):
    def __init__(
        self,
        journal: Journal,
        followers: Followers,
        now: Callable[[], datetime],
        sealing: SealingKey,
        scope: str,
        call_of: CallOf,
        told: Told,
        renewed: Renewed,
    ) -> None:
        """`followers`: of the topic whose past the journal is. `sealing`: the key of positions.
        `scope`: that a caller needs. `call_of` gives the verified call of a gRPC context; `told`
        hears of each decision, whether it was granted; `renewed` gives a caller as she is let in by
        now: what goes on longer than a request asks again."""
        self._journal, self._followers, self._now = journal, followers, now
        self._sealing = sealing
        self._scope = scope
        self._call_of = call_of
        self._told = told
        self._renewed = renewed

    async def ReadJournal(
        self, request: journal_pb2.ReadJournalRequest, context: Any
    ) -> AsyncIterator[journal_pb2.ReadJournalResponse]:
        """Batches of at most `batch_size` events and about 1 MB; the journal is read on when
        what was read has been taken. Each but the last of a journal carries a token; with
        `replacing` that one, too."""
        call = self._call_of(context)
        district = self._allowed(call, request.district_id)
        size = _size(request.batch_size, "batch_size")
        until = None
        if request.HasField("until"):
            try:
                until = request.until.ToDatetime(UTC)
            except (ValueError, OverflowError):
                raise invalid("out_of_range", "The time is out of range.", "/until") from None
        replacing = [set(group.types) for group in request.replacing]
        if sum(max(len(types), 1) for types in replacing) > TYPES:
            raise invalid("out_of_range", f"It names more than {TYPES} types.", "/replacing")
        aggregate = request.aggregate_id
        if aggregate and not _AGGREGATE.fullmatch(aggregate):
            raise invalid("malformed_id", "This is not an id.", "/aggregate_id")
        # a plain request's scope never changes: partners keep its tokens across releases
        scope = _scope(call, district, until, *map(sorted, replacing), *filter(None, [aggregate]))
        after = decode_token(request.page_token, scope)
        while True:
            if replacing and not aggregate:
                found = await self._journal.newest(district, until, after, AMONG, replacing)
                last = not found
            else:
                found = await self._journal.read(district, until, after, size, aggregate)
                last = ended(found, size)
            for batch in batches(found, size):
                await self._still(call, request.district_id)
                after = batch[-1].id
                end = last and batch[-1] is found[-1]
                yield journal_pb2.ReadJournalResponse(
                    records=[record_of(entry) for entry in batch],
                    next_page_token="" if end else encode_token(after, scope),
                )
            if last:
                return

    async def FollowEvents(
        self, request: journal_pb2.FollowEventsRequest, context: Any
    ) -> AsyncIterator[journal_pb2.FollowEventsResponse]:
        """The journal, then what is published, until the token ends: see `follow_rpc`."""
        call = self._call_of(context)
        district = self._allowed(call, request.district_id)
        if len(request.types) > TYPES:
            raise invalid("out_of_range", f"It names more than {TYPES} types.", "/types")
        for number, name in enumerate(request.types):
            if not _TYPE.fullmatch(name):
                told = "It is the full name of a message, such as things.v1.ThingMade."
                raise invalid("malformed_type", told, f"/types/{number}")
        types = sorted(set(request.types))
        following = Following(
            self._journal,
            self._followers,
            self._now,
            self._sealing,
            who=Who(call.district, call.principal.caller),
            district=district,
            types=types,
            scope=_scope(call, district, *types),
        )
        async with aclosing(following.answers(request.position)) as answers:
            async for answer in answers:
                if time.time() >= call.principal.ends_at:
                    return  # she goes on with her next one
                await self._still(call, request.district_id)
                yield answer

    async def _still(self, call: Call, wanted: str) -> None:
        """Raises Fault as `_allowed`, once she may no more. Reads nothing while that is known."""
        call.principal = await self._renewed(call.principal)
        self._allowed(call, wanted)

    def _allowed(self, call: Call, wanted: str) -> str:
        """The district to read, empty for all; takes the access decision of the call."""
        call.decided = True
        has_scope = self._scope in call.principal.scopes
        everywhere = call.district == EVERY_DISTRICT
        granted = has_scope and (everywhere or wanted in ("", call.district))
        self._told(call, granted)
        if not has_scope:
            raise Fault(Kind.FORBIDDEN, "scope_missing", f"This needs the scope {self._scope}.")
        if not granted:
            raise not_found()
        return wanted if everywhere else call.district


def _size(asked: int, name: str) -> int:
    if not 0 <= asked <= LARGEST_BATCH:
        raise invalid("out_of_range", f"It is 0 to {LARGEST_BATCH}.", f"/{name}")
    return asked or BATCH


def _scope(call: Call, *filters: object) -> str:
    return "\x1f".join([call.operation, call.district, *(str(each) for each in filters)])
