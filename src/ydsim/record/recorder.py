"""Record: what official statistics report, in their units, as arrays.

Counts and money of firms are divided by the scale. The recorder reads the state and the quarter's
tally and never changes them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import REGION
from ydsim.agents.organisations import INSTITUTE, UNIVERSITY
from ydsim.agents.state import CHANNELS, State
from ydsim.record.indicators import INDICATORS
from ydsim.record.tables import curve_table, generation_table, ledger_table, series_table
from ydsim.typing import Columns, Floats, Ints

TALLIED = (
    "ideas",
    "inventions",
    "developments",
    "launches",
    "projects_live",
    "projects_waiting",
    "projects_failed",
    "projects_died_waiting",
    "adoptions",
    "entries",
    "exits",
    "rd_grants",
    "rd_grants_programme",
    "rd_grants_leaked",
    "profit_tax",
)


class Recorder:
    """Series by region, province and city, adoption events and curves.

    Parameters
    ----------
    quarters
        Number T of quarters to come.
    start
        First year.
    residual_share
        Share of enterprise R&D that is performed outside the firms of the model.
    events, cities
        Whether to keep one row per adoption, and the series of cities.
    """

    def __init__(
        self,
        state: State,
        quarters: int,
        start: int,
        residual_share: float,
        *,
        events: bool,
        cities: bool,
    ) -> None:
        world = state.world
        self._state = state
        self._start = start
        self._residual = residual_share
        self._keep_events, self._keep_cities = events, cities
        self._done = 0
        self.last: dict[str, float] = {}
        width = {"region": 1, "province": world.n_provinces, "city": world.n_cities}
        self._series = {
            level: {
                name: np.full((quarters, width[level]), np.nan)
                for name, indicator in INDICATORS.items()
                if level in indicator.levels
            }
            for level in width
        }
        self._curves: list[tuple[int, Ints, Floats, Floats, Floats]] = []
        # narrow types: at scale 1 there are some twenty million events
        self._events: list[
            tuple[int, NDArray[np.int32], NDArray[np.int32], NDArray[np.int16], NDArray[np.int8]]
        ] = []

    @property
    def quarters_done(self) -> int:
        """Number of quarters recorded so far."""
        return self._done

    def series(self, name: str, level: str = "region") -> Floats:
        """Return the recorded quarters of an indicator: shape (t,) for the region, else (t, n)."""
        values: Floats = self._series[level][name][: self._done]
        return values[:, 0] if level == "region" else values

    def observe(self) -> None:
        """Record the quarter that has just ended."""
        state, t = self._state, self._done
        for name, city in {**self._by_city(), **self._tallied()}.items():
            self._set(name, t, city)
        self._provincial(t)
        self._regional(t)
        self._curves.append(self._curve())
        if self._keep_events:
            events, table = state.adoptions, state.organisations
            self._events.append(
                (
                    t,
                    events.generation.astype(np.int32),
                    events.firm.astype(np.int32),
                    table.city[events.firm].astype(np.int16),
                    events.channel,
                )
            )
        self._done = t + 1

    def _set(self, name: str, t: int, city: Floats) -> None:
        of = self._state.world.city_province
        province = np.bincount(of, weights=city, minlength=self._state.world.n_provinces)
        levels = {"city": city, "province": province, "region": province.sum()}
        for level in INDICATORS[name].levels:
            self._series[level][name][t] = levels[level]

    def _tallied(self) -> dict[str, Floats]:
        nothing = np.zeros(self._state.world.n_cities)
        return {name: self._state.tally.city.get(name, nothing) for name in TALLIED}

    def _by_city(self) -> dict[str, Floats]:
        state = self._state
        table, firms, scale = state.organisations, state.firms, state.scale
        science = np.concatenate([table.of_kind(UNIVERSITY), table.of_kind(INSTITUTE)])
        # as tallied when it was spent, so that firms that have left since are counted
        enterprise = state.tally.city["rd_firms"] / (1.0 - self._residual)
        government = state.tally.city["rd_grants"] + state.by_city(science, table.grants[science])
        foreign = self._share_out(state.inputs.foreign[:, state.now], enterprise)
        total = enterprise + government + foreign
        wage = state.inputs.wage[state.world.city_province, state.now]
        value_added = self._share_out(
            state.market.output[:, :-1].sum(axis=0), state.tally.city["value_added_secondary"]
        )
        return {
            "rd_funds_enterprise": enterprise,
            "rd_funds_government": government,
            "rd_expenditure": total,
            "rd_personnel_fte": 4.0 * total / wage,
            "value_added_secondary": value_added,
            "firms": state.by_city(firms, np.ones(len(firms))) / scale,
        }

    def _share_out(self, total: Floats, weight: Floats) -> Floats:
        """Return a provincial total (P,) shared over its cities in proportion to ``weight``."""
        of = self._state.world.city_province
        sums = np.bincount(of, weights=weight, minlength=len(total))
        rate = np.divide(total, sums, out=np.zeros_like(total), where=sums > 0.0)
        shared: Floats = weight * rate[of]
        return shared

    def _provincial(self, t: int) -> None:
        state = self._state
        table, firms = state.organisations, state.firms
        log_a, weight = table.log_productivity[firms], table.value_added[firms]
        province = self._series["province"]
        region = self._series["region"]
        for name, values in (
            ("gdp_alt", state.inputs.gdp[:-1, state.now]),
            ("rd_funds_foreign", state.inputs.foreign[:, state.now]),
        ):
            province[name][t], region[name][t] = values, values.sum()
        for level in (province, region):
            level["rd_intensity_gdp"][t] = 100.0 * level["rd_expenditure"][t] / level["gdp_alt"][t]
        for p in range(state.world.n_provinces):
            mine = table.province[firms] == p
            mean, sd = _moments(log_a[mine], weight[mine])
            province["productivity_log"][t, p], province["productivity_log_sd"][t, p] = mean, sd
        mean, sd = _moments(log_a, weight)
        region["productivity_log"][t], region["productivity_log_sd"][t] = mean, sd

    def _regional(self, t: int) -> None:
        state, region = self._state, self._series["region"]
        self.last = dict(state.tally.region) | self._generations()
        for name, value in self.last.items():
            if name in region:
                region[name][t] = value
        table, firms = state.organisations, state.firms
        industry, value_added = table.industry[firms], table.value_added[firms]
        n_j = len(state.world.industries)
        total = np.bincount(industry, weights=value_added, minlength=n_j)
        squares = np.bincount(industry, weights=value_added**2, minlength=n_j)
        used = total > 0.0
        concentration = squares[used] / total[used] ** 2
        region["herfindahl"][t] = state.scale * concentration.mean()

    def _generations(self) -> dict[str, float]:
        """Return counts of living generations and the mean share that has adopted them."""
        generations = self._state.generations
        live = generations.living()
        region = float((generations.origin[live] == REGION).sum())
        eligible = np.diff(self._state.by_industry.begin)[generations.industry[live]]
        share = generations.adopters[live].sum(axis=1) / np.maximum(eligible, 1)
        return {
            "generations_live": region,
            "generations_live_outside": len(live) - region,
            "adopted_share": float(share.mean()) if len(live) else 0.0,
        }

    def _curve(self) -> tuple[int, Ints, Floats, Floats, Floats]:
        """Return quarter, living generations, adopters by province, eligible, outside share."""
        state = self._state
        world, generations = state.world, state.generations
        live = generations.living()
        adopters = np.zeros((len(live), world.n_provinces))
        for p in range(world.n_provinces):
            adopters[:, p] = generations.adopters[live][:, world.city_province == p].sum(axis=1)
        eligible = np.diff(state.by_industry.begin)[generations.industry[live]]
        return (
            self._done,
            live,
            adopters / state.scale,
            eligible / state.scale,
            generations.outside_share[live].copy(),
        )

    def tables(self) -> dict[str, Columns]:
        """Return everything recorded as tables of equal columns; see ``docs/results.md``."""
        state, world = self._state, self._state.world
        names = {
            "region": ("yrd",),
            "province": world.provinces,
            "city": world.city_names,
        }
        tables = {
            "series": series_table(
                {level: self._series[level] for level in ("region", "province")},
                names,
                self._start,
                self._done,
            ),
            "generations": generation_table(state, self._start),
            "adoption_curves": curve_table(self._curves, world.provinces, self._start),
            "ledger": ledger_table(state, self._start),
        }
        if self._keep_cities:
            tables["city_series"] = series_table(
                {"city": self._series["city"]},
                names,
                self._start,
                self._done,
                tuple(world.provinces[p] for p in world.city_province),
            )
        if self._keep_events:
            tables["adoption"] = self._event_table()
        return tables

    def _event_table(self) -> Columns:
        table = self._state.organisations
        parts = self._events
        lengths = [len(part[1]) for part in parts]
        quarter = np.repeat(np.array([part[0] for part in parts], dtype=np.int32), lengths)
        none = np.empty(0, dtype=np.int16)
        generation = np.concatenate([none, *(part[1] for part in parts)])
        firm = np.concatenate([none, *(part[2] for part in parts)])
        city = np.concatenate([none, *(part[3] for part in parts)])
        channel = np.concatenate([none, *(part[4] for part in parts)])
        return {
            "generation": generation.astype(np.int32),
            "firm": table.key[firm],
            "city": np.array(self._state.world.city_names, dtype=np.object_)[city],
            "year": (self._start + quarter // 4).astype(np.int32),
            "quarter": (1 + quarter % 4).astype(np.int32),
            "channel": np.array(CHANNELS, dtype=np.object_)[channel],
        }


def _moments(values: Floats, weight: Floats) -> tuple[float, float]:
    """Return the weighted mean and the plain standard deviation; NaN for an empty group."""
    if len(values) == 0 or weight.sum() <= 0.0:
        return float("nan"), float("nan")
    return float((values * weight).sum() / weight.sum()), float(values.std())
