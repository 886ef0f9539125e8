"""The bounds of the cache of rows, and of parking."""

import pytest

from services.chassis.log.envelope import Record
from services.chassis.views.decode import ToPark
from services.chassis.views.parking import ParkingBreaker, ParkingLimit, ParkingLimits
from services.chassis.views.row_cache import RowCache, estimate
from tests.support.clocks import START


def test_the_least_recently_used_rows_go_first() -> None:
    cache = RowCache(max_bytes=2 * estimate({"_id": "a"}))
    for name in "abc":
        cache.put(("cards", name), {"_id": name})
    assert cache.get(("cards", "a")) == {"_id": "a"}
    cache.trim()
    assert [key for key in ("a", "b", "c") if ("cards", key) in cache] == ["a", "c"]


def test_bytes_are_bounded_and_counted_down_to_zero() -> None:
    cache = RowCache(max_bytes=10_000)
    for number in range(10):
        cache.put(("cards", str(number)), {"_id": "x", "text": "y" * 3_000})
    cache.grew(("cards", "9"), 100)
    cache.trim()
    assert 0 < cache.bytes <= 10_000
    assert ("cards", "9") in cache
    cache.clear()
    assert (cache.bytes, len(cache)) == (0, 0)


def test_an_estimate_counts_what_is_nested_at_any_depth() -> None:
    assert estimate("abc") == estimate(b"abc") == 53
    assert estimate(1) == 32
    assert estimate({"x": "abc", "y": None}) == 64 + 2 * 60 + 53 + 32
    assert estimate(["abc", [1, b"a"], {}]) == 56 + 3 * 8 + 53 + (56 + 2 * 8 + 32 + 51) + 64


def bad(count: int, *districts: str, reason: str = "bad") -> list[ToPark]:
    """So many of each district that cannot be read; an empty one is nobody's."""
    keys = [f"{each}:t1" if each else "" for each in districts]
    records = [Record("t", 0, 0, key.encode(), b"", ()) for key in keys]
    return [ToPark(record, None, reason) for record in records for _ in range(count)]


def test_a_few_parked_messages_among_many_are_let_pass() -> None:
    breaker = ParkingBreaker(ParkingLimits(), "cards")
    for _ in range(20):
        written(breaker, 500, bad(3, ""))


def written(breaker: ParkingBreaker, records: int, refused: list[ToPark]) -> None:
    breaker.check(records, refused, START)
    breaker.count(records, refused, START)


def test_looking_again_at_a_batch_that_was_not_written_counts_nothing() -> None:
    breaker = ParkingBreaker(ParkingLimits(), "cards")
    for _ in range(200):
        breaker.check(10, bad(1, ""), START)


def test_more_than_one_in_a_hundred_is_too_much() -> None:
    breaker = ParkingBreaker(ParkingLimits(), "cards")
    written(breaker, 500, bad(19, ""))
    with pytest.raises(ParkingLimit, match="reason is: worse"):
        breaker.check(500, bad(1, "", reason="worse"), START)


def test_more_than_a_hundred_in_ten_minutes_is_too_much() -> None:
    breaker = ParkingBreaker(ParkingLimits(), "cards")
    for _ in range(100):
        written(breaker, 1_000, bad(1, ""))
    with pytest.raises(ParkingLimit):
        breaker.check(1_000, bad(1, ""), START)


def test_what_one_district_has_most_of_does_not_count_what_the_others_have_does() -> None:
    breaker = ParkingBreaker(ParkingLimits(), "cards")
    for _ in range(100):
        written(breaker, 1_000, bad(1_000, "d1"))
    written(breaker, 500, bad(19, "d2"))
    written(breaker, 500, bad(19, "d3"))
    with pytest.raises(ParkingLimit):
        breaker.check(10, bad(1, "d2", "d3"), START)
    assert len(breaker._times) <= 2 * 101
