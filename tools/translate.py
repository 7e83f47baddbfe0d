"""Catalogues of other languages: sentences of the code and words of its tables, for translators.

    python -m tools.translate            updates every ydsim.po and compiles it
    python -m tools.translate --check    says what is missing, fuzzy, or out of date

Sentences of the code are those in ``_t(...)``, of Vue files those in ``say('...')``; nouns that are
counted, names of indicators, figures and policies, and places of packaged regions stand in
tables. What left the code is left out of the catalogue. A new or changed sentence has no
translation until somebody writes one into the file; Babel reads and writes it.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, Final, NamedTuple

from ydsim.agents.ledger import FLOWS, SECTORS
from ydsim.agents.projects import STAGES
from ydsim.agents.tally import LINKS
from ydsim.explorer.settings import SECTIONS
from ydsim.explorer.settings import UNITS as OTHER_UNITS
from ydsim.plots.catalogue import KINDS
from ydsim.policies.environment import CHANNELS
from ydsim.policies.library import shipped, title_of
from ydsim.record.indicators import ROWS, UNITS
from ydsim.record.yearly import KIND_NAMES
from ydsim.scenario.changes import name_of_scenario
from ydsim.scenario.load import load_scenario
from ydsim.scenario.read.extend import described as described_file
from ydsim.scenario.read.extend import shipped as shipped_scenarios
from ydsim.scenario.read.extend import shipped_sweeps
from ydsim.scenario.schema.key_index import REMOVED, shipped_keys
from ydsim.store.tables import described
from ydsim.translation import FOLDERS
from ydsim.wording import part_in_words

SOURCE: Final = Path(__file__).parents[1] / "src" / "ydsim"
LOCALE: Final = SOURCE / "locale"
WORLDS: Final = ("yrd", "jjj")

_KEYWORDS: Final = ("_t", "gettext", "mark", "marked")
MARKS: Final = ("data", "prior", "calibrated", "assumed", "control")
_VUE: Final = re.compile(r"say\('([^']+)'\)")
_FIELD: Final = re.compile(r"\{[^{}]*\}")


class Sentence(NamedTuple):
    """What is translated: a sentence, or its two forms; and the sense of a word with several."""

    id: str | tuple[str, str]
    context: str | None = None


@cache
def messages() -> dict[Sentence, list[str]]:
    """Return every sentence with the files that it is from: as it is, to be read alone."""
    found: dict[Sentence, list[str]] = {}
    for file, sentence in (*_of_code(), *_of_tables()):
        found.setdefault(sentence, [])
        if file not in found[sentence]:
            found[sentence].append(file)
    for one in [sentence for sentence in found if not isinstance(sentence.id, str)]:
        found.pop(Sentence(one.id[0]), None)  # a catalogue has it in one form or in two
    return found


def _of_code() -> Iterator[tuple[str, Sentence]]:
    from babel.messages.extract import extract

    for file in sorted(SOURCE.rglob("*.py")):
        for sentence in _of_calls(file.read_text("utf-8")):
            yield file.relative_to(SOURCE).as_posix(), sentence
    for file in sorted(SOURCE.rglob("*.j2")):
        with file.open("rb") as stream:
            for _, message, *_ in extract("jinja2.ext:babel_extract", stream, {"_": None}):
                yield file.relative_to(SOURCE).as_posix(), Sentence(str(message))
    for file in sorted(SOURCE.rglob("*.vue")):
        for message in _VUE.findall(file.read_text("utf-8")):
            yield file.relative_to(SOURCE).as_posix(), Sentence(message)


def _of_calls(code: str) -> Iterator[Sentence]:
    """Yield the sentences of Python code in their order.

    Not by Babel, which sees calls in f-strings from Python 3.12 on alone.
    """
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        called = getattr(call.func, "attr", getattr(call.func, "id", ""))
        values = [arg.value for arg in call.args[:2] if isinstance(arg, ast.Constant)]
        words = [value for value in values if isinstance(value, str)]
        if called in _KEYWORDS and words:
            yield Sentence(words[0])
        elif called == "ngettext" and len(words) == 2:
            yield Sentence((words[0], words[1]))
        elif called == "counted" and words and len(call.args) > 1:
            yield Sentence(f"{{n}} {words[-1]}")


def _of_tables() -> Iterator[tuple[str, Sentence]]:
    units = {row["unit"] for row in ROWS.values()}
    own = {
        UNITS.get(key.unit, key.unit.replace("_", " "))
        for key in shipped_keys()
        if key.unit not in OTHER_UNITS
    }
    words = [UNITS.get(unit, unit.replace("_", " ")) for unit in units]
    for unit in sorted({*units, *words, *own, "points"} - {"1"}):
        yield "record/indicators.csv", Sentence(unit, "unit")
    yield "record/indicators.csv", Sentence("number", "unit of patents")
    for name in {key.path[-2]: 1 for key in shipped_keys() if key.path[0] in SECTIONS}:
        yield "scenario/schema/parameters.csv", Sentence(part_in_words(name), "section")
    for file, names in _names().items():
        for name in names:
            yield file, Sentence(name)


def _names() -> dict[str, Iterable[str]]:
    policies = shipped().items()
    keys = [(name, *cls.model_fields, *cls.channel_names) for name, cls in policies]
    moved = [
        key for key in shipped_keys() if key.path[0] in ("policies", "governance", "parameters")
    ]
    meanings = [key.meaning for key in moved]
    texts = "\n".join(file.read_text("utf-8") for file in shipped_scenarios().values())
    return {
        "record/indicators.csv": [row["name"] for row in ROWS.values()],
        "plots/kinds.csv": [kind.words for kind in KINDS.values()],
        "policies": [title_of(cls) for _, cls in policies],
        "policies/parameters.csv": [part_in_words(key) for each in keys for key in each],
        "policies/environment.py": [part_in_words(key) for key in CHANNELS],
        "agents/tally.py": LINKS,
        "agents/projects.py": STAGES,
        "agents/ledger.py": (*SECTORS, *FLOWS),
        "record/yearly.py": KIND_NAMES,
        "scenario/schema/parameters.csv": (*MARKS, *meanings),
        "scenario/schema/removed.csv": REMOVED.values(),
        "scenarios": [
            *map(name_of_scenario, shipped_scenarios()),
            *re.findall("^description: (.+)", texts, re.MULTILINE),
            *(
                part_in_words(policy)
                for name in shipped_scenarios()
                for policy in load_scenario(name).policies
            ),
        ],
        "store/tables.csv": [table.line for table in described().values()],
        "scenarios/sweeps": map(described_file, shipped_sweeps().values()),
        "world/data": places(),
    }


@cache
def places() -> dict[str, str]:
    """Return cities and provinces of packaged regions in English, with their Chinese names."""
    found = {}
    for world in WORLDS:
        file = SOURCE / "world" / "data" / world / "cities.csv"
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            found[row["province_en"]] = row["province_zh"].removesuffix("省").removesuffix("市")
            found[row["name_en"]] = row["name_zh"].removesuffix("市")
    return found


# -- catalogues ------------------------------------------------------------------------------------


def file_of(language: str) -> Path:
    """Return the file that translators edit."""
    return LOCALE / FOLDERS[language] / "LC_MESSAGES" / "ydsim.po"


def read(language: str) -> Any:
    """Return a catalogue as Babel has it."""
    from babel.messages.pofile import read_po

    with file_of(language).open("rb") as stream:
        return read_po(stream, locale=FOLDERS[language])


def updated(language: str) -> Any:
    """Return a catalogue with the sentences that there are now."""
    from babel.messages.catalog import Catalog

    template = Catalog()
    for sentence, files in messages().items():
        where: list[Any] = [(file, None) for file in files]  # without a line, as Babel may have it
        template.add(sentence.id, locations=where, context=sentence.context)
    found = read(language)
    found.update(template, no_fuzzy_matching=True, update_creation_date=False)
    found.obsolete.clear()
    if language == "zh":
        for place, name in places().items():
            found[place].string = found[place].string or name
            found[place].flags.discard("fuzzy")
    return found


def as_po(catalogue: Any) -> bytes:
    """Return a catalogue as translators read it."""
    from babel.messages.pofile import write_po

    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_output=False, include_lineno=False)
    return re.sub(rb'"Generated-By: [^"]*"\n', b"", file.getvalue())


def as_mo(catalogue: Any) -> bytes:
    """Return a catalogue as programs read it."""
    from babel.messages.mofile import write_mo

    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def problems(language: str) -> Iterator[str]:
    """Say what a catalogue lacks, one line each."""
    catalogue, file = read(language), file_of(language)
    there = {Sentence(each.id, each.context): each for each in catalogue if each.id}
    wanted = messages()
    for sentence in wanted:
        one = there.get(sentence)
        if one is None or not all([one.string] if isinstance(one.string, str) else one.string):
            yield f"{file.name}: not translated: {sentence.id!r}"
        elif one.fuzzy:
            yield f"{file.name}: fuzzy: {sentence.id!r}"
        else:
            yield from _other_fields(file.name, sentence.id, one.string)
    yield from (f"{file.name}: no longer used: {each.id!r}" for each in there.keys() - wanted)
    compiled = file.with_suffix(".mo")
    if not compiled.is_file() or _said(compiled.read_bytes()) != _said(as_mo(catalogue)):
        yield f"{compiled.name} is not what {file.name} compiles to: run python -m tools.translate"


def _said(compiled: bytes) -> dict[Any, str]:
    """Return sentences and translations, without the head, which names the version of Babel."""
    if not compiled:
        return {}
    found: dict[Any, str] = vars(GNUTranslations(io.BytesIO(compiled)))["_catalog"]
    return {message: string for message, string in found.items() if message}


def _other_fields(file: str, message: str | tuple[str, str], string: Any) -> Iterator[str]:
    """Say where a translation has other fields than its sentence."""
    forms = [message] if isinstance(message, str) else [*message]
    strings = [string] if isinstance(string, str) else [*string]
    wanted = {field for form in forms for field in _FIELD.findall(form)}
    for each in strings:
        if set(_FIELD.findall(each)) != wanted:
            yield f"{file}: other fields in the translation of {message!r}: {each!r}"


def main() -> None:
    """Update catalogues, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args()
    for language in (name for name, folder in FOLDERS.items() if folder):
        if not asked.check:
            file = file_of(language)
            file.write_bytes(as_po(updated(language)))
            file.with_suffix(".mo").write_bytes(as_mo(read(language)))
    found = [line for name, folder in FOLDERS.items() if folder for line in problems(name)]
    if found:
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
