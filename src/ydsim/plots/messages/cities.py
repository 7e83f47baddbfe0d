"""What is said when values of cities cannot be drawn."""

MESSAGES = {
    "cities.not_recorded": "the series of cities were not recorded",
    "cities.empty": "the series of cities are empty",
    "cities.no_city": "world {world} has no city {city}",
    "cities.no_indicator": "{indicator} of cities was not recorded{near}",
    "cities.no_year": "year {year} was not recorded; recorded: {first}-{last}",
    "cities.no_world": "the world cannot be loaded: {reason}",
}
