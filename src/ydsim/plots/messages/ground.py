"""Words on the ground of maps."""

MESSAGES = {
    "ground.east": "{degrees}° E",
    "ground.west": "{degrees}° W",
    "ground.north": "{degrees}° N",
    "ground.south": "{degrees}° S",
    "ground.zero": "{degrees}°",
    "ground.km": "{length} km",
    "ground.credit": "City coordinates: GeoNames · outlines: Natural Earth",
}
