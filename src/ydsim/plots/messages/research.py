"""R&D expenditure by province."""

MESSAGES = {"research.name": "R&D expenditure"}
