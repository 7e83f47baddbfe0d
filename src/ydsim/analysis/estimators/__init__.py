"""The literature's own estimators as pure functions of plain tables.

`poisson`, `linear` and `instrument` fit panels with fixed effects; `event_study`, `staggered`,
`matched`, `rings` and `bunching` are designs; `pools` makes regressors of spillovers; `replicates`
combines what several runs give. A table is a data frame or any mapping from names to columns.
"""
