"""The column tables of a run and the six kinds of agents that are views on them."""

from ydsim.agents.mesa_agents import Firm, Government, Institute, Intermediary, Media, University

__all__ = ["Firm", "Government", "Institute", "Intermediary", "Media", "University"]
