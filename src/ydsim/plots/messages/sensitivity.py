"""Figures of what moves an outcome of a sweep."""

MESSAGES = {
    "sensitivity.title.none": "No factor is shown to move {outcome}",
    "sensitivity.title.one": "{factor} moves {outcome} most",
    "sensitivity.title.first": "{factor} is the first of what is shown to move {outcome}",
    "sensitivity.title.some": "{factors} move {outcome} most",
    "sensitivity.title.many": "{count} factors share the first place in moving {outcome}",
    "sensitivity.title.box": "Points of interest lie where {limits}",
    "sensitivity.title.no_box": "No box of inputs sets the points of interest apart",
    "sensitivity.pair": "{one} and {other}",
    "sensitivity.and_more": "{names} and {count} more limits",
    "sensitivity.about": "Outcome: {meaning} ({outcome}), the whole region {when}. Design {kind}: "
    "{points} points, {replicates} replicates each. ",
    "sensitivity.noise": "Noise is {share:.1%} of the variance between points. ",
    "sensitivity.tornado.about": "Change against the base, one factor at a time; whiskers: 95 % "
    "intervals over {n} replicates. Pale bars: the interval holds zero. ",
    "sensitivity.tornado.about_one": "Change against the base, one factor at a time; one "
    "replicate, no interval. ",
    "sensitivity.tornado.axis": "change of {outcome}, {unit}",
    "sensitivity.tornado.row": "{factor}  (base {base})",
    "sensitivity.sobol.about": "Sobol indices of n = {n}; whiskers: 95 % intervals of the indices. "
    "Noise of the replicates is part of the total index. ",
    "sensitivity.sobol.axis": "share of the variance of {outcome}",
    "sensitivity.sobol.first": "alone (S1)",
    "sensitivity.sobol.total": "with interactions (ST)",
    "sensitivity.morris.about": "Elementary effects over {n} trajectories. Right: a large effect; "
    "up: an effect that differs from place to place. Bars: 95 % intervals of mu*. ",
    "sensitivity.morris.x": "mu*: mean size of the change across a factor's range, {unit}",
    "sensitivity.morris.y": "sigma: its standard deviation, {unit}",
    "sensitivity.morris.diagonal": "sigma = mu*",
    "sensitivity.morris.floor": "noise alone",
    "sensitivity.morris.key": "factors by mu*",
    "sensitivity.morris.rest": "{count} more, in the table",
    "sensitivity.raises": "raises",
    "sensitivity.lowers": "lowers",
    "sensitivity.either way": "either way",
    "sensitivity.no order": "no order",
    "sensitivity.not_shown": "not shown",
    "sensitivity.box.about": "Of interest: {rule}: {count} of {points} points. Bar: the part of "
    "the range of a factor that is in the box. ",
    "sensitivity.box.limits": "limits of the box",
    "sensitivity.box.path": "boxes on the way",
    "sensitivity.box.coverage": "coverage: share of points of interest in the box",
    "sensitivity.box.density": "density: share of interest in it",
    "sensitivity.box.taken": "taken",
    "sensitivity.box.tried": "taken, on other points",
    "sensitivity.box.all": "all points",
    "sensitivity.more": "{count} more factors are in the table",
    "sensitivity.other_design": "a design of kind {kind} has no such figure; it is for {kinds}",
    "sensitivity.few_drivers": "no factor was varied",
}
