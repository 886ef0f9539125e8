"""What every `Drafts` keeps. A subclass has a fixture `drafts`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.chassis.write.drafts import (
    EACH,
    KEPT,
    Draft,
    Drafts,
    DraftText,
    ErasedDraft,
    TooManyDrafts,
    another_id,
    first_version,
)

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = timedelta(seconds=1)
WHO = "north", "coach-01"


def typed(text: str = "so far", *, after: int = 0, **more: Any) -> Draft:
    """What the coach has typed, some seconds after the first save."""
    at = NOW + after * SECOND
    draft = Draft(
        district="north",
        author="coach-01",
        id="d1",
        kind="goal",
        about="",
        person="",
        texts=(DraftText("title", "$x"), DraftText("a.b", text)),
        begun_at=at,
        saved_at=at,
    )
    return replace(draft, **more)


async def refused(drafts: Any) -> tuple[Kind, str]:
    with pytest.raises(Fault) as fault:
        await drafts
    return fault.value.kind, fault.value.code


class DraftsSuite:
    async def test_the_last_save_is_what_is_there(self, drafts: Drafts) -> None:
        first = await drafts.save(typed(), None)
        assert first == typed(version=first_version(NOW))
        later = typed("more", after=5, kind="progress", about="g1", person="teacher-01", texts=())
        second = await drafts.save(later, None)
        assert second == replace(later, begun_at=NOW, version=first.version + 1)
        assert await drafts.get(*WHO, "d1") == second
        assert second.kept_until == NOW + 5 * SECOND + KEPT

    async def test_nobody_else_has_it_under_its_id(self, drafts: Drafts) -> None:
        mine = await drafts.save(typed(), None)
        for hers in (typed("hers", author="coach-02"), typed("there", district="south")):
            assert await drafts.get(hers.district, hers.author, "d1") is None
            assert await drafts.delete(hers.district, hers.author, "d1", None) is None
            assert (await drafts.find(hers.district, hers.author, None, None, "", 9)).drafts == []
            assert (await drafts.save(hers, None)).texts == hers.texts
        assert await drafts.get(*WHO, "d1") == mine

    async def test_of_two_devices_the_second_is_told(self, drafts: Drafts) -> None:
        first = await drafts.save(typed(), None)
        newer = await drafts.save(typed("a", after=1), first.version)
        late = drafts.save(typed("b", after=2), first.version)
        assert await refused(late) == (Kind.STALE, "stale_version")
        delete = drafts.delete(*WHO, "d1", first.version)
        assert await refused(delete) == (Kind.STALE, "stale_version")
        assert await drafts.get(*WHO, "d1") == newer

    async def test_the_same_save_again_is_no_conflict(self, drafts: Drafts) -> None:
        first = await drafts.save(typed(), None)
        newer = await drafts.save(typed("a", after=1), first.version)
        assert await drafts.save(typed("a", after=2), first.version) == newer
        assert await drafts.get(*WHO, "d1") == newer

    async def test_what_was_seen_and_is_gone_is_missing(self, drafts: Drafts) -> None:
        gone = drafts.save(typed(), first_version(NOW))
        assert (await refused(gone))[0] is Kind.NOT_FOUND
        assert await drafts.get(*WHO, "d1") is None

    async def test_what_is_begun_anew_has_no_version_of_before(self, drafts: Drafts) -> None:
        first = await drafts.save(typed(), None)
        assert await drafts.delete(*WHO, "d1", first.version) == first
        assert await drafts.get(*WHO, "d1") is None
        again = await drafts.save(typed("new", after=1), None)
        assert again.version > first.version + 1
        save = drafts.save(typed("old", after=2), first.version)
        assert await refused(save) == (Kind.STALE, "stale_version")

    async def test_many_saves_of_a_new_one_at_once_make_one(self, drafts: Drafts) -> None:
        saves = [drafts.save(typed(f"{n}"), None) for n in range(3)]
        versions = {each.version for each in await asyncio.gather(*saves)}
        assert versions == {first_version(NOW) + n for n in range(3)}

    async def test_a_list_has_the_newest_first_without_texts(self, drafts: Drafts) -> None:
        for n, (kind, about) in enumerate([("a", "x"), ("b", "x"), ("a", ""), ("a", "x")]):
            await drafts.save(typed(id=f"d{n}", kind=kind, about=about, after=n // 2), None)

        async def found(kind: str | None, about: str | None) -> str:
            page = await drafts.find(*WHO, kind, about, "", 9)
            assert page.after == ""
            return " ".join(each.id for each in page.drafts)

        assert await found(None, None) == "d3 d2 d1 d0"
        assert await found("a", None) == "d3 d2 d0"
        assert await found("a", "x") == "d3 d0"
        assert await found(None, "none") == ""
        page = await drafts.find(*WHO, None, None, "", 1)
        seen = [*page.drafts]
        while page.after:
            page = await drafts.find(*WHO, None, None, page.after, 1)
            seen += page.drafts
        assert [each.id for each in seen] == ["d3", "d2", "d1", "d0"]
        assert {each.texts for each in seen} == {()}
        last = await drafts.get(*WHO, "d3")
        assert last is not None
        assert seen[0] == last.without_texts()

    async def test_an_author_has_so_many(self, drafts: Drafts) -> None:
        for n in range(EACH):
            await drafts.save(typed(id=f"d{n}"), None)
        with pytest.raises(TooManyDrafts):
            await drafts.save(typed(id="more"), None)
        await drafts.save(typed("what is there is saved", id="d0"), None)
        await drafts.save(typed(id="more", author="coach-02"), None)
        await drafts.delete(*WHO, "d1", None)
        await drafts.save(typed(id="more"), None)

    async def test_what_is_of_a_person_goes_to_another_and_keeps_its_texts(
        self, drafts: Drafts
    ) -> None:
        old = await drafts.save(typed("old"), None)
        await drafts.save(typed("alone", id="d2"), None)
        hers = await drafts.save(typed("hers", author="coach-02"), None)
        assert [each.id for each in await drafts.all_of(*WHO)] == ["d1", "d2"]
        for each in await drafts.all_of(*WHO):
            await drafts.move(each, "coach-02")
            await drafts.move(each, "coach-02")
        assert await drafts.all_of(*WHO) == []
        moved = await drafts.all_of("north", "coach-02")
        assert {each.author_before for each in moved if each.id != "d1"} == {"coach-01"}
        texts = []
        for each in moved:
            known = await drafts.get("north", "coach-02", each.id)
            assert known is not None
            texts.append(known.texts[1].text)
        assert sorted(texts) == ["alone", "hers", "old"]
        assert await drafts.get("north", "coach-02", "d1") == hers
        assert old.texts[1].text == "old"

    async def test_nothing_that_its_new_author_has_is_written_over(self, drafts: Drafts) -> None:
        for turn in range(3):  # each begun after the one before was moved
            old = await drafts.save(typed(f"{turn}", after=turn), None)
            await drafts.save(typed("hers", author="coach-02"), None)
            await drafts.move(old, "coach-02")
        assert await drafts.all_of(*WHO) == []
        assert await texts_of(drafts, "coach-02") == ["0", "1", "2", "hers"]
        last = await drafts.save(typed("last", after=9), None)
        await drafts.save(typed("taken", author="coach-02", id=another_id(last)), None)
        await drafts.move(last, "coach-02")
        assert await texts_of(drafts, "coach-01") == ["last"]
        assert await texts_of(drafts, "coach-02") == ["0", "1", "2", "hers", "taken"]

    async def test_what_is_saved_while_it_is_moved_goes_along(self, drafts: Drafts) -> None:
        for turn in range(9):
            old = await drafts.save(typed("five pages", id=f"d{turn}"), None)
            later = typed("six pages", id=f"d{turn}", after=1)
            await asyncio.gather(drafts.move(old, "coach-02"), drafts.save(later, None))
        both = [*await texts_of(drafts, "coach-01"), *await texts_of(drafts, "coach-02")]
        assert both.count("six pages") == 9

    async def test_what_is_about_one_is_about_another_and_back(self, drafts: Drafts) -> None:
        seen = (await drafts.save(typed(id="d1", person="t1"), None)).version
        await drafts.save(typed(id="d2", person="t2"), None)
        await drafts.save(typed(id="d1", person="t1", district="south"), None)

        async def about() -> list[str]:
            return [each.person for each in await drafts.all_of(*WHO)]

        await drafts.reassign("north", "t1", "t2", back=False)
        assert await about() == ["t2", "t2"]
        save = drafts.save(typed("unseen", id="d1", person="t1", after=1), seen)
        assert await refused(save) == (Kind.STALE, "stale_version")
        await drafts.save(typed("more", id="d1", person="t2", after=1), None)
        await drafts.reassign("north", "t2", "t1", back=True)
        assert await about() == ["t1", "t2"]
        (there,) = await drafts.all_of("south", "coach-01")
        assert there.person == "t1"

    async def test_what_is_saved_about_one_who_is_another_by_now_can_be_given_back(
        self, drafts: Drafts
    ) -> None:
        await drafts.save(typed(id="d1"), None)
        for name in ("d1", "d2"):
            saved = await drafts.save(typed(id=name, person="t2", person_before="t1"), None)
            assert (saved.person, saved.person_before) == ("t2", "t1")
        await drafts.reassign("north", "t2", "t1", back=True)
        assert [each.person for each in await drafts.all_of(*WHO)] == ["t1", "t1"]

    async def test_what_is_erased_is_hers_about_her_or_about_what_was_hers(
        self, drafts: Drafts
    ) -> None:
        others: dict[str, dict[str, Any]] = {
            "own": {"author": "t1"},
            "about": {"person": "t1"},
            "thing": {"about": "g1"},
            "other": {"person": "t2", "about": "g2"},
            "late": {"person": "t1", "after": 9},
        }
        for name, more in others.items():
            await drafts.save(typed(id=name, **more), None)
        await drafts.save(typed(id="there", person="t1", about="g1", district="south"), None)

        async def left() -> list[str]:
            own = [*await drafts.all_of(*WHO), *await drafts.all_of("north", "t1")]
            return [each.id for each in own]

        await drafts.erase_about("north", ["g1", "g3"], NOW)
        assert await left() == ["about", "late", "other", "own"]
        await drafts.erase("north", "t1", NOW, NOW)
        assert await left() == ["late", "other"]
        await drafts.leave(*WHO)
        assert await left() == []
        assert len(await drafts.all_of("south", "coach-01")) == 1

    async def test_what_came_from_another_record_is_erased_only_where_that_is_named(
        self, drafts: Drafts
    ) -> None:
        await drafts.save(typed(id="own", author="t0"), None)
        await drafts.save(typed(id="about", person="t0"), None)
        await drafts.save(typed(id="begun", author="t1"), None)
        for each in await drafts.all_of("north", "t0"):
            await drafts.move(each, "t1")
        await drafts.reassign("north", "t0", "t1", False)

        async def left() -> list[str]:
            own = [*await drafts.all_of(*WHO), *await drafts.all_of("north", "t1")]
            return [each.id for each in own]

        await drafts.erase("north", "t1", NOW, NOW, ["t2"])
        assert await left() == ["about", "own"]
        await drafts.erase("north", "t1", NOW, NOW, ["t0"])
        assert await left() == []

    async def test_what_was_erased_no_page_that_is_still_open_brings_back(
        self, drafts: Drafts
    ) -> None:
        about = await drafts.save(typed(id="about", person="t1"), None)
        await drafts.save(typed(id="thing", about="g1"), None)
        await drafts.save(typed(id="own", author="t1"), None)
        await drafts.erase("north", "t1", NOW, NOW)
        await drafts.erase_about("north", ["g1"], NOW)
        for author, name in (("coach-01", "about"), ("coach-01", "thing"), ("t1", "own")):
            for seen in (None, about.version):
                with pytest.raises(ErasedDraft):
                    await drafts.save(typed(author=author, id=name, after=3), seen)
            assert await drafts.get("north", author, name) is None
            assert await drafts.delete("north", author, name, None) is None
            assert await drafts.delete("north", author, name, about.version) is None
            assert await drafts.all_of("north", author) == []
            assert (await drafts.find("north", author, None, None, "", 9)).drafts == []
        assert (await drafts.save(typed(id="about", author="coach-02"), None)).id == "about"
        assert (await drafts.save(typed(id="about", district="south"), None)).id == "about"

    async def test_what_was_erased_goes_nowhere_and_is_in_nobodys_way(self, drafts: Drafts) -> None:
        erased = [await drafts.save(typed(id=f"d{n}", person="t1"), None) for n in range(EACH)]
        await drafts.erase("north", "t1", NOW, NOW)
        await drafts.move(erased[1], "coach-02")
        assert await drafts.all_of("north", "coach-02") == []
        await drafts.save(typed("new", id="another"), None)
        await drafts.save(typed("hers", id="d1", author="coach-02"), None)
        await drafts.move(
            await drafts.save(typed("more", id="d2", author="coach-02"), None), WHO[1]
        )
        assert await texts_of(drafts, "coach-01") == ["more", "new"]
        await drafts.erase("north", "t1", NOW, NOW)
        await drafts.leave(*WHO)
        with pytest.raises(ErasedDraft):
            await drafts.save(typed(id="d3"), None)


async def texts_of(drafts: Drafts, author: str) -> list[str]:
    found = [await drafts.get("north", author, each.id)
             for each in await drafts.all_of("north", author)]  # fmt: skip
    return sorted(each.texts[1].text for each in found if each is not None)
