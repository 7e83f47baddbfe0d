"""The command line: ``ydsim VERB ...``, one module a verb, loaded only when it is asked for.

Nothing else belongs here: the modules of verbs become attributes of this package, and one of them
is called ``list``.
"""

from ydsim.cli.app import main

__all__ = ["main"]
