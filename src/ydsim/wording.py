"""What messages have in common: the nearest valid name, and texts cut to a line."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from ydsim.translation import gettext as _t
from ydsim.translation import in_chinese, mark


def shorten_inside(text: str, width: int, sign: str = "...", *, words: bool = False) -> str:
    """Return ``text`` cut in the middle to ``width`` characters: points differ at either end.

    With ``words`` it is cut between words where either end has some.
    """
    if len(text) <= width:
        return text
    behind = (width - len(sign)) // 2
    ahead = width - len(sign) - behind
    first, last = text[:ahead], text[len(text) - behind :]
    if not words:
        return first + sign + last
    if text[ahead] not in " ,;" and " " in first.rstrip():
        first = first[: first.rstrip().rindex(" ")]
    if text[len(text) - behind - 1] != " " and " " in last.lstrip():
        last = last[len(last) - len(last.lstrip()) :].partition(" ")[2]
    return first.rstrip() + sign + last.lstrip()


def shorten(text: str, width: int = 60) -> str:
    """Return ``text`` cut to ``width`` characters."""
    return text if len(text) <= width else text[: width - 3] + "..."


def capital(text: str) -> str:
    """Return a text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def is_invisible(char: str) -> bool:
    """Tell whether a character is invisible or changes the direction of writing."""
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


NAME_RULE = mark("use at most 80 letters, digits, '_', '-' and '.'")

_BLANK = "\u115f\u1160\u3164\uffa0"  # letters that nobody sees
_NAME = re.compile(rf"(?!.*[{_BLANK}])\w[\w.-]{{0,79}}")
_NO_LETTER = re.compile(rf"(?:[^\w.-]|[{_BLANK}])+")


def composed(text: str) -> str:
    """Return text in the form (NFC) that every system writes alike."""
    return unicodedata.normalize("NFC", text)


def can_name_folder(text: str) -> bool:
    """Tell whether a text can name a folder: letters and digits of any script, as in `NAME_RULE`.

    It begins with no dot or dash.
    """
    return bool(_NAME.fullmatch(text))


def letters_of(text: str) -> str:
    """Return a text with a dash for all that is not fit for the name of a folder."""
    return _NO_LETTER.sub("-", composed(text))


def name_of_character(char: str) -> str:
    """Return a character as ``U+202E (RIGHT-TO-LEFT OVERRIDE)``."""
    return f"U+{ord(char):04X} ({unicodedata.name(char, 'control character')})"


def hidden_in(text: str) -> tuple[int, str] | None:
    """Return line and name of the first invisible character of a text, None without any."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            for char in filter(is_invisible, line):
                return number, name_of_character(char)
    return None


def comparable(name: str) -> str:
    """Return ``name`` with case, width, spaces and hyphens taken out, for comparison."""
    return unicodedata.normalize("NFKC", name).strip().casefold().replace("-", "_")


def _form(name: str) -> str:
    """Return a name for comparison without the words for province and city."""
    return comparable(name).removesuffix("\u7701").removesuffix("\u5e02")


def canonical(name: str, words: Mapping[str, str]) -> str:
    """Return the name in tables of what somebody calls by its Chinese name, else what was given.

    ``words``: of each name what it is called in English, or in the language of its place. What
    people type comes here once, before anything is looked up or stored.
    """
    if name.isascii() or name in words:
        return name
    names = (n for n, message in words.items() if _form(in_chinese(message)) == _form(name))
    return next(names, name)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that ``name`` was probably meant to be, if one is close."""
    by_form, form = {comparable(n): n for n in sorted(names)}, comparable(name)
    cutoff = 0.6
    if not form.isascii():  # of two signs one may be wrong
        by_form = {_form(in_chinese(n)): n for n in by_form.values()} | by_form
        form, cutoff = _form(name), 0.5
    close = difflib.get_close_matches(form, list(by_form), n=5, cutoff=cutoff)
    return by_form[max(close, key=lambda other: _likeness(form, other))] if close else None


def _likeness(one: str, other: str) -> tuple[float, int]:
    """Rank by similarity, then by the length of the common beginning: codes often tie."""
    begins = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 99)
    return difflib.SequenceMatcher(None, other, one).ratio(), begins


DATE = re.compile(
    r"(?<![0-9])([12][0-9]{3})(?:\s*[-/.年]\s*(0?[1-9]|1[0-2])(?![0-9])(?:\s*[-/.月]\s*[0-9]{1,2}"
    r"(?![0-9])日?)?月?|年)?(?![0-9])"
)
"""A year, maybe with 年, a month and a day."""


def years_in(text: str) -> list[float]:
    """Return the years that a text names, each with the quarters before its month, if it has one.

    ``2020年`` is 2020, ``2020-05-01`` is 2020.25.
    """
    found = DATE.finditer(unicodedata.normalize("NFKC", text))
    return [int(one[1]) + (int(one[2] or 1) - 1) // 3 / 4.0 for one in found]


_AFTER_STOP = re.compile("(?<=[\u3002\uff0c\uff1a\uff1b]) ")


def sentences(*message: str) -> str:
    """Return sentences one after the other, with a space between them but after Chinese signs."""
    return _AFTER_STOP.sub("", " ".join(filter(None, message)))


def has_word(text: str, word: str) -> bool:
    """Tell whether a word of a text begins with ``word``; underscores of the text part words."""
    begins = rf"(?<![a-z0-9]){re.escape(word.lower())}"
    return re.search(begins, text.replace("_", " ").lower()) is not None


def suggestion(name: str, names: Iterable[str], what: str = "") -> str:
    """Return "; did you mean 'x'?" or, when nothing is close, the list of ``what`` is valid."""
    known = list(names)
    close = nearest(name, known)
    if close is not None:
        return _t("; did you mean {name}?").format(name=repr(close))
    shown = ", ".join(known[:16]) + (", ..." if len(known) > 16 else "")
    message = _t("; {what}: {names}").format(what=what, names=shown)
    return message if known and what else ""


def short(key: str) -> str:
    """Return a dotted key without the section in front of it."""
    return key.removeprefix("parameters.").removeprefix("policies.")


_NAMES = ("Anhui", "Huairou", "Jiangsu", "Shanghai", "Wanjiang", "Zhejiang")
_WRITTEN = {
    "rd": "R&D", "g60": "G60", "xiongan": "Xiong'an", "jjj": "Beijing-Tianjin-Hebei",
    **{name.lower(): name for name in _NAMES},
}  # fmt: skip
"""Short forms and proper names in keys, as they are written."""


WHOLE = {
    "border_friction.passes": mark("exchange passing borders"),
    "membership.passes": mark("exchange passing between members"),
}
"""Keys that have words of their own."""


def key_in_words(key: str) -> str:
    """Return the key of a policy or a parameter as words, with proper names as they are written."""
    if short(key) in WHOLE:
        return _t(WHOLE[short(key)])
    return " ".join(_t(part_in_words(part)) for part in short(key).split("."))


def part_in_words(part: str) -> str:
    """Return what stands between two dots of a key as words, in English."""
    return " ".join(_WRITTEN.get(word, word) for word in part.replace("_", " ").split(" "))
