"""The scatter plot of a sampled sweep."""

MESSAGES = {
    "scatter.title.up": "{outcome}: up with {factor} most clearly; {n} of {all} factors show",
    "scatter.title.down": "{outcome}: down with {factor} most clearly; {n} of {all} factors show",
    "scatter.title.only_up": "{outcome}: up with {factor}",
    "scatter.title.only_down": "{outcome}: down with {factor}",
    "scatter.title.none": "{outcome}: no factor goes with it beyond chance",
    "scatter.points": "Points: one for each point of the design, mean of n = {n} replicates.",
    "scatter.one": "Points: one for each point of the design, one replicate each.",
    "scatter.missing": "{n} of {all} points without a finished run are left out.",
    "scatter.others": "In each panel all other factors vary too.",
    "scatter.rho": "\u03c1: Spearman's rank correlation "
    "with its 95 % interval; what is beyond chance counts all factors (Holm).",
    "scatter.more": "{shown} of {all} factors are shown, those with the largest \u03c1.",
    "scatter.value": "\u03c1 {value} ({low} to {high})",
    "scatter.alone": "\u03c1 {value}",
    "scatter.same": "no \u03c1: all values are equal",
    "scatter.no_order": "values without order",
    "scatter.key_sure": "goes with it beyond chance",
    "scatter.key_unsure": "may be chance",
    "scatter.key_mean": "mean of equal numbers of points along the factor",
    "scatter.few": "a scatter plot needs {least} points with a finished run, there are {n}",
}
