"""The study `literature`: its runs, what becomes of readings, its words, and its page."""

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.support.pages import page
from ydsim.cli import main
from ydsim.design.sweep import scenarios
from ydsim.errors import NothingToDrawError, ResultsError, UsageError
from ydsim.measures.effects import NO_INTERVAL, Interval, fieller
from ydsim.studies import literature, readings
from ydsim.studies.literature import (
    AFTER,
    END,
    POINTS,
    SHOCKS,
    UNPAIRED,
    Effects,
    Seen,
    _row_of,
    design,
    published,
    verdict,
    with_placebos,
)
from ydsim.studies.readings import LATE, Design
from ydsim.studies.study import COLUMNS, Facts, accepted

PAGE = page("effects.md")
NAN = math.nan
BAND = {"study": "X", "outcome": "x", "meaning": "m", "published": "p", "accepted_low": 0.1,
        "accepted_high": 0.5, "why_not": "", "miss": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "least", "most", "said"),
    [
        (0.1, 0.5, 0.1, 0.5, "inside"),
        (0.09, 0.3, 0.1, 0.5, "undecided"),
        (0.2, 0.6, 0.1, 0.5, "undecided"),
        (-0.5, 0.0, 0.1, 0.5, "outside"),
        (0.51, 0.9, 0.1, 0.5, "outside"),
        (0.0, 1.0, 0.1, 0.5, "undecided"),
        (NAN, NAN, 0.1, 0.5, "undecided"),
        (0.5, 9.0, 0.5, NAN, "inside"),
        (0.5, 9.0, NAN, 9.0, "inside"),
        (0.5, 9.0, 9.1, NAN, "outside"),
        (0.5, 9.0, NAN, 0.4, "outside"),
        (0.5, 9.0, NAN, NAN, "no range"),
    ],
)
def test_verdicts(low, high, least, most, said):
    assert verdict(Interval(0.3, low, high), least, most) == said
    assert verdict(Interval(-0.3, -high, -low), -most, -least) == said
    assert verdict(NO_INTERVAL, least, most) == "not computed"


def seen(*values):
    return [Seen(*one) for one in values]


def test_means_placebos_and_pairs():
    row = _row_of(BAND, "R", seen((0.3, 0.1), (0.5, 0.2), (0.4, 0.3), (NAN, 0.1), (0.4, None)))
    assert row["estimate"] == pytest.approx(0.4)
    assert row["placebo"] == pytest.approx(0.175)
    assert row["pair"] == pytest.approx(0.2)
    half = 4.302652729911275 * 0.1 / np.sqrt(3.0)
    assert row["pair_high"] - row["pair"] == pytest.approx(half)
    assert row["pair_low"] - row["pair"] == pytest.approx(-half)
    assert row["n"] == 4
    assert row["placebo_p"] == pytest.approx(0.0353, abs=1e-4)  # of four, t = 3.66
    for others, held in (([], "no"), ([0.9], "yes"), ([0.001, NAN], "no"), ([NAN], "no")):
        rows = pd.DataFrame([row, *({**row, "placebo_p": p} for p in others)])
        assert with_placebos(rows)["placebo_holds_zero"][0] == held


def test_a_ratio_is_that_of_means():
    parts = [(1.0, 4.0), (2.0, 5.0), (3.0, 6.5)]
    row = _row_of(BAND, "R", [Seen(one, (one[0] / 2.0, 1.0)) for one in parts])
    wanted = fieller(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.5]))
    assert (row["estimate"], row["low"], row["high"]) == (wanted.estimate, wanted.low, wanted.high)
    assert math.isnan(row["placebo"])
    wanted = fieller(np.array([0.5, 1.0, 1.5]), np.array([3.0, 4.0, 5.5]))
    pair = row["pair"], row["pair_low"], row["pair_high"]
    assert pair == (wanted.estimate, wanted.low, wanted.high)
    again = _row_of(BAND, "R", [Seen(one) for one in (*parts, (NAN, 4.0), (1.0, np.inf), None)])
    assert (again["estimate"], again["n"]) == (row["estimate"], 3)
    lone = _row_of(BAND, "R", [Seen((1.0, 4.0), (0.5, 1.0))])
    assert (lone["estimate"], lone["pair"], lone["n"]) == (0.25, 0.5 / 3.0, 1)
    assert math.isnan(lone["low"])


def test_one_replicate_has_no_interval_and_no_verdict():
    row = _row_of(BAND, "R", seen((0.3, 0.1)))
    assert row["estimate"] == 0.3
    assert math.isnan(row["low"])
    assert row["verdict"] == "undecided"
    assert math.isnan(row["placebo_p"])


@pytest.mark.parametrize("study", UNPAIRED)
def test_a_placebo_by_lot_is_no_pair(study):
    row = _row_of({**BAND, "study": study}, "R", seen((0.3, 0.1), (0.5, 0.2)))
    assert (row["placebo"], row["pair_verdict"]) == (pytest.approx(0.15), "")
    assert math.isnan(row["pair"])


def test_what_is_counted_and_the_bias_of_what_is_found():
    row = _row_of(BAND, "R", seen((0.3, 0.1, 0.2), (0.5, 0.2, 0.25), (0.4, 0.3, 0.3)))
    assert (row["counted"], row["bias"]) == (pytest.approx(0.25), pytest.approx(0.15))
    assert row["counted_high"] - 0.25 == pytest.approx(4.302652729911275 * 0.05 / np.sqrt(3.0))
    assert math.isnan(row["p"])
    more = [Seen(0.3, 0.1, 0.2), Seen(0.5, 0.2, 0.3), Seen(NAN, 0.1, 9.0), Seen(None, 0.1, 9.0)]
    assert _row_of(BAND, "R", more)["bias"] == pytest.approx(0.15)  # of the same replicates
    lone = _row_of(BAND, "R", [Seen(None, None, (a, 10.0)) for a in (1.4, 1.5, 1.6)])
    assert (lone["counted"], lone["n"]) == (pytest.approx(0.15), 3)
    assert np.isnan([lone["estimate"], lone["bias"], lone["placebo"]]).all()
    assert (lone["verdict"], lone["pair_verdict"], lone["why_not"]) == ("inside", "", "")


def test_few_treated_units_have_the_interval_of_randomisation():
    """Of the mean over replicates; power is that of each of them alone."""
    again = np.linspace(-1.0, 1.0, 41)
    values = [Seen(b, 0.0, 0.1, own) for b, own in ((0.1, again), (1.4, again), (NAN, again))]
    row = _row_of(BAND, "R", values)
    assert row["estimate"] == pytest.approx(0.75)
    assert (row["low"], row["high"]) == (pytest.approx(-0.25), pytest.approx(1.75))
    assert (row["p"], row["power"]) == (pytest.approx(2 * (1 + 6) / 42), 0.5)
    values = [Seen(b, None, None, own) for b, own in ((0.1, again), (0.1, -again))]
    assert _row_of(BAND, "R", values)["p"] == pytest.approx(2 / 42)  # means of both are zero
    gone = Seen(0.12, None, None, np.append(again, NAN))
    assert _row_of(BAND, "R", [gone])["p"] == pytest.approx(2 * (1 + 18) / 42)


def test_what_is_not_run_says_why():
    for target, values, why in (
        (BAND, [(None, 0.1), (NAN, 0.2)], "no unit was drawn; too short"),
        ({**BAND, "why_not": "never"}, [(0.3, 0.1)], "never"),
    ):
        row = _row_of(target, "R", seen(*values), ["no unit was drawn", "too short"])
        assert (row["verdict"], row["why_not"], row["n"]) == ("not computed", why, 0)
        assert np.isnan([row["estimate"], row["placebo"], row["pair"]]).all()


def test_targets_have_names_of_their_own_and_a_study():
    table = published()
    assert table["outcome"].is_unique
    assert len(table) == 42
    assert (table.loc[table["why_not"] == "", "source"] != "").all()
    assert table.loc[table["outcome"] == "rail", ["accepted_low", "accepted_high"]].to_numpy(
    ).tolist() == [[0.1, 0.5]]  # fmt: skip
    assert (table["accepted_low"].fillna(-9.0) < table["accepted_high"].fillna(9.0)).all()


def test_each_shock_has_a_point_of_its_own():
    sweep = design(replicates=2)
    assert sweep.base.start + AFTER + LATE[-1] <= END
    every = list(scenarios(sweep))
    treated = [[shock.name for shock in one.shocks if shock.share > 0.0] for one in every]
    none: list[str] = []
    assert treated == [none, *([str(shock["name"])] for shock in SHOCKS), none, none]
    assert {shock.year for one in every for shock in one.shocks} == {sweep.base.start + AFTER}
    last = [number for number, name in enumerate(POINTS) if name in ("consortia", "apart")]
    with_clubs = ["consortia" in one.policies for one in every]
    apart = [one.policies["membership"].strength == 0.0 for one in every]
    assert (np.flatnonzero(with_clubs), np.flatnonzero(apart)) == (last[:1], last[1:])
    assert all(one.record.firms for one in every)
    assert design("plain", replicates=2).size == len(POINTS) - 1


def test_scenarios_that_do_not_fit(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("extends: plain\npolicies: {consortia: {number: 5}}\n", encoding="utf-8")
    numbers = [one.policies["consortia"].number for one in scenarios(design(path))]
    assert set(numbers) == {5}
    shock = "{name: x, kind: travel_time, year: 2012, share: 0.1}"
    path.write_text(f"extends: plain\nshocks: [{shock}]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="own"):
        design(path)
    with pytest.raises(UsageError, match=r"2014.*2014"):
        design(overrides=["end=2014"])
    with pytest.raises(UsageError, match="replicates"):
        design(replicates=0)


LEVEL = dict(zip(POINTS, np.arange(1.0, 11.0) ** 2, strict=True))
"""Inventions by point; replicates add to them."""

N = len(POINTS)


def made(missing=(), n=N, own=False):
    """Return what `read` asks of results: three replicates of n points, some runs missing."""
    runs = [(p, r) for r in range(3) for p in range(n) if (p, r) not in missing]
    frame = pd.DataFrame(runs, columns=["point", "replicate"])
    clubs = (frame["point"] == POINTS.index("consortia")) | own
    columns = {name: 0 for _, names in literature.READ.values() for name in names}
    table = frame.assign(**columns).assign(year=2014, firm=7, shock="s", effort_x=1.0)
    table = table.assign(treated=1 + frame["replicate"], consortia=1 * clubs)
    cities = frame.assign(place="Wuxi", year=2014)
    cities["inventions"] = frame["point"].map(lambda p: LEVEL[POINTS[p]]) + frame["replicate"] * (
        1.0 + frame["point"] / 10.0
    )
    texts = ["[]", *(json.dumps([{"name": one["name"]}]) for one in SHOCKS), "[]", "[]"][:n]

    class Points(SimpleNamespace):
        def __len__(self):
            return n

    return SimpleNamespace(
        name="made-effects",
        path=None,
        contents=SimpleNamespace(
            points=Points(columns={"shocks": texts}, rows={f"h{p}": [p] for p in range(n)}),
            plan=SimpleNamespace(
                hashes=[f"h{p}" for p in frame["point"]], replicates=frame["replicate"].tolist()
            ),
        ),
        manifest={
            "spec": {"base": "made"}, "seed": 1, "hash": "abc", "ydsim": "0", "regions": ["P", "R"],
            "scenario": {"world": "w", "start": 2011, "end": 2022, "scale": 0.02},
        },
        parts=lambda name: [(np.arange(len(table)), dict(table.items()))],
        cube=lambda names, by: cities.set_index(["point", "replicate", "place", "year"])[names],
    )  # fmt: skip


def reading(name):
    def of(run):
        return {name: float(run.cities["inventions"].sum())}

    return of


def counting(name):
    def of(run, other):
        return {name: float(run.cities["inventions"].sum() / other.cities["inventions"].sum())}

    return of


@pytest.fixture
def few(monkeypatch):
    """Designs that are quick: they read inventions."""
    monkeypatch.setattr(literature, "load_world", lambda name: None)
    short = [
        Design("rail", reading("rail"), counting("rail")),
        Design("quiet", reading("tie_pool")),
        Design("consortia", reading("consortium"), counting("consortium")),
        Design("quiet", reading("member"), counting("member"), other="apart"),
        Design("grants_by_lot", reading("grant_own"), counting("grant_total")),
        Design("demand_by_lot", lambda run: {"demand": float(len(run.joined))}),
        Design("demand_by_lot", lambda run: {"demand_lower": float(run.shocks["treated"].sum())}),
    ]
    monkeypatch.setattr(readings, "DESIGNS", tuple(short))


@pytest.mark.usefixtures("few")
def test_points_are_compared_with_their_placebo_and_counted_replicate_by_replicate():
    found = literature.read(made())
    table = found.table.set_index("outcome")
    assert list(found.table)[:7] == list(COLUMNS)
    assert list(found.table["outcome"]) == list(published()["outcome"])
    assert set(found.table["place"]) == {"R"}
    rows = table.loc[["rail", "tie_pool", "consortium", "member"]]
    assert rows["n"].tolist() == [3, 3, 3, 3]
    at = [POINTS.index(name) for name in ("rail", "quiet", "consortia", "quiet")]
    levels = np.array([(at_ + 1.0) ** 2 + 1.0 + at_ / 10.0 for at_ in at])
    np.testing.assert_allclose(rows["estimate"], levels)
    apart = 100.0 + 1.9
    np.testing.assert_allclose(rows["placebo"], [2.0, 2.0, 2.0, apart])
    np.testing.assert_allclose(rows["pair"], [levels[0] - 2, NAN, levels[2] - 2, 2 - apart])
    r = np.arange(3)
    ratio = ((at[0] + 1.0) ** 2 + r * (1.0 + at[0] / 10.0)) / (1.0 + r)
    assert rows["counted"].iloc[0] == pytest.approx(ratio.mean())
    assert rows["bias"].iloc[0] == pytest.approx(levels[0] - ratio.mean())
    assert rows["counted"].isna().tolist() == [False, True, False, False]
    assert table.loc["grant_total", ["n", "estimate"]].isna().tolist() == [False, True]
    assert (found.facts.replicates, found.facts.left_out) == (3, 0)
    assert (found.facts.years, found.facts.points) == ((2011, 2022), N)


@pytest.mark.usefixtures("few")
def test_unfinished_replicates_are_left_out_everywhere():
    found = literature.read(made(missing=((3, 1),)))
    table = found.table.set_index("outcome")
    assert (table.loc["tie_pool", "n"], found.facts.left_out) == (2, 1)
    assert table.loc["tie_pool", "estimate"] == pytest.approx(2.0)  # of replicates 0 and 2
    assert "1 replicate" in found.paragraphs[-1]
    with pytest.raises(ResultsError, match="made-effects"):
        literature.read(made(missing=((0, 0), (1, 1), (2, 2))))


@pytest.mark.usefixtures("few")
def test_who_is_treated_and_who_is_a_member_by_lot():
    """Both runs have the shocks of the shocked one; own consortia give no members by lot."""
    for own, members in ((False, 1.0), (True, 0.0)):
        table = literature.read(made(own=own)).table.set_index("outcome")
        assert table.loc["demand", ["estimate", "placebo"]].tolist() == [members, members]
        assert table.loc["demand_lower", ["estimate", "placebo"]].tolist() == [2.0, 2.0]


@pytest.mark.usefixtures("few")
def test_without_its_point_there_is_no_membership_and_other_designs_are_refused():
    row = literature.read(made(n=N - 1)).table.set_index("outcome").loc["member"]
    assert (row["verdict"], row["n"]) == ("not computed", 0)
    assert row["why_not"]
    with pytest.raises(UsageError, match="made-effects"):
        literature.read(made(n=N - 2))
    other = made()
    other.contents.points.columns["shocks"][2] = "[]"
    with pytest.raises(UsageError, match="made-effects"):
        literature.read(other)


def effects(replicates=3, **values):
    rows = [_row_of(one, "R", seen(*values.get(one["outcome"], [])))
            for one in published().to_dict("records")]  # fmt: skip
    facts = Facts("n", "base", "by", None, (2011, 2022), replicates, 0, 4)
    return Effects(facts, with_placebos(pd.DataFrame(rows)))


def around(mean, placebo=0.0):
    return [(mean + d, placebo + d) for d in (-0.001, 0.0, 0.001)]


def test_words_say_each_row_once_under_its_verdict():
    found = effects(
        rail=around(0.3), line=around(0.5), member=around(0.2, 0.1), consortium=around(0.5, 0.4),
        joint_owner=around(0.4),
        tie_late=[(-0.3, -0.1), (0.1, 0.3), (-0.1, 0.099)],
    )  # fmt: skip
    head, *verdicts, cautions = found.paragraphs
    assert "6 rows of 42" in head
    named = [re.findall(r"(\w+) \(I", text) for text in verdicts]
    assert named == [["rail", "member"], ["line", "consortium"], ["tie_late"]]
    assert re.findall(r"member|than five", cautions) == ["member", "than five"]
    misses = {section.title: section.note for section in found.sections}["Misses"]
    assert re.findall(r"`(\w+)`: found (0\.5)", misses) == [("line", "0.5"), ("consortium", "0.5")]
    assert misses.endswith(published().set_index("outcome")["miss"]["consortium"])


def test_what_json_and_files_have(tmp_path):
    found = effects(rail=around(0.3))
    content = found.as_dict()
    assert json.loads(json.dumps(content, allow_nan=False))["study"] == "effects"
    (row,) = [row for row in content["table"] if row["outcome"] == "rail"]
    assert (row["accepted_low"], row["p"], row["verdict"]) == (0.1, None, "inside")
    assert [path.name for path in found.write(tmp_path)] == ["effects.csv", "effects.md"]
    table = pd.read_csv(tmp_path / "effects.csv")
    assert table["n"].sum() == 3
    with pytest.raises(NothingToDrawError):
        found.plot()


def test_the_figure_has_what_is_found_and_counted_of_all_but_ratios():
    counted = [(b, p, b / 2.0) for b, p in around(0.3)]
    ratio = [((b, 1.0), None, (b, 1.0)) for b, _ in around(0.3)]
    found = effects(rail=counted, line=counted, grant_reach=ratio, tie_pool=around(0.1))
    (axes,) = [one for one in found.plot().axes if one.get_yticklabels()]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["rail", "line"]
    assert list(found.figures) == ["effects"]


def test_every_target_is_on_the_page_with_its_range():
    rows = {
        cells[1].strip("`"): cells
        for line in PAGE.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 11
    }
    for one in published().to_dict("records"):
        if one["why_not"]:
            assert f"{one['study']} `{one['outcome']}`" in PAGE
            assert one["why_not"] in PAGE
        else:
            cells = rows[one["outcome"]]
            said = accepted(NAN, one["accepted_low"], one["accepted_high"])
            assert (cells[0], cells[2], cells[3]) == (one["study"], one["published"], said)
            assert f"| `{one['outcome']}` | {one['meaning']} | {one['source']} |" in PAGE


@pytest.mark.slow
def test_a_small_run_from_the_command_to_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(literature, "DRAWS", 9)
    words = ["study", "literature", "--set", "scale=0.01", "--replicates", "2", "--jobs", "1", "-q"]
    assert main(words) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    folder = Path("results/membership_replay-effects")
    files = [str(folder / f"effects.{ending}") for ending in ("csv", "md", "png")]
    assert out.splitlines()[-3:] == files
    assert "39 rows of 42" in out
    row = pd.read_csv(folder / "effects.csv").iloc[0]
    assert (row["outcome"], row["n"]) == ("tie_late", 2)
    # what version 0.19.0 found in the same runs
    assert row["estimate"] == pytest.approx(-0.01476105784, rel=1e-9)
    assert row["pair"] == pytest.approx(0.07771046913, rel=1e-9)
