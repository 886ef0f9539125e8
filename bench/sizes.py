"""From what one act costs to what a district needs: pods, CPU, memory, Kafka, MongoDB.

`sizing.json` has what `make bench ONLY=sizing` measured; everything else here is arithmetic. Of a
process the key is `service/role`; beside them `kafka` and `mongodb` are the engines.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEASURED = Path(__file__).with_name("sizing.json")
ENGINES = ("kafka", "mongodb")

# Of a teacher who is coached every week, in a year of 36 weeks of school. Reads of a coach are hers
# by 45 teachers. An act of `survey` is a whole survey with a dozen answers.
YEAR: Mapping[str, float] = {
    "progress": 180,
    "goal": 4,
    "observation": 36,
    "survey": 4,
    "caseload": 16,
    "card": 72,
    "goals": 72,
    "timeline": 36,
}
IMPORTS = 365  # of the whole roster, each night
SCHOOL_DAYS = 180
PEAK = 0.3  # of a day's work that is done in its busiest hour
COACHED = 45  # teachers to a coach, who has a live caseload open all day
STREAMS = 800  # live caseloads of a process, of the 1,000 that it takes at most
BUSY = 0.6  # of a core that a process is given at the peak: Python works on one
HOURS = 365 * 24
KAFKA_DAYS, KAFKA_COPIES, MONGODB_COPIES = 35, 3, 3
SIZES = (1_000, 5_000, 20_000, 77_000)


@dataclass(frozen=True, slots=True)
class Measured:
    """`idle`: cores that a process takes with nothing to do. `acts`: act -> process -> CPU seconds
    for one, below 0 where nothing could be told from noise; `import` is for one teacher of the
    file. `memory`: MB resident of a process after the load. By act: `records` in Kafka with their
    `kafka_bytes`, and `mongodb_bytes` before compression. `on_disk`: what MongoDB keeps on disk,
    indexes included, for a byte of these. `base`: bytes before compression of a teacher with her
    classes, her relationship, her rows in views, and some weeks of a past."""

    idle: Mapping[str, float]
    acts: Mapping[str, Mapping[str, float]]
    memory: Mapping[str, float]
    records: Mapping[str, float]
    kafka_bytes: Mapping[str, float]
    mongodb_bytes: Mapping[str, float]
    on_disk: float
    base: float


def measured(path: Path = MEASURED) -> Measured:
    found = json.loads(path.read_text())
    return Measured(**{name: found[name] for name in Measured.__slots__})


@dataclass(frozen=True, slots=True)
class Need:
    """Of so many teachers. `cores`: at the busiest hour, by process. `pods`: fewest, by process.
    `idle`: cores that `pods` take of themselves. The rest in GB; `hours`: core hours of a teacher
    and year that her work takes, without what is idle."""

    teachers: int
    events: float  # a second, in the busiest hour
    cores: Mapping[str, float]
    pods: Mapping[str, int]
    hours: float
    kafka: float
    mongodb: float

    @property
    def busy(self) -> float:
        """Cores of the services in the busiest hour, idle ones not counted."""
        return sum(each for name, each in self.cores.items() if name not in ENGINES)


def need(found: Measured, teachers: int) -> Need:
    """What is the same for all sizes is measured; that it grows evenly with teachers is taken."""
    peak = teachers * PEAK / SCHOOL_DAYS / 3600  # of a year's acts of a teacher, a second
    processes = [*found.idle]
    cores = {
        each: peak * max(sum(n * found.acts[act].get(each, 0.0) for act, n in YEAR.items()), 0.0)
        for each in processes
    }
    streams = teachers / COACHED
    pods = {
        each: max(
            math.ceil(cores[each] / BUSY),
            math.ceil(streams / STREAMS) if each == "insights/api" else 1,
        )
        for each in processes
        if each not in ENGINES
    }
    work = sum(
        seconds * times
        for act, times in (*YEAR.items(), ("import", IMPORTS))
        for process, seconds in found.acts[act].items()
        if process not in ENGINES
    )
    kafka = _year(found.kafka_bytes) / SCHOOL_DAYS * KAFKA_DAYS * KAFKA_COPIES
    mongodb = (found.base + _year(found.mongodb_bytes)) * found.on_disk * MONGODB_COPIES
    return Need(
        teachers,
        peak * _year(found.records),
        cores,
        pods,
        work / 3600,
        teachers * kafka / 1e9,
        teachers * mongodb / 1e9,
    )


def _year(of_acts: Mapping[str, float]) -> float:
    return sum(times * of_acts.get(act, 0.0) for act, times in YEAR.items())


@dataclass(frozen=True, slots=True)
class Deployed:
    """A Deployment of the chart: what runs in one pod of it, how many there are, and what each asks
    for (cores and MB) and may take (MB)."""

    processes: Sequence[str]
    pods: int
    cores: float
    memory: float
    limit: float


def lacking(found: Measured, teachers: int, deployed: Sequence[Deployed]) -> Iterator[str]:
    """Where too little is deployed for so many teachers."""
    wanted = need(found, teachers)
    for each in deployed:
        name = ", ".join(each.processes)
        cores = sum(wanted.cores[process] + found.idle[process] for process in each.processes)
        if cores > each.pods * BUSY:
            yield f"{name}: {cores:.2f} cores in {each.pods} pods"
        if (fewest := max(wanted.pods[process] for process in each.processes)) > each.pods:
            yield f"{name}: {each.pods} pods, not {fewest}"
        largest = max(found.memory[process] for process in each.processes)
        if largest * 1.5 > each.limit:
            yield f"{name}: {largest:.0f} MB, and a limit of {each.limit:.0f}"


def row(found: Measured, teachers: int, deployed: Sequence[Deployed]) -> str:
    """Of the table."""
    wanted = need(found, teachers)
    pods = sum(each.pods for each in deployed)
    asked = sum(each.pods * each.cores for each in deployed)
    memory = sum(each.pods * each.memory for each in deployed) / 1024
    idle = sum(
        each.pods * sum(found.idle[process] for process in each.processes) for each in deployed
    )
    engines = sum(wanted.cores[each] + found.idle[each] for each in ENGINES)
    hours = wanted.hours + idle * HOURS / teachers
    storage = (wanted.mongodb + wanted.kafka) / teachers
    cells = (
        f"{teachers:,}",
        f"{wanted.events:.2g}",
        str(pods),
        f"{asked:.1f}",
        f"{wanted.busy + idle:.2f}",
        f"{memory:.1f}",
        f"{engines:.2f}",
        _gb(wanted.kafka),
        _gb(wanted.mongodb),
        f"{hours:.2g}",
        f"{storage * 1000:.2g}",
    )
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| teachers | events/s | pods | CPU asked for | CPU used | memory asked for, GB"
    " | CPU of engines | Kafka, GB | MongoDB, GB a year | core hours | MB |"
)


def table(found: Measured, rows: Sequence[tuple[int, Sequence[Deployed]]]) -> str:
    lines = [HEAD, "|" + " --- |" * HEAD.count(" | ") + " --- |"]
    return "\n".join([*lines, *(row(found, *each) for each in rows)])


def _gb(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
