"""The log in memory places records as Kafka's own clients do."""

import pytest

from services.chassis.log.memory_log import Fate, MemoryLog
from services.chassis.log.producer import partition_of

# From Apache Kafka's UtilsTest.testMurmur2, as signed 32-bit hashes.
MURMUR2 = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
}


@pytest.mark.parametrize(("key", "hashed"), MURMUR2.items())
def test_keys_go_where_the_java_client_puts_them(key: bytes, hashed: int) -> None:
    assert partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12


def test_a_partition_keeps_order_and_offsets() -> None:
    log = MemoryLog()
    for n in range(5):
        log.append("t", b"d1:t1", str(n).encode(), [])
    number = partition_of(b"d1:t1", 12)
    assert [each.offset for each in log.fetch("t", number, 0, 10)] == [0, 1, 2, 3, 4]
    assert [each.value for each in log.fetch("t", number, 2, 2)] == [b"2", b"3"]
    assert log.end("t", number) == 5
    assert log.end("t", (number + 1) % 12) == 0


def test_a_late_record_lands_after_later_ones_and_never_twice() -> None:
    log = MemoryLog()
    log.send(Fate.LATE, "t", b"k", b"late", [])
    log.send(Fate.LATE, "t", b"k", b"later", [])
    log.send(Fate.LOST, "t", b"k", b"lost", [])
    for n in range(3):
        log.send(Fate.UNACKED, "t", b"k", str(n).encode(), [])
    log.settle()
    assert [each.value for each in log.all("t")] == [b"0", b"late", b"1", b"later", b"2"]
