"""How objects show themselves in a notebook: a small table of facts as HTML.

Whatever a name holds is text: everything is escaped, nothing is a link or runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ydsim.outside import one_line

_CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"


def card(title: str, facts: Sequence[tuple[str, str]], then: Sequence[tuple[str, str]] = ()) -> str:
    """Return a title, facts by name, and what can be done next, as HTML.

    Parameters
    ----------
    facts
        Name and value; those without a value are left out.
    then
        A line of Python and what it gives.
    """
    lines = [f"<div><b>{_text(title)}</b>", "<table>"]
    lines += [
        f'<tr><td style="{_CELL}">{_text(name)}</td><td style="{_CELL}">{_text(value)}</td></tr>'
        for name, value in facts
        if value
    ]
    lines += [
        f'<tr><td style="{_CELL}"><code>{_text(code)}</code></td>'
        f'<td style="{_CELL}">{_text(meaning)}</td></tr>'
        for code, meaning in then
    ]
    return "\n".join([*lines, "</table></div>"])


def _text(text: str) -> str:
    return escape(one_line(text, 2000))
