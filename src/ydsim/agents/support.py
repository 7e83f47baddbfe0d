"""Support of firms: money of programmes, which moves what firms spend of their own later.

    S_i = sum of what programmes have spent on work of firm i, or saved it, since it set its R&D

Programmes are joint funds, agreements on costs, consortia and vouchers: whoever pays notes here
what reaches the firm, less what leaks. The invest rule (`ydsim.processes.invest`) reads S_i in the
next quarter, in addition to grants, and the sum begins again at zero. It moves no money.
"""

from __future__ import annotations

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.typing import Floats, Ints


def note_support(state: State, row: Ints, money: Floats) -> None:
    """Add ``money`` (k,), 100m_rmb sampled, to the support of organisations; firms only count."""
    table = state.organisations
    firm = table.kind[row] == FIRM
    table.support += sums(row[firm], money[firm], len(table))
