"""`tandem`: the command line of the platform."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from services.ctl import console
from services.ctl.commands import (
    access,
    caseload,
    covers,
    demo,
    doctor,
    duties,
    events,
    grants,
    indexes,
    measure,
    outbox,
    parked,
    privacy,
    program,
    relationships,
    roster,
    standards,
    token,
    topics,
    tree,
    up,
    views,
    where,
)
from services.ctl.examples import examples
from services.ctl.exits import Exit, Stop, table

app = typer.Typer(
    name="tandem",
    help="Run Tandem on this machine, look at a caseload, and look after a deployment.",
    epilog=f"\b\nExit codes:\n{table()}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from services.assembly.service import VERSION

        console.data(f"tandem {VERSION}")
        raise typer.Exit


@app.callback()
def _tandem(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it and end."),
    ] = False,
) -> None: ...


for name, command, shown in (
    ("up", up.up, ["tandem up --teachers 40"]),
    ("where", where.where, ["tandem where --json"]),
    ("doctor", doctor.doctor, ["tandem doctor --bundle report.zip"]),
    (
        "token",
        token.token,
        ["tandem token --role coach", "tandem token --partner acme --scope goals.read"],
    ),
):
    app.command(name, epilog=examples(*shown))(command)
for name, group in (
    ("demo", demo.app),
    ("roster", roster.app),
    ("grants", grants.app),
    ("covers", covers.app),
    ("relationships", relationships.app),
    ("program", program.app),
    ("tree", tree.app),
    ("measure", measure.app),
    ("standards", standards.app),
    ("privacy", privacy.app),
    ("caseload", caseload.app),
    ("events", events.app),
    ("topics", topics.app),
    ("indexes", indexes.app),
    ("views", views.app),
    ("parked", parked.app),
    ("duties", duties.app),
    ("outbox", outbox.app),
    ("access", access.app),
):
    app.add_typer(group, name=name)


def run(arguments: list[str]) -> int:
    """The exit code of `tandem ARGUMENTS`; errors are one line on stderr."""
    # what the clients of Kafka and MongoDB log is not for this terminal
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = app(arguments, prog_name="tandem", standalone_mode=False)
        return code if isinstance(code, int) else Exit.OK
    except Stop as stop:
        console.error(stop.line)
        return stop.code
    except typer.TyperException as error:
        text = error.format_message()
        if "\n" in text:  # the help of a group that was called without a command
            sys.stderr.write(text + "\n")
        else:
            console.error(f"{text} (see --help)")
        return Exit.USAGE
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        if os.environ.get("TANDEM_DEBUG"):
            raise
        console.error(f"{type(error).__name__}: {error}".splitlines()[0])
        return Exit.UNEXPECTED


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
