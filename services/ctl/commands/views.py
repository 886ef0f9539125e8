"""`tandem views`: what is projected from the events, made anew or compared with the journals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.assembly.registry import SERVICES, VIEWS, WITH_DUTIES, WRITE_SERVICES
from services.chassis.duties.view import duties_view
from services.ctl import console
from services.ctl.commands.views_back import chosen_of, rollback
from services.ctl.engines_target import (
    DatabaseName,
    Kafka,
    MongodbUri,
    kafka,
    kafka_proof,
    mongodb,
    on_engines,
    opened,
)
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop
from services.ctl.target import Json, local, read_token

if TYPE_CHECKING:
    from services.chassis.mongo import Database
    from services.ctl.journals import ServiceJournals
    from services.ctl.rebuilding import View

app = typer.Typer(help="Views, which can always be made anew from the journals.",
                  no_args_is_help=True)  # fmt: skip

MOST_PARKED = 1_000_000
TO_DOS = frozenset(map(duties_view, WITH_DUTIES))
# those of insights last: their database is not restored, so that no district is missed there
AFTER_RESTORE = sorted(VIEWS, key=lambda name: VIEWS[name] == "insights")

Names = Annotated[
    list[str] | None,
    typer.Option("--view", help=f"One of {', '.join(VIEWS)}; may be repeated.", show_default=False),
]
JournalOf = Annotated[
    list[str] | None,
    typer.Option(
        "--journal", help="SERVICE=HOST:PORT (gRPC) of a journal; default: the local stack's."
    ),
]
Tokens = Annotated[
    list[str] | None,
    typer.Option(
        "--token",
        help="A token with journal.read, or @FILE that holds it, one for each district; may be"
        " repeated.",
        callback=lambda said: [read_token(each) for each in said or ()] or None,
    ),
]


@app.callback()
def _group() -> None: ...


@app.command(epilog=examples("tandem views rebuild --view insights --dry-run"))
def rebuild(
    view: Names = None,
    journal: JournalOf = None,
    token: Tokens = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Build and compare, but do not flip.")
    ] = False,
    park: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MOST_PARKED,
            help="Build though this many events cannot be read, beyond those discarded before.",
            show_default=False,
        ),
    ] = None,
    after_restore: Annotated[
        bool,
        typer.Option(
            "--after-restore",
            help="Backups were restored: build all views, also with fewer rows than those in use. "
            "That a journal is empty does not show then.",
        ),
    ] = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    kafka_bootstrap_servers: Kafka = "",
    as_json: Json = False,
) -> None:
    """Build views anew from the journals beside those in use, compare, then flip to them.

    Readers notice nothing; the build before stays in the database. Default: the caseloads.
    """
    chosen = chosen_of(view or (AFTER_RESTORE if after_restore else ["insights"]), mongodb_database)
    reach = _reach(journal, token, mongodb_uri, mongodb_database, kafka_bootstrap_servers)
    reports = []
    for name in chosen:
        reports.append(_rebuild(name, reach, dry_run, park, after_restore))
        if not as_json:
            _show(reports[-1])
    if as_json:
        console.as_json(reports)


@app.command()
def check(
    view: Names = None,
    journal: JournalOf = None,
    token: Tokens = None,
    mend: Annotated[bool, typer.Option("--mend", help="Read again what a view lacks.")] = False,
    mongodb_uri: MongodbUri = "",
    mongodb_database: DatabaseName = "",
    kafka_bootstrap_servers: Kafka = "",
    as_json: Json = False,
) -> None:
    """Compare views with the journals: whether each knows the newest version of everything.

    Changes nothing without --mend. Default: all views but the to-dos, which are deleted in time.
    """
    every = [name for name in VIEWS if name not in TO_DOS]
    chosen = chosen_of(view or every, mongodb_database)
    if unfit := [name for name in chosen if name in TO_DOS]:
        raise Stop(Exit.USAGE, f"{unfit[0]}: to-dos are deleted in time; rebuild it instead")
    reach = _reach(journal, token, mongodb_uri, mongodb_database, kafka_bootstrap_servers)
    reports = []
    for name in chosen:
        reports.append(_check(name, reach, mend))
        if not as_json:
            _show_check(reports[-1])
    if as_json:
        console.as_json(reports)
    if any(report["lacking"] > report["mended"] for report in reports):
        raise typer.Exit(Exit.PROBLEMS)


app.command(epilog=examples("tandem views rollback --view insights"))(rollback)


def _addresses(journal: list[str] | None) -> dict[str, str]:
    if not journal:
        stack = local("--journal for each write service").stack
        return {each: stack.grpc(each) for each in WRITE_SERVICES}
    pairs = [each.partition("=") for each in journal]
    found = {service: address for service, _, address in pairs if address}
    if missing := [each for each in WRITE_SERVICES if each not in found]:
        raise Stop(Exit.USAGE, f"--journal SERVICE=HOST:PORT is missing for {', '.join(missing)}")
    return found


@dataclass(frozen=True, slots=True)
class _Reach:
    """What a command on views works with: engines (MongoDB, Kafka), gRPC addresses of journals,
    a token for each district, and where a view's database has another name, that."""

    engines: tuple[str, str]
    addresses: dict[str, str]
    tokens: Sequence[str]
    database: str

    @contextmanager
    def view(
        self, doing: str, name: str, until: datetime | None = None
    ) -> Iterator[tuple[View, Database, str, ServiceJournals]]:
        """What every work on a view begins with."""
        from services.ctl.journals import ServiceJournals
        from services.ctl.rebuilding import view_of

        with console.progress(f"{doing} {name}", None) as advance:
            view = view_of(name, VIEWS[name])
            journals = ServiceJournals(self.addresses, self.tokens, advance, until=until)
            database = self.database or SERVICES[VIEWS[name]].database
            with opened(self.engines[0], {name: database}) as own:
                yield view, own[name], self.engines[1], journals


def _reach(
    journal: list[str] | None,
    token: list[str] | None,
    mongodb_uri: str,
    database: str,
    servers: str,
) -> _Reach:
    addresses = _addresses(journal)
    tokens = token or local("--token, one for each district").partner_tokens("journal.read")
    return _Reach((mongodb(mongodb_uri), kafka(servers)), addresses, tokens, database)


def _rebuild(
    name: str, reach: _Reach, dry_run: bool, park: int | None, after_restore: bool
) -> dict[str, Any]:
    from services.chassis.runner import spare_collector
    from services.chassis.views.parking import ParkingLimit
    from services.chassis.views.rebuild import RebuildFailed
    from services.ctl.rebuilding import rebuild

    async def work() -> dict[str, Any]:
        with reach.view("rebuilding", name) as with_:
            return await rebuild(
                *with_,
                proof=kafka_proof(),
                dry_run=dry_run,
                park=park,
                after_restore=after_restore,
            )

    spare_collector()
    try:
        return on_engines(work)
    except RebuildFailed as error:
        raise Stop(Exit.REFUSED, f"{name}: {error}; the view in use is untouched") from None
    except ParkingLimit as error:
        raise Stop(
            Exit.REFUSED,
            f"{name}: {error} The view in use is untouched; --park goes on with so many",
        ) from None


def _check(name: str, reach: _Reach, mend: bool) -> dict[str, Any]:
    from services.chassis.log.source import TopicsDiffer
    from services.chassis.views.check import CheckFailed
    from services.chassis.views.parking import ParkingLimit
    from services.chassis.views.rows import Superseded
    from services.ctl.checking import check

    async def work() -> dict[str, Any]:
        with reach.view("checking", name, until=datetime.now(UTC)) as with_:
            return await check(*with_, proof=kafka_proof(), mend=mend)

    try:
        return on_engines(work)
    except (CheckFailed, Superseded, TopicsDiffer, ParkingLimit) as error:
        raise Stop(Exit.REFUSED, f"{name}: {error}") from None


def _show_check(report: dict[str, Any]) -> None:
    parts = [f"{report['records']} records"]
    lacking, mended = report["lacking"], report["mended"]
    parts.append(f"{lacking} lacking, {mended} mended" if lacking else "nothing lacks")
    parts += [f"{report[name]} {name}" for name in ("incomplete", "unreadable") if report[name]]
    console.data(f"{report['view']}: {', '.join(parts)}")
    for one in report["told"]:
        known = f"has {one['known']}" if one["known"] else "has none"
        where = f"{one['collection']} {one['row']}"
        console.data(f"  {where}: {one['aggregate']} version {one['version']}, {known}")


def _show(report: dict[str, Any]) -> None:
    same = "the same rows as before" if report["same_as_before"] else "other rows than before"
    state = "in use now" if report["in_use"] else "not in use (--dry-run)"
    parked = f" ({report['parked']} parked)" if report["parked"] else ""
    console.data(
        f"{report['view']}: build {report['build']}, {report['records']} records{parked},"
        f" {report['rows']} rows, {same}; {state}"
    )
