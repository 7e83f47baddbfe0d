"""What the page of a report shows, as tables and sentences; its form is in the template."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from markupsafe import Markup

from ydsim import fmt
from ydsim.outside import one_line
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped, title_of
from ydsim.record.details import name_in_words, unit_in_words
from ydsim.results.compare import Alternative, Compared
from ydsim.results.headlines import HEADLINES, MADE_UP, compare_official, ranged
from ydsim.results.results import Results
from ydsim.results.summary import policy_money
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import flat
from ydsim.scenario.schema.key_index import Key, keys_of, written
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies.comparison import change_of, place_of
from ydsim.translation import gettext as _t
from ydsim.wording import capital

MISS: Final = 0.25
"""Share of the official figure by which a simulated one that misses it is off."""

MOST_MISSES: Final = 8

STANDING: Final = {
    "rd_expenditure": "set by hand with it in view",
    "rd_basic_research": "a fixed part of public money, an input",
    "rd_personnel_fte": "follows from R&D and fitted wages",
    "value_added_secondary": "fitted",
    "invention_patent_applications": "set by hand with it in view",
    "invention_patents_granted": "set by hand with it in view",
    "tech_market_contract_value_output": "set by hand with it in view",
    "hitech_enterprises_valid_stock_derived": "set by hand with it in view",
}
"""How indicators were brought near official figures, from the table of patterns in docs/odd.md."""


@dataclass(frozen=True)
class Table:
    """A table of the page.

    Attributes
    ----------
    caption, head, rows
        Texts; the first cell of a row names it.
    words
        Columns of text; others are numbers, set to the right.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)

    def look(self, column: int) -> Markup:
        """Return the class of the cells of a column."""
        return Markup("" if column in self.words else ' class="number"')


# -- figures of a run ------------------------------------------------------------------------------


def numbers(results: Results, point: int, *, whole: bool) -> Table:
    """Return headline figures, median and range, of the whole region or of its provinces."""
    found: Any = compare_official(results, point)
    region = str(results.manifest["regions"][-1])
    found = found[(found["region"] == region) == whole]
    rows: list[list[str]] = []
    for (name, place), mine in found.groupby(["indicator", "region"], sort=False):
        label = (
            label_of(results, str(name)) if whole else f"{capital(name_in_words(name))}, {place}"
        )
        for row in mine.itertuples(index=False):
            year = f"{row.year}{' *' if row.projection else ''}"
            value = ranged(row.median, row.low, row.high)
            rows.append([label, year, value, fmt.number(row.official)])
            label = ""
    caption = _t("Median and range over replicates; * after the last official figure: projection")
    return Table(caption, [_t("outcome"), _t("year"), _t("simulated"), _t("official")], rows)


def label_of(results: Results, name: str) -> str:
    """Return an indicator with its unit in words."""
    card = results.manifest["indicators"][name]
    unit = unit_in_words(str(card["unit"]), str(card["kind"]))
    return f"{capital(name_in_words(name))} [{unit}]"


def fit(results: Results, point: int) -> tuple[str, list[str], Table]:
    """Return how figures meet official ones: in one sentence, the largest misses, and all."""
    cards = results.manifest["indicators"]
    inputs = {name for name, card in cards.items() if str(card["meaning"]).endswith("(input)")}
    if results.manifest["scenario"]["world"] in MADE_UP:
        return _t("The world is made up: its figures are no observations."), [], Table("", [], [])
    known = [name for name, card in cards.items() if card["official"] and name not in inputs]
    names = [*HEADLINES, *(name for name in known if name not in HEADLINES)]
    found: Any = compare_official(results, point, [n for n in names if n not in inputs])
    found = found[found["official"].notna() & (found["official"] != 0.0)]
    if not len(found):
        none = _t("No official figure falls into the years of these results.")
        return none, [], Table("", [], [])
    gap = 100.0 * (found["median"] / found["official"] - 1.0)
    found = found.assign(gap=gap, missed=gap.abs() > 100.0 * MISS)
    years = fmt.listed(map(str, sorted(set(found["year"]))))
    short = _t(
        "Of {n} official figures of {years}, by province and for the region, {missed} are missed "
        "by more than {limit:.0f} %."
    ).format(n=len(found), years=years, missed=int(found["missed"].sum()), limit=100.0 * MISS)
    worst = found[found["missed"]].sort_values("gap", key=abs, ascending=False, kind="stable")
    misses = [
        _t("{what}, {place}, {year}: {gap} % ({simulated} simulated, {official} official)").format(
            what=capital(name_in_words(one.indicator)),
            place=one.region,
            year=one.year,
            gap=fmt.fixed(one.gap, 0, sign=True),
            simulated=fmt.number(one.median),
            official=fmt.number(one.official),
        )
        for one in worst.head(MOST_MISSES).itertuples(index=False)
    ]
    if len(worst) > MOST_MISSES:
        misses.append(_t("and {n} more, in the table").format(n=len(worst) - MOST_MISSES))
    rows = [
        [
            f"{capital(name_in_words(one.indicator))}, {one.region}",
            str(one.year),
            ranged(one.median, one.low, one.high),
            fmt.number(one.official),
            f"{fmt.fixed(one.gap, 1, sign=True)} %",
            _t("missed") if one.missed else _t("met"),
            _t(STANDING.get(one.indicator, "no row of its own in docs/odd.md")),
        ]
        for one in found.itertuples(index=False)
    ]
    head = [_t("figure"), _t("year"), _t("simulated"), _t("official"), _t("gap"), "", _t("how met")]
    caption = _t("Simulated and official figures; a gap over {limit:.0f} % is a miss")
    return short, misses, Table(caption.format(limit=100.0 * MISS), head, rows, words=(0, 5, 6))


def money(results: Results, point: int, name: str) -> Table:
    """Return what the policies of a scenario were asked for, paid and left."""
    rows = [
        [policy, f"{first}\u2013{last}", *map(fmt.number, amounts)]
        for policy, first, last, *amounts in policy_money(results, point).itertuples(index=False)
    ]
    caption = _t("Money of policies in {name}, 100 million RMB a year, mean over replicates")
    head = ["", _t("years"), _t("asked"), _t("taken up"), _t("leaked"), _t("left over")]
    return Table(caption.format(name=name), head, rows)


# -- a comparison ----------------------------------------------------------------------------------


def effects(found: Compared, *, whole: bool) -> Table:
    """Return changes in the whole region, or in its provinces."""
    several = len(found.pairs) > 1
    rows = []
    for row in found.rows:
        if (row.level == "region") == whole:
            label = f"{capital(row.outcome.label)} [{row.outcome.unit}]"
            lead = f"{row.alternative}: " if several else ""
            where = "" if whole else f", {place_of(row)}"
            rows.append([f"{lead}{label}{where}", fmt.number(row.effect.plain), change_of(row)])
    caption = _t(
        "Change in per cent of the base, of shares in percentage points; brackets: 95 % interval; "
        "* significant when all {n} tests are counted (Holm), (*) by false discovery rate alone"
    ).format(n=found.tests)
    return Table(caption, [_t("outcome"), _t("base"), _t("change")], rows)


def reading(found: Compared) -> str:
    """Say how a comparison was made."""
    first, last = found.years
    return _t(
        "Differences from {base} in pairs of runs on the same random numbers (n = {n}), mean of "
        "{first}\u2013{last} ({why}), of stocks the last year."
    ).format(base=found.base.name, n=found.replicates, first=first, last=last, why=found.why_years)


# -- scenarios -------------------------------------------------------------------------------------


def frame(side: Alternative) -> str:
    """Say years, world and sample of a scenario."""
    plain = side.scenario
    return _t(
        "Years {start} to {end} by quarters; world {world}; {share:g} % of the technology-active "
        "firms are drawn, and figures are weighted up to all of them."
    ).format(
        start=plain["start"],
        end=plain["end"],
        world=plain["world"],
        share=100.0 * plain["scale"],
    )


def policies(side: Alternative, names: Sequence[str] | None = None) -> Table:
    """Return the policies in force of a scenario, all or some of them, with their settings."""
    force = in_force(side.scenario["policies"])
    rows = [_policy(name, force[name]) for name in force if names is None or name in names]
    caption = _t("Policies of {name}: {n}").format(name=side.name, n=len(rows))
    head = [_t("policy"), _t("from"), _t("until"), _t("strength"), _t("for whom"), _t("settings")]
    return Table(caption, head, rows, words=range(6))


def _policy(name: str, policy: Mapping[str, Any]) -> list[str]:
    cls = _class_of(name, policy)
    title = one_line(name, 60)
    if cls is None:
        title = _t("{name}, which does not come with ydsim").format(name=title)
    else:
        title = f"{title_of(cls)} ({title})"
    shared = {*Policy.model_fields, "policy"}
    own = ", ".join(
        f"{one_line(str(key), 40)} {_value(value)}"
        for key, value in policy.items()
        if key not in shared and value not in (None, "", [], {})
    )
    start, end = policy.get("start"), policy.get("end")
    strength, ramp = _value(policy.get("strength", 1.0)), policy.get("ramp")
    if isinstance(ramp, (int, float)) and ramp > 0.0:
        strength = _t("{strength}, reached over {ramp:g} years").format(
            strength=strength, ramp=ramp
        )
    target = policy.get("target")
    whom = [_value(v) for _, v in flat(dict(target)) if v] if isinstance(target, Mapping) else []
    return [
        title,
        _t("the beginning") if start is None else date(start),
        _t("open") if end is None else date(end),
        strength,
        "; ".join(whom) or _t("all"),
        own or "\u2013",
    ]


def _class_of(name: str, policy: Mapping[str, Any]) -> type[Policy] | None:
    """Return the class of a shipped policy; None of any other, whose code is not imported."""
    return shipped().get(str(policy.get("policy") or name))


def date(year: Any) -> str:
    """Return a point in time as year and quarter, ``2018 Q4``; a whole year as it is."""
    if not isinstance(year, (int, float)):
        return one_line(str(year), 20)
    quarter = round((year - int(year)) * 4)
    return f"{int(year)}" if not quarter else f"{int(year)} Q{quarter + 1}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _t("yes") if value else _t("no")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(item) for item in value)
    return one_line(str(value), 120)


def others(scenario: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a scenario has beside policies: governance and shocks."""
    mode = scenario.get("governance", {}).get("mode", "fixed")
    if mode != "fixed":
        yield _t("Governments decide by themselves (governance: {mode}).").format(
            mode=one_line(str(mode), 40)
        )
    shocks = [
        f"{one_line(str(one.get('name')), 40)} ({one_line(str(one.get('kind')), 40)}, "
        f"{date(one.get('year'))})"
        for one in scenario.get("shocks") or ()
        if isinstance(one, Mapping)
    ]
    if shocks:
        yield _t("Units are treated at random: {names}. The table shocks says which.").format(
            names=", ".join(shocks)
        )


@dataclass(frozen=True)
class Setting:
    """A value of a scenario: its key, value, and what is known of it (None: an unknown key)."""

    path: tuple[str, ...]
    value: Any
    key: Key | None

    @property
    def changed(self) -> bool:
        """It is another value than where a scenario says nothing."""
        return self.key is None or not _equal(self.value, self.key.default)


def settings_of(side: Alternative) -> list[Setting]:
    """Return every value of a scenario: its own keys, then those of policies in force."""
    apart = ("name", "description", "record", "policies")
    plain = {key: value for key, value in side.scenario.items() if key not in apart}
    known = _own_keys()
    found = [
        Setting(path, value, known.get(path))
        for path, value in ((tuple(map(str, at)), value) for at, value in flat(plain))
    ]
    for name, policy in in_force(side.scenario["policies"]).items():
        cls = _class_of(name, policy)
        keys = {} if cls is None else {key.path: key for key in keys_of(cls)}
        for at, value in flat(dict(policy)):
            path = tuple(map(str, at))
            replaced = value is None and policy.get("amount") is not None  # a rate, by an amount
            if path[0] != "policy" and path[0] not in Policy.model_fields and not replaced:
                found.append(Setting(("policies", name, *path), value, keys.get(path)))
    return found


@cache
def _own_keys() -> dict[tuple[str, ...], Key]:
    return {key.path: key for key in keys_of(Scenario) if key.path != ("policies",)}


def changed_settings(side: Alternative) -> Table:
    """Return the values of a scenario that are not defaults, with unit, mark and source."""
    rows = []
    for one in settings_of(side):
        if one.changed:
            row = [one_line(".".join(one.path), 120), one_line(written(one.value), 120)]
            if one.key is None:
                row += ["\u2013", "\u2013", _t("unknown"), _t("no key of this version")]
            else:
                default = "\u2013" if one.key.default is None else written(one.key.default)
                source = "\u2013" if one.key.mark == "control" else one.key.source
                row += [default, one.key.unit, _t(one.key.mark), source]
            rows.append(row)
    caption = _t("Values of {name} other than the default: {n}")
    head = [_t("key"), _t("value"), _t("default"), _t("unit"), _t("mark"), _t("source")]
    return Table(caption.format(name=side.name, n=len(rows)), head, rows, words=range(6))


def _equal(value: Any, default: Any) -> bool:
    if isinstance(value, (list, tuple)) and isinstance(default, (list, tuple)):
        return len(value) == len(default) and all(map(_equal, value, default))
    if isinstance(value, (int, float)) and isinstance(default, (int, float)):
        return bool(value == default) or math.isclose(value, default, rel_tol=1e-12)
    if isinstance(value, Mapping) or isinstance(default, Mapping):
        return dict(value or {}) == dict(default or {})
    return bool(value == default)
