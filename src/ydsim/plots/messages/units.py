"""Units of indicators in plain words."""

MESSAGES = {
    "units.yearly": "{unit} a year",
    "units.100m_rmb": "100 million RMB, current prices",
    "units.yearly_100m_rmb": "100 million RMB a year, current prices",
    "units.items": "number",
    "units.firms": "firms",
    "units.generations": "technology generations",
    "units.ties": "ties",
    "units.share": "share",
    "units.pct": "per cent",
    "units.fte": "researchers, full-time equivalents",
    "units.person_years": "person-years",
    "units.papers": "papers",
    "units.log": "log units",
    "units.index": "index",
    "units.1": "factor",
}
