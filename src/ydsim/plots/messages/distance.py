"""Diffusion by distance from the city of founding."""

MESSAGES = {
    "distance.title": "A new technology reaches a tenth of firms in its own city after {own} "
    "years, and of firms {where} away after {far}",
    "distance.what": "Technologies that the region founded in {first}\u2013{last}, of the firms "
    "that can use them.",
    "distance.years": "Large dots: mean over the {years} years of founding, in each of which the "
    "median technology counts; small dots: single years.",
    "distance.bars": "Bars: 95 % interval over n = {n} replicates, cut at zero.",
    "distance.one": "One replicate (n = 1, no interval).",
    "distance.unit": "years until a tenth of the firms has adopted",
    "distance.first": "{years} years",
    "distance.later": "{years} years ({later})",
    "distance.class_0": "own city",
    "distance.class_1": "up to 100 km",
    "distance.class_2": "100 to 200 km",
    "distance.class_3": "200 to 300 km",
    "distance.class_4": "over 300 km",
    "distance.no_table": "lags by distance need adoptions and organisations, which were not "
    "recorded (record.adoption_events, record.agents)",
    "distance.few": "no year of founding has a time in every class of distance",
}
