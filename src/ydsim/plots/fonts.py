"""Fonts of figures: that of the house and, for Chinese characters, one of the system.

Matplotlib takes a sign that the first font lacks from the second. It keeps a list of fonts that it
made long ago, so that a font that was installed since is looked for by the name of its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Final

from matplotlib.font_manager import (
    FontEntry,
    FontProperties,
    findSystemFonts,
    fontManager,
    get_font,
    weight_dict,
)

from ydsim.translation import gettext as _t
from ydsim.translation import is_english, speak_english

HOUSE: Final = "DejaVu Sans"

CHINESE: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK JP",  # the first face of the collection, the one that Matplotlib reads
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Arial Unicode MS",
)
"""Families with simplified characters, the best first."""

_FILES: Final = (
    "notosanscjk-regular",
    "notosanscjksc-regular",
    "notosanssc",
    "sourcehansans",
    "wqy-zenhei",
    "wqy-microhei",
    "droidsansfallback",
    "msyh",
    "simhei",
    "pingfang",
)
"""Beginnings of the names of their files, in small letters."""

SAMPLE: Final = "研发经费"
"""Signs that such a font has."""


_FIRST: Final = 0x2E80
"""The first sign of Chinese: what comes before it is shown if the font of the house has it."""

_FACE: Final = "ydsim Chinese"
"""Name under which Matplotlib has the font that was found, in both weights that figures use."""


@cache
def chinese() -> str:
    """Return the family that Chinese characters are drawn in, empty without one."""
    found = _listed() or _listed(more=True)
    for weight in (400, 700):
        faces = sorted(found, key=partial(_distance, wanted=weight))
        # with just these weights, or Matplotlib would tell of each text that it lacks one
        fontManager.ttflist += [replace(font, name=_FACE, weight=weight) for font in faces[:1]]
    return _FACE if found else ""


def _listed(*, more: bool = False) -> list[FontEntry]:
    """Return the faces of the best family that Matplotlib lists; ``more``: after a search."""
    for file in sorted(findSystemFonts()) if more else ():
        if Path(file).name.lower().startswith(_FILES):
            fontManager.addfont(file)
    for name in CHINESE:
        found = [font for font in fontManager.ttflist if font.name == name]
        if found and all(_has(font.fname, SAMPLE) for font in found):
            return found
    return []


def _has(file: str, text: str) -> bool:
    try:
        signs = get_font(file).get_charmap()
    except OSError:  # removed since Matplotlib made its list
        return False
    return all(ord(sign) in signs for sign in text)


def _distance(font: FontEntry, wanted: int) -> tuple[bool, int]:
    """Tell how far a face is from an upright one of a weight."""
    weight = font.weight if isinstance(font.weight, int) else weight_dict.get(font.weight, 400)
    return font.style != "normal", abs(weight - wanted)


def families() -> list[str]:
    """Return the families of text, the second for signs that the first lacks."""
    return [HOUSE, *filter(None, [chinese()])]


@lru_cache(maxsize=1)
def glyphs() -> frozenset[int]:
    """Return the signs that figures can show, as code points."""
    found = set(get_font(fontManager.findfont(FontProperties(family=HOUSE))).get_charmap())
    if name := chinese():
        more = get_font(fontManager.findfont(FontProperties(family=name))).get_charmap()
        found |= {code for code in more if code >= _FIRST}
    return frozenset(found)


_drawn_in_english: list[bool] = []
"""Whether a figure was drawn in English, though another language is in use."""


def lacking() -> str:
    """Say once that figures were drawn in English for want of a font; empty where none was."""
    if not _drawn_in_english:
        return ""
    _drawn_in_english.clear()
    return _t(
        "note: figures are in English, as no font with Chinese characters was found; install one, "
        "in Debian or Ubuntu: apt install fonts-noto-cjk (or the smaller fonts-wqy-zenhei)"
    )


def can_show() -> bool:
    """Tell whether the fonts have the signs of the language in use."""
    return set(map(ord, _t("R&D"))) <= glyphs()


@contextmanager
def language_of_figures() -> Iterator[None]:
    """Use the language in use where fonts have its signs, else English."""
    if is_english() or can_show():
        yield
        return
    _drawn_in_english[:] = [True]
    with speak_english():
        yield
