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
    "figures.links": "links between cities by channel and year",
    "figures.city_pairs": "links of each pair of cities",
    "figures.knowledge": "knowledge by province and field",
    "figures.supply_to_nation": "products and technology that the region supplies to the nation",
    "figures.money": "public money by instrument, and who pays",
    "figures.tornado": "what each factor alone changes, of a one_at_a_time sweep",
    "figures.sobol": "Sobol indices of each factor, of a saltelli sweep",
    "figures.morris": "elementary effects of each factor, of a morris sweep",
    "figures.prim": "inputs that lead to the top quarter of outcomes, of a space filling sweep",
}
