"""Figures on the page: drawn from the results, inside the file, each with its words."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.plots import drawing
from ydsim.plots.canvas import Canvas, save_bytes
from ydsim.plots.catalogue import KINDS
from ydsim.plots.messages import say
from ydsim.plots.page import Page
from ydsim.plots.style import house_style
from ydsim.report.markup import Content, Element, element, paragraph
from ydsim.results.results import Results
from ydsim.wording import capital

DPI = 144
"""Dots an inch: twice the width of the column of text."""


class Pictures:
    """The figures of a page, numbered as they come."""

    def __init__(self) -> None:
        self.number = 0

    def drawn(self, kind: str, results: Sequence[Results]) -> Content:
        """Return a figure of a kind; a line that says why where there is none."""
        shows = KINDS[kind].shows
        if any(len(each.contents.points) > 1 for each in results):
            return paragraph(say("report.no_figure_of_points", shows=capital(shows)), class_="how")
        try:
            figure = drawing.draw(kind, *results)
        except NothingToDrawError as nothing:
            text = say("report.no_figure", shows=capital(shows), why=str(nothing))
            return paragraph(text, class_="how")
        return self.shown(figure, shows)

    def shown(self, figure: Figure, shows: str) -> Element:
        """Return a figure with its caption; its title and explanation are the text for ears."""
        self.number += 1
        finding = explanation = ""
        if isinstance(figure, Page):
            finding, explanation = figure.finding, figure.explanation
        elif isinstance(figure, Canvas):
            finding, explanation = figure.heading, figure.note
        with house_style():
            data = save_bytes(figure, dpi=DPI)
        width, height = _size(data)
        picture = element(
            "img",
            src=f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}",
            alt=" ".join(" ".join(filter(None, (finding or capital(shows), explanation))).split()),
            width=str(width),
            height=str(height),
        )
        caption = say("report.caption", n=self.number, shows=capital(shows), finding=finding)
        label = say("report.figure", n=self.number)
        frame = element(
            "div", picture, class_="wide", role="region", aria_label=label, tabindex="0"
        )
        return element("figure", frame, element("figcaption", caption.strip()))


def _size(png: bytes) -> tuple[int, int]:
    """Return width and height of a PNG in pixels."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
