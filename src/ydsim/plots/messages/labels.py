"""What indicators are called in titles; any other is called by its meaning."""

MESSAGES = {
    "labels.rd_expenditure": "R&D",
    "labels.value_added_secondary": "Secondary value added",
    "labels.productivity_log": "Mean log productivity of firms",
    "labels.hitech_enterprises_valid_stock_derived": "The number of certified firms",
    "labels.tech_market_contract_value_output": "Technology sold",
    "labels.tech_market_contract_value_inflow": "Technology bought",
    "labels.invention_patent_applications": "The number of inventions applied for",
    "labels.invention_patents_granted": "The number of inventions granted",
}
