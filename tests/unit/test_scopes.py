"""Scopes of partners: made from the operations' tables, one of each noun and direction."""

from __future__ import annotations

import pytest

from services.access.policy import SCOPES, SUMS, Policy, scope_of, scoped, widened
from services.assembly.registry import WRITE_SERVICES
from tests.support.platform import BOOTSTRAPS

OPEN = Policy(partners=True)


@pytest.mark.parametrize("service", BOOTSTRAPS)
def test_an_operation_reads_by_its_name_where_it_does_by_its_verb(service: str) -> None:
    for table in BOOTSTRAPS[service].tables().values():
        for each in table.operations:
            _, _, direction = scope_of(table.rpc.name, each.name).partition(".")
            assert direction == ("read" if each.verb == "GET" else "write"), each.name


@pytest.mark.parametrize("service", BOOTSTRAPS)
def test_what_partners_may_do_has_one_scope_of_its_own_noun(service: str) -> None:
    granted = BOOTSTRAPS[service].policies()
    for table in BOOTSTRAPS[service].tables().values():
        for name, policy in table.policies.items():
            wanted = {scope_of(table.rpc.name, name)} if policy.partners else set()
            assert granted[name].scopes == wanted


def test_a_noun_that_nobody_could_have_a_scope_of_is_noticed() -> None:
    assert scoped(OPEN, "AcademicSessionsService", "list_sessions").scopes == {
        "academic_sessions.read"
    }
    with pytest.raises(ValueError, match=r"find_thing: things\.write is no scope"):
        scoped(OPEN, "ThingsService", "find_thing")
    assert not scoped(Policy(), "ThingsService", "find_thing").scopes


def test_each_journal_has_a_scope_of_its_own() -> None:
    assert SUMS["journal.read"] == {f"{name}.journal.read" for name in WRITE_SERVICES}


def test_one_that_stands_for_several_gives_them_all_and_no_other() -> None:
    assert widened(frozenset({"goals.read"})) == {"goals.read"}
    assert widened(frozenset({"roster.write"})) == {"roster.write", *SUMS["roster.write"]}
    assert SCOPES.issuperset(widened(SCOPES))
    assert SUMS["surveys.author"] == {"instruments.read", "instruments.write"}  # never results
