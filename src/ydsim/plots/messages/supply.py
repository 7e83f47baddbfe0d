"""What the provinces supply to the rest of the nation."""

MESSAGES = {
    "supply.name": "supply to the nation",
    "supply.title": "Trade with the rest of the nation in {year}: {balances} (100 million RMB)",
    "supply.surplus": "a surplus of {amount} in {what}",
    "supply.deficit": "a deficit of {amount} in {what}",
    "supply.even": "no balance in {what} beyond chance",
    "supply.goods": "goods",
    "supply.technology": "technology",
    "supply.explanation": (
        "Goods: value added sold through product markets. Technology: contracts, registered or "
        "not. The balance is positive where a province supplies more than it takes. The title "
        "holds balances against their 95\u00a0% interval where there are replicates."
    ),
    "supply.goods_sold": "Goods sold to the nation",
    "supply.goods_bought": "Goods bought from the nation",
    "supply.goods_balance": "Goods sold less bought",
    "supply.technology_sold": "Technology sold to the nation",
    "supply.technology_bought": "Technology bought from the nation",
    "supply.technology_balance": "Technology sold less bought",
    "supply.unit": "100 million RMB a year, current prices",
    "supply.not_recorded": "not recorded",
    "supply.no_goods": "supply of goods was not recorded",
}
