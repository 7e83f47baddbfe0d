"""Words of the figure of effects, and of the finding that is its title."""

MESSAGES = {
    "effects.alone": "effects ask for a base and something to compare with it",
    "effects.empty": "no outcome has a value in all pairs",
    "effects.quoted": "\u2018{name}\u2019",
    "effects.same": "{policy} and {base} give the same figures: nothing differs",
    "effects.by_chance": "No effect of {policy} against {base} can be distinguished from "
    "chance ({n} pairs, {tests} tests)",
    "effects.raises": "{policy} raises {outcome} by {size} in {place}, against {base}",
    "effects.lowers": "{policy} lowers {outcome} by {size} in {place}, against {base}",
    "effects.one_raises": "One replicate: {policy} raises {outcome} by {size} in {place}, "
    "or it is chance",
    "effects.one_lowers": "One replicate: {policy} lowers {outcome} by {size} in {place}, "
    "or it is chance",
    "effects.clear": "; clear in {places}",
    "effects.everywhere": "; clear in every province",
    "effects.clear_in": "; clear in {n} of {all}",
    "effects.but_raises": "; raised in {places}",
    "effects.but_lowers": "; lowered in {places}",
    "effects.more": "{n} more",
    "effects.several": "({n} policies compared)",
    "effects.region": "the region",
    "effects.kind.firm": "firms",
    "effects.kind.university": "universities",
    "effects.kind.institute": "institutes",
    "effects.per_cent": "{value} %",
    "effects.points": "{value} points",
    "effects.in_unit": "{value} {unit}",
    "effects.unit_per_cent": "change in per cent",
    "effects.unit_points": "change in percentage points",
    "effects.unit_other": "change in {unit}",
    "effects.policy": "{policy}: {title}.",
    "effects.against": "Against {base}: {title}.",
    "effects.differs": "{policy} {changes}.",
    "effects.adds": "adds {what}",
    "effects.changes": "changes {what}",
    "effects.lacks": "lacks {what}",
    "effects.reading": "{window}, {n} pairs of the same draws. Points: mean change; bars: 95 % "
    "interval of each. Filled: beyond zero when all {tests} tests are counted (Holm); hollow: may "
    "be chance.",
    "effects.from_to": "{least} to {most}",
    "effects.reading_one": "{window}, one replicate: no intervals, any change may be chance.",
    "effects.window": "Mean of {first}-{last} (stocks: {last})",
    "effects.window_one": "{first}",
    "effects.prior": "Figures of single cities rest on prior shares rather than on data.",
    "effects.places": "Of {all} places those whose change is clearest.",
    "effects.policies": "Of {all} policies those whose change is clearest.",
    "effects.few": "The whole region; provinces are drawn for at most {most} policies.",
    "effects.footer": "{names} \u00b7 pairs: {n} \u00b7 seed {seed} \u00b7 scale {scale} \u00b7 "
    "runs {hash} \u00b7 ydsim {version}",
}
