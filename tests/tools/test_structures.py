"""Other structures: what is run, how each is judged, and what the page makes of it."""

import numpy as np
import pandas as pd
import pytest

from tools import structures as page
from tools.headlines import OUTCOMES, PRODUCTIVITY
from ydsim.scenario.load import load_scenario


def test_every_structure_with_every_treatment_is_a_scenario_of_its_own():
    settings = page.settings()
    assert len(settings) == len(page.STRUCTURES) * (1 + len(page.EFFECTS))
    assert len(page.EFFECTS) == 3
    made = [load_scenario(page.BASELINE, keys) for keys in settings.values()]
    assert len({repr(one) for one in made}) == len(made)


def test_the_misfit_is_in_tolerances_and_a_family_counts_once():
    by_name = {one.name: one for one in page.fitted_to("yrd")}
    one, *pair = (by_name[n] for n in ("polycentricity", "intercity_share", "intercity_share.rise"))
    assert one.weight == pair[0].weight == 0.5
    assert pair[0].family == pair[1].family
    at = {t.name: page.ends_of(t)[1] for t in (one, *pair)}
    right = pd.DataFrame([at] * 4)
    missed = right.assign(polycentricity=at["polycentricity"] + 2.0 * one.tolerance)
    half = right.assign(intercity_share=at["intercity_share"] + 2.0 * pair[0].tolerance)
    found = page.misfits({"right": right, "missed": missed, "half": half}, [one, *pair])
    assert found == pytest.approx([0.0, 0.5 * 4.0, 0.25 * 4.0])
    shaken = missed + np.array([-1.0, 1.0, -1.0, 1.0])[:, None] * one.tolerance
    assert page.misfits({"shaken": shaken}, [one])[0] == pytest.approx(2.0 / (1.0 + 1.0 / 3.0))
    unseen = right.assign(polycentricity=np.nan)
    assert page.misfits({"unseen": unseen, "missed": missed}, [one, *pair]).tolist() == [0.0, 0.0]


def test_the_page_weighs_effects_by_how_well_structures_agree():
    n = len(page.STRUCTURES)
    misfit = np.array([0.0, 2.0 * np.log(3.0)] + [1e6] * (n - 2))
    values = {}
    for name in page.settings():
        plain = {of: np.array([100.0, 102.0, 98.0]) for of in OUTCOMES}
        plain[PRODUCTIVITY] = np.array([0.5, 0.52, 0.48])
        treatment, structure = name.split(" | ")
        size = 0.9 if structure == page.AS_IT_IS else 0.5
        if treatment == "no joint projects":
            plain["launches"] = plain["launches"] * size
        values[name] = plain
    spread = np.array([[0.5, 0.5], [1.0, 0.0]])
    by_resample = np.hstack([spread, np.zeros((2, n - 2))])
    text = page.as_markdown(values, misfit, by_resample, ["made"])
    cells = [line.split("|") for line in text.splitlines() if "|" in line]
    rows = {row[1].strip(): [cell.strip() for cell in row] for row in cells}
    weights = [rows[name][3] for name in page.STRUCTURES]
    assert weights == ["0.750 [0.525, 0.975]", "0.250 [0.025, 0.475]"] + [
        "0.000 [0.000, 0.000]"
    ] * (n - 2)
    assert rows[page.AS_IT_IS][4].startswith("−10.00")
    assert rows["range over structures"][4] == "−50.00 to −10.00"


def test_weights_hold_what_chance_in_the_replicates_leaves_open():
    (one,) = (t for t in page.fitted_to("yrd") if t.name == "polycentricity")
    limit, step = page.ends_of(one)[1], one.tolerance
    right = pd.DataFrame({one.name: [limit] * 6})
    shaken = pd.DataFrame({one.name: [limit] * 3 + [limit + 4.0 * step] * 3})
    found = page.resampled({"right": right, "twin": right, "shaken": shaken}, [one])
    assert found.shape == (page.RESAMPLES, 3)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(found[:, 0], found[:, 1])
    assert np.unique(found[:, 2]).size > 4
    of = page.misfits({"right": right, "twin": right, "shaken": shaken}, [one])
    whole = page.weighted(-0.5 * of)[2]
    assert found[:, 2].min() < whole < found[:, 2].max()
