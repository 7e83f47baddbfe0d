"""``ydsim effects``: estimators of published studies on the panels of simulated runs."""
