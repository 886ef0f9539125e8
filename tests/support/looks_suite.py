"""What every store of looks promises. A subclass has a fixture `looks`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.kernel import Fault
from services.privacy.look.domain import End, JournalRead, Look, PartnerRead, ToldLook, following
from services.privacy.look.looks import Filter, Looks, NumberTaken, Old, Refusal

AT = datetime(2026, 11, 3, 9, 0, 0, 250_000, tzinfo=UTC)
HERS = ("north", "teacher-0001")


def told(number: int, person: str = HERS[1], **other: object) -> ToldLook:
    """What is said of a look whose event has this number."""
    at = AT + timedelta(minutes=number)
    said = ToldLook(
        event=f"e{number}:1",
        district=HERS[0],
        person=person,
        viewer="coach-01",
        partner="",
        service="goals",
        kind="goal",
        operation="get_goal",
        purpose="coaching",
        relation="coach",
        grant="",
        decision="allowed",
        first_at=at,
        last_at=at,
        times=1,
    )
    return replace(said, **other)  # type: ignore[arg-type] # fields by their names


def chain(*said: ToldLook, end: End | None = None) -> list[Look]:
    first = end or End()
    ids = [f"{each.person}-{first.number + place}" for place, each in enumerate(said, 1)]
    return following(first, ids, said)


async def numbers(looks: Looks, of: Filter | None = None) -> list[int]:
    found = await looks.page(HERS, of or Filter(), "", 200)
    return [each.number for each in found.items]


class LooksSuite:
    async def test_what_is_appended_is_read_back_the_newest_first(self, looks: Looks) -> None:
        made = chain(*(told(each) for each in range(1, 6)))
        assert await looks.ends([HERS]) == {}
        await looks.append(made[:2])
        await looks.append(made[2:])
        assert await looks.ends([HERS, ("south", HERS[1])]) == {HERS: End(5, made[-1].hash)}
        first = await looks.page(HERS, Filter(), "", 3)
        assert list(first.items) == made[:1:-1]
        rest = await looks.page(HERS, Filter(), first.after, 3)
        assert (list(rest.items), rest.after) == (made[1::-1], "")
        assert await looks.get("north", made[3].id) == made[3]
        assert await looks.get("south", made[3].id) is None
        with pytest.raises(Fault) as caught:
            await looks.page(HERS, Filter(), "x", 3)
        assert caught.value.code == "page_token"

    async def test_lists_are_apart(self, looks: Looks) -> None:
        other = chain(told(1, "teacher-0002"))
        await looks.append([*chain(told(1)), *other])
        assert await numbers(looks) == [1]
        assert set(await looks.known(["e1:1", "e2:1"])) == {
            (HERS, "e1:1"),
            (("north", "teacher-0002"), "e1:1"),
        }

    async def test_a_number_and_an_event_of_a_list_are_taken_once(self, looks: Looks) -> None:
        first, second = chain(told(1), told(2))
        await looks.append([first, second])
        with pytest.raises(NumberTaken):
            await looks.append([replace(second, id="x", told=told(9))])
        with pytest.raises(NumberTaken):
            await looks.append([replace(first, id="y", number=3)])
        assert await numbers(looks) == [2, 1]

    async def test_nothing_behind_what_is_taken_is_stored(self, looks: Looks) -> None:
        made = chain(*(told(each) for each in range(1, 5)))
        await looks.append(made[:2])
        other = chain(told(7), told(8), told(9), end=End(1, made[0].hash))
        with pytest.raises(NumberTaken):
            await looks.append([replace(each, id=f"o{each.number}") for each in other])
        assert await numbers(looks) == [2, 1]

    async def test_of_many_who_append_at_once_one_has_the_number(self, looks: Looks) -> None:
        async def one(event: int) -> bool:
            (made,) = chain(told(event))
            try:
                await looks.append([replace(made, id=f"{event}")])
            except NumberTaken:
                return False
            return True

        assert sum(await asyncio.gather(*(one(each) for each in range(8)))) == 1
        assert await numbers(looks) == [1]

    async def test_it_is_narrowed_by_kind_by_who_looked_and_by_time(self, looks: Looks) -> None:
        said = [
            told(1),
            told(2, kind="person", viewer="admin-01"),
            told(3, viewer="", partner="sis"),
            told(4, viewer="coach-02"),
        ]
        await looks.append(chain(*said))
        assert await numbers(looks, Filter(kind="goal")) == [4, 3, 1]
        assert await numbers(looks, Filter(viewer="admin-01")) == [2]
        assert await numbers(looks, Filter(viewer="sis")) == [3]
        assert await numbers(looks, Filter(since=said[1].last_at)) == [4, 3, 2]
        assert await numbers(looks, Filter(until=said[1].last_at)) == [1]

    async def test_what_was_refused_is_counted_once_by_purpose_and_year(self, looks: Looks) -> None:
        assert await looks.counts("north") == {}
        await looks.count([])
        first = Refusal("a:1", "north", 2027, "evaluation", 2)
        await looks.count([first, first._replace(event="b:1", times=1)])
        await looks.count([first, first._replace(event="c:1", school_year=2028)])
        await looks.count([first._replace(event="d:1", district="south", purpose="rating")])
        assert await looks.counts("north") == {"evaluation": {2027: 3, 2028: 2}}
        assert await looks.counts("south") == {"rating": {2027: 2}}

    async def test_what_partners_have_read_is_known_from_the_first_to_the_last_time(
        self, looks: Looks
    ) -> None:
        await looks.note_reads([])
        first = PartnerRead("north", "sis", HERS[1], "goal", AT, AT)
        later, earlier = AT + timedelta(days=2), AT - timedelta(days=3)
        everybody = replace(first, person="", kind="goals.journal")
        await looks.note_reads([first, everybody])
        await looks.note_reads([replace(first, first_at=later, last_at=later)])
        await looks.note_reads([replace(first, first_at=earlier, last_at=earlier)])
        others = [
            replace(first, district="south"),
            replace(first, person="teacher-0002"),
            replace(first, partner="warehouse"),
            replace(first, kind="observation"),
        ]
        await looks.note_reads(others)
        whole = replace(first, first_at=earlier, last_at=later)
        found = await looks.partners_of(HERS[0], [HERS[1]])
        assert set(found) == {whole, everybody, *others[2:]}
        assert len(found) == 4
        assert list(await looks.partners_of("north", ["nobody"])) == [everybody]

    async def test_what_a_partner_read_by_itself_is_known_apart_from_lists(
        self, looks: Looks
    ) -> None:
        listed = PartnerRead("north", "sis", HERS[1], "goal", AT, AT)
        day = timedelta(days=1)
        one = replace(listed, first_at=AT + day, last_at=AT + day, artifact="goal-1")
        await looks.note_reads([listed, one, replace(one, artifact="goal-2", last_at=AT + 3 * day)])
        await looks.note_reads([replace(one, first_at=AT + 2 * day, last_at=AT + 2 * day)])
        found = await looks.partners_of("north", [HERS[1]], "goal-1")
        assert set(found) == {listed, replace(one, last_at=AT + 2 * day)}
        assert list(await looks.partners_of("north", [HERS[1]], "goal-3")) == [listed]
        whole = replace(listed, last_at=AT + 3 * day)
        assert list(await looks.partners_of("north", [HERS[1]])) == [whole]

    async def test_no_list_says_which_single_thing_a_partner_read(self, looks: Looks) -> None:
        (made,) = chain(told(1, artifact="goal-1"))
        await looks.append([made])
        (found,) = (await looks.page(HERS, Filter(), "", 3)).items
        assert found == replace(made, told=told(1))

    async def test_what_left_on_a_day_is_counted_by_nobodys_name(self, looks: Looks) -> None:
        day, sis = timedelta(days=1), {"viewer": "", "partner": "sis", "relation": "scope"}
        fetched = {"relation": "records_officer", "kind": "personal_record"}
        said = [
            told(1, **sis, times=2),
            told(2, **sis),
            told(3, **sis, kind="observation"),
            told(4, **sis, decision="refused"),
            told(5, **sis, last_at=AT + 2 * day),
            told(6, **fetched),
            told(7, relation="records_officer"),  # is shown why, say, and takes nothing along
            told(8),
        ]
        other = told(2, "teacher-0002", **sis, last_at=AT + timedelta(hours=3))
        (elsewhere,) = chain(told(1, district="south", **sis))
        mine = [*chain(*said), *chain(other)]
        await looks.append([*mine, replace(elsewhere, id="south-1")])
        found = await looks.disclosed("north", AT, AT + day)
        places = [(each.partner, each.viewer, each.kind, each.people, each.times) for each in found]
        assert places == [
            ("", "coach-01", "personal_record", 1, 1),
            ("sis", "", "goal", 2, 4),
            ("sis", "", "observation", 1, 1),
        ]
        assert (found[1].first_at, found[1].last_at) == (said[0].first_at, other.last_at)
        assert await looks.last_disclosed("north", None, None) == said[4].last_at
        assert await looks.last_disclosed("north", None, AT + day) == other.last_at
        assert await looks.last_disclosed("north", AT + 3 * day, None) is None
        assert await looks.last_disclosed("east", None, None) is None

    async def test_journals_that_were_read_are_known_once_a_day(self, looks: Looks) -> None:
        await looks.note_journals([])
        of = ("sis", "goals", "journal", "read_journal", "coaching")
        first = JournalRead("north", "2026-10-01", *of, AT, AT)
        later = AT + timedelta(hours=1)
        await looks.note_journals([first, replace(first, first_at=later, last_at=later)])
        await looks.note_journals([replace(first, district="south"), first])
        (found,) = await looks.disclosed("north", AT, AT + timedelta(days=1))
        assert (found.place, found.people, found.times) == (("sis", "", *of[1:]), None, 0)
        assert (found.first_at, found.last_at) == (AT, later)
        assert await looks.last_disclosed("north", None, None) == later
        assert await looks.disclosed("north", later + timedelta(days=1), later) == []

    async def test_the_first_go_and_what_is_left_names_the_last_that_went(
        self, looks: Looks
    ) -> None:
        made = chain(*(told(each) for each in (1, 2, 9, 3, 10)))
        await looks.append(made)
        until = AT + timedelta(minutes=5)
        assert await looks.begins_after(HERS) == End()
        assert await looks.expire(HERS, until, "one", 1) == 1
        assert await looks.begins_after(HERS) == End(1, made[0].hash)
        assert await looks.expire(HERS, until, "one", 5) == 1  # not what is behind a newer one
        assert await looks.expire(HERS, until, "one", 5) == 0
        assert (await looks.begins_after(HERS), await numbers(looks)) == (
            End(2, made[1].hash),
            [5, 4, 3],
        )
        assert (await looks.expired_by("north", "one"), await looks.expired_by("south", "one")) == (
            2,
            0,
        )
        assert await looks.expire(HERS, AT + timedelta(minutes=20), "other", 5) == 3
        assert await looks.expired_by("north", "other") == 3
        assert (await numbers(looks), await looks.get("north", made[4].id)) == ([], None)
        assert await looks.ends([HERS]) == {HERS: End(5, made[4].hash)}

    async def test_of_two_who_erase_at_once_each_look_goes_once(self, looks: Looks) -> None:
        await looks.append(chain(*(told(each) for each in range(1, 9))))
        until = AT + timedelta(minutes=7)
        both = [looks.expire(HERS, until, "one", 4) for _ in range(2)]
        went = sum(await asyncio.gather(*both))
        assert await looks.expired_by("north", "one") == went
        first = await looks.begins_after(HERS)
        assert await numbers(looks) == list(range(8, first.number, -1))

    async def test_those_of_a_time_are_found_by_whose_they_are(self, looks: Looks) -> None:
        her, other, far = HERS[1], "teacher-0002", "teacher-0003"
        await looks.append(chain(told(1), told(2), told(3)))
        await looks.append(chain(told(2, other), told(9, other)))
        await looks.append(chain(told(1, far, district="south")))
        old = Old(AT + timedelta(minutes=3))
        assert set(await looks.people_of("north", old, 9)) == {her, other}
        assert await looks.people_of("north", replace(old, but=frozenset({her})), 9) == [other]
        assert await looks.people_of("north", replace(old, of=frozenset({her})), 9) == [her]
        assert await looks.people_of("north", Old(AT), 9) == []
        counted = [
            await looks.how_many("north", each)
            for each in (
                old,
                replace(old, since=AT + timedelta(minutes=2)),
                replace(old, of=frozenset({other})),
                replace(old, but=frozenset({her, other})),
            )
        ]
        assert counted == [3, 2, 1, 0]

    async def test_positions_are_those_told_last(self, looks: Looks) -> None:
        assert await looks.positions([0, 1]) == {}
        await looks.collected({0: {"t": 5}, 3: {"t": 1}})
        await looks.collected({0: {"t": 7}})
        assert await looks.positions([0, 1]) == {0: {"t": 7}}
        await looks.collected({0: {"t": 2}})  # of a topic that was made anew
        assert await looks.positions([0, 3]) == {0: {"t": 2}, 3: {"t": 1}}
