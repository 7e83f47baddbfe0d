"""Words of the map of differences between two results."""

MESSAGES = {
    "differencemap.title_more": (
        "{size}\u00a0% more {what} in {year} under {second} than under {first}: {more} of {n} "
        "cities have more by their own 95\u00a0% interval, {less} less"
    ),
    "differencemap.title_less": (
        "{size}\u00a0% less {what} in {year} under {second} than under {first}: {more} of {n} "
        "cities have more by their own 95\u00a0% interval, {less} less"
    ),
    "differencemap.title_same": (
        "{what} in {year}: no sure difference of the region between {second} and {first}; {more} "
        "of {n} cities have more, {less} less"
    ),
    "differencemap.title_cities": (
        "{what} in {year} under {second} against {first}: {more} of {n} cities have more, "
        "{less} less"
    ),
    "differencemap.explanation": ("Shade: {unit}. Area: {first}. {region} {how}."),
    "differencemap.relative": "{what} of {second} less that of {first}, in per cent of {first}",
    "differencemap.absolute": "{what} of {second} less that of {first}",
    "differencemap.region": "Region: {all}\u00a0%.",
    "differencemap.paired": (
        "n\u00a0=\u00a0{n} replicates, paired on the same draws; grey: the 95\u00a0% interval "
        "holds zero. Of so many cities about {chance} would be coloured by chance alone"
    ),
    "differencemap.interval": "{value} (95\u00a0% interval {low} to {high})",
    "differencemap.range": "{value} ({low} to {high})",
    "differencemap.none": "no value",
    "differencemap.key.change": "Difference",
    "differencemap.key.unit": "per cent; provinces with 95\u00a0% interval",
    "differencemap.key.unsure": "interval holds zero",
}
