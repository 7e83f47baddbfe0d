"""Names of indicators and other outcomes in the middle of a sentence, out of their one table."""

from ydsim.record.details import names

MESSAGES = {f"indicators.{name}": words for name, words in names().items()}
