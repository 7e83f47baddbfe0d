"""The command line: ``ydsim VERB ...``, which verbs there are, and the help of the whole.

Modules of verbs are loaded when one is asked for.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, TextIO, cast

import ydsim
from ydsim.cli.output import PlainText, lined, report, say
from ydsim.errors import ResourceError, UsageError
from ydsim.memory import give_back_large_arrays
from ydsim.studies import STUDIES
from ydsim.translation import FOLDERS, VARIABLE, catalogue, language_named, speak
from ydsim.translation import gettext as _t
from ydsim.wording import shorten, suggestion


class Verb(NamedTuple):
    """A verb: the module of this package that has it, and what it does in one line."""

    home: str
    meaning: str


VERBS = {
    "run": Verb("run", "run a scenario, store its results, show the headline figures"),
    "sweep": Verb("run", "run many scenarios in parallel; an interrupted sweep goes on"),
    "status": Verb("run", "show how much of a run or a sweep is done"),
    "resume": Verb("run", "finish a run or a sweep from its folder alone"),
    "compare": Verb("study", "compare policies: what changes, where, how certain it is, a chart"),
    "study": Verb("study", "answer a question about a scenario with many runs"),
    "calibrate": Verb("study", "find values of parameters that agree with published figures"),
    "explore": Verb(
        "results", "open a live page: settings, animated charts, two scenarios side by side"
    ),
    "plot": Verb("results", "draw figures of finished results: one run, several runs, sweeps"),
    "report": Verb("results", "write a report of one page for decision makers"),
    "export": Verb("results", "write a table of results as CSV, JSON, Parquet or Excel"),
    "show": Verb("scenario", "print a scenario with all its values and where each comes from"),
    "check": Verb("scenario", "list every error in scenario and sweep files, line by line"),
    "verify": Verb("results", "check every file of a results folder; repeat some of its runs"),
    "explain": Verb("scenario", "explain a policy, a parameter, an indicator, a table or a column"),
    "list": Verb("scenario", "list scenarios, policies, tables, indicators, kinds of figures, ..."),
    "world": Verb("scenario", "write a folder for a region of your own, check it, fit it"),
}

GROUPS = {
    "study": {
        **{name.replace("_", "-"): meaning for name, meaning in STUDIES.items()},
        "scorecard": "list all numbers from outside and how the model came out, hits and misses",
    },
    "world": {
        "new": "write a new folder, made up or a copy of a packaged world",
        "check": "list the errors in a folder, and the data that are priors",
        "fit": "fit the sizes of firms to the official output of the folder",
    },
}
"""Verbs that are groups: the word that follows, and what it does."""

_HEAD = """\
usage: ydsim VERB [OPTIONS] ...

Simulates how technology and industry innovation spread through the Yangtze River Delta.

  ydsim run baseline                          run a shipped scenario
  ydsim run baseline --set scale=0.02         change a value
  ydsim sweep baseline --vary policies.border_friction.passes=x0.5,x1,x2
  ydsim show baseline --origin                see every value and where it comes from

verbs:
"""

_TAIL = """
  ydsim VERB --help      options of a verb
  ydsim --version        version
  ydsim --lang zh VERB   figures, reports and messages in Chinese, as by YDSIM_LANG=zh
"""

_IS_EPOCH = re.compile("[0-9]{1,11}")
"""Seconds since 1970 that are a date which all packages can write, before the year 5139."""

LANGUAGE = "--lang"
"""The one option of all verbs, before or after the verb."""


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
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    stdout = sys.stdout
    sys.stdout = cast("TextIO", PlainText(stdout))
    try:
        if argv is None:
            _require_folder()
        with _language(args):
            return _carry_out(args)
    except (Exception, KeyboardInterrupt) as error:  # of the language, and of what is around
        return report(error)
    finally:
        sys.stdout = stdout


def _carry_out(args: list[str]) -> int:
    """Run one command and return its exit code; errors are said in the language in use."""
    try:
        _what_figures_lack()  # of an earlier command
        code = _dispatch(args)
        if (lack := _what_figures_lack()) and not {"-q", "--quiet"} & set(args):
            say(lack)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return report(error)
    return code


def _settle_environment() -> None:
    """Let figures go to files, and let no variable of others stop them."""
    os.environ["MPLBACKEND"] = "agg"
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # not of a home that is read-only
    if not _IS_EPOCH.fullmatch(os.environ.get("SOURCE_DATE_EPOCH", "0")):
        del os.environ["SOURCE_DATE_EPOCH"]


def _require_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        message = _t("the current folder has been removed: go to another one")
        raise ResourceError(message) from error


def _language(args: list[str]) -> AbstractContextManager[None]:
    """Take the option of the language out of a command, and use that, or the environment's."""
    language, rest, words = None, [], iter(args)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest.append(word)
            break
        if name != LANGUAGE:
            rest.append(word)
            continue
        given = value if equals else next(words, "")
        if not given:
            raise UsageError(f"{LANGUAGE}: name a language, one of: {', '.join(FOLDERS)}")
        language = language_named(given, LANGUAGE)
    args[:] = [*rest, *words]
    if language is None and (named := os.environ.get(VARIABLE)):
        language = language_named(named, VARIABLE)
    return nullcontext() if language is None else speak(catalogue(language))


def _what_figures_lack() -> str:
    """Return the note that figures were drawn in English for want of a font, if any were."""
    canvas = sys.modules.get("ydsim.plots.canvas")
    return "" if canvas is None else canvas.lacking()


def _dispatch(args: list[str]) -> int:
    if args[:1] == ["help"]:
        args = [*args[1:], "--help"]
    if not args or args[0] in ("--help", "-h"):
        print(help_text())
        return 0
    verb, *rest = args
    if verb == "--version":
        print(f"ydsim {ydsim.__version__}")
        return 0
    if verb not in VERBS:
        raise UsageError(_unknown(verb))
    if verb not in GROUPS:
        return _invoke(verb, rest)
    if not rest or rest[0] in ("--help", "-h"):
        print(group_help(verb))
        return 0
    if rest[0] not in GROUPS[verb]:
        raise UsageError(_unknown(rest[0], verb))
    return _invoke(f"{verb} {rest[0]}", rest[1:])


def command(path: str) -> Any:
    """Return the command of a verb, or of a word of a group, as in ``study bottleneck``."""
    import typer

    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    module = importlib.import_module(f"ydsim.cli.{VERBS[path.split()[0]].home}")
    name = path.replace(" ", "_").replace("-", "_")
    app.command(path)(getattr(module, {"list": "list_"}.get(name, name)))
    return typer.main.get_command(app)


def _invoke(path: str, args: Sequence[str]) -> int:
    import typer

    found = command(path)
    try:
        # not `command.main`, which has error handling of its own
        with found.make_context(f"ydsim {path}", list(args), obj=tuple(args)) as context:
            found.invoke(context)
    except typer.Exit as stopped:
        return stopped.exit_code
    return 0


def help_text() -> str:
    """Return the help of the whole command line."""
    lines = lined({verb: one.meaning for verb, one in VERBS.items()}, "  ")
    return (_HEAD + lines + _TAIL).rstrip("\n")


def group_help(verb: str) -> str:
    """Return the help of a verb that is a group."""
    word = "STUDY" if verb == "study" else "ACTION"
    head = f"usage: ydsim {verb} {word} [OPTIONS] ...\n\n{VERBS[verb].meaning.capitalize()}.\n\n"
    tail = f"\n  ydsim {verb} {word} --help      its options"
    return head + lined(GROUPS[verb], "  ") + tail


def _unknown(word: str, group: str = "") -> str:
    known, message = list(GROUPS[group] if group else VERBS), _t("no such verb: {word!r}{hint}")
    hint = _t("; {what}: {names}")
    hint = hint.format(what=_t("they are") if group else _t("verbs are"), names=", ".join(known))
    if group:
        message = _t("no such word of {group}: {word!r}{hint}")
    if word.startswith("-"):
        known, message = (
            ["--help", *([] if group else ["--version"])],
            _t("no such option: {word!r}{hint}"),
        )
        hint = _t("; options of a verb follow it")
    return message.format(word=shorten(word), group=group, hint=suggestion(word, known) or hint)
