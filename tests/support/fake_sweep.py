"""Sweeps of a model of a few lines, for tests: in this process, or as a program to be killed."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from tests.support.fake_run import INDICATORS, FakeModel
from tests.support.fake_run import tree as tree
from tests.support.strikes import wait_at_gate
from ydsim.design.load import load_sweep
from ydsim.engines import InlineEngine, PoolEngine
from ydsim.results.results import open_results
from ydsim.run import worker as work
from ydsim.run.api import carry_on
from ydsim.run.replicate import RunContext
from ydsim.run.scheduler import RunOptions
from ydsim.run.sweep import resume_sweep

BASE = "extends: plain\nworld: synthetic\nstart: 2014\nend: 2015\nseed: 7\nscale: 0.01\n"
SPANS = (0.1, 0.2, 0.3, 0.4)
KEY = "parameters.chain.span"

# workers import this module for the model, so that the environment of a program reaches them
work.FLUSH_SECONDS = float(os.environ.get("YDSIM_TEST_FLUSH", work.FLUSH_SECONDS))


class SweepModel(FakeModel):
    """Numbers from (seed, span, replicate, quarter)."""

    def __init__(self, scenario, *, replicate, world):
        super().__init__(scenario, replicate=replicate, world=world)
        self.span = scenario.parameters.chain.span

    def draw(self, what, size):
        return super().draw(what, size) + self.span

    def is_marked(self):
        """Tell whether this is the run at the second span, replicate 1."""
        return self.replicate == 1 and abs(self.span - SPANS[1]) < 1e-9


class Failing(SweepModel):
    """The marked run fails in its third quarter."""

    def step(self):
        super().step()
        if self.is_marked() and self.quarter == 3:
            raise ZeroDivisionError("cannot share nothing")


class Refusing(SweepModel):
    """Every run fails."""

    def step(self):
        raise ValueError("no")


class Killing(SweepModel):
    """The marked run kills its process, for good."""

    def step(self):
        super().step()
        if self.is_marked():
            os.kill(os.getpid(), signal.SIGKILL)


class Hungry(SweepModel):
    """The marked run asks for more memory than there is."""

    def step(self):
        super().step()
        if self.is_marked():
            raise MemoryError


class Endless(SweepModel):
    """No run ever ends."""

    def step(self):
        super().step()
        while True:
            time.sleep(0.05)


class Late(SweepModel):
    """The timer of the marked run rings in its third quarter."""

    def step(self):
        super().step()
        if self.is_marked() and self.quarter == 3:
            signal.raise_signal(signal.SIGALRM)


class Slow(SweepModel):
    """Every quarter takes a moment, so that blows at random often fall in the middle."""

    def step(self):
        super().step()
        time.sleep(0.01)


class Held(SweepModel):
    """Every run waits in its first quarter until the test opens the gate."""

    def step(self):
        super().step()
        wait_at_gate()


class Uneven(Slow):
    """Also fails now and then, other runs in each round, which the environment counts."""

    def step(self):
        super().step()
        odd = self.replicate + round(10 * self.span) + int(os.environ.get("YDSIM_TEST_ROUND", "0"))
        if odd % 5 == 0 and self.quarter == 1:
            raise ZeroDivisionError("cannot share nothing")


def sweep(folder, *, spans=SPANS, replicates=3, record=None, extra=None):
    """Return a loaded grid over spans; its files go into ``folder``."""
    content = {
        "design": {"kind": "grid", "factors": {KEY: list(spans)}},
        "replicates": replicates,
        **({"record": record} if record else {}),
        **(extra or {}),
    }
    return load_sweep(written(folder, BASE, {"name": "fake", **content}))


def written(folder, base, content):
    """Write a base and a sweep over it into ``folder``, and return the path of the sweep."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    path = folder / "fake.yaml"
    whole = {"base": "base.yaml", **content}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


def context(model=SweepModel):
    return RunContext(make_model=model, indicators=INDICATORS)


def run(folder, model=SweepModel, engine=None, *, what=None, run_options=None, **options):
    """Run a sweep into ``folder``, whose files stand beside it."""
    loaded = what if what is not None else sweep(folder.parent / "files")
    how = options_of(engine, run_options, options)
    return carry_on(loaded, folder, how, context(model), **options)


def resume(folder, model=SweepModel, engine=None, *, run_options=None, **options):
    """Go on with the sweep in ``folder``."""
    resume_sweep(folder, options_of(engine, run_options, options), context(model))
    return open_results(folder)


def options_of(engine, more, options):
    """Take what says how to go about a sweep out of ``options``."""
    report, shard = options.pop("progress", None), options.pop("shard", None)
    return RunOptions(engine=engine or InlineEngine(), progress=report, shard=shard, **(more or {}))


if __name__ == "__main__":
    # FOLDER MODEL ENGINE CHUNK: the same sweep every time, begun or gone on with
    from tests.support import fake_sweep as importable
    from ydsim.run.progress import Stopped

    target, model, engine, chunk = sys.argv[1:5]
    try:
        run(
            Path(target),
            getattr(importable, model),
            PoolEngine(2) if engine == "pool" else None,
            what=sweep(Path(target).parent / "files", replicates=int(os.environ.get("REPS", "3"))),
            chunk=int(chunk),
            progress=lambda now: print(now.message, file=sys.stderr) if now.message else None,
        )
    except Stopped as stopped:
        sys.exit(stopped.exit_code)
