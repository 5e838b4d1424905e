"""``python -m recognition.training <command>``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from recognition.training.commands import discover


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named in ``argv`` (default: the process's arguments); return its exit code."""
    parser = ArgumentParser(
        prog="python -m recognition.training", description="Make and measure the shipped models."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in discover().items():
        sub = commands.add_parser(name, help=command.help, description=command.help)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    args = parser.parse_args(argv)
    return args.run(args) or 0


if __name__ == "__main__":
    sys.exit(main())
