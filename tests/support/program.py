"""The command line with a model of a few lines, as a program: ``program MODEL VERB ...``."""

import sys

from tests.support import fake_sweep as fake
from tests.support.fake_run import INDICATORS
from ydsim.cli import options
from ydsim.run import api, replicate
from ydsim.run.replicate import RunContext


def stand_in(model):
    """Let sweeps of this process use a model of `fake_sweep`, in their workers too."""
    options.processors = lambda: 1  # of its own accord it computes here
    context = RunContext(make_model=getattr(fake, model), indicators=INDICATORS)
    api.context_of = replicate.context_of = lambda *args, **options: context


if __name__ == "__main__":
    from ydsim.cli import main

    stand_in(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
