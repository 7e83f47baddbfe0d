"""Words of the maps of several years."""

MESSAGES = {
    "mapyears.multiplies": "{what} grows {change}-fold, {years}",
    "mapyears.grows": "{what} grows {change}\u00a0%, {years}",
    "mapyears.falls": "{what} falls {change}\u00a0%, {years}",
    "mapyears.stays": "{what} stays the same, {years}",
    "mapyears.plain": "{what}, {years}",
    "mapyears.title": ("{words}; 5 of {n} cities hold {before}\u00a0%, then {after}\u00a0%"),
    "mapyears.frame": "{what} of the cities, {year}",
    "mapyears.panel": "{year}: {total}",
    "mapyears.explanation": (
        "Area and shade of a bubble: {what}, {unit}, on one scale in all years; {names} lead in "
        "{last}. {how}."
    ),
    "mapyears.crosses": (
        "Cross: fewer than {few} firms are simulated, so that the value is uncertain."
    ),
    "mapyears.bar": "{what}, {unit}; above each map: sum of the cities",
    "mapyears.few": "× fewer than {few} simulated firms",
    "mapyears.few_short": "under {few} firms simulated",
    "mapyears.totals": "Provinces",
}
