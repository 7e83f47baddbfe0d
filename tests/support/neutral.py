"""An environment in which no policy is in force, for any map of cities."""

import numpy as np

from ydsim.policies.environment import CHANNELS, CROSSINGS, PolicyEnvironment


def neutral(province, **known):
    """Fields of `known`, and neutral values for all others; `province` (C,) is of each city.

    What is eased and closed may be given once for all channels, as (C, C) and (P,).
    """
    c, p = len(province), int(np.max(province)) + 1
    known |= {
        "eased": each_channel(known.get("eased", np.ones((c, c))), 2),
        "closed": each_channel(known.get("closed", np.zeros(p)), 1),
    }
    same = np.eye(p)
    flat = {
        **dict.fromkeys(CHANNELS, np.ones((p, p))),
        "transfer": np.zeros((p, c)),
        **dict.fromkeys(("search_cut", "enclave"), np.zeros((c, c))),
        **dict.fromkeys(("broadcast", "tax_relief", "relabelled"), np.zeros(c)),
        **dict.fromkeys(("offer", "facility_price", "science_productivity"), np.ones(c)),
        **dict.fromkeys(("grant_rate", "programme_leak"), np.zeros((c, 3))),
        "protection": np.zeros(p),
        **dict.fromkeys(("recognition", "facility_open"), np.maximum(same, 0.5)),
        **dict.fromkeys(("broker_uplift", "stories"), np.ones(c)),
        "eased_hand_over": np.ones((p, p)),
        "tie_factor": np.ones((c, c)),
        "travel_hours": np.ones((c, c)),
        "outside_hours": np.full(c, 4.0),
        "core_pull": np.array(0.0),
        "bid_share": np.array(0.0),
        "mobility": np.full(c, 0.01),
        "broker_density": np.full(c, 0.5),
        "broker_reach": np.full(c, 150.0),
        "broker_cap": np.full(c, 0.05),
        "grant_leakage": np.full(c, 0.3),
        "user_cost": np.ones(c),
    }
    return PolicyEnvironment(**(flat | known))


def each_channel(values, ndim):
    """Values by channel, (5, ...); those of all channels where the axis is missing."""
    values = np.asarray(values)
    return values if values.ndim > ndim else np.repeat(values[None], len(CROSSINGS), axis=0)


def across(share, n):
    """What passes between each two of n provinces, all of it at home."""
    return np.maximum(np.eye(n), share)
