"""What a shock leaves in force until it ends."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.agents.search import Search
from ydsim.agents.state import State
from ydsim.policies.environment import PolicyEnvironment
from ydsim.typing import Floats


@dataclass(frozen=True)
class Effect:
    """Something that holds for some quarters; each kind of shock moves one of these things.

    Attributes
    ----------
    until
        First quarter in which it no longer holds.
    """

    until: int

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with the shock in it."""
        return environment

    def shifted(self, shift: Floats) -> Floats:
        """Return the shift v of the log weight of goods, by city or industry and city."""
        return shift

    def introduce(self, state: State, search: Search) -> None:
        """Change who sees whom, in place."""
