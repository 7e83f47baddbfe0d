"""Technology contracts and invention patents by province."""

MESSAGES = {
    "innovation.name": "contracts and inventions",
    "innovation.tech_market_contract_value_output_unit": (
        "100 million RMB a year, registered contracts"
    ),
    "innovation.tech_market_contract_value_inflow_unit": (
        "100 million RMB a year, registered contracts"
    ),
    "innovation.invention_patent_applications_unit": "number a year",
    "innovation.invention_patents_granted_unit": "number a year",
    "innovation.explanation": (
        "Contracts of the year by province of the seller (a) and of the buyer (b), partners "
        "outside the region included. Grants of the first three years follow from applications "
        "filed before the run."
    ),
    "innovation.sold": (
        "Technology sold {change} from {first} to {last}, {share}\u00a0% of it by {leader}"
    ),
    "innovation.granted": "the number of inventions granted {change}",
    "innovation.nothing": "Contracts and inventions: no value in the last year",
}
