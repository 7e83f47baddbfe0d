"""What each kind of figure shows, in one line, by its name."""

MESSAGES = {
    "figures.adoption_curves": "how generations of technology spread in each province",
    "figures.rd_by_province": "R&D expenditure by province, beside official figures",
    "figures.map": "R&D and adoption by city, on a map",
    "figures.output_and_productivity": "secondary value added and productivity by province",
    "figures.live_generations": "generations that firms use, by where they were founded",
    "figures.contracts_and_inventions": "technology contracts and inventions by province",
    "figures.certified_firms": "certified high-technology firms by province",
    "figures.funnel": "projects by stage of the chain: what reaches the next, what fails",
    "figures.passports": "who did each stage of the projects that were launched",
    "figures.link_map": "the strongest links between cities, on a map",
    "figures.map_years": "an amount of each city in several years, as small maps or animated",
    "figures.city_pairs": "links of each pair of cities",
    "figures.knowledge": "knowledge by province and field",
    "figures.supply_to_nation": "products and technology that the region supplies to the nation",
    "figures.heat_map": "an outcome at every pair of levels of two factors of a sweep",
    "figures.sweep_lines": "an outcome along a factor of a sweep, others as colours and panels",
    "figures.dot_plot": "an outcome of each policy or scenario of a sweep, with intervals",
    "figures.small_multiples": "an outcome over the years, a panel for each point of a sweep",
    "figures.money": "public money by instrument, and who pays",
    "figures.effects": "what policies change against a base by province, with intervals",
}
