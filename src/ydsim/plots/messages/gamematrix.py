"""Words of the matrix of the game of opening and closing."""

MESSAGES = {
    "gamematrix.rest": (
        "The game comes to rest with {rest}; with {best} the region has most, {more}\u00a0% more"
    ),
    "gamematrix.rest_is_best": "The game comes to rest where the region has most: {rest}",
    "gamematrix.no_rest": (
        "The game comes nowhere to rest: some province always gains by acting otherwise; "
        "the region has most with {best}"
    ),
    "gamematrix.explanation": (
        "{payoff} Every row is a set of closed provinces, every number the change against all "
        "open. In an equilibrium (framed) no province gains by acting otherwise alone. {how}."
    ),
    "gamematrix.intervals": (
        "Mean of n\u00a0=\u00a0{n} replicates, paired; in brackets where the 95\u00a0% interval "
        "holds zero"
    ),
    "gamematrix.all_open": "all open",
    "gamematrix.all_closed": "all closed",
    "gamematrix.closed": "{names} closed",
    "gamematrix.region": "Region",
    "gamematrix.equilibrium": "equilibrium",
    "gamematrix.best": "best",
    "gamematrix.bar": "per cent against all open",
    "gamematrix.key": "filled: closed, hollow: open",
}
