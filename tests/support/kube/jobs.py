"""The Job of docs/upgrading.md, by which an operator runs the command inside a cluster."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from tests.deploy.test_operators_job import told
from tests.support.helm import Object
from tests.support.kube.district import District, secret
from tests.support.waiting import eventually

SECONDS = 300
DISTRICTS = ("lakewood", "brookfield")


def documented(district: District, name: str, service: str, *words: str) -> Object:
    """With the settings, the files and the user of a service; `words` stand behind `tandem`. Those
    of `views` that read journals are told of them and of tokens, as the page has it."""
    page = json.dumps(told("upgrading.md", "apiVersion: batch/v1"))
    job: Any = json.loads(page.replace("tandem-insights", f"tandem-{service}"))
    job["metadata"]["name"] = name
    (container,) = job["spec"]["template"]["spec"]["containers"]
    journals = [each for each in container["args"] if each.startswith("--journal=")]
    tokens = [f"--token=@/run/token/{each}" for each in DISTRICTS]
    reads = words[0] == "views" and words[1] != "rollback"
    more = [*tokens, *journals] if reads else []
    container |= {"image": district.image, "imagePullPolicy": "Never"}
    container["args"] = ["tandem", *words, *more]
    return cast(Object, job)


def give_tokens(district: District) -> None:
    """The Secret that the Job names."""
    ask = ("token", "--partner", "operator", "--scope", "journal.read", "--district")
    tokens = {each: district.tandem(*ask, each).strip() for each in DISTRICTS}
    district.kubectl("apply", "-f", "-", objects=[secret("journal-token", **tokens)])


def run(district: District, job: Object) -> tuple[int, str]:
    """The exit code and what it has said; the Job is gone afterwards. Blocks."""
    name = job["metadata"]["name"]
    district.kubectl("create", "-f", "-", objects=[job])

    def ended() -> bool:
        (found,) = district.get("job", name)
        return any(found["status"].get(each) for each in ("succeeded", "failed"))

    asyncio.run(eventually(ended, SECONDS))
    (pod,) = district.get("pods", "-l", f"job-name={name}")
    said = district.kubectl("logs", pod["metadata"]["name"]).out
    (status,) = pod["status"]["containerStatuses"]
    district.kubectl("delete", "job", name)
    return int(status["state"]["terminated"]["exitCode"]), said
