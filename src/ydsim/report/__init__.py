"""One self-contained page on what runs show, for a policy analyst; `write.save` writes it."""

from ydsim.report.write import save

__all__ = ["save"]
