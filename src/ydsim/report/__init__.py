"""One self-contained page on what runs show, for a policy analyst; `report.save` writes it."""

from ydsim.report.report import save

__all__ = ["save"]
