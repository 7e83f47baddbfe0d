"""Names that verbs of older versions use until each is a study of the group."""

from typing import Annotated, TypeAlias

import typer

from ydsim.cli.options import AllowCode, AsJson, Quiet
from ydsim.cli.output import say
from ydsim.cli.run import again, end_of, run_through

QuietOption: TypeAlias = Quiet
Jobs: TypeAlias = Annotated[int, typer.Option("-j", "--jobs", metavar="N", help="Processes.")]


def tell_capped(jobs: int) -> None:
    """Say so where there are fewer processors than jobs."""
    from ydsim.cli.run import tell_capped as tell

    tell(jobs, quiet=False)


__all__ = ["AllowCode", "AsJson", "Jobs", "QuietOption", "again", "end_of", "run_through", "say",
           "tell_capped"]  # fmt: skip
