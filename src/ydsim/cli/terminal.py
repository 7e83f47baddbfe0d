"""What is printed reaches a terminal as plain text, whoever chose the names in it."""

from __future__ import annotations

import json
from typing import Any, TextIO

from ydsim.wording import is_invisible


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
        return self.stream.write(plain(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def plain(text: str) -> str:
    """Return text in which hidden characters are written out."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(json.dumps(char)[1:-1] if is_invisible(char) else char for char in text)
