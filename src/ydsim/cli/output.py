"""What is printed: plain text whatever names are in it, JSON, and the lines of errors."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from ydsim.errors import YdsimError
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.untrusted_input import one_line
from ydsim.wording import is_invisible, shorten, suggestion

_BUG = 70
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_RESOURCE = 6
_SYSTEM = {
    errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE,
    errno.ENFILE, errno.EFBIG, errno.EIO, errno.ENOMEM, errno.ENAMETOOLONG, errno.ELOOP,
    errno.ENOTDIR,
}  # fmt: skip


class PlainText:
    r"""A stream on which hidden characters are written out: ``\u001b`` instead of an escape.

    Control characters could colour, move or rename a terminal, and those that change the direction
    of writing let a text look like another. Line ends and tabs stay. What is written out so is
    still right in JSON and in the quoted texts of YAML. Bytes go through ``buffer`` as they are.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text without hidden characters."""
        return self.stream.write(_plain(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _plain(text: str) -> str:
    """Return text in which hidden characters are written out."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(json.dumps(char)[1:-1] if is_invisible(char) else char for char in text)


def printable(text: str) -> str:
    """Return ``text`` as one line, with control characters written out."""
    return one_line(text, 10_000)


def print_json(content: Any, default: Callable[[Any], Any] | None = None) -> None:
    """Print plain data as JSON; ``default`` makes plain what is not."""
    print(json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False, default=default))


def lined(meanings: Mapping[str, str], indent: str = "") -> str:
    """Return names with a text each, a line each, the texts below one another."""
    width = max(map(len, meanings), default=0) + 2
    return "".join(f"{indent}{name:<{width}}{text}\n" for name, text in meanings.items())


def say(message: str) -> None:
    """Print one line on stderr; a terminal that is gone is no reason to fail."""
    try:
        print(printable(message), file=sys.stderr, flush=True)
    except OSError:
        return


def end_with(problems: Sequence[str], code: int, *, quiet: bool = False) -> None:
    """Say what is wrong and end with an exit code; do nothing without problems."""
    import typer

    for line in () if quiet else problems:
        say(f"error: {line}")
    if problems:
        raise typer.Exit(code)


def report(error: BaseException) -> int:
    """Say what went wrong and return the exit code."""
    if isinstance(error, BrokenPipeError):
        return _quiet_pipe()
    try:
        code, lines = _classify(error)
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet_pipe()
    except (OSError, ValueError):
        _to_devnull(sys.stdout)  # which is full or closed; said below if that was the error itself
    for line in lines:
        say(f"error: {line}")
    return code


def _classify(error: BaseException) -> tuple[int, list[str]]:
    if isinstance(error, YdsimError):
        return error.exit_code, problems_of(error)
    if isinstance(error, KeyboardInterrupt):
        return getattr(error, "exit_code", _INTERRUPTED), [str(error) or _t("interrupted")]
    if isinstance(error, MemoryError):
        return _RESOURCE, [_t("not enough memory; lower `scale` or the number of jobs")]
    if isinstance(error, OSError) and error.errno in _SYSTEM:
        where = f"{shorten(str(error.filename))}: " if error.filename is not None else ""
        return _RESOURCE, [f"{where}{error.strerror}"]
    return _usage(error) or (_BUG, [_bug(error)])


def problems_of(error: YdsimError) -> list[str]:
    """Return the problems of an error, a line each."""
    return [str(line) for line in getattr(error, "problems", ()) or (str(error),)]


def _value_of(option: str, words: Sequence[str]) -> str:
    """Return the value that is given to an option among the words of a command."""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == option and (value if equals else after and not after.startswith("--")):
            return shorten(value if equals else after)
    return "VALUE"


def _usage(error: BaseException) -> tuple[int, list[str]] | None:
    import typer

    from ydsim.scenario.schema.key_index import scenario_keys

    base = typer.BadParameter.__mro__[2]  # ClickException, wherever this version keeps it
    if isinstance(error, typer.Abort):
        return _INTERRUPTED, [_t("interrupted")]
    if not isinstance(error, base):
        return None
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "ydsim"
    option = getattr(error, "option_name", None)
    if isinstance(option, str) and context is not None:
        known = [name for p in context.command.params for name in p.opts]
        key = option.lstrip("-").replace("-", "_")
        value = _value_of(option, context.obj or ())
        set_ = f"--set {key}={value}" if any(o.path == (key,) for o in scenario_keys()) else ""
        if key in ("policy", "policies"):
            name = "NAME" if value == "VALUE" else value
            set_ = f"--set policies.{name}.strength=1"
        if "--set" in known and set_:
            message = _t("no such option: {word!r}; a value of the scenario is set by {option}")
            return 2, [message.format(word=option, option=set_)]
        message = _t("no such option: {word!r}{hint}").format(
            word=shorten(option), hint=suggestion(option, known)
        )
        return 2, [_t("{said}; see `{command}`").format(said=message, command=f"{path} --help")]
    message = " ".join(str(error.format_message()).split()).rstrip(".")  # type: ignore[attr-defined]
    message = shorten(message.replace("Value error, ", "").replace("Input should", "must"), 400)
    message = _in_language(f"{message[:1].lower()}{message[1:]}")
    return 2, [_t("{said}; see `{command}`").format(said=message, command=f"{path} --help")]


_OF_TYPER = (
    (r"missing argument '(?P<name>[^']*)'", mark("missing argument '{name}'")),
    (
        r"option '(?P<name>[^']*)' requires an argument",
        mark("option '{name}' requires an argument"),
    ),
    (
        r"got unexpected extra argument\(s\) \((?P<text>.*)\)",
        mark("got unexpected extra argument(s) ({text})"),
    ),
    (
        r"invalid value for (?P<name>.+?): must be a valid integer.*",
        mark("invalid value for {name}: must be a whole number"),
    ),
    (
        r"invalid value for (?P<name>.+?): must be a valid number.*",
        mark("invalid value for {name}: must be a number"),
    ),
    (
        r"invalid value for (?P<name>.+?): must be greater than or equal to (?P<low>\S+)",
        mark("invalid value for {name}: must be at least {low}"),
    ),
    (
        r"invalid value for (?P<name>.+?): (?P<text>'.*') is not one of (?P<choices>'.*)",
        mark("invalid value for {name}: {text} is not one of {choices}"),
    ),
)
"""What Typer says of a command, and the same for catalogues."""


def _in_language(message: str) -> str:
    """Return what Typer says, in the language in use where it is one of `_OF_TYPER`."""
    for form, sentence in _OF_TYPER:
        if match := re.fullmatch(form, message):
            return _t(sentence).format(**match.groupdict())
    return message


def _bug(error: BaseException) -> str:
    import hashlib
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    if os.environ.get("YDSIM_DEBUG") == "1":
        sys.stderr.write(text)
    name = f"ydsim-error-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}.log"
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
    for folder in (Path(), Path(tempfile.gettempdir())):
        try:
            with open(folder / name, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError:
            continue
        message = _t("internal bug (saved in {file}): {what}; please report it with that file")
        return message.format(file=folder / name, what=what)
    message = _t("internal bug: {what}; run again with YDSIM_DEBUG=1 and report what it prints")
    return message.format(what=what)


def _quiet_pipe() -> int:
    """Return the exit code of a reader that is gone; what is left for it goes nowhere."""
    _to_devnull(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        _to_devnull(sys.stderr)
    return _BROKEN_PIPE


def _to_devnull(stream: TextIO) -> None:
    """Send what is left in a stream nowhere, or Python would complain when it exits."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
