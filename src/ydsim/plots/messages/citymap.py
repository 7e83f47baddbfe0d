"""Words of the map of the cities and of its key."""

MESSAGES = {
    "citymap.title": "{what} {year}: {first} lead; {leaders} of {n} cities hold {share}\u00a0%",
    "citymap.lead": "{what} {year}: {first} lead",
    "citymap.nothing": "{what} {year}: none in any city",
    "citymap.explanation": (
        "Area of a bubble: {what}, {unit}. Shade: generations of technology that were adopted in "
        "the year per firm at its end. Rim: province. {how}."
    ),
    "citymap.interval": "Share of the first {n}: 95\u00a0% interval {low} to {high}\u00a0%.",
    "citymap.prior": "Figures of single cities rest on a prior, not on data.",
    "citymap.fitted": "Figures of single cities are fitted to official ones up to 2020.",
    "citymap.key.province": "Province",
    "citymap.key.rim": "rim of the bubble",
    "citymap.key.adoptions": "Adoptions per firm",
    "citymap.key.adoptions_unit": "generations in the year",
    "citymap.key.few": "Uncertain",
    "citymap.key.few_unit": "under {few} firms simulated",
}
