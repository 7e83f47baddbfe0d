"""Living technology generations and foundings."""

MESSAGES = {
    "generations.name": "generations",
    "generations.title": (
        "The region founds {end} technologies in {last}, {begin} in {first}; {home} of its own are "
        "in use at the end, {outside} from outside"
    ),
    "generations.explanation": (
        "A generation is a technology of one field in one industry; it lives until nearly all "
        "firms have adopted it or it is too old."
    ),
    "generations.region": "Region",
    "generations.outside": "Outside",
    "generations.living": "Living generations",
    "generations.living_unit": "at the end of each quarter",
    "generations.founded": "Foundings",
    "generations.founded_unit": "generations a year",
}
