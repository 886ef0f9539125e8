"""What is watched, as the chart's rules have it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from tests.support.kube.district import District
from tests.support.kube.engines import Proven
from tests.support.kube.prometheus import watching
from tests.support.kube.report import Report
from tests.support.waiting import eventually

SECONDS = 300


def test_kafka_stands_still_an_alert_says_so_and_writes_go_on(
    district: District, engines: Proven, folder: Path, report: Report
) -> None:
    pods = district.parts()
    with watching(folder / "prometheus", pods) as watched:
        asyncio.run(eventually(lambda: watched.up() == len(pods), SECONDS))
        assert watched.firing() == set()
        with report.row(
            "Kafka stands still until `TandemOutboxOld` fires, which is over soon after"
        ) as row:
            with district.at_work() as said:
                os.kill(engines.broker.process.pid, signal.SIGSTOP)
                try:
                    asyncio.run(eventually(lambda: "TandemOutboxOld" in watched.firing(), SECONDS))
                finally:
                    os.kill(engines.broker.process.pid, signal.SIGCONT)
            row.result = f"{said['sent']:,} requests, {sum(said['errors'].values())} errors"
        asyncio.run(eventually(lambda: "TandemOutboxOld" not in watched.firing(), SECONDS))
    assert said["errors"] == {}
