"""Words of the network of cities."""

MESSAGES = {
    "citynetwork.title": (
        "{what} form {n} communities, {years}; {home} of {cities} cities are with their province"
    ),
    "citynetwork.title_one": "{what} join all {cities} cities in one community, {years}",
    "citynetwork.explanation": (
        "Cities with many links lie near each other; lines: the {shown} strongest links by "
        "expected {what}. {density}\u00a0% of all pairs are linked. Modularity of the communities: "
        "{communities}, of the provinces: {provinces}. {how}."
    ),
    "citynetwork.key.communities": "Communities",
    "citynetwork.key.communities_unit": "colour; by the province of most of their cities",
    "citynetwork.key.community": "{province}: {n}",
    "citynetwork.key.marker": "marker; area: links with other cities",
    "citynetwork.key.hubs": "Hubs",
    "citynetwork.key.hubs_unit": "share of all links between cities that end there",
    "citynetwork.key.share": "{share}\u00a0%",
}
