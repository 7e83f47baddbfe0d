"""Industrial value added and productivity by province."""

MESSAGES = {
    "output.name": "output and productivity",
    "output.productivity_unit": "log units, weighted by value added",
    "output.title": (
        "Industrial value added {change} from {first} to {last}; {leader} has {share}\u00a0% of it"
    ),
    "output.productive": "firms are most productive in {leader}",
    "output.nothing": "Output and productivity: no value in the last year",
}
