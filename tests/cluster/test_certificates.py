"""Kafka and MongoDB get other certificates, by another authority, while people work."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from tests.support.kube.district import District
from tests.support.kube.engines import MONGODB, Proven
from tests.support.kube.inside import ADDRESS
from tests.support.kube.report import Report
from tests.support.waiting import eventually

SECONDS = 180
MOUNTED = "node/kubelet-data/pods/{uid}/volumes/kubernetes.io~projected/{engine}/ca.crt"


def trusting(district: District, folder: Path, authorities: bytes) -> Callable[[], bool]:
    """Whether each pod that serves has these now, by what its node has mounted into it."""
    mounted = [
        folder / MOUNTED.format(uid=pod["metadata"]["uid"], engine=engine)
        for pod in district.parts()
        for engine in ("kafka", "mongodb")
    ]
    return lambda: all(each.read_bytes() == authorities for each in mounted)


def test_authorities_and_certificates_are_renewed_without_a_restart(
    district: District, engines: Proven, folder: Path, report: Report
) -> None:
    """As docs/operating.md has it: the new authority beside the old, then the certificates, then
    the new one alone. Each time no old connection is left."""
    old = engines.authorities
    before = district.restarts()
    shown = ssl.get_server_certificate((ADDRESS, MONGODB))
    what = "authority and certificates of Kafka and MongoDB renewed, all connections cut, twice"
    with district.unnoticed(report, what):
        new = engines.prepare()
        district.trust(old + new)
        asyncio.run(eventually(trusting(district, folder, old + new), SECONDS))
        engines.renew()
        engines.cut()
        district.trust(new)
        asyncio.run(eventually(trusting(district, folder, new), SECONDS))
        engines.cut()
    assert ssl.get_server_certificate((ADDRESS, MONGODB)) != shown
    assert district.restarts() == before
