"""What tells people from others, in memory."""

import pytest

from services.access.districts import PersonIdentifier
from services.roster.imports.identifiers import digest, kind_of
from services.roster.imports.memory_identifiers import MemoryIdentifiers
from tests.support.identifiers_suite import IdentifiersSuite

KEY = b"k" * 64


@pytest.fixture
def identifiers() -> MemoryIdentifiers:
    return MemoryIdentifiers()


class TestIdentifiers(IdentifiersSuite):
    pass


def test_a_digest_hangs_on_all_but_the_case_of_letters() -> None:
    mail, number = PersonIdentifier.EMAIL, PersonIdentifier.STAFF_NUMBER
    made = digest(KEY, "north", mail, "Ann@example.org")
    assert made == digest(KEY, "north", mail, " ann@EXAMPLE.org ")
    assert kind_of(made) == "email"
    assert "ann" not in made
    others = {
        digest(b"l" * 64, "north", mail, "ann@example.org"),
        digest(KEY, "south", mail, "ann@example.org"),
        digest(KEY, "north", number, "ann@example.org"),
        digest(KEY, "north", mail, "anna@example.org"),
    }
    assert len(others | {made}) == 5


@pytest.mark.parametrize("value", ["", "-", "0", "n/a", "000000", "...", "--1--", "xxx"])
def test_what_tells_nobody_from_others_has_none(value: str) -> None:
    assert digest(KEY, "north", PersonIdentifier.STAFF_NUMBER, value) == ""
