"""What no kind of figure can draw is said in an error that names what is lacking."""

import numpy as np
import pytest

from tests.support.made import make_results, plain
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots.drawing import draw
from ydsim.plots.flows import CAUSES

AB, LATE = {"provinces": ("A", "B")}, {"start": 2025, "end": 2026}
ONE_YEAR = {"start": 2011, "end": 2011}


def changed(table, **columns):
    """An option of results with other columns in one table: each is a function of the rows."""

    def change(name, rows):
        if name != table:
            return rows
        return rows | {column: of(rows) for column, of in columns.items()}

    return {"change": change}


def lacks(*tables):
    return {"leave_out": tables}


def none(column):
    return lambda rows: 0.0 * rows[column]


UNPAID = changed("ledger", amount=none("amount"))
NOBODY = changed("funnel", **{name: none(name) for name in ("completed", *CAUSES)})
NOWHERE = changed("passports", province=lambda rows: np.full_like(rows["province"], "x"))
AT_HOME = changed(
    "ties",
    expected=lambda rows: np.where(rows["from_city"] == rows["to_city"], rows["expected"], 0.0),
)
NO_DATA = [
    ("adoption_curves", [{}, LATE], {}, "year"),
    ("adoption_curves", [ONE_YEAR], {}, "2011"),
    ("adoption_curves", [lacks("adoption_curves")], {}, "adoption_curves"),
    ("adoption_curves", [lacks("generations")], {}, "generations"),
    ("inequality", [{}], {"indicator": "ideas"}, "rd_expenditure"),
    ("inequality", [lacks("city_series")], {}, "inequality"),
    ("lag_by_distance", [{}], {}, "diffusion_distance"),
    ("money", [UNPAID], {}, "2023"),
    ("money", [lacks("ledger")], {}, "ledger"),
    ("supply_to_nation", [lacks("ties", "contracts")], {}, r"ties.*contracts"),
    ("supply_to_nation", [ONE_YEAR], {}, "2011"),
    ("lines", [ONE_YEAR], {"indicator": "rd_expenditure"}, "."),
    ("lines", [{}, LATE], {"indicator": "rd_expenditure"}, "."),
    ("overview", [lacks("series")], {}, "."),
    ("funnel", [NOBODY], {}, "."),
    ("funnel", [lacks("funnel")], {}, "funnel"),
    ("project_paths", [NOWHERE], {}, "."),
    ("project_paths", [lacks("passports")], {}, "passports"),
    ("map", [{}], {"indicator": "gdp_alt"}, "not recorded"),
    ("map", [lacks("city_series")], {}, "not recorded"),
    ("map", [{"world": "yrd"}], {}, r"yrd has no city City 1\.1"),
    ("map", [{"value": lambda *each: np.full(len(each[-1]), np.nan)}], {}, "no value"),
    ("map", [{"value": lambda *each: -plain(*each)}], {}, "negative"),
    ("link_map", [AT_HOME], {}, "no two cities"),
    ("link_map", [lacks("ties")], {}, "ties"),
    ("link_map", [{"world": "yrd"}], {}, r"City 1\.1"),
    ("difference_map", [{}, {"start": 2016, "name": "other"}], {}, "2016"),
    ("difference_map", [{}] * 3, {}, "3"),
]
MISUSED = [
    ("adoption_curves", [{}, {**AB, "name": "one"}], {}, "made and one"),
    ("money", [{}], {"year": 1999}, "1999"),
    ("money_flows", [{}], {}, "money"),
    ("lines", [{}], {"indicator": "rd_expenditur"}, "rd_expenditure"),
    ("lines", [{}, AB], {"indicator": "rd_expenditure"}, "provinces"),
    ("overview", [{}], {"region": "Jiangs"}, "region|Jiangs"),
    ("overview", [{}], {"region": "City 1.1"}, r"City 1\.1; .*Jiangsu"),
    ("funnel", [{}, AB], {}, "provinces"),
    ("map", [{}], {"year": 2030}, "2030"),
    ("map", [{}], {"year": 2020, "years": (2019, 2020)}, "years"),
    ("link_map", [{}], {"channel": "suply"}, "supply"),
    ("link_map", [{}], {"year": 2030}, "2030"),
    ("city_pairs", [{}], {}, "link_map"),
    ("difference_map", [{"end": 2023}, {"end": 2021}], {"year": 2023}, "2023"),
]


@pytest.mark.parametrize(
    ("error", "kind", "options", "asked", "said"),
    [
        *((NothingToDrawError, *case) for case in NO_DATA),
        *((UsageError, *case) for case in MISUSED),
    ],
)
def test_what_cannot_be_drawn_says_so(error, kind, options, asked, said):
    results = [make_results(**each) for each in options]
    with pytest.raises(error, match=said):
        draw(kind, *results, **asked)
