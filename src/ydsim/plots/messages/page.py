"""The footer of every figure, and what empty panels say."""

MESSAGES = {
    "page.scenario": "scenario {name}",
    "page.scenarios": "scenarios {names}",
    "page.named": "{name} (hash {hash})",
    "page.one_replicate": "{n} replicate",
    "page.replicates": "{n} replicates",
    "page.seed": "seed {seed}",
    "page.scale": "scale {scale}",
    "page.hash": "hash {hash}",
    "page.version": "ydsim {version}",
    "page.between": "\u00b7",
    "page.no_data": "no data",
}
