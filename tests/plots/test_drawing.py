"""`ydsim.plot`, `Results.plot` and how objects show themselves in a notebook."""

import inspect
import re
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from matplotlib.figure import Figure

import ydsim
from tests.support.figures import require_readable
from tests.support.made import make_results
from tests.support.made_sweep import BORDER, RATE, grid, make_sweep
from ydsim.errors import NothingToDrawError, UsageError
from ydsim.plots import catalogue, drawing
from ydsim.plots.catalogue import KINDS, OPTIONS
from ydsim.plots.drawing import kind_of
from ydsim.record.indicators import INDICATORS, ROWS
from ydsim.results import cube
from ydsim.results.cube import outcomes_at


def sweep(**options):
    design = {"kind": "grid", "factors": {BORDER: [0.1, 0.5, 0.9], RATE: [0.1, 0.2]}}
    return make_sweep(design, lambda f, r, t: 100.0 + f.get(BORDER) + r + t, **options)


def test_every_kind_is_a_function_with_a_line_and_its_options():
    assert set(ydsim.plot.kinds()) == set(KINDS)
    assert set(KINDS) <= set(dir(ydsim.plot))
    for name, kind in KINDS.items():
        function = getattr(ydsim.plot, name)
        assert function.__name__ == name
        text = inspect.getdoc(function)
        assert kind.shows[1:] in text
        assert all(OPTIONS[option].meaning in text for option in kind.options)
    with pytest.raises(AttributeError, match="no figure 'funel'; did you mean 'funnel'"):
        _ = ydsim.plot.funel


@pytest.mark.slow
def test_all_ways_lead_to_the_same_figure(tmp_path):
    results = sweep()
    first = ydsim.plot.save(ydsim.plot.heat_map(results, show="change"), tmp_path / "a.svg")
    second = ydsim.plot.save(results.plot("heat", show="change"), str(tmp_path / "in" / "b.svg"))
    assert first.read_bytes() == second.read_bytes()
    assert isinstance(results.plot("heat_map"), Figure)


def test_a_beginning_is_enough_where_it_is_the_only_one():
    assert kind_of("adoption").name.startswith("adoption")
    assert kind_of("funnel") is KINDS["funnel"]
    with pytest.raises(UsageError, match="no kind of figure 'm'"):
        kind_of("m")
    with pytest.raises(UsageError, match="no kind of figure ''"):
        kind_of("")


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        ("heat_map", {"indicator": "launchs"}, "no indicator launchs .*; did you mean 'launches'"),
        ("heat_map", {"indicator": 3}, "indicator: expected the name of an indicator, found 3"),
        ("heat_map", {"region": "Nroth"}, "'Nroth'; did you mean 'North'"),
        ("heat_map", {"x": "parameters.lern.rate"}, "did you mean 'parameters.learn.rate'"),
        ("heat_map", {"show": "chnge"}, "show: .*'change', found 'chnge'"),
        ("heat_map", {"year": "soon"}, "year: expected a whole number"),
        ("heat_map", {"years": (2014, 2015)}, "heat_map takes no option years; it takes: "),
        ("heat_map", {"year": 2015.5}, "year: expected a whole number"),
        ("heat_map", {"width": 2.5}, "width in inches from 2.6 to 40, found 2.5"),
        ("map", {}, "map shows one run of a scenario, and here is a sweep; what fits: heat_map"),
    ],
)
def test_options_are_checked_by_name(kind, asked, said):
    with pytest.raises(UsageError, match=said):
        sweep().plot(kind, **asked)


def test_options_are_read_alike_from_text_and_from_python():
    results = sweep()
    read = {name: option.read for name, option in OPTIONS.items()}
    assert read["years"]("years", "2014-2016", [results]) == (2014, 2016)
    assert read["years"]("years", [2014, 2016], [results]) == (2014, 2016)
    for years, said in (((2016, 2014), "years: .*2016, 2014"), ("x", "years: .*'x'")):
        with pytest.raises(UsageError, match=said):
            read["years"]("years", years, [results])
    assert read["year"]("year", "2015", [results]) == read["year"]("year", 2015, [results]) == 2015
    assert read["region"]("region", "region", [results]) == "yrd"
    assert read["x"]("x", "learn.rate", [results]) == RATE
    run = make_results()
    assert read["years"]("years", "2018:2023", [run]) == (2018, 2023)
    with pytest.raises(UsageError, match="made has the years 2018 to 2023, not 2030"):
        read["year"]("year", 2030, [run])


def test_a_city_is_a_place_of_the_figures_of_factors_alone(monkeypatch):
    monkeypatch.setattr(cube, "_named", lambda *_: ["Riverton"])
    assert OPTIONS["region"].read("region", "Riverton", [sweep()]) == "Riverton"
    drawn = {name for name, kind in KINDS.items() if kind.shows_cities}
    assert drawn == {"tornado", "sobol", "morris"}
    for name in drawn:
        catalogue.require_province("Riverton", KINDS[name], [sweep()])
    with pytest.raises(UsageError, match=r"heat_map .*Riverton.*North"):
        sweep().plot("heat_map", region="Riverton")


def test_the_end_of_two_factors_names_neither(monkeypatch):
    monkeypatch.setattr(catalogue, "factors_of", lambda _: ["a.rate", "b.rate"])
    read = OPTIONS["x"].read
    assert read("x", "b.rate", [sweep()]) == "b.rate"
    with pytest.raises(UsageError, match=r"a\.rate"):
        read("x", "rate", [sweep()])


def test_unasked_kinds_take_all_options_that_are_given():
    run = [make_results()]
    kinds = drawing.unasked(run, {"indicator": "launches", "year": None, "years": (2018, 2019)})
    assert [kind.name for kind in kinds] == ["map"]
    assert {kind.name for kind in drawing.unasked(run, {})} == {
        kind.name for kind in KINDS.values() if kind.after_run
    }
    with pytest.raises(UsageError, match="--channel --indicator"):
        drawing.unasked(run, {"indicator": "launches", "channel": "contract"})


def test_what_is_no_results_is_refused():
    with pytest.raises(UsageError, match=r"heat_map: expected results, .* found 'results/base'"):
        ydsim.plot.heat_map("results/base")
    with pytest.raises(UsageError, match="give results to draw, one sweep"):
        ydsim.plot.heat_map()
    with pytest.raises(UsageError, match=r"^heat_map .*\b2 "):
        ydsim.plot.heat_map(sweep(), sweep())
    with pytest.raises(NothingToDrawError):
        make_results(leave_out=("funnel",)).plot("funnel")


@pytest.mark.slow
@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.of != "sweep"])
def test_words_of_a_usual_page_lie_on_it_and_none_over_another(kind):
    number = {"run": 1, "two": 2, "several": 1}[KINDS[kind].of]
    with suppress(NothingToDrawError):
        require_readable(drawing.draw(kind, *[make_results()] * number))


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)


def test_results_and_scenarios_show_themselves_without_scripts():
    run = make_results(name="<script>alert(1)</script>")
    shown = [run._repr_html_(), sweep(without=[(0, 0)])._repr_html_()]
    shown.append(ydsim.load_scenario("baseline")._repr_html_())
    for html in shown:
        tags = Tags()
        tags.feed(html)
        assert tags.seen <= {"div", "b", "table", "tr", "td", "code"}
    assert "&lt;script&gt;" in shown[0]
    assert "18 of 18 runs" not in shown[1]
    assert re.search(r"23 of 24 runs", shown[1])
    assert "border_friction" in shown[2]


def test_indicators_have_names_in_words():
    assert set(ROWS) == {*INDICATORS, *outcomes_at("kind", {}), *outcomes_at("field", {})}
    names = [ROWS[name]["name"] for name in INDICATORS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("kind", "more", "fits"),
    [
        ("grid", {}, {"heat_map", "sweep_lines", "dot_plot"}),
        ("one_at_a_time", {}, {"tornado"}),
        ("morris", {"seed": 1, "trajectories": 4}, {"morris"}),
        ("saltelli", {"seed": 1, "n": 8}, {"sobol", "scatter"}),
        ("latin_hypercube", {"seed": 1, "n": 5}, set()),
        ("latin_hypercube", {"seed": 1, "n": 19}, {"scatter"}),
        ("latin_hypercube", {"seed": 1, "n": 20}, {"scatter"}),
    ],
)
def test_kinds_of_a_sweep_are_those_of_its_design(kind, more, fits):
    levels = {"grid": [0.1, 0.5, 0.9], "one_at_a_time": [0.2, 0.9]}.get(kind)
    factors = {name: levels or {"from": 0.1, "to": 0.9} for name in (BORDER, RATE)}
    design = {"kind": kind, "factors": factors, **more}
    results = make_sweep(design, lambda f, r, t: 100.0 + r + t, replicates=1)
    assert {each.name for each in drawing.fitting([results])} == fits
    for name in fits if kind == "grid" else ():
        drawing.draw(name, results)


def test_one_year_has_no_path_and_a_run_beside_a_sweep_nothing():
    run = make_results()
    both = {"overview", "lines"}
    assert both <= {kind.name for kind in drawing.fitting([run])}
    run.manifest["scenario"]["start"] = run.manifest["scenario"]["end"]
    assert not both & {kind.name for kind in drawing.fitting([run])}
    with pytest.raises(UsageError, match=r"\b1 "):
        drawing.listed([run, sweep()])


@pytest.mark.slow
def test_points_of_a_comparison_are_drawn_as_several_results():
    def names(design, **options):
        sweep = make_sweep(design, lambda factors, r, years: 1.0 + r + years, **options)
        return sweep, {kind.name for kind in drawing.fitting([sweep])}

    points = [{BORDER: value} for value in (0.2, 0.5, 0.8)]
    sweep, fit = names({"kind": "list", "points": points})
    assert {"lines", "effects", "dot_plot"} <= fit
    assert "map" not in fit
    drawn = drawing.draw("lines", sweep, indicator="launches", region="region")
    lines = [str(each.get_label()) for each in drawn.axes[0].lines]
    assert [n for n in lines if "order" in n] == [f"Border exposure {v}" for v in (0.2, 0.5, 0.8)]
    assert "lines" in {kind.name for kind in drawing.unasked([sweep], {"indicator": "launches"})}
    _, of_grid = names(grid(**{BORDER.replace(".", "__"): [0.2, 0.5]}))
    assert not {"lines", "effects"} & of_grid
    many = [{BORDER: k / 40.0} for k in range(drawing.MOST + 1)]
    _, of_many = names({"kind": "list", "points": many}, replicates=1)
    assert "effects" not in of_many
    assert drawing.alternatives([sweep, sweep]) == [sweep, sweep]
