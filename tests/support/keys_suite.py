"""What every store of the write side promises of keys, on memory and on MongoDB alike."""

from dataclasses import replace
from datetime import timedelta

from services.chassis.kernel import DeviceTime
from services.chassis.write.documents import DEVICE_TIMES, RECENT_CALLERS, RECENT_KEYS, KeyUse
from tests.support.documents_suite import START, Store, change, document, event, get, pending


class KeysSuite:
    async def test_the_key_of_the_creation_outlives_those_of_changes(self, store: Store) -> None:
        await store.insert(document(key="made"), event(1))
        for n in range(RECENT_KEYS + 3):
            assert await change(store, key=f"k{n}")
        keys = [use.key for use in (await get(store)).keys]
        assert keys == ["made", *(f"k{n}" for n in range(3, RECENT_KEYS + 3))]
        assert (await get(store)).keys[-1] == KeyUse(keys[-1], "f", RECENT_KEYS + 4, "person:p1")

    async def test_the_times_of_devices_are_kept_beside_the_state_and_are_the_newest(
        self, store: Store
    ) -> None:
        def timed(version: int) -> DeviceTime:
            return DeviceTime(f"k{version}", version, START, START, START - timedelta(days=version))

        made = KeyUse("k1", "f", 1, "person:p1", timed=timed(1))
        await store.insert(replace(document(), keys=(made,)), event(1))
        assert (await get(store)).device_times == (timed(1),)
        assert await change(store, key="online")
        for version in range(3, DEVICE_TIMES + 5):
            before = await get(store)
            use = KeyUse(f"k{version}", "f", version, "person:p2", timed=timed(version))
            assert await store.replace(before, {"n": version}, event(version), use)
        kept = (await get(store)).device_times
        assert kept == tuple(timed(version) for version in range(5, DEVICE_TIMES + 5))
        (listed,) = (await store.find("d1", "thing", {}, "", 5)).documents
        assert (listed.keys, listed.device_times) == ((), ())
        assert await store.erase(await get(store), event(DEVICE_TIMES + 5))
        assert await store.get("d1", "thing", "a") is None

    async def test_nobody_uses_up_the_keys_of_another(self, store: Store) -> None:
        await store.insert(document(key="made"), event(1))
        assert await change(store, key="hers", caller="person:b.c@$d")
        for n in range(RECENT_KEYS + 3):
            assert await change(store, key=f"k{n}")
        uses = (await get(store)).keys
        assert uses[:2] == (
            KeyUse("made", "f", 1, "person:p1"),
            KeyUse("hers", "f", 2, "person:b.c@$d"),
        )
        assert len(uses) == 2 + RECENT_KEYS

    async def test_a_key_that_changed_nothing_is_kept_as_one_of_a_change(
        self, store: Store
    ) -> None:
        await store.insert(document(key="made"), event(1))
        seen = await get(store)
        nothing = KeyUse("k0", "f", 2, "person:p1", changed=False)
        assert await store.remember(seen, nothing)
        assert await change(store, key="k1")
        assert not await store.remember(seen, KeyUse("late", "f", 2, "person:p1"))
        after = await get(store)
        assert (after.version, after.state, len((await pending(store))["a"])) == (2, {"n": 2}, 2)
        assert [use.key for use in after.keys] == ["made", "k0", "k1"]
        assert [use for use in after.keys if not use.changed] == [nothing]
        for n in range(RECENT_KEYS):
            assert await store.remember(after, KeyUse(f"m{n}", "f", 3, "person:p1"))
        keys = [use.key for use in (await get(store)).keys]
        assert keys == ["made", *(f"m{n}" for n in range(RECENT_KEYS))]

    async def test_callers_who_come_at_once_are_not_kept_beyond_the_next_one(
        self, store: Store
    ) -> None:
        await store.insert(document(key="made"), event(1))
        seen = await get(store)
        for n in range(RECENT_CALLERS + 3):  # each has seen nobody else
            assert await store.remember(seen, KeyUse("k", "f", 2, f"person:p{n}"))
        assert await change(store, key="k", caller="person:new")
        uses = [use for use in (await get(store)).keys if use.version > 1]
        assert len({use.caller for use in uses}) == RECENT_CALLERS
        assert uses[-1].caller == "person:new"

    async def test_many_callers_push_out_the_one_who_came_the_longest_ago(
        self, store: Store
    ) -> None:
        await store.insert(document(key="made"), event(1))
        for n in range(RECENT_CALLERS):
            assert await change(store, key="k", caller=f"person:p{n}")
        assert await change(store, key="k2", caller="person:p0")
        assert await change(store, key="k", caller="partner:p0")
        uses = (await get(store)).keys
        callers = [f"person:p{n}" for n in range(RECENT_CALLERS) if n != 1]
        assert [(use.caller, use.key) for use in uses] == [
            ("person:p1", "made"),
            *((caller, "k") for caller in callers),
            ("person:p0", "k2"),
            ("partner:p0", "k"),
        ]
        assert await change(store, key="k3", caller="person:p1")
        assert "person:p2" not in {use.caller for use in (await get(store)).keys}
