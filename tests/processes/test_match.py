import numpy as np
import pytest

from tests.support import scalar_match as scalar
from tests.support.numbers import close
from tests.support.scalar_match import scene
from ydsim.agents.projects import INVENTION, NOBODY, OUTSIDER
from ydsim.processes.contract import sign

CHANNELS = ("co_invention", "contract", "patent_transfer", "co_publication")
CHANGED = ("owner", "members", "outside_kind", "waits", "handed_over", "sold")
DEAL = ("project", "seller", "buyer", "field", "effort")


def busy(quarters=0, rounds=1, scale=0.01, seed=1, **keys):
    """A scene with many seekers, consortia of earlier rounds, and brokers with much to do.

    Some projects are offered whose consortium could go on as well.
    """
    here = scene(quarters, scale=scale, seed=seed)
    here.state.brokers.capacity[:] = 8.0
    for other in range(1, rounds):
        here.with_match(reserve=0.5, gap_search=0.3).match(other)
        here.state.projects.keep(~here.state.projects.sold)
        here.state.deals = here.state.deals.none()
    here.state.projects.waits[5::11] = True
    here.state.tally.clear()
    here.state.brokers.begin()
    return here.with_match(**{"gap_search": 0.3, **keys})


def tie_dict(ties):
    pairs = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
    return dict(zip(pairs, ties.strength.tolist(), strict=True))


def ample(monkeypatch):
    """Room for everybody."""
    monkeypatch.setattr(
        "ydsim.processes.match.capacity", lambda researchers, firm: np.full(len(firm), 1e6)
    )


def across(here):
    """Mask (C + 1, C + 1) of pairs of cities of different provinces."""
    of = np.append(here.state.world.city_province, -1)
    return (of[:, None] != of[None, :]) & (of[:, None] >= 0) & (of[None, :] >= 0)


def agreements(before, after):
    """Owner, partner and whether it is a hand-over, of all agreements inside and abroad."""
    old, new = before.state.projects, after.state.projects
    found = []
    for i in range(len(old)):
        owner = int(old.owner[i])
        joined = old.members[i].tolist() != new.members[i].tolist()
        if joined:
            size = int((old.members[i] != NOBODY).sum())
            found.append((i, owner, int(new.members[i, size]), False))
        elif new.sold[i] and not old.sold[i]:
            found.append((i, owner, OUTSIDER, True))
        elif int(new.owner[i]) != owner:
            found.append((i, owner, int(new.owner[i]), True))
    return found


CASES = {
    "default": {"gap_search": 0.5},
    "many rivals": {"quarters": 3, "rounds": 5, "reserve": 1.0},
    "everybody agrees": {"quarters": 9, "rounds": 2, "reserve": -1.0},
    "other weights": {
        "quarters": 3,
        "rounds": 3,
        "reserve": 0.3,
        "cognitive": 0.6,
        "social": 0.9,
        "institution": 0.5,
        "search_cost": 0.6,
        "decay_h": 2.1,
        "consortium": 3,
        "candidates": 2,
    },
    "eased borders and corridors": {
        "quarters": 3,
        "rounds": 3,
        "reserve": 0.8,
        "search_cost": 1.5,
        "candidates": 4,
    },
}


@pytest.mark.parametrize(
    "case",
    [name if name == "default" else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def test_a_quarter_equals_a_loop_over_seekers_and_candidates(case):
    here = busy(**CASES[case])
    if case == "other weights":
        inside = np.eye(here.state.world.n_provinces)
        here = here.within(
            joint_work=np.maximum(inside, 0.5),
            hand_over=np.maximum(inside, 0.7),
            recognition=np.maximum(inside, 0.4),
            broker_uplift=np.linspace(1.0, 2.0, here.state.world.n_cities),
        )
    if case == "eased borders and corridors":
        here = scalar.eased(here)
    want = scalar.outcome(here.state, here.environment, here.draws(), here.lasting, here.parameters)
    search, state = here.match(), here.state
    assert len(want["made"]) > 5
    assert search.seekers.project.tolist() == [s["project"] for s in want["seekers"]]
    for name in CHANGED:
        assert getattr(state.projects, name).tolist() == want[name], name
    close(state.projects.outside_size, want["outside_size"])
    close(state.projects.covers, want["covers"], rtol=1e-6)
    close(state.projects.bond, want["bond"], rtol=1e-6)
    assert tie_dict(state.ties).keys() == want["ties"].keys()
    close(list(tie_dict(state.ties).values()), [want["ties"][k] for k in tie_dict(state.ties)])
    same_deals(state.deals, want["deals"])
    for side in ("seller", "buyer"):
        places = state.place_of(getattr(state.deals, side)).tolist()
        assert places == [deal[f"{side}_place"] for deal in want["deals"]]
    for channel in CHANNELS:
        tallied = np.zeros_like(here.expected(channel))
        for pair, weight in want["links"][channel].items():
            tallied[pair] += weight
        close(here.expected(channel), tallied, rtol=1e-10, atol=1e-10)
    close(state.tally.city.university_licences, want["licences"])
    assert state.brokers.introductions.tolist() == want["introductions"]


def same_deals(deals, want):
    assert len(deals) == len(want) > 5
    for name in (*DEAL, "invented", "hand_over", "broker"):
        got, expected = getattr(deals, name).tolist(), [d[name] for d in want]
        if name == "effort":
            close(got, expected)
        else:
            assert got == expected, name


def folded(links):
    return links + links.T - np.diag(np.diag(links))


@pytest.mark.slow
def test_expected_links_are_the_mean_of_realised_ones(monkeypatch):
    ample(monkeypatch)
    here = busy(3, rounds=2, reserve=1.6)
    projects = here.state.projects
    projects.stage_end[projects.stage > INVENTION, INVENTION] = here.state.quarter - 14
    n = here.state.world.n_cities + 1
    sums = {name: np.zeros((2, n, n)) for name in ("contract", "patent_transfer")}
    bought = 0
    for other in range(1, 181):
        now = here.copy()
        now.match(other)
        bought += (now.state.deals.buyer == OUTSIDER).sum()
        sign(now.state, now.source.phase("contract", other), now.parameters)
        for name, total in sums.items():
            total += getattr(now.state.tally.links, name)
    assert bought > 200
    for total in sums.values():
        count, mean = (folded(part) * here.state.scale for part in total)
        assert count.sum() > 60
        away = np.zeros((n, n), dtype=bool)
        away[:, -1] = True
        for mask in (across(here), away, ~across(here) & ~away & ~away.T):
            assert abs(count[mask].sum() - mean[mask].sum()) < 4.0 * np.sqrt(2.0 * mean[mask].sum())
        z = ((count - mean) / np.sqrt(np.maximum(mean, 1e-9)))[mean > 3.0]
        assert len(z) > 0
        assert np.abs(z).max() < 5.0
