"""A pod runs out of memory: others go on, and nothing is lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from services.ctl.exits import Exit
from tests.support.kube.api import Refused
from tests.support.kube.district import District
from tests.support.kube.jobs import documented, give_tokens, run
from tests.support.kube.report import Report
from tests.support.waiting import eventually

SECONDS = 120
TOO_EARLY = Exit.REFUSED  # the projector is a minute behind, and not judged
# Many small processes beside a service: the kernel ends the largest of the pod, which it is.
CROWD = """
import mmap, os, signal
for _ in range(60):
    if os.fork() == 0:
        held = mmap.mmap(-1, 30 << 20)
        for place in range(0, 30 << 20, 4096):
            held[place] = 1
        signal.pause()
signal.pause()
"""


def test_a_projector_is_out_of_memory_and_another_goes_on(
    district: District, report: Report
) -> None:
    (pod, *_) = district.pods("insights", "background")

    def last() -> Any:
        (found,) = district.get("pod", pod)
        return found["status"]["containerStatuses"][0]["lastState"].get("terminated", {})

    what = "a projector's pod is killed by its limit of memory: its part stands still for a session"
    with report.row(what) as row:
        with district.at_work() as said:
            with suppress(Refused):  # it ends with the first process of the pod
                district.python(pod, CROWD)
            asyncio.run(eventually(lambda: bool(last()), SECONDS))
            district.rolled_out("tandem-insights-background")
        row.load(said)
    assert last()["reason"] == "OOMKilled"
    assert said["errors"] == {}
    give_tokens(district)
    words = ("insights", "views", "check", "--view=insights")
    with report.row("and then its view lacks nothing, says `tandem views check`"):
        code: int = TOO_EARLY
        while code == TOO_EARLY:
            code, told = run(district, documented(district, "check-killed", *words))
        assert code == 0, told
