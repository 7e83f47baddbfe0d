"""Plain scalars of YAML 1.2, strictly, and what was probably meant by those that are not.

Numbers are decimal, booleans are ``true`` and ``false``; everything else is text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([,_' ][0-9]{3})+(\.[0-9]+)?")
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_LONGEST = 400  # digits; longer integers are infinite for every purpose
_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def resolve(text: str) -> Any:
    """Return the value of a plain scalar: None, bool, int, float or the text itself."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _LONGEST else float("-inf" if text[0] == "-" else "inf")
    if any(c.isdigit() for c in text) and _FLOAT.fullmatch(text):
        try:
            return float(text) + 0.0  # no negative zero
        except ValueError:
            return text
    if special := _SPECIAL.fullmatch(text):
        return float("nan" if special[3] else f"{special[1]}inf")
    return text


def suggest_number(text: str) -> str | None:
    """Return the right spelling of a number that was written in another way, if it is clear."""
    wide = unicodedata.normalize("NFKC", text).strip()
    if wide.endswith("%"):
        share = suggest_number(wide[:-1]) or wide[:-1].strip()
        value = resolve(share)
        return _spell(value / 100.0) if _finite(value) else None
    if _finite(resolve(wide)):
        return _spell(resolve(wide))
    if _GROUPED.fullmatch(wide):
        return re.sub(r"[,_' ]", "", wide)
    if re.fullmatch(r"[-+]?0+[1-9][0-9]*(\.[0-9]+)?", wide):
        return re.sub(r"^([-+]?)0+", r"\1", wide)
    if re.fullmatch(r"[0-9]+(_[0-9]+)+", wide):
        return wide.replace("_", "")
    if re.fullmatch(r"0[xob][0-9a-fA-F]{1,16}", wide):
        try:
            return str(int(wide, 0))
        except ValueError:
            return None
    if re.fullmatch(r"[0-9]{1,4}:[0-5][0-9]", wide):
        hours, minutes = wide.split(":")
        return str(60 * int(hours) + int(minutes))
    if re.fullmatch(r"[0-9]+,[0-9]+", wide):
        return wide.replace(",", ".")
    return _han(wide)


def suggest_boolean(text: str) -> str | None:
    """Return ``true`` or ``false`` for what other systems take for a boolean."""
    word = text.strip().lower()
    return word if word in ("true", "false") else _YES.get(word)


def _finite(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) < float("inf")


def _spell(value: float) -> str:
    # 12 digits, so that 7 % reads 0.07
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def _han(text: str) -> str | None:
    total, digit = 0, 0
    if not text or len(text) > 12 or any(c not in _HAN and c not in _HAN_UNITS for c in text):
        return None
    for c in text:
        if c in _HAN_UNITS:
            total += max(digit, 1) * _HAN_UNITS[c]
            digit = 0
        else:
            digit = 10 * digit + _HAN[c]
    return str(total + digit)
