"""What the page of a report shows of runs and of their scenarios, as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ydsim import fmt
from ydsim.outside import one_line
from ydsim.policies.base import Policy
from ydsim.policies.library import shipped, title_of
from ydsim.record.details import name_in_words, unit_in_words
from ydsim.results.compare import Alternative
from ydsim.results.results import Results
from ydsim.results.summary import (
    HEADLINES,
    MADE_UP,
    compare_official,
    money_rows,
    policy_money,
    ranged,
)
from ydsim.scenario.changes import in_force
from ydsim.scenario.load import flat
from ydsim.scenario.schema.key_index import keys_of, written
from ydsim.scenario.schema.scenario import Scenario
from ydsim.studies.study import Section
from ydsim.translation import gettext as _t
from ydsim.wording import capital

MISS: Final = 0.25
"""Share of the official figure by which a simulated one that misses it is off."""


# -- figures of a run ------------------------------------------------------------------------------


def label_of(results: Results, name: str) -> str:
    """Return an indicator with its unit in words."""
    card = results.manifest["indicators"][name]
    unit = unit_in_words(str(card["unit"]), str(card["kind"]))
    return f"{capital(name_in_words(name))} [{unit}]"


def numbers(results: Results, point: int, *, whole: bool) -> Section:
    """Return headline figures, median and range, of the whole region or of its provinces."""
    found: Any = compare_official(results, point)
    region = str(results.manifest["regions"][-1])
    found = found[(found["region"] == region) == whole]
    labels = [
        label_of(results, one.indicator) + ("" if whole else f", {one.region}")
        for one in found.itertuples(index=False)
    ]
    rows = [
        [
            "" if label in labels[:at] else label,
            f"{one.year}{' *' if one.projection else ''}",
            ranged(one.median, one.low, one.high),
            fmt.number(one.official),
        ]
        for at, (label, one) in enumerate(zip(labels, found.itertuples(index=False), strict=True))
    ]
    title = _t("Median and range over replicates; * after the last official figure: projection")
    head = [_t("outcome"), _t("year"), _t("simulated"), _t("official")]
    return Section(title, head, rows, right=(1, 2, 3))


def fit(results: Results, point: int) -> tuple[str, Section]:
    """Return how figures meet official ones, in one sentence and one by one, largest gap first."""
    nothing = Section("")
    if results.manifest["scenario"]["world"] in MADE_UP:
        return _t("The world is made up: its figures are no observations."), nothing
    cards, region = results.manifest["indicators"], str(results.manifest["regions"][-1])
    known = dict.fromkeys([*HEADLINES, *(name for name in cards if cards[name]["official"])])
    names = [n for n in known if n in cards and not cards[n]["meaning"].endswith("(input)")]
    found: Any = compare_official(results, point, names)
    found = found[found["official"].notna() & (found["official"] != 0.0)]
    if not len(found):
        return _t("No official figure falls into the years of these results."), nothing
    found = found.assign(gap=100.0 * (found["median"] / found["official"] - 1.0))
    found = found.sort_values("gap", key=abs, ascending=False, kind="stable")
    short = _t(
        "Of {n} official figures of {years}, by province and for the region, {missed} are missed "
        "by more than {limit:.0f} %."
    ).format(
        n=len(found),
        years=fmt.listed(map(str, sorted(set(found["year"])))),
        missed=int((found["gap"].abs() > 100.0 * MISS).sum()),
        limit=100.0 * MISS,
    )
    rows = [
        [
            f"{capital(name_in_words(one.indicator))}, "
            + (_t("whole region") if one.region == region else one.region),
            str(one.year),
            ranged(one.median, one.low, one.high),
            fmt.number(one.official),
            f"{fmt.fixed(one.gap, 1, sign=True)} %",
        ]
        for one in found.itertuples(index=False)
    ]
    head = [_t("figure"), _t("year"), _t("simulated"), _t("official"), _t("gap")]
    title = _t("Simulated and official figures, the largest gaps first")
    return short, Section(title, head, rows, right=range(1, 5))


def money(results: Results, point: int, name: str) -> Section:
    """Return what the policies of a scenario were asked for, paid and left."""
    title = _t("Money of policies in {name}, 100 million RMB a year, mean over replicates")
    head, *rows = money_rows(policy_money(results, point))
    return Section(title.format(name=name), head, rows, right=range(1, len(head)))


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


def policies(side: Alternative) -> Section:
    """Return the policies in force of a scenario, with their dates and settings."""
    rows = []
    for name, policy in in_force(side.scenario["policies"]).items():
        cls = _class_of(name, policy)
        title = _t("a policy that does not come with ydsim") if cls is None else title_of(cls)
        settings = [
            f"{one_line('.'.join(map(str, path)), 40)} {one_line(written(value), 120)}"
            for path, value in flat(dict(policy))
            if path[0] not in ("policy", "start", "end") and value not in (None, "", [], 0.0)
        ]
        start, end = (policy.get(key) for key in ("start", "end"))
        rows.append(
            [
                f"{title} ({one_line(name, 60)})",
                _t("the beginning") if start is None else one_line(written(start), 20),
                _t("open") if end is None else one_line(written(end), 20),
                ", ".join(settings),
            ]
        )
    title = _t("Policies of {name}: {n}").format(name=side.name, n=len(rows))
    return Section(title, [_t("policy"), _t("from"), _t("until"), _t("settings")], rows)


def _class_of(name: str, policy: Mapping[str, Any]) -> type[Policy] | None:
    """Return the class of a shipped policy; None of any other, whose code is not imported."""
    return shipped().get(str(policy.get("policy") or name))


def changed_settings(side: Alternative) -> Section:
    """Return the values of a scenario that are not defaults, with unit, mark and source."""
    apart = ("name", "description", "record", "policies")
    known = {key.path: key for key in keys_of(Scenario)}
    values = dict(flat({key: side.scenario[key] for key in side.scenario if key not in apart}))
    for name, policy in in_force(side.scenario["policies"]).items():
        cls, here = _class_of(name, policy), ("policies", name)
        known |= {} if cls is None else {key.path: key for key in keys_of(cls, here)}
        for path, value in flat(dict(policy)):
            replaced = value is None and policy.get("amount") is not None  # a rate, by an amount
            if path[0] != "policy" and path[0] not in Policy.model_fields and not replaced:
                values[*here, *path] = value
    rows = []
    for path, value in values.items():
        key, told = known.get(path), written(value)
        origin = ["", "", _t("unknown"), _t("no key of this version")]
        if key is not None:
            default = "" if key.default is None else written(key.default)
            origin = [default, key.unit, _t(key.mark), "" if key.mark == "control" else key.source]
        if key is None or told != written(key.default):
            rows.append([one_line(".".join(map(str, path)), 120), one_line(told, 120), *origin])
    title = _t("Values of {name} other than the default: {n}").format(name=side.name, n=len(rows))
    head = [_t("key"), _t("value"), _t("default"), _t("unit"), _t("mark"), _t("source")]
    return Section(title, head, rows)
