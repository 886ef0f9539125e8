"""`tandem privacy policy` against services that answer as they are told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.base64url import decode, encode
from services.ctl.__main__ import run
from services.ctl.exits import Exit
from tests.support.docs_program import program
from tests.support.fake_services import FakeServices, fake_services
from tests.support.policies import document, private, public, signed, spelled_otherwise
from tests.unit.test_policy_terms import LOOSER, TERMS

V1 = "/privacy/v1"
STATEMENT = {"statement_id": "s1", "title": "Words", "text": "Hers."}
OTHER_WORDS = hashlib.sha256(b"Words\n\nEverybody's.").hexdigest()


def policy(number: int = 1, before: str = "", **changed: Any) -> dict[str, Any]:
    said = {
        "policy_id": f"p{number}",
        "format": "tandem-data-use-policy-1",
        "district_id": "lakewood",
        "number": number,
        "before": before,
        "statement_id": "s1",
        "statement_sha256": hashlib.sha256(b"Words\n\nHers.").hexdigest(),
        "purposes": ["coaching"],
        "audiences": [],
        "acknowledge_before_sharing": True,
        "leaders_see": "nothing",
        "retention": [{"record": "goals", "days": 365}],
        "teacher_first_hours": 24,
        "recording": "none",
        "representatives_sign": 0,
        "loosened": [],
        "representatives_needed": 0,
        "state": "enacted",
        "signatures": [],
    } | changed
    said["document_sha256"] = hashlib.sha256(document(said)).hexdigest()
    return said


def by(said: dict[str, Any], *who: str) -> dict[str, Any]:
    """With signatures of the district and of representatives of these names."""
    signatures = [
        {**signed(said, each), "signer": "district" if each == "district" else "representative",
         "name": "" if each == "district" else each}
        for each in who
    ]  # fmt: skip
    return {**said, "signatures": signatures}


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def typed(services: FakeServices, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["privacy", "policy", *more, *given])


def told(services: FakeServices, *policies: dict[str, Any]) -> None:
    """From now on these are the versions, the newest first."""
    page = {"policies": list(reversed(policies)), "next_page_token": "", "left_out": 0}
    services.answers = {
        ("GET", f"{V1}/policies"): (200, page),
        ("GET", f"{V1}/statements/s1"): (200, STATEMENT),
        ("POST", f"{V1}/policies/p1/sign"): (200, policies[0]),
    }


def test_a_key_is_made_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "key"
    assert run(["privacy", "policy", "keygen", str(file)]) == Exit.OK
    made, kept = capsys.readouterr().out.strip(), file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(made) == 43
    assert made not in kept
    assert run(["privacy", "policy", "keygen", str(file)]) == Exit.USAGE
    assert file.read_text() == kept


def key_of(tmp_path: Path, name: str = "district") -> tuple[str, str]:
    key = tmp_path / name
    key.write_text(encode(private(name).private_bytes_raw()))
    return "--key", str(key)


def test_what_is_signed_is_what_the_service_shows(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proposal = policy(state="proposed")
    told(services, {**proposal, "document_sha256": "0" * 64})  # which nobody believes
    key = key_of(tmp_path)
    assert typed(services, "sign", "1", *key, "--dry-run") == Exit.OK
    assert all(each.method == "GET" for each in services.asked)
    read = capsys.readouterr().out
    hash_ = proposal["document_sha256"]
    assert "Words: Hers." in read
    assert read.endswith(f"  document: {hash_}\n")
    assert typed(services, "sign", "1", *key, "--document", hash_) == Exit.OK
    assert json.loads(services.asked[-1].body) == signed(proposal, "district")
    assert encode(private("district").private_bytes_raw()).encode() not in services.asked[-1].body


def test_nothing_is_signed_that_was_not_read(services: FakeServices, tmp_path: Path) -> None:
    first, second = (policy(state="proposed", recording=each) for each in ("none", "with_consent"))
    told(services, second)
    key = key_of(tmp_path)
    assert typed(services, "sign", "1", *key) == Exit.USAGE
    hash_ = first["document_sha256"]
    assert typed(services, "sign", "1", *key, "--document", hash_, "--dry-run") == Exit.USAGE
    assert typed(services, "sign", "1", *key, "--document", hash_) == Exit.REFUSED
    assert all(each.method == "GET" for each in services.asked)


@pytest.mark.parametrize(
    "changed",
    [
        {"statement_sha256": "0" * 64},
        {"before": "0" * 64},
        {"district_id": "riverside"},
        {"representatives_sign": 1},  # and needs none, as it says
        {"loosened": ["recording"]},
        {"format": "tandem-data-use-policy-2"},
        {"recording": "always"},
    ],
)
def test_nothing_is_signed_that_is_not_what_it_says(
    services: FakeServices, tmp_path: Path, changed: dict[str, Any]
) -> None:
    refused(services, tmp_path, policy(state="proposed", **changed))


def test_no_later_version_is_signed_without_the_one_before(
    services: FakeServices, tmp_path: Path
) -> None:
    first = by(policy(district_id="riverside"), "district")
    for number, before in ((7, ""), (2, first["document_sha256"])):
        refused(services, tmp_path, policy(number, before, state="proposed"), first)


def test_none_is_signed_that_is_said_to_be_less_loose_than_it_is(
    services: FakeServices, tmp_path: Path
) -> None:
    first = by(policy(), "district", "union")
    hash_ = first["document_sha256"]
    looser = policy(2, hash_, state="proposed", recording="with_consent")
    refused(services, tmp_path, {**looser, "representatives_needed": 1}, first)
    refused(services, tmp_path, {**looser, "loosened": ["recording"]}, first)
    reworded = policy(2, hash_, state="proposed", statement_sha256=OTHER_WORDS)
    refused(services, tmp_path, reworded, first, text="Everybody's.")
    right = {**looser, "loosened": ["recording"], "representatives_needed": 1}
    told(services, first, right)
    assert typed(services, "sign", "2", *key_of(tmp_path), "--dry-run") == Exit.OK


def refused(
    services: FakeServices,
    tmp_path: Path,
    proposal: dict[str, Any],
    *before: dict[str, Any],
    text: str = STATEMENT["text"],
) -> None:
    told(services, *before, proposal)
    services.answers["GET", f"{V1}/statements/s1"] = 200, {**STATEMENT, "text": text}
    given = [str(proposal["number"]), *key_of(tmp_path), "--document", proposal["document_sha256"]]
    assert typed(services, "sign", *given) == Exit.REFUSED
    assert all(each.method == "GET" for each in services.asked)


def trusting(district: str, *representatives: str) -> list[str]:
    given = [("--district-key", district), *(("--representative-key", r) for r in representatives)]
    return [word for option, name in given for word in (option, public(name))]


def chain(**changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    first = policy(representatives_sign=1)
    return by(first, "district", "union"), policy(2, first["document_sha256"], **changed)


def test_versions_that_hold_are_called_so(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = chain()
    told(services, first, by(second, "district", "union"))
    believed = "signed by keys that nobody named here"
    for more, said in ([], believed), (trusting("district", "union"), "signed"):
        assert typed(services, "verify", *more) == Exit.OK
        end = second["document_sha256"]
        assert capsys.readouterr().out == f"2 versions, {said}, in force 2:{end}\n"


NAMED = {
    decode(public(name)): signer
    for name, signer in (
        ("district", "district"), ("union", "representative"), ("guild", "representative")
    )
}  # fmt: skip


def listed(said: dict[str, Any], signed_by: str, *listed_as: str) -> dict[str, Any]:
    """With the signature of one key, as often and as whosever the service likes to list it."""
    one = signed(said, signed_by)
    return {**said, "signatures": [{**one, "signer": each, "name": ""} for each in listed_as]}


def test_the_program_of_the_page_says_the_same() -> None:
    check = program("docs/data-use-policy.md", "check")
    first, second = chain(representatives_sign=1)
    both = by(second, "district", "union")
    assert check([both, first], NAMED) == ""
    assert check([policy(3, state="proposed"), both, first], NAMED) == ""
    changed = {**both, "recording": "with_consent"}
    assert check([changed, first], NAMED).startswith("version 2 was not signed by the key")
    assert check([both], NAMED) == "version 1 does not follow the one before"
    alone = "version 2 was not signed by the district"
    assert check([by(second, "union"), first], NAMED) == alone
    few = "version 2 was signed by too few representatives"
    assert check([by(second, "district"), first], NAMED) == few
    assert check([listed(second, "district", "district", "representative"), first], NAMED) == few
    assert check([both, first], {decode(public("district")): "district"}).startswith(
        "version 1 was"
    )
    free = by(policy(), "district", "union")
    reworded = policy(2, free["document_sha256"], statement_sha256=OTHER_WORDS)
    assert check([by(reworded, "district"), free], NAMED) == few
    _, asks_nobody = chain(representatives_sign=0)  # but the version before does
    assert check([by(asks_nobody, "district"), first], NAMED) == few


@pytest.mark.parametrize("term", LOOSER)
def test_the_program_of_the_page_knows_what_is_looser(term: str) -> None:
    check = program("docs/data-use-policy.md", "check")
    asked = {} if term == "representatives_sign" else {"representatives_sign": 0}
    before = policy(**{**TERMS.told(), **asked})
    terms = replace(TERMS, **{term: LOOSER[term]}).told()
    after = policy(2, before["document_sha256"], **{**terms, **asked})
    first = by(before, "district", "union")
    few = "version 2 was signed by too few representatives"
    assert check([by(after, "district"), first], NAMED) == few
    assert check([by(after, "district", "guild"), first], NAMED) == ""


SIGNED_BY_FEWER = "version 1 was signed by fewer representatives than"


@pytest.mark.parametrize(
    ("asked", "signatures", "said"),
    [
        (1, [("district", "district"), ("district", "representative")], f"{SIGNED_BY_FEWER} 1"),
        (2, [("district", "district"), *[("union", "representative")] * 2], f"{SIGNED_BY_FEWER} 2"),
        (0, [("union", "district")], "version 1 was not signed by the district"),
        (1, [("district", "district"), ("guild", "representative")], f"{SIGNED_BY_FEWER} 1"),
    ],
)
def test_a_key_counts_once_and_for_whom_it_was_named(
    services: FakeServices,
    capsys: pytest.CaptureFixture[str],
    asked: int,
    signatures: list[tuple[str, str]],
    said: str,
) -> None:
    """Whatever the service calls it."""
    one = policy(representatives_sign=asked)
    one["signatures"] = [listed(one, *each)["signatures"][0] for each in signatures]
    told(services, one)
    assert typed(services, "verify", *trusting("district", "union")) == Exit.PROBLEMS
    assert capsys.readouterr().out == f"broken: {said}\n"


def test_nobody_signs_for_two_whoever_is_believed(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    one = policy(representatives_sign=1)
    twice = listed(one, "district", "district", "representative")
    twice["signatures"][1]["key"] = spelled_otherwise(public("district"))
    told(services, twice)
    assert typed(services, "verify") == Exit.PROBLEMS
    assert capsys.readouterr().out == "broken: version 1 has a key that signs for two\n"


@pytest.mark.parametrize(
    "given",
    [
        ["--district-key", "no key"],
        ["--district-key", public("union"), "--representative-key", public("union")],
        [
            "--district-key",
            public("union"),
            "--representative-key",
            spelled_otherwise(public("union")),
        ],
    ],
)
def test_keys_that_are_none_or_both_are_refused(services: FakeServices, given: list[str]) -> None:
    assert typed(services, "verify", *given) == Exit.USAGE
    assert services.asked == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("unsigned", "version 2 was signed by fewer representatives than 1"),
        ("looser", "version 2 was signed by fewer representatives than 1"),
        ("reworded", "version 2 was signed by fewer representatives than 1"),
        ("no district", "version 2 was not signed by the district"),
        ("another key", "version 2 was not signed by the key"),
        ("changed", "version 2 was not signed by the key"),
        ("another before", "version 2 does not follow the one before"),
        ("gone", "version 1 is missing"),
        ("trusted", "version 1 was signed by fewer representatives than 1"),
    ],
)
def test_what_does_not_hold_is_named(
    services: FakeServices, capsys: pytest.CaptureFixture[str], wrong: str, said: str
) -> None:
    first, second = chain()
    both = by(second, "district", "union")
    more: list[str] = []
    if wrong == "unsigned":
        both = by(second, "district")
    elif wrong == "looser":
        first = by(policy(), "district")
        both = by(policy(2, first["document_sha256"], recording="with_consent"), "district")
    elif wrong == "reworded":
        first = by(policy(), "district", "union")
        other = policy(2, first["document_sha256"], statement_sha256=OTHER_WORDS)
        both = by(other, "district")
    elif wrong == "no district":
        both = by(second, "union", "guild")
    elif wrong == "another key":
        both["signatures"][1]["key"] = public("guild")
    elif wrong == "changed":
        both["teacher_first_hours"] = 48
    elif wrong == "another before":
        both = by(policy(2, "0" * 64), "district", "union")
    elif wrong == "trusted":
        more = trusting("district")
    told(services, *([both] if wrong == "gone" else [first, both]))
    assert typed(services, "verify", *more) == Exit.PROBLEMS
    assert capsys.readouterr().out.startswith(f"broken: {said}")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"signatures": None}, "what was answered as version 2 is no policy"),
        ({"signatures": [{"signer": "district"}]}, "what was answered as version 2 is no policy"),
        ({"retention": [{"record": "goals"}]}, "what was answered as version 2 is no policy"),
        ({"audiences": [7]}, "what was answered as version 2 is no policy"),
        ({"audiences": ["parents"]}, "a newer build has written what this one cannot read"),
        ({"format": "tandem-data-use-policy-2"}, "a newer build has written"),
    ],
)
def test_what_is_no_policy_is_called_so_and_not_a_newer_build(
    services: FakeServices, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], said: str
) -> None:
    first, second = chain(**{each: changed[each] for each in changed if each != "signatures"})
    second = by(second, "district", "union") | {
        each: changed[each] for each in changed if each == "signatures"
    }
    told(services, first, second)
    assert typed(services, "verify") == Exit.PROBLEMS
    assert capsys.readouterr().out.startswith(f"broken: {said}")
