"""The column tables of a run and the six kinds of agents that are views on them."""
