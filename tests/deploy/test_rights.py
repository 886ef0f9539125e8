"""What each service may do in Kafka, where Strimzi makes the users: what it does, and no more."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from services.assembly.registry import COLLECTS_LOOKS, LOOKS, LOOKS_GROUP, SERVICES, TOPICS
from services.chassis.log.topics import PARTITIONS, topic_configs
from services.ctl import kafka_rights
from services.ctl.chart import registry
from tests.deploy.test_operators_job import DOCS, told
from tests.support.charts import LEAST, rendered
from tests.support.helm import Object, of_kind, render

Rights = dict[tuple[str, str, str], set[str]]  # (kind, name, how the name is meant) -> operations
CITY = "the example city"
ALLOWED = {"Read", "Write", "Describe", "DescribeConfigs"}


def rights(user: Object) -> Rights:
    found: Rights = {}
    for rule in user["spec"]["authorization"]["acls"]:
        resource = rule["resource"]
        key = (resource["type"], resource["name"], resource["patternType"])
        found.setdefault(key, set()).update(rule["operations"])
    return found


def users() -> dict[str, Object]:
    found = of_kind(rendered(CITY), "KafkaUser")
    return {each["metadata"]["name"].removeprefix("tandem-"): each for each in found}


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    found: dict[str, Any] = registry()["services"]
    return found


def test_every_service_has_a_user() -> None:
    assert users().keys() == SERVICES.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_it_writes_its_own_topic_and_who_looked_alone(service: str) -> None:
    own = {SERVICES[service].topic} if SERVICES[service].tells else set()
    writes = {key[1:] for key, what in rights(users()[service]).items() if "Write" in what}
    assert writes == {(each, "literal") for each in own | {LOOKS}}


@pytest.mark.parametrize("service", SERVICES)
def test_it_may_look_at_the_settings_of_what_it_writes_alone(service: str) -> None:
    """Which `tandem doctor` does as this user."""
    found = rights(users()[service])
    looks = {name for (_, name, _), what in found.items() if "DescribeConfigs" in what}
    own = {SERVICES[service].topic} if SERVICES[service].tells else set()
    assert looks == own | {LOOKS}


@pytest.mark.parametrize("service", SERVICES)
def test_it_reads_the_topics_of_its_views_and_its_own_alone(
    service: str, declared: dict[str, Any]
) -> None:
    wanted = {t for view in declared[service]["projectors"].values() for t in view["topics"]}
    if SERVICES[service].tells:  # for partners who follow it
        wanted.add(SERVICES[service].topic)
    if service == COLLECTS_LOOKS:
        wanted.add(LOOKS)
    found = {key for key, what in rights(users()[service]).items() if "Read" in what}
    assert {name for kind, name, how in found if (kind, how) == ("topic", "literal")} == wanted
    assert not [key for key in found if key[0] == "topic" and key[2] != "literal"]


@pytest.mark.parametrize("service", SERVICES)
def test_it_joins_its_own_groups_alone(service: str, declared: dict[str, Any]) -> None:
    mine = [name for kind, name, _ in rights(users()[service]) if kind == "group"]
    for other, each in declared.items():
        for view in each["projectors"].values():
            joins = any(view["consumers"].startswith(prefix) for prefix in mine)
            assert joins == (other == service), (view["consumers"], mine)


def test_looks_are_collected_by_one_service_alone() -> None:
    for service, user in users().items():
        groups = [name for kind, name, _ in rights(user) if kind == "group"]
        assert any(map(LOOKS_GROUP.startswith, groups)) == (service == COLLECTS_LOOKS)


def test_nobody_may_do_anything_else() -> None:
    for name, user in users().items():
        assert {kind for kind, _, _ in rights(user)} <= {"topic", "group"}, name
        assert set().union(*rights(user).values()) <= ALLOWED, name


def test_topics_are_those_of_the_command() -> None:
    found = of_kind(rendered(CITY), "KafkaTopic")
    assert {each["spec"]["topicName"] for each in found} == set(TOPICS)
    for each in found:
        spec = each["spec"]
        assert spec["partitions"] == PARTITIONS
        assert {key: str(value) for key, value in spec["config"].items()} == topic_configs(3)
        assert each["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert not [each for each in of_kind(rendered(CITY), "Job") if "topics" in str(each)]


@pytest.fixture(scope="module")
def asked() -> dict[str, Rights]:
    """Of each user that the chart may ask Strimzi for, with the one who makes the topics."""
    strimzi = {"users": True, "cluster": "district", "namespace": "kafka"}
    found = of_kind(render({**LEAST, "strimzi": strimzi}), "KafkaUser")
    return {each["metadata"]["name"]: rights(each) for each in found}


def test_who_makes_topics_may_make_those_of_the_next_release(asked: dict[str, Rights]) -> None:
    """Its Job runs before the rights of that release are there; what is in them it never reads."""
    assert rights_on(asked["tandem-topics"], "coaching.a-later-one.v1") == {"Create", "Describe"}
    for topic in TOPICS:
        assert rights_on(asked["tandem-topics"], topic) == {"Create", "Describe"}
    assert not rights_on(asked["tandem-topics"], "of-somebody-else")


def rights_on(user: Rights, topic: str) -> set[str]:
    found: set[str] = set()
    for (kind, name, how), operations in user.items():
        fits = topic.startswith(name) if how == "prefix" else topic == name
        if kind == "topic" and fits:
            found |= operations
    return found


def typed(page: str) -> Iterator[list[str]]:
    """The words of each command of a page that gives a right."""
    for line in re.findall(r"^ *(kafka-acls\.sh .*)$", page, re.MULTILINE):
        yield shlex.split(line)[1:]


def test_rights_given_by_hand_are_those_of_the_users_of_the_chart(
    asked: dict[str, Rights],
) -> None:
    """By the commands of the page for operators: what Kafka has when each is run."""
    patterns = {"literal": "literal", "prefixed": "prefix"}
    given: dict[str, Rights] = {}
    for words in typed((DOCS / "operating.md").read_text()):
        words.remove("--add")
        options = list(zip(words[0::2], words[1::2], strict=True))
        one = dict(options)
        user = one["--allow-principal"].removeprefix("User:")
        pattern = patterns[one["--resource-pattern-type"]]
        operations = {value for option, value in options if option == "--operation"}
        for option, name in options:
            if option in ("--topic", "--group"):
                key = (option.removeprefix("--"), name, pattern)
                given.setdefault(user, {}).setdefault(key, set()).update(operations)
    assert given == asked


def test_the_commands_of_the_page_are_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        kafka_rights.main([])
    assert kafka_rights.main(["--check"]) == 0, "run: python -m services.ctl.kafka_rights"


def test_no_other_page_gives_rights() -> None:
    giving = {page.name for page in DOCS.rglob("*.md") if [*typed(page.read_text())]}
    assert giving == {"operating.md"}


def test_the_user_of_the_example_is_that_of_the_chart(asked: dict[str, Rights]) -> None:
    example = told("operating.md", "apiVersion: kafka.strimzi.io/v1")
    assert rights(example) == asked[example["metadata"]["name"]]
