"""Basic research: what science spends on research that belongs to no project.

    B_c = (1 - chain.project_share) * sum over universities and institutes i of c of grants_i

B_c is basic research of city c in the quarter, grants_i the science money of i (`fund`), both
100m_rmb; ``chain.project_share`` the part of the time of researchers that goes to projects. The
rest goes to knowledge and ideas, without a use in view: what statistics call basic research. Money
of programmes pays for joint projects and is left out.

Assumed: an hour costs the same in and out of projects; projects are applied research or
development from their first stage on; firms do no basic research, as the time that they spend
outside projects serves products of theirs; what contracts pay is none.
"""

from __future__ import annotations

from ydsim.agents.state import State
from ydsim.typing import Floats


def basic_research(state: State, project_share: float) -> Floats:
    """Return basic research by city in the quarter, (C,), 100m_rmb at scale 1.

    ``project_share`` is the part of the time of researchers that goes to projects.
    """
    found: Floats = (1.0 - project_share) * state.tally.city.science_money
    return found
