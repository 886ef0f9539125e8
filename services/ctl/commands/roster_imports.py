"""`tandem roster imports`: what has become of a district's files, whoever sent them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.ctl import console
from services.ctl.client_tokens import Tokens, always
from services.ctl.commands.roster_sending import show_report, watching
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import all_of, read, show
from services.ctl.target import Json, Token, Url, addresses, token_for

if TYPE_CHECKING:
    from services.ctl.client import ApiClient

app = typer.Typer(help="Imports of rosters, under way and done.", no_args_is_help=True)

District = Annotated[str, typer.Option(help="The district whose imports they are.")]
Import = Annotated[str, typer.Argument(help="Its id.", metavar="IMPORT")]
ALL_LISTED = 1_000  # problems, in a report
R = TypeVar("R")


@app.callback()
def _group() -> None: ...


@app.command(
    "list",
    epilog=examples(
        "tandem roster imports list --district lakewood",
        "tandem roster imports list --district lakewood --from 2026-09-01 --to 2026-09-30",
    ),
)
def list_(
    district: District,
    first: Annotated[
        str,
        typer.Option(
            "--from", metavar="DAY", help="All that were sent then or later.", show_default=False
        ),
    ] = "",
    last: Annotated[
        str,
        typer.Option(
            "--to", metavar="DAY", help="All that were sent then or before.", show_default=False
        ),
    ] = "",
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """List the newest 50 imports or, with --from or --to, all of those days. They are kept for 400
    days."""
    by = addresses(url), _token(district, token), district
    params = {"from_date": first, "to_date": last}
    params = {name: value for name, value in params.items() if value}
    if params:
        found = asyncio.run(all_of(*by, "imports", params))
    else:
        found = asyncio.run(read(*by, "/imports"))["imports"]
    show(district, "imports", found, line, as_json)


@app.command("show")
def show_(
    import_id: Import,
    district: District,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it has ended, as `roster import` waits.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show an import: how far it is, and its report as soon as that is settled.

    With --wait it ends as `tandem roster import` does: exit code 7 where rows are wrong.
    """

    async def asked(api: ApiClient, tokens: Tokens) -> Mapping[str, Any]:
        from services.ctl.importing import one_import, waited_for

        job = await one_import(api, tokens, district, import_id)
        if wait:
            with watching() as watch:
                job = await waited_for(api, tokens, district, job, watch)
        return job

    job = asyncio.run(_with_api(url, district, token, asked))
    if as_json:
        console.as_json({"district": district, **job})
    else:
        console.data(line(job))
        if job["report"] is not None:
            show_report(district, job["report"])
    if wait and job["report"]["problem_count"]:
        raise typer.Exit(Exit.PROBLEMS)


@app.command(
    epilog=examples("tandem roster imports report IMPORT --district lakewood --csv > report.csv")
)
def report(
    import_id: Import,
    district: District,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="As a table, with all that is listed and all totals.")
    ] = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show the report of an import, with all problems that are listed (1,000)."""
    if as_csv and as_json:
        raise Stop(Exit.USAGE, "either --csv or --json")

    async def asked(api: ApiClient, tokens: Tokens) -> tuple[Mapping[str, Any], str]:
        from services.ctl.importing import one_import, report_table

        job = await one_import(api, tokens, district, import_id)
        if job["report"] is None:
            raise Stop(Exit.NOT_FOUND, f"it has no report yet: {line(job)}")
        table = await report_table(api, tokens, district, import_id) if as_csv else ""
        return job["report"], table

    told, table = asyncio.run(_with_api(url, district, token, asked))
    if as_csv:
        for each in table.splitlines():
            console.data(each)
    elif as_json:
        console.as_json({"district": district, "import_id": import_id, **told})
    else:
        show_report(district, told, ALL_LISTED)


def line(job: Mapping[str, Any]) -> str:
    """An import on one line."""
    how = [job["state"]]
    if job["state"] == "running":
        written = f", {job['done']} of {job['total']} records" if job["total"] else ""
        how = [f"{job['phase'] or 'running'}{written}"]
    if job["code"]:
        how.append(f"{job['code']}: {job['detail']}")
    if job["validate_only"]:
        how.append("only checked")
    if job["allow_removals"]:
        how.append("all removals allowed")
    size = f"{job['size'] / 1e6:.1f} MB"
    return f"{job['import_id']}: {job['made_at'][:16]}Z by {job['by']}, {size}: {', '.join(how)}"


async def _with_api(
    url: str, district: str, token: str, ask: Callable[[ApiClient, Tokens], Awaitable[R]]
) -> R:
    from services.ctl.client import open_api

    async with open_api(addresses(url)) as api:
        return await ask(api, always(_token(district, token)))


def _token(district: str, token: str) -> str:
    return token_for(district, token, "roster.write")
