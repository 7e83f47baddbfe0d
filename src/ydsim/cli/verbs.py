"""The verbs of the command line and their one-line help; imports nothing."""

from __future__ import annotations

VERBS: dict[str, str] = {
    "run": "run a scenario, keep its results, show the headline figures",
    "sweep": "run many scenarios in parallel, keep every run, go on after a break",
    "status": "say how far a run or a sweep is",
    "resume": "finish a run or a sweep from its folder alone",
    "verify": "check every file of a results folder, and some numbers",
    "replay": "run one run of a folder again and compare, or see it fail",
    "compact": "merge the files of a finished sweep into fewer",
    "compare": "compare policies by province, city, kind or field: what changes, how sure, a chart",
    "decompose": "tell the channels of a policy apart: each alone, all together, their interaction",
    "counterfactual": "compare a scenario with and without one policy, firm by firm",
    "sensitivity": "rank what moves an outcome of a sweep: Morris, Sobol, tornado, PRIM",
    "optimise": "search policies for the best compromises between objectives",
    "game": "play opening and closing of provinces: payoffs, equilibria, payments",
    "plot": "draw figures of results that are there: runs, several on one axis, sweeps",
    "report": "write one page on results for whoever decides: findings, figures, limits",
    "resonance": "switch groups of actors on and off: what they do alone and together",
    "bottleneck": "move each stage and each friction: what holds the chain back most",
    "effects": "run estimators of published studies on simulated panels: found, placebo, published",
    "export": "write a table of a results folder as CSV, JSON, Parquet or Excel",
    "check": "check scenario and sweep files; say all that is wrong, with its line",
    "show": "print a scenario with all its values, and where each comes from",
    "explain": "say what a policy does and what it can be set to, or what a key means",
    "schema": "print the JSON schema of scenario or sweep files, for editors",
    "world": "write a folder for a region of your own, check it, fit it to its data",
    "list": "list scenarios, sweeps, policies, worlds, tables, indicators or kinds of figures",
}
"""Each verb is a function of the same name in a module of the same name."""

_HEAD = """\
usage: ydsim VERB [OPTIONS] ...

Simulates how technology and industry innovation spread through the Yangtze River Delta.

  ydsim run baseline                          run a shipped scenario
  ydsim run baseline --set scale=0.02         change a value
  ydsim sweep baseline --vary policies.border_friction.level=0.3:1.0:8 --jobs 2
  ydsim show baseline --origin                see every value and where it comes from

verbs:
"""

_TAIL = """
  ydsim VERB --help      options of a verb
  ydsim --version        version
"""


def help_text() -> str:
    """Return the help of the whole command line."""
    width = max(map(len, VERBS)) + 2
    lines = [f"  {verb:<{width}}{meaning}\n" for verb, meaning in VERBS.items()]
    return (_HEAD + "".join(lines) + _TAIL).rstrip("\n")
