"""Stages of the funnel, and specialisation of provinces in fields, by year."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.measures.funnel import CAUSES, EXITS, funnel, slowest, valley_of_death
from ydsim.measures.groups import sums
from ydsim.measures.specialisation import krugman, location_quotients
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, groups, number_of, runs_of
from ydsim.typing import Columns, Floats

ALL: Final = "all"
LEADS: Final = (ALL, "firm", "university", "institute")
STAGES: Final = ("applied research", "invention", "pilot", "industrialisation", "launch")
QUARTERS: Final = 4


def funnel_stage_table(tables: dict[str, Columns], _: Place) -> Columns:
    """Return what becomes of projects by year, kind of the first owner and stage.

    Projects in a stage are the mean of the ends of this year and the one before, of the first
    year its end.
    """
    rows = Rows(
        lead="text", stage="text", left="float", lost="float", passed="float", reached="float",
        stay="float", wait="float", **dict.fromkeys(CAUSES, "float"),
        valley_of_death="boolean", slowest="boolean",
    )  # fmt: skip
    names = (*EXITS, "shelved", "waited", "live")
    for run, table in runs_of(tables["funnel"]):
        stage = number_of(STAGES, table["stage"].tolist(), "stage")
        before: dict[str, Floats] = {}
        for (year,), at in groups(table, "year"):
            for lead in LEADS:
                mine = at if lead == ALL else at[table["lead"][at] == lead]
                counts = {
                    name: sums(stage[mine], table[name][mine].astype(np.float64), len(STAGES))
                    for name in names
                }
                live = counts["live"]
                counts["live"] = (live + before.get(lead, live)) / 2.0
                before[lead] = live
                # in quarters, as the wait is
                found = funnel(counts)
                valley, slow = valley_of_death(found), slowest(found)
                for s, name in enumerate(STAGES):
                    rows.add(
                        run,
                        year,
                        lead=lead,
                        stage=name,
                        left=found.left[s],
                        lost=found.lost[s],
                        passed=found.passed[s],
                        reached=found.reached[s],
                        stay=QUARTERS * found.stay[s],
                        wait=found.wait[s],
                        **dict(zip(CAUSES, found.cause[s].tolist(), strict=True)),
                        valley_of_death=s == valley,
                        slowest=s == slow,
                    )
    return rows.columns()


def specialisation_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return Krugman's index of research effort by field, and the leading field, of each province.

    The quotient of the leading field is its share in the province over that in the region.
    """
    rows = Rows(region="text", krugman="float", field="text", quotient="float")
    for run, table in runs_of(tables["knowledge"]):
        fields = list(dict.fromkeys(table["field"].tolist()))
        field = number_of(fields, table["field"].tolist(), "field")
        province = number_of(place.provinces, table["province"].tolist(), "province in the world")
        for (year,), at in groups(table, "year"):
            sizes = np.zeros((len(place.provinces), len(fields)))
            np.add.at(sizes, (province[at], field[at]), table["effort"][at].astype(np.float64))
            apart, quotients = krugman(sizes), location_quotients(sizes)
            for p, region in enumerate(place.provinces):
                known = np.where(np.isnan(quotients[p]), -1.0, quotients[p])
                top = int(known.argmax())
                rows.add(
                    run,
                    year,
                    region=region,
                    krugman=apart[p],
                    field=fields[top] if known[top] >= 0.0 else "",
                    quotient=quotients[p, top],
                )
    return rows.columns()
