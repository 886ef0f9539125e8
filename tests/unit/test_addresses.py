"""From where a request comes: nobody chooses her own address."""

from __future__ import annotations

import pytest

from services.chassis.edge.addresses import address_of, address_over_http, line_of

PROXY, STUDENT = "10.0.0.7", "198.51.100.20"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("", 0, PROXY),
        (STUDENT, 0, PROXY),  # nobody has said that there is a proxy
        ("", 1, PROXY),
        (STUDENT, 1, STUDENT),
        (f"203.0.113.9, {STUDENT}", 1, STUDENT),  # what comes first the caller has said
        (f"203.0.113.9,{STUDENT}", 1, STUDENT),
        (f"203.0.113.9, {STUDENT}, 10.0.0.1", 2, STUDENT),
        (f"{STUDENT}, 10.0.0.1", 2, STUDENT),
        (STUDENT, 2, PROXY),  # too few: it did not come through all of them
        ("unknown", 1, PROXY),
        (f"{STUDENT}:50123", 1, STUDENT),
        ("[2001:db8:1:2:3::4]:443", 1, "2001:db8:1:2::/64"),
        (" , ", 1, PROXY),
    ],
)
def test_behind_proxies_the_last_hops_are_believed(
    forwarded: str, proxies: int, found: str
) -> None:
    assert address_of(PROXY, forwarded, proxies) == found


def test_a_line_is_one_address_however_many_it_has() -> None:
    assert line_of("2001:db8:1:2::1") == line_of("2001:db8:1:2:ffff::2")
    assert line_of("2001:db8:1:2::1") != line_of("2001:db8:1:3::1")
    assert line_of("::ffff:198.51.100.20") == line_of("198.51.100.20")
    assert line_of("") == line_of("x" * 50) == line_of("fe80::1%eth0" * 9) == ""


def test_several_headers_are_one_list() -> None:
    sent = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", STUDENT.encode())]
    scope = {"client": (PROXY, 1), "headers": sent}
    assert address_over_http(scope, 1) == STUDENT
    assert address_over_http(scope, 0) == PROXY
    assert address_over_http({"client": None, "headers": []}, 1) == ""
