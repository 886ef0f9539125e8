"""What every store of the write side promises of states, on memory and on MongoDB alike."""

from collections.abc import Mapping
from random import Random
from typing import Any

from bson import encode

from services.chassis.write.documents import PAGE_BYTES, Documents
from services.chassis.write.parts import Parts
from tests.support.documents_suite import START, document, event, get

PARTS: Parts = {"title": (), "people": (), "steps": ("id", "n"), "missing": (), "none": ("id",)}


class StatesSuite:
    async def test_a_page_ends_at_two_megabytes_and_holds_one_at_least(
        self, store: Documents
    ) -> None:
        for n in range(6):
            size = 3 * PAGE_BYTES // 2 if n == 4 else PAGE_BYTES // 3
            name = f"id{n}"
            await store.insert(document(name, state={"text": "x" * size}), event(1, name))
        pages: list[list[str]] = []
        after = ""
        while after or not pages:
            page = await store.find("d1", "thing", {}, after, 10)
            pages.append([each.id for each in page.documents])
            after = page.after
        assert pages == [["id0", "id1"], ["id2", "id3"], ["id4"], ["id5"]]

    async def test_of_each_state_only_the_parts_asked_for_are_read(self, store: Documents) -> None:
        steps = [{"id": "a", "n": 1.5, "text": "long"}, {"id": "b", "text": "longer"}]
        state = {"title": "t", "people": ["p"], "steps": steps, "text": "long", "none": None}
        await store.insert(document("a", state=state), event(1, "a"))
        await store.insert(document("b", state={"steps": []}), event(1, "b"))
        await store.insert(document("c", state=state, schema=2), event(1, "c"))
        page = await store.find("d1", "thing", {}, "", 10, PARTS, 1)
        cut = {"title": "t", "people": ["p"], "steps": [{"id": "a", "n": 1.5}, {"id": "b"}]}
        assert [(each.state, each.schema) for each in page.documents] == [
            (cut, 1),
            ({"steps": []}, 1),
            (state, 2),  # of another schema: all of it, for whoever can read it
        ]
        page = await store.find("d1", "thing", {"title": "t"}, "", 10, PARTS, 2)
        assert [each.state for each in page.documents] == [state, cut]

    async def test_a_state_of_another_schema_is_replaced_whole(self, store: Documents) -> None:
        await store.insert(document(state={"old": 1, "list": [1]}), event(1))
        before = await get(store)
        assert await store.replace(before, {"list": [1, 2]}, event(2), None, 2)
        found = await get(store)
        assert (found.schema, found.state, found.version) == (2, {"list": [1, 2]}, 2)

    async def test_whatever_changes_what_is_read_back_is_what_was_written(
        self, store: Documents
    ) -> None:
        for seed in range(12):
            chance, name = Random(seed), f"s{seed}"
            state = _some_state(chance)
            await store.insert(document(name, state=state), event(1, name))
            for version in range(2, 14):
                state = _changed(chance, state)
                before = await get(store, name)
                assert await store.replace(before, state, event(version, name), None)
                found = (await get(store, name)).state
                assert _ordered(found) == _ordered(state), f"seed {seed}, version {version}"


def _ordered(state: Mapping[str, Any]) -> bytes:
    """As BSON, in which 1, 1.0, true and a day's hour differ; fields have no order."""
    return encode({name: state[name] for name in sorted(state)})


_VALUES = [None, True, False, 0, 1, 1.0, 0.0, -0.0, "", "x", b"\0", START, {"a": 1}, {"a": 1.0}]


def _item(chance: Random) -> Any:
    return {"id": chance.randrange(3), "note": chance.choice(_VALUES), "more": (1, 2)}


def _some_state(chance: Random) -> dict[str, Any]:
    return {
        **{f"f{n}": chance.choice(_VALUES) for n in range(4)},
        "list": [_item(chance) for _ in range(chance.randrange(4))],
        "tuple": tuple(_item(chance) for _ in range(chance.randrange(3))),
    }


def _changed(chance: Random, state: dict[str, Any]) -> dict[str, Any]:
    """Another state near the first: fields new, gone, changed; lists longer, shorter, mended."""
    new = dict(state)
    if chance.random() < 0.7:
        new[f"f{chance.randrange(5)}"] = chance.choice(_VALUES)
    if chance.random() < 0.2:
        new.pop(f"f{chance.randrange(5)}", None)
    items = list(new["list"])
    if chance.random() < 0.6:
        items += [_item(chance) for _ in range(chance.randrange(3))]
    if items and chance.random() < 0.4:
        items[chance.randrange(len(items))] = _item(chance)
    if items and chance.random() < 0.1:
        del items[chance.randrange(len(items))]
    new["list"] = items
    if chance.random() < 0.3:
        new["tuple"] = (*new["tuple"], _item(chance))
    return new
