"""Dispatch of verbs, and the place where all errors end."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO, cast

from ydsim.cli.terminal import PlainText
from ydsim.cli.verbs import VERBS, help_text
from ydsim.errors import ResourceError, UsageError
from ydsim.heap import give_back_large_arrays


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no error of any kind leaves this function.

    Exit codes: 0 done, 1 finished with failures, 2 usage, 3 scenario, 4 input data, 5 results
    store, 6 system resource, 70 a bug of ours, 130, 141 and 143 stopped by a signal.
    """
    if argv is None:  # or processes that are started would import what lies in the current folder
        os.environ["PYTHONSAFEPATH"] = "1"
        _settle_environment()
        give_back_large_arrays()
    args = list(sys.argv[1:] if argv is None else argv)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    stdout = sys.stdout
    sys.stdout = cast("TextIO", PlainText(stdout))
    try:
        if argv is None:
            _require_folder()
        code = _dispatch(args)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # the one place where all errors end
        from ydsim.cli.errors import report

        return report(error)
    finally:
        sys.stdout = stdout
    return code


def _settle_environment() -> None:
    """Let figures go to files, and let no variable of others stop them."""
    os.environ["MPLBACKEND"] = "agg"
    if not os.environ.get("SOURCE_DATE_EPOCH", "0").isdecimal():
        del os.environ["SOURCE_DATE_EPOCH"]


def _require_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise ResourceError("the current folder has been removed: go to another one") from error


def _dispatch(args: list[str]) -> int:
    if args[:1] == ["help"]:
        args = [*args[1:], "--help"]
    if not args or args[0] in ("--help", "-h"):
        print(help_text())
        return 0
    verb, rest = args[0], args[1:]
    if verb == "--version":
        from ydsim.cli.version import version

        print(f"ydsim {version()}")
        return 0
    if verb not in VERBS:
        raise UsageError(_unknown(verb))
    return _invoke(verb, rest)


def _invoke(verb: str, args: list[str]) -> int:
    import typer

    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    module = importlib.import_module(f"ydsim.cli.{verb}")
    app.command(verb)(getattr(module, verb))
    command = typer.main.get_command(app)
    try:
        # not `command.main`, which has error handling of its own
        with command.make_context(f"ydsim {verb}", args) as context:
            command.invoke(context)
    except typer.Exit as stopped:
        return stopped.exit_code
    return 0


def _unknown(word: str) -> str:
    from ydsim.wording import suggestion

    if word.startswith("-"):
        known, kind = ["--help", "--version"], "option"
        hint = "; options of a verb follow it"
    else:
        known, kind = list(VERBS), "verb"
        hint = f"; verbs are: {', '.join(VERBS)}"
    return f"no such {kind}: {word!r}" + (suggestion(word, known) or hint)
