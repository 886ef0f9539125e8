"""What a topic promises that is followed without a group, in memory and on Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.log.following import Followed, LogPlace, PlaceLost, Places, Track, reached
from tests.support.waiting import HANGS

PARTITIONS = 3
AGES_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Topic:
    """`publish` puts records at the end, `forget` takes the oldest away from partition 0 up to an
    offset, where that can be; `make_again` makes the topic anew, and empty."""

    followed: Followed
    publish: Callable[[Sequence[PendingEvent]], Awaitable[None]]
    make_again: Callable[[], Awaitable[None]]


def events(name: str, count: int) -> list[PendingEvent]:
    now = datetime.now(UTC)
    return [
        PendingEvent(n, f"{name}:{n}", "t.E", (f"d1:{name}{n}",), b"x", now)
        for n in range(1, count + 1)
    ]


def headers(event: PendingEvent) -> list[tuple[str, bytes]]:
    return headers_of(
        event, source="/t", district="d1", aggregate_id=event.event_id, key=event.keys[0]
    )


def ids(records: Sequence[Record]) -> set[str]:
    return {dict(each.headers)["ce_id"].decode() for each in records}


async def read(topic: Topic, places: Places, target: Places) -> tuple[list[Record], Places]:
    track, found = Track(places), list[Record]()
    async with asyncio.timeout(HANGS), aclosing(topic.followed.read(places)) as batches:
        async for records in batches:
            found += [each for each in records if track.take(each)]
            if reached(track.places, target):
                break
    return found, track.places


class FollowingSuite:
    async def test_what_lies_behind_a_place_comes_once_and_in_order(self, topic: Topic) -> None:
        await topic.publish(events("a", 30))
        begin = await topic.followed.since(AGES_AGO)
        assert set(begin) == set(range(PARTITIONS))
        end = await topic.followed.since(None)
        found, places = await read(topic, begin, end)
        assert len(found) == 30
        for number in range(PARTITIONS):
            offsets = [each.offset for each in found if each.partition == number]
            assert offsets == list(range(places[number].offset))
        assert ids(found) == {f"a:{n}" for n in range(1, 31)}
        await topic.publish(events("b", 20))
        found, _ = await read(topic, places, await topic.followed.since(None))
        assert ids(found) == {f"b:{n}" for n in range(1, 21)}

    async def test_what_was_published_from_an_instant_on_lies_behind_it(self, topic: Topic) -> None:
        await topic.publish(events("a", 10))
        end = await topic.followed.since(None)
        assert await topic.followed.since(datetime.now(UTC) + timedelta(days=1)) == end
        assert sum(place.offset for place in end.values()) == 10

    async def test_who_waits_at_the_end_hears_that_nothing_comes_and_then_what_does(
        self, topic: Topic
    ) -> None:
        await topic.publish(events("a", 6))
        end = await topic.followed.since(None)
        track, found = Track(end), list[Record]()
        async with asyncio.timeout(HANGS), aclosing(topic.followed.read(end)) as batches:
            while await anext(batches):
                pass
            await topic.publish(events("b", 6))
            while len(found) < 6:
                found += [each for each in await anext(batches) if track.take(each)]
        assert ids(found) == {f"b:{n}" for n in range(1, 7)}

    async def test_a_topic_that_was_made_again_is_noticed_though_it_is_longer(
        self, topic: Topic
    ) -> None:
        await topic.publish(events("a", 30))
        end = await topic.followed.since(None)
        _, places = await read(topic, await topic.followed.since(AGES_AGO), end)
        await topic.make_again()
        await topic.publish(events("b", 90))
        with pytest.raises(PlaceLost, match="another record"):
            await read(topic, places, {0: LogPlace(1_000)})

    async def test_a_topic_that_was_made_again_is_noticed_where_it_is_shorter(
        self, topic: Topic
    ) -> None:
        await topic.publish(events("a", 30))
        end = await topic.followed.since(None)
        await topic.make_again()
        with pytest.raises(PlaceLost, match="has offsets 0 to 0"):
            await read(topic, end, end)

    async def test_places_of_another_number_of_partitions_are_refused(self, topic: Topic) -> None:
        with pytest.raises(PlaceLost, match="another number of partitions"):
            await read(topic, {0: LogPlace(0)}, {0: LogPlace(0)})
