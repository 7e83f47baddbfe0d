"""The parts of pages that are drawn in the browser, each a Vue file beside this module.

They are plain HTML: native controls, with labels, that browsers, keyboards and readers of screens
know. What goes in is plain data; what is done there comes back as events.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import solara

STYLE: Final = Path(__file__).with_name("page.css")

Event = Callable[[Any], None]


@solara.component_vue("settings.vue")
def Settings(  # noqa: N802
    form: dict[str, Any],
    event_scenario: Event,
    event_compare: Event,
    event_side: Event,
    event_change: Event,
    event_toggle: Event,
    event_section: Event,
    event_forget: Event,
) -> None:
    """The form at the left."""


@solara.component_vue("bar.vue")
def Bar(  # noqa: N802
    bar: dict[str, Any],
    event_run: Event,
    event_pause: Event,
    event_step: Event,
    event_reset: Event,
    event_speed: Event,
) -> None:
    """The bar at the top."""


@solara.component_vue("pictures.vue")
def Shown(  # noqa: N802
    frame: dict[str, Any],
    ground: str,
    looks: list[dict[str, Any]],
    file: dict[str, Any],
    event_look: Event,
    event_numbers: Event,
) -> None:
    """Numbers and pictures."""


@solara.component_vue("repeat.vue")
def Repeat(repeats: list[dict[str, str]]) -> None:  # noqa: N802
    """The settings as commands and files."""


def look(name: str, label: str, value: str, options: list[dict[str, str]]) -> dict[str, Any]:
    """Return a select above the pictures."""
    return {"name": name, "label": label, "value": value, "options": options}
