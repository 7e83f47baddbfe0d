"""Constants that come from runs of the model itself: the base run and the fit of markets.

They are fitted once, under the parameters of one scenario, and stored beside the tables of a world
as ``base_run.json``, together with hashes of these tables and parameters: of the packaged region by
``python -m tools.fit_defaults base_run``, of a folder by ``ydsim world fit``. A world without such
a file, or whose tables have changed since, has no shifts.

    v_c(t)    shift of log market shares of a city, zero at the start, piecewise linear between the
              middles of years; fitted, then such that the region makes what it buys
    pbar_q(t) mean over runs of the lagged log price index of what is sold in place q, since the
              end of the burn-in, by quarter; prices of other runs are compared with it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.untrusted_input import one_line
from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder

if TYPE_CHECKING:
    from ydsim.world.world import World

FILE = "base_run.json"
WHEN = ("before", "after", "other_draws")
"""Runs of which a misfit is given: without the fit, with it, with it under other draws."""
WHAT = ("cities", "provinces", "research")

Misfit = dict[str, dict[str, dict[str, tuple[float | None, ...]]]]
"""By `WHEN`, `WHAT` and name of a province or the whole: one number a year, None where no official
figure is known. Of cities the root mean square of ln(simulated / official value added) over the
cities of the place, of provinces ln(simulated / official) of the place, of research the same of R&D
that firms pay."""


@dataclass(frozen=True)
class BaseRun:
    """What scenarios are measured against."""

    # Hash of the parameters and the world under which the values were made; empty for a world
    # without stored values.
    parameters: str = ""
    # (C, Y) v by city in the middle of each year from ``first_year`` to the last of the base run.
    market_shift: Floats | None = None
    first_year: int = 2011  # year of the first columns
    world: str = ""  # hash of the tables that it was fitted to
    # (P + 1, T) pbar by place in each quarter from ``first_year`` on; None where no value added of
    # cities is known.
    log_price: Floats | None = None
    # (P, Y) shift of R&D of firms with which a run would make official R&D of the year, in log
    # units (`ydsim.world.inputs`); None where none is known.
    rd_shift: Floats | None = None
    # (P, Y) ln(official / made) of anchored indicators by name, and (C, Y) shift of the lean of
    # cities to research (`ydsim.world.inputs`), NaN where no figure is known.
    anchors: Mapping[str, Floats] | None = None
    city_lean: Floats | None = None
    made: Made | None = None  # where it comes from; None where the file does not say


def load_base_run(world: World) -> BaseRun:
    """Return the stored base run of a world, an empty one where there is none for its tables."""
    stored = world.base_run
    return BaseRun() if stored is None or world.stale else stored


STALE_FIT: Final = mark(
    "{file} was fitted to other tables than those of {world} now, or by an earlier version, and is "
    "not used; fit it again with `ydsim world fit`"
)


def stale_fit(world: World) -> str:
    """Return what is to be said of a world whose fit is stale, in English."""
    return STALE_FIT.format(file=FILE, world=repr(world.name))


def price_path(base: BaseRun, start: int, world: World) -> Floats:
    """Return pbar by quarter of a run that starts in ``start``, (T, P + 1), as far as it is stored.

    Zero at the end of the quarter before the first.
    """
    n = world.n_provinces + 1
    if base.log_price is None:
        return np.zeros((0, n))
    path = np.vstack([np.zeros(n), base.log_price.T])[4 * (start - base.first_year) :]
    return path[1:] - path[:1]


def shift_path(knots: Floats) -> Floats:
    """Return v by quarter, shape (4 Y + 1, C), from its values in mid-year, shape (C, Y).

    Row 0 holds at the end of the burn-in, row t + 1 in the middle of quarter t.
    """
    n_years = knots.shape[1]
    middles = np.concatenate([[0.0], np.arange(n_years) + 0.5])
    values = np.hstack([np.zeros((len(knots), 1)), knots])
    midpoints = np.concatenate([[0.0], (np.arange(4 * n_years) + 0.5) / 4.0])
    return np.stack([np.interp(midpoints, middles, row) for row in values], axis=1)


# -- the file of a fit ----------------------------------------------------------------------------

# JSON of a fixed shape: keys are those of `BaseRun`; ``made`` may be absent. Numbers are finite,
# shifts lie within +-20. Nothing in the file is run, and every fault has its
# key.

MOST = 20.0
"""Largest |v|: exp of it is finite, and no region differs by so much."""

Text: TypeAlias = Annotated[str, Field(max_length=200)]
Share: TypeAlias = Annotated[float, Field(ge=0.0, le=1.0)]
Year: TypeAlias = Annotated[int, Field(ge=1800, le=2200)]
Number: TypeAlias = Annotated[float, Field(ge=-MOST, le=MOST)]
Line: TypeAlias = Annotated[tuple[Number | None, ...], Field(strict=False)]


class _Closed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Misfit(_Closed):
    cities: dict[str, Line]
    provinces: dict[str, Line]
    research: dict[str, Line] = Field(default_factory=dict)


class Misfits(_Closed):
    """The misfit of each of `WHEN`."""

    before: _Misfit
    after: _Misfit
    other_draws: _Misfit


class Made(_Closed):
    """Where a fit comes from: the version, the name of the scenario and how it was run."""

    ydsim: Text
    scenario: Text
    replicates: Annotated[int, Field(ge=1, le=100_000)]
    passes: Annotated[int, Field(ge=1, le=1000)]
    scale: Share
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    # Years in which value added of cities was met; ``last_year`` lies before where none was.
    first_year: Year
    last_year: Year
    # What could not be fitted and why, a line each.
    not_fitted: tuple[Annotated[str, Field(max_length=1000)], ...] = Field(strict=False)
    misfit: Misfits  # see `Misfit`


class _File(_Closed):
    parameters: Text
    innovative_share: Share | None = None
    outside_log_productivity: list[list[Number]] | None = None
    market_shift: Annotated[list[list[Number]], Field(min_length=1)]
    first_year: Year
    world: Text
    log_price: Annotated[list[list[Number]], Field(min_length=1)] | None = None
    rd_shift: Annotated[list[list[Number]], Field(min_length=1)] | None = None
    anchors: dict[Text, Annotated[list[list[Number | None]], Field(min_length=1)]] | None = None
    city_lean: Annotated[list[list[Number | None]], Field(min_length=1)] | None = None
    made: Made | None = None


_LINES: Final = ("market_shift", "log_price", "rd_shift", "city_lean")


def read_base_run(folder: Folder, text: str) -> BaseRun | None:
    """Return what the text of the file says; after a fault, which is noted, None."""
    try:
        stored = _File.model_validate(
            json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
        )
    except json.JSONDecodeError as error:
        message = _t("is not JSON: {error}")
        message = message.format(error=f"{error.msg[:1].lower()}{error.msg[1:]}")
        folder.fault(FILE, message, line=error.lineno)
        return None
    except _FaultError as error:
        folder.fault(FILE, str(error))
        return None
    except ValidationError as error:
        for each in error.errors(include_url=False):
            folder.fault(FILE, _said(dict(each)), column=_key(each["loc"]))
        return None
    except (ValueError, RecursionError):
        folder.fault(FILE, _t("is not JSON: a number is too long or brackets are too deep"))
        return None
    wrong = list(_unequal(stored))
    for key, message in wrong:
        folder.fault(FILE, message, column=key)
    if wrong:
        return None
    fields = stored.model_dump(include={"parameters", "first_year", "world"})
    # fitted before 0.8, before 0.10, or before 0.12, under other rules
    provenance = stored.made
    early = provenance is not None and (
        not provenance.misfit.after.research or provenance.ydsim.startswith(("0.10.", "0.11."))
    )
    if stored.outside_log_productivity is not None or early:
        fields["world"] = ""
    lines = {name: _array(rows) for name in _LINES if (rows := getattr(stored, name)) is not None}
    if stored.anchors is not None:
        fields["anchors"] = {name: _array(rows) for name, rows in stored.anchors.items()}
    return BaseRun(**fields | lines, made=stored.made)


def _key(path: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{one_line(part, 60)}" for part in path)
    return "".join(parts).removeprefix(".")


def _said(error: dict[str, Any]) -> str:
    if error["type"] == "missing":
        return _t("is missing")
    if error["type"] == "extra_forbidden":
        known = list(_File.model_fields) if len(error["loc"]) == 1 else []
        hint = suggestion(one_line(error["loc"][-1], 60), known) if known else ""
        return _t("is no key here{hint}").format(hint=hint)
    message = str(error["msg"]).replace("Input should be", "must be")
    fault = _t("{english}, found {found}")
    return fault.format(english=f"{message[:1].lower()}{message[1:]}", found=_shown(error["input"]))


def _unequal(stored: _File) -> Iterator[tuple[str, str]]:
    """Yield key and fault of each line of another length than it must have."""
    tables = {key: getattr(stored, key) or [] for key in _LINES}
    tables |= {f"anchors.{key}": rows for key, rows in (stored.anchors or {}).items()}
    for key, rows in tables.items():
        for k, row in enumerate(rows):
            if len(row) != len(rows[0]) or not row:
                message = _t("{n} numbers where the first row has {first}")
                message = message.format(n=len(row), first=len(rows[0]))
                yield f"{key}[{k}]", message
    provenance = stored.made
    years = 0 if provenance is None else max(provenance.last_year - provenance.first_year + 1, 0)
    for when, kinds in {} if provenance is None else provenance.misfit.model_dump().items():
        for what, places in kinds.items():
            for place, line in places.items():
                if len(line) != years:
                    message = _t("{n} numbers where {years} years were fitted")
                    message = message.format(n=len(line), years=years)
                    yield _key(("made", "misfit", when, what, place)), message


def _array(rows: list[list[float | None]]) -> Floats:
    array = np.array(rows, dtype=np.float64)
    array.setflags(write=False)
    return array


def check_shape(
    folder: Folder, base: BaseRun, cities: int, provinces: int, first_year: int
) -> None:
    """Note what does not suit a world of these numbers, whose runs begin in ``first_year``."""
    tables = {
        "market_shift": (base.market_shift, _A_CITY, cities),
        "log_price": (base.log_price, _A_PLACE, provinces + 1),
        "rd_shift": (base.rd_shift, _A_PROVINCE, provinces),
        "city_lean": (base.city_lean, _A_CITY, cities),
    }
    for name, lines in (base.anchors or {}).items():
        tables[f"anchors.{name}"] = (lines, _A_PROVINCE, provinces)
    for key, (rows, message, wanted) in tables.items():
        if rows is not None and len(rows) != wanted:
            folder.fault(FILE, _t(message).format(n=len(rows), wanted=wanted), column=key)
    if base.first_year != first_year:
        message = _t("{n} where the world has {wanted} as the first year of a run")
        message = message.format(n=base.first_year, wanted=first_year)
        folder.fault(FILE, message, column="first_year")


_A_CITY = mark("{n} where the world has {wanted} rows, one a city")
_A_PLACE = mark("{n} where the world has {wanted} rows, one a place")
_A_PROVINCE = mark("{n} where the world has {wanted} rows, one a province")


class _FaultError(ValueError):
    """What is no proper JSON though Python reads it."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _FaultError(_t("{key}: appears twice").format(key=one_line(twice, 60)))
    return keys


def _refuse(name: str) -> float:
    raise _FaultError(_t("'{text}' is not a finite number").format(text=name))


def _shown(content: Any) -> str:
    """Return a value as it is in the file, cut short."""
    if isinstance(content, list | dict):
        return _t("a list") if isinstance(content, list) else _t("an object")
    return one_line(json.dumps(content, ensure_ascii=False), 40)


# -- data that runs of the model itself gave, of which results depend beside the world's content ---

# A world's digest covers what its authors wrote. What was fitted under the defaults is stored
# beside it and changes when a rule does: the base run and the scale of the measures.

MEASURES: Final = "yrd/measures.json"
"""The scale of measures, which serves all worlds."""


def fitted_data(worlds: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of each file of fitted data that runs in these worlds read.

    ``worlds`` is the digest of each by name; files are named with the world, as in
    ``yrd/base_run.json``.
    """
    names = [MEASURES]
    for world, digest in worlds.items():
        base = f"{world}/{FILE}"
        if not world.isidentifier() or not _file(base).is_file():
            continue
        if json.loads(_file(base).read_text(encoding="utf-8"))["world"] == digest:
            names.append(base)
    return {name: _digest(name) for name in sorted(names)}


def refitted(known: Mapping[str, str], worlds: Mapping[str, str]) -> list[str]:
    """Return the files of fitted data that are not as they were ``known``, or are there no more."""
    now = fitted_data(worlds)
    return sorted(name for name, digest in known.items() if now.get(name) != digest)


def _file(name: str) -> Traversable:
    return resources.files("ydsim.world").joinpath("data", *name.split("/"))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_file(name).read_bytes()).hexdigest()
