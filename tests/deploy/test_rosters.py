"""Rosters that come by themselves: pulled from a server by night, or left in a folder."""

from __future__ import annotations

import shlex
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from typer.main import get_command

from services.ctl.__main__ import app
from services.ctl.exits import Exit
from services.roster.imports.oneroster.upload import MOST_BYTES
from tests.support.charts import BY_THEMSELVES, LEAST, ONEROSTER, ROSTERS, rendered
from tests.support.helm import HelmRefuses, Object, of_kind, render, selects

PULL, OTHER = "tandem-pull-lakewood", "tandem-pull-maple"
PRIVATE = (
    "10.96.0.1",
    "169.254.169.254",
    "172.17.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "fd00::1",
    "::1",
)
FOLDER = "tandem-folder-north-sh-485e33"  # of a district whose name is none of Kubernetes


def variables_of(*words: str) -> set[str]:
    """Those that a command reads."""
    command: Any = get_command(app)
    for word in words:
        command = command.commands[word]
    return {each.envvar for each in command.params if each.envvar}


def reaches(blocks: Any, address: str) -> bool:
    at = ip_address(address)
    return any(
        at in ip_network(each["ipBlock"]["cidr"])
        and not any(at in ip_network(one) for one in each["ipBlock"].get("except", ()))
        for each in blocks
    )


def rules_of(objects: tuple[Object, ...], labels: Any) -> list[tuple[Any, set[Any]]]:
    """To whom a pod goes, and at which ports."""
    return [
        (rule.get("to"), {port["port"] for port in rule["ports"]})
        for each in of_kind(objects, "NetworkPolicy")
        if selects(each["spec"]["podSelector"], labels)
        for rule in each["spec"].get("egress", ())
    ]


def jobs(objects: tuple[Object, ...]) -> dict[str, Any]:
    return {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "CronJob")}


def pod_of(job: Any) -> Any:
    return job["jobTemplate"]["spec"]["template"]


def container_of(job: Any) -> Any:
    (container,) = pod_of(job)["spec"]["containers"]
    return container


def test_each_district_has_its_own() -> None:
    found = jobs(rendered("rosters by themselves"))
    assert found.keys() == {PULL, OTHER, FOLDER}
    assert found[PULL]["timeZone"] == "America/Los_Angeles"
    assert (found[PULL]["schedule"], found[FOLDER]["schedule"]) == ("30 2 * * *", "*/5 * * * *")
    told = {name: container_of(each)["args"] for name, each in found.items()}
    assert told[PULL] == shlex.split("tandem roster pull --district lakewood --json")
    changes = "tandem roster pull --district maple --json --since last"
    assert told[OTHER] == shlex.split(changes)
    folder = "/var/lib/tandem/roster"
    watch = f"tandem roster watch {folder} --district North_Shore.1 --once --json"
    assert told[FOLDER] == shlex.split(watch)
    mounts = {
        each["name"]: each["mountPath"] for each in container_of(found[FOLDER])["volumeMounts"]
    }
    assert mounts["folder"] == folder


@pytest.mark.parametrize(("name", "command"), [(PULL, "pull"), (FOLDER, "watch")])
def test_the_command_is_told_what_it_needs_by_variables_that_it_reads(
    name: str, command: str
) -> None:
    job = jobs(rendered("rosters by themselves"))[name]
    told = {each["name"]: each["value"] for each in container_of(job)["env"]}
    read = variables_of("roster", command)
    assert told.keys() - {"ENVIRONMENT"} <= read
    assert {"TANDEM_TOKEN_URL", "TANDEM_CLIENT_ID", "TANDEM_CLIENT_SECRET_FILE"} <= told.keys()
    assert told["TANDEM_URL"] == "http://tandem-roster:8080"
    (secret,) = [each for each in pod_of(job)["spec"]["volumes"] if each["name"] == "rosters"]
    keys = {f"/etc/tandem/rosters/{each['path']}" for each in secret["secret"]["items"]}
    assert told["TANDEM_CLIENT_SECRET_FILE"] in keys
    assert (ONEROSTER["client_secret_file"] in keys) == (command == "pull")


def test_a_pull_that_has_a_volume_keeps_its_pages_there() -> None:
    """Another try is another pod: what one has in its own files is gone with it."""
    found = jobs(rendered("rosters by themselves"))
    for name, claim in ((OTHER, "maple-pages"), (PULL, "")):
        told = {each["name"]: each["value"] for each in container_of(found[name])["env"]}
        mounts = [each["mountPath"] for each in container_of(found[name])["volumeMounts"]]
        claims = [
            each["persistentVolumeClaim"]["claimName"]
            for each in pod_of(found[name])["spec"]["volumes"]
            if "persistentVolumeClaim" in each
        ]
        assert claims == ([claim] if claim else [])
        assert ("TANDEM_PULL_KEEP" in told) is bool(claim)
        assert not claim or told["TANDEM_PULL_KEEP"] in mounts
    assert "TANDEM_PULL_KEEP" in variables_of("roster", "pull")


def test_one_that_is_cut_short_is_begun_anew_and_one_that_is_refused_is_not() -> None:
    for name, job in jobs(rendered("rosters by themselves")).items():
        assert job["concurrencyPolicy"] == "Forbid", name
        assert not job["suspend"]
        spec = job["jobTemplate"]["spec"]
        assert spec["backoffLimit"] > 0
        assert spec["activeDeadlineSeconds"] > 0
        assert spec["template"]["spec"]["restartPolicy"] == "Never"
        (rule,) = spec["podFailurePolicy"]["rules"]
        assert rule["action"] == "FailJob"
        final = {Exit.USAGE, Exit.REFUSED, Exit.NOT_FOUND, Exit.PROBLEMS}
        assert set(rule["onExitCodes"]["values"]) == final
        assert rule["onExitCodes"]["containerName"] == container_of(job)["name"]


def test_while_databases_are_restored_nothing_is_imported() -> None:
    objects = tuple(render({**ROSTERS, "restoring": "building"}))
    assert all(job["suspend"] for job in jobs(objects).values())


def test_a_pull_has_room_for_all_files_and_the_zip() -> None:
    for job in jobs(rendered("rosters by themselves")).values():
        (tmp,) = [each for each in pod_of(job)["spec"]["volumes"] if each["name"] == "tmp"]
        assert tmp["emptyDir"]["sizeLimit"] == "2Gi"
    assert 8 * MOST_BYTES <= 2 * 1024**3


def test_a_pull_calls_its_server_and_the_apis_and_nobody_else() -> None:
    objects = rendered("rosters by themselves")
    for name, server in ((PULL, 8443), (OTHER, 443), (FOLDER, None)):
        labels = pod_of(jobs(objects)[name])["metadata"]["labels"]
        rules = rules_of(objects, labels)
        ports = set[Any]().union(*(ports for _, ports in rules))
        assert ports == {53, "http", "grpc", 443} | ({server} if server else set()), name
        if name == PULL:
            assert ([{"ipBlock": {"cidr": "203.0.113.7/32"}}], {8443}) in rules
        assert labels["tandem.calls"] == "true"
        assert "tandem.serves" not in labels


def reached_by(objects: tuple[Object, ...], name: str) -> list[Any]:
    """Blocks that a Job goes to, besides names and the APIs."""
    labels = pod_of(jobs(objects)[name])["metadata"]["labels"]
    return [
        each
        for peers, ports in rules_of(objects, labels)
        if not ports & {53, "http", "grpc"}
        for each in peers or [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]
    ]


def test_what_comes_by_itself_reaches_its_server_and_who_gives_tokens_and_no_other() -> None:
    objects = rendered("rosters by themselves")
    others = (*PRIVATE, "203.0.113.8", "2001:db9::7")
    for name, server in ((PULL, True), (FOLDER, False)):
        reached = reached_by(objects, name)
        assert reaches(reached, "203.0.113.9")
        assert reaches(reached, "203.0.113.7") == server
        assert not [each for each in others if reaches(reached, each)], name


def test_a_pull_whose_server_is_somewhere_public_reaches_public_addresses_alone() -> None:
    """Whatever the server's name resolves to; and so where tokens come from there."""
    public = {"issuers": {"to": "public"}}
    objects = tuple(render({**ROSTERS, "networkPolicy": public}))
    reached = reached_by(objects, OTHER)
    assert not [each for each in PRIVATE if reaches(reached, each)]
    assert all(reaches(reached, each) for each in ("203.0.113.7", "203.0.113.9", "2001:db9::7"))


def refused(rosters: Any, districts: Any) -> str:
    with pytest.raises(HelmRefuses) as caught:
        render({**LEAST, "districts": districts, "rosters": rosters})
    return str(caught.value)


def test_what_cannot_work_is_refused_in_words() -> None:
    pull = BY_THEMSELVES | {"district": "lakewood", "schedule": "30 2 * * *"}
    plain = pull | {"tokenUrl": "http://login.example.org/token"}
    told = refused({"pulls": [pull, plain]}, {"lakewood": {}})
    assert "rosters.pulls[1]: each district is there once" in told
    assert "rosters.pulls[1].tokenUrl: it begins with https:// in production" in told
    assert "client_secret_file: /etc/tandem/rosters/oneroster_secret" in told
    assert "missing property" in refused({"folders": [BY_THEMSELVES | {"district": "a"}]}, {})
    folder = BY_THEMSELVES | {"district": "a", "claim": "sftp"}
    assert "rosters.folders[0].district: a is none of districts" in refused(
        {"folders": [folder]}, {"lakewood": {}}
    )
    assert "rosters.pulls[0].to: where its server is, as peers" in told
    assert "networkPolicy.issuers.to: where rosters have their tokens from" in told
    assert "'public'" in refused({"pulls": [pull | {"to": "anywhere"}]}, {})
    wrong = {"pulls": [pull | {"schedule": "nightly"}]}
    assert "/rosters/pulls/0/schedule" in refused(wrong, {})
