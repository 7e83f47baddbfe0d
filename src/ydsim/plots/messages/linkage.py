"""Words of links between cities."""

MESSAGES = {
    "linkage.channel.contract": "contracts",
    "linkage.channel.co-invention": "co-inventions",
    "linkage.channel.patent transfer": "patent transfers",
    "linkage.channel.co-publication": "co-publications",
    "linkage.channel.shared facility": "uses of shared facilities",
    "linkage.channel.supply": "goods supplied",
    "linkage.number": "a year, expected",
    "linkage.money": "100 million RMB a year",
    "linkage.e_i": "E–I index {value}",
    "linkage.e_i_interval": "E–I index {value} (95\u00a0% interval {low} to {high})",
}
