"""Numbers, lists and tables as people read them.

Everything that prints, draws or writes a number for people takes it from here; files that programs
read (CSV, JSON, YAML) hold numbers in full. The rules:

- A missing number (None or NaN) is "-", an infinite one "∞". No number has an exponent.
- From 1,000 on numbers are whole, with separators of thousands. Below, they have so many
  significant digits, without zeros at the end, and at most 8 decimals.
- The minus is a true one (U+2212), which stands apart from a dash. What is written as zero has
  no sign.
- An estimate and the ends of its interval have the same decimals, as many as show two digits of
  half the width of the interval. An end of a change that is not zero is not written as zero, so
  that one sees whether the interval excludes it.
"""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Container, Iterable, Sequence
from html import escape
from itertools import zip_longest

from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line

MINUS = "\u2212"
MISSING = "-"
MOST_DECIMALS = 8

WIDTH, TEXT_WIDTH = 100, 96
"""Columns of a terminal that tables and their notes take at most, and other text."""

MIN_LABEL = 16
"""Columns that are left to the labels of a table that is too wide."""

_WHOLE = re.compile(r" %|\[[^][]{1,24}\]")
"""What is not broken: a number and its per cent, an interval, a unit."""

_CHINESE = re.compile(r" *[（《]*(?:[!-~\u00a0-\u2e7f]+|.)[，。；：、）》！？]*")
"""Parts of a Chinese text between which a line may end."""


def number(value: float | None, digits: int = 4, *, sign: bool = False) -> str:
    """Return a number with so many significant digits, a whole one from 1,000 on.

    Parameters
    ----------
    sign
        Whether a positive number has a plus.
    """
    if value is None or not math.isfinite(value):
        return fixed(value, 0, sign=sign)
    text = fixed(value, decimals_of(value, digits), sign=sign)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text.strip("+" + MINUS + "0.") else "0"


def fixed(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """Return a number with so many decimals, as the numbers of one column or axis have."""
    if value is None or math.isnan(value):
        return MISSING
    text = "∞" if math.isinf(value) else f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return (MINUS if value < 0.0 else "+" if sign else "") + text


def decimals_of(value: float, digits: int) -> int:
    """Return the decimals that show so many significant digits of a number, none from 1,000 on."""
    if value == 0.0 or not math.isfinite(value):
        return 0
    power = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return min(max(digits - 1 - power, 0), MOST_DECIMALS) if power < 3 else 0


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share of one in per cent, as in "7.1 %" for 0.0712."""
    if share is None or math.isnan(share):
        return MISSING
    return with_unit(number(100.0 * share, digits), "%")


def interval(
    estimate: float | None,
    low: float | None,
    high: float | None,
    unit: str = "",
    *,
    sign: bool = False,
) -> str:
    """Return an estimate with its interval, as in "+3.1 % [+1.0, +5.2]".

    Two digits of half the width are shown, one from 1,000 on; three digits of the estimate where
    the interval has no width. Without both ends the estimate stands alone.
    """
    if estimate is None or math.isnan(estimate):
        return MISSING
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return with_unit(number(estimate, sign=sign), unit)
    half = (high - low) / 2.0
    if not math.isfinite(half) or half <= 1e-9 * abs(estimate):
        decimals = decimals_of(estimate, 3)
    else:
        decimals = decimals_of(half, 1 if abs(estimate) >= 1000.0 else 2)
    if sign:
        small = [end for end in (low, high) if not fixed(abs(end), decimals).strip("0.,")]
        decimals = max([decimals, *(decimals_of(end, 1) for end in small)])
    value, first, last = (fixed(each, decimals, sign=sign) for each in (estimate, low, high))
    return f"{with_unit(value, unit)} [{first}, {last}]"


def with_unit(text: str, unit: str) -> str:
    """Return a number that is written already with its unit, as in "7.1 %"."""
    if unit == "%":
        return _t("{n} %").format(n=text)
    return f"{text} {unit}" if unit else text


def p_value(value: float | None) -> str:
    """Return a p value with two digits, as in "0.023" and "<0.0001"."""
    return "<0.0001" if value is not None and value < 0.0001 else number(value, 2)


def duration(seconds: float) -> str:
    """Return a time in words, as in "2 h 46 min", "1 min 05 s" and "7 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _t("{h} h {min} min").format(h=f"{hours:,}", min=f"{minutes:02d}")
    if minutes:
        return _t("{min} min {s} s").format(min=minutes, s=f"{rest:02d}")
    return _t("{s} s").format(s=rest)


def size(n_bytes: float) -> str:
    """Return a size in memory or in a file, as in "1.5 GiB" and "87 KiB"."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if n_bytes < 1000.0:
            return f"{number(n_bytes, 3)} {unit}"
        n_bytes /= 1024.0
    return f"{number(n_bytes, 3)} TiB"


def counted(n: int, noun: str) -> str:
    """Return a number with its noun, as in "1 run", "1,200 runs" and "2 capacities"."""
    plain = f"{{n}} {noun}"  # a sentence that tools/translate.py makes of the noun
    message = _t(plain)
    if message != plain:
        return message.format(n=f"{n:,}")
    if n != 1:
        noun = f"{noun[:-1]}ies" if re.search("[^aeiou]y$", noun) else f"{noun}s"
    return f"{n:,} {noun}"


def listed(names: Iterable[str]) -> str:
    """Return names in one text, as in "a, b and c"."""
    *most, last = list(names) or [""]
    if not most:
        return last
    return _t("{names} and {last}").format(names=_t(", ").join(most), last=last)


def markdown_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Container[int] = ()
) -> list[str]:
    """Return the lines of a table in Markdown; numbers in ``right`` are of columns set right."""
    rule = ["---:" if at in right else "---" for at in range(len(head))]
    cells = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in (head, *rows)]
    return [f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:])]


def text_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Container[int] = (),
    width: int | None = None,
) -> list[str]:
    """Return the same in plain text, each column of one width; a row of one cell stands alone.

    Parameters
    ----------
    width
        Columns of the terminal: in a wider table labels, which are the columns before the first
        one set right, go on in the next line.
    """
    every = [list(row) for row in (head, *rows)]
    full = [row for row in every if len(row) == len(head)]
    widths = [max(map(columns_of, cells)) for cells in zip(*full, strict=True)]
    if width is not None:
        first = next((at for at in range(len(head)) if at in right), len(head))
        widths = _narrowed(widths, first, width - 2 * (len(head) - 1))
    lines = []
    for row in every:
        if len(row) < len(head):
            lines.append(row[0])
            continue
        parts = [
            wrapped(cell, others=" " * (len(cell) - len(cell.lstrip()) + 2), width=most)
            if columns_of(cell) > most
            else [cell]
            for cell, most in zip(row, widths, strict=True)
        ]
        for cells in zip_longest(*parts, fillvalue=""):
            spaces = [" " * (w - columns_of(c)) for w, c in zip(widths, cells, strict=True)]
            both = enumerate(zip(cells, spaces, strict=True))
            lines.append("  ".join(s + c if at in right else c + s for at, (c, s) in both).rstrip())
    return lines


def _narrowed(widths: Sequence[int], labels: int, room: int) -> list[int]:
    """Return widths that fit, the first ones of labels cut; unchanged where they cannot."""
    cut = list(widths)
    while sum(cut) > room and max(cut[:labels], default=0) > MIN_LABEL:
        cut[cut.index(max(cut[:labels]))] -= 1
    return cut if sum(cut) <= room else list(widths)


def wrapped(text: str, first: str = "", others: str = "", *, width: int = TEXT_WIDTH) -> list[str]:
    """Return the lines of a text, the first one and the others behind a head each."""
    if columns_of(text) == len(text):
        text = _WHOLE.sub(lambda part: part[0].replace(" ", "\u00a0"), text)
        parts = textwrap.wrap(
            text, width, initial_indent=first, subsequent_indent=others, break_long_words=False
        )
        return [line.replace("\u00a0", " ") for line in parts]
    lines, line = [], first
    for part in _CHINESE.findall(text):
        if line.strip() and columns_of(line + part) > width:
            lines.append(line.rstrip())
            line = others + part.lstrip()
        else:
            line += part
    return [*lines, line]


def columns_of(text: str) -> int:
    """Return how many columns a text takes on a terminal, two for each Chinese character."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


# -- how objects show themselves in a notebook -----------------------------------------------------

_CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"


def facts_as_html(
    title: str, facts: Sequence[tuple[str, str]], then: Sequence[tuple[str, str]] = ()
) -> str:
    """Return a title, facts by name, and what can be done next, as a table in HTML.

    Whatever a name holds is text: everything is escaped, nothing is a link or runs.

    Parameters
    ----------
    facts
        Name and value; those without a value are left out.
    then
        A line of Python and what it gives.
    """
    lines = [f"<div><b>{_escaped(title)}</b>", "<table>"]
    lines += [
        f'<tr><td style="{_CELL}">{_escaped(name)}</td>'
        f'<td style="{_CELL}">{_escaped(value)}</td></tr>'
        for name, value in facts
        if value
    ]
    lines += [
        f'<tr><td style="{_CELL}"><code>{_escaped(code)}</code></td>'
        f'<td style="{_CELL}">{_escaped(meaning)}</td></tr>'
        for code, meaning in then
    ]
    return "\n".join([*lines, "</table></div>"])


def _escaped(text: str) -> str:
    return escape(one_line(text, 2000))
