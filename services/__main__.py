"""The one way into the image: `python -m services goals` runs that service, as `python -m
services.goals` does, and `python -m services tandem ...` the command line."""

import sys

from services.chassis.beginning import begin, interrupt_when_told

USAGE, INTERRUPTED = 2, 130  # as those of the command line


def main(name: str = "", *arguments: str) -> None:
    if name == "tandem":
        interrupt_when_told()
    else:
        begin()  # before the imports that take long

    from runpy import run_module

    from services.assembly.registry import SERVICES

    if name == "tandem":
        sys.argv[:] = [name, *arguments]
        run_module("services.ctl", run_name="__main__")
    elif name in SERVICES and not arguments:
        run_module(f"services.{name}", run_name="__main__")
    else:
        sys.stderr.write(f"say what to run: {', '.join(SERVICES)}, or tandem and its arguments\n")
        sys.exit(USAGE)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
