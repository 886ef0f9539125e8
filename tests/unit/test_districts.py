"""The districts file: what it says takes effect, and a mistake is named with its line."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.access.districts import District, Districts, load_districts
from services.chassis.rates import Rate, Rates
from services.chassis.settings import BadSettings

ISSUER = """
      - issuer: https://id.example
        audience: tandem
        jwks_uri: https://id.example/keys"""

GOOD = f"""\
# what each district decides
districts:
  lakewood:
    time_zone: America/Los_Angeles
    small_n: 7
    days_without_school: [2026-11-11, "2026-11-26/2026-11-27"]
    administrators_may_coach: true
    roles:
      leading: [ext:assistantPrincipal, ext:dean-of.students_2]
      coaching: [ext:mentor]
      other: [ext:librarian]
    relationships:
      grace_until: 09-15
      carrying_over_needs_acceptance: true
    rate_limits:
      address: {{per_second: 500, burst: 20000}}
    issuers:{ISSUER}
  brookfield: {{}}
"""


def read(tmp_path: Path, text: str | bytes, environment: str = "production") -> Districts:
    path = tmp_path / "districts.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_districts(str(path), environment)


def test_a_roster_is_expected_where_it_is_pulled_or_somebody_says_so(tmp_path: Path) -> None:
    server = {
        "url": "https://sis.example/v1p2",
        "token_url": "https://sis.example/token",
        "client_id": "tandem",
        "client_secret_file": "/s",
    }
    said = {"sent": {"roster_expected_hours": 170}, "silent": {}, "pulled": {"oneroster": server}}
    said["rarely"] = {"oneroster": server, "roster_expected_hours": 1_440}
    found = {name: District.model_validate(each).roster_within for name, each in said.items()}
    assert found == {
        "sent": timedelta(hours=170),
        "silent": None,
        "pulled": timedelta(hours=36),
        "rarely": timedelta(days=60),
    }
    with pytest.raises(BadSettings, match="roster_expected_hours"):
        read(tmp_path, "districts: {north: {roster_expected_hours: 0}}")


def test_what_the_file_says_takes_effect(tmp_path: Path) -> None:
    districts = read(tmp_path, GOOD)
    lakewood = districts.of("lakewood")
    assert (lakewood.time_zone, lakewood.small_n) == ("America/Los_Angeles", 7)
    assert sorted(lakewood.without_school()) == [
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 11, 27),
    ]
    assert lakewood.administrators_may_coach
    assert lakewood.roles.leading == ("ext:assistantPrincipal", "ext:dean-of.students_2")
    assert (lakewood.roles.coaching, lakewood.roles.other) == (("ext:mentor",), ("ext:librarian",))
    assert lakewood.relationships.last_day(2027) == date(2027, 9, 15)
    assert lakewood.relationships.carrying_over_needs_acceptance
    rates = districts.rates_of("lakewood")
    assert (rates.address, rates.person) == (Rate(per_second=500, burst=20_000), Rates().person)
    assert [(each.district, each.issuer) for each in districts.issuers] == [
        ("lakewood", "https://id.example")
    ]


def test_a_district_that_is_not_listed_has_the_defaults(tmp_path: Path) -> None:
    districts = read(tmp_path, GOOD)
    assert districts.of("elsewhere") == districts.of("brookfield") == District()
    assert Districts().of("lakewood") == District()
    assert load_districts("", "production") == Districts()
    assert (District().time_zone, District().small_n) == ("UTC", 10)
    assert District().relationships.last_day(2027) == date(2027, 8, 31)
    assert districts.rates_of("elsewhere") == Rates()


def district(lines: str) -> str:
    return f"districts:\n  lakewood:\n    {lines}\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "value"),
    [
        (district("small_n: 4"), 3, "districts.lakewood.small_n", "4"),
        (district("small_n: 11"), 3, "districts.lakewood.small_n", "11"),
        (district('small_n: "7"'), 3, "districts.lakewood.small_n", '"7"'),
        (district("time_zone: Mars/Base"), 3, "districts.lakewood.time_zone", "Mars"),
        (district("time_zone: ../../etc/passwd"), 3, "districts.lakewood.time_zone", "passwd"),
        (district("time_zone: /etc/localtime"), 3, "districts.lakewood.time_zone", "localtime"),
        (district("colour: green"), 3, "districts.lakewood.colour", "green"),
        (
            district("days_without_school:\n      - 2026-11-11\n      - 2026-13-40"),
            5,
            "districts.lakewood.days_without_school.1",
            "2026-13",
        ),
        (
            district("days_without_school: [2026-11-27/2026-11-26]"),
            3,
            "districts.lakewood.days_without_school.0",
            "2026",
        ),
        (
            district("rate_limits:\n      person: {per_second: 0, burst: 9}"),
            4,
            "districts.lakewood.rate_limits.person.per_second: Input should be greater than",
            " 0",
        ),
        (
            district("rate_limits:\n      person: {per_second: 5}"),
            4,
            "districts.lakewood.rate_limits.person.burst: Field required",
            "5",
        ),
        (district("rate_limits:\n      students: {}"), 4, "rate_limits.students", "{}"),
        (district("time_zone: EST"), 3, "America/New_York", "EST"),
        (district("time_zone: Etc/GMT+5"), 3, "America/New_York", "GMT"),
        (
            district(f"issuers:{ISSUER}\n        partner: true\n        scopes: [roster.wirte]"),
            8,
            "scopes: there are academic_sessions.read, ",
            "wirte",
        ),
        (district(f"issuers:{ISSUER}\n        partner: true"), 4, "scopes are missing", "id.ex"),
        (
            district(f"issuers:{ISSUER}\n        scopes: [roster.read]"),
            4,
            "say partner: true",
            "id.ex",
        ),
        (
            district(f"issuers:{ISSUER}".replace("jwks_uri", "jwks_file")),
            6,
            "jwks_file: cannot be read (No such file",
            "id.ex",
        ),
        (
            district("days_without_school: [2026-11-27/2026-11-26]"),
            3,
            "the last day comes before the first",
            "2026",
        ),
        (
            district("days_without_school: [2026-01-01/2036-01-01]"),
            3,
            "districts.lakewood.days_without_school.0",
            "2036",
        ),
        (
            district("relationships:\n      grace_until: 02-31"),
            4,
            "districts.lakewood.relationships.grace_until",
            "02-31",
        ),
        (
            district("administrators_may_coach: yes"),
            3,
            "districts.lakewood.administrators_may_coach",
            "yes",
        ),
        (district("roles:\n      leading: [principal]"), 4, "roles.leading.0", "[principal"),
        (district("roles:\n      leading: ext:dean"), 4, "lakewood.roles.leading", "dean"),
        (district("roles:\n      coaching: [ext:coach]"), 3, "lakewood.roles", "[ext"),
        (district("roles:\n      other: [ext:instructionalcoach]"), 3, "lakewood.roles", "[ext"),
        (
            district("roles:\n      leading: [ext:dean]\n      other: [ext:Dean]"),
            3,
            "lakewood.roles",
            "dean",
        ),
        (district("roles:\n      admins: [ext:dean]"), 4, "lakewood.roles.admins", "dean"),
        (district(f"issuers:{ISSUER}\n        colour: green"), 7, "issuers.0.colour", "green"),
        (district(f"issuers:{ISSUER}\n        district: south"), 7, "issuers.0.district", "south"),
        (district("issuers:\n      - issuer: me"), 4, "issuers.0.audience", "me:"),
        (district(f"issuers:{ISSUER}\n        algorithms: [none]"), 7, "algorithms.0", "none]"),
        (district(f"issuers:{ISSUER}\n        algorithms: [HS256]"), 7, "algorithms.0", "HS256"),
        (district(f"issuers:{ISSUER}\n        jwks_file: also"), 4, "issuers.0", "also"),
        (district(f"issuers:{ISSUER}{ISSUER}"), 7, "issuers.1.issuer", "id.example"),
        ("districts:\n  lakewood: {}\n  lakewood: {}\n", 3, "districts.lakewood", "{}"),
        ("districts:\n  lake wood: {}\n", 2, "districts.?", "wood"),
        ("districts: [north]\n", 1, "districts", "north"),
        ("north\n", 1, "", "north"),
        ("", 1, "districts", ""),
        ("districts:\n  a: &all {}\n  b: *all\n", 2, "districts.a", "&all"),
        ("districts:\n  b: *none\n", 2, "districts.b", "none"),
        ("districts: !!python/name:os.system {}\n", 1, "districts", "python"),
        ("districts: {}\n---\nmore: 1\n", 2, "one document", "more"),
        ("districts:\n\tlakewood: {}\n", 2, "no YAML", "lakewood"),
        ("districts: {\n", 2, "no YAML", "{"),
        ("districts: " + "[" * 40, 1, "16 levels", "[["),
        ("a: 1\nb: \x00\n", 2, "no YAML", "\x00"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8", "xff"),
        ("? [a]\n: 1\n", 1, "key", "[a]"),
        (district(f"small_n: {'9' * 5_000}"), 3, "districts.lakewood.small_n", "999"),
    ],
)
def test_a_mistake_is_one_line_with_file_line_and_key(
    tmp_path: Path, text: str | bytes, line: int, key: str, value: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        read(tmp_path, text)
    told = str(caught.value)
    path, said, what = told.removeprefix(str(tmp_path)).split(":", 2)
    assert (path, int(said)) == ("/districts.yaml", line)
    assert key in what
    assert "\n" not in told
    assert not value or value not in what


@pytest.mark.parametrize(
    ("issuer", "place"),
    [
        (ISSUER.replace("https://id.example\n", "tandem-dev\n"), "issuers.0.issuer"),
        (ISSUER.replace("https://id.example\n", "tandem-dev:north\n"), "issuers.0.issuer"),
        (ISSUER.replace("https://id.example/keys", "http://id.example/keys"), "0.jwks_uri"),
        (ISSUER + "\n        max_age_seconds: 7200", "0.max_age_seconds"),
    ],
)
def test_production_refuses_what_development_may_have(
    tmp_path: Path, issuer: str, place: str
) -> None:
    text = district(f"issuers:{issuer}")
    assert len(read(tmp_path, text, "development").issuers) == 1
    with pytest.raises(BadSettings, match=place):
        read(tmp_path, text)


def test_a_file_that_is_too_large_or_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"districts\.yaml: larger than 1 MiB"):
        read(tmp_path, b"#" * (1 << 20) + b"\n")
    with pytest.raises(BadSettings, match=r"none\.yaml: No such file"):
        load_districts(str(tmp_path / "none.yaml"), "test")


def test_a_process_with_a_bad_file_ends_with_2_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "districts.yaml"
    path.write_text(district("small_n: 4"))
    ended = subprocess.run(
        [sys.executable, "-m", "services.goals"],
        env={**os.environ, "ENVIRONMENT": "test", "DISTRICTS_FILE": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"goals: {path}:3: districts.lakewood.small_n: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["no json", "[]", "{}"])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, text: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(text)
    issuer = ISSUER.replace("jwks_uri: https://id.example/keys", f"jwks_file: {keys}")
    with pytest.raises(BadSettings, match=r"jwks_file: holds no JSON Web Key Set"):
        read(tmp_path, district(f"issuers:{issuer}"))
    keys.write_text('{"keys": []}')
    assert read(tmp_path, district(f"issuers:{issuer}"))
