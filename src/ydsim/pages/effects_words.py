"""What the estimators of the literature find in simulated panels, in words, as a table, as a page.

The page `docs/effects.md` is what `ydsim effects --page` prints.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.analysis.literature.finding import Finding, Row, holds_zero
from ydsim.analysis.literature.targets import (
    ALONE,
    INSIDE,
    NOT_RUN,
    OPEN,
    OUTSIDE,
    STUDIES,
    Target,
)
from ydsim.wording import counted, listed, markdown_table, text_table

DIGITS = 3

WHY = {
    "joint_ratio": "Partners choose better projects (`match.attraction`), and joint work adds to "
    "quality (`chain.joint_quality`): both belong to the project and not to its owner, so that "
    "effects of owners take out neither. Where the ratio is above one, owners with many joint "
    "projects have less good ones than others.",
    "joint_raw": "The premium has two parts: what joint work adds, and that partners choose better "
    "projects, which the row `joint_birth` shows alone.",
    "tie_late": "Few inventions are joint, so that one partner who is lost touches a small part of "
    "what an organisation invents; and it may find another one.",
    "tie_build_up": "As for `tie_late`.",
    "rail_ratio": "The weight of partners falls exponentially with hours (`match.decay_h`), so "
    "that half the time raises it the more, the longer the way; published effects fade with it.",
    "line": "Lines move joint work (I8), but few inventions are joint.",
    "grant_reach": "What is invented elsewhere because of a grant comes by knowledge that spills "
    "over and by joint work, both of which are small beside the R&D that the grant pays for.",
    "segmentation": "Protection by lot lasts a year. It moves sales at once; productivity follows "
    "through research, launches and selection, which take years.",
    "tie_spillover": "What a firm learns along ties is knowledge of fields, which becomes ideas, "
    "launches and productivity years later; few of its ties are with firms.",
    "technology_spillover": "Knowledge within reach is shared by all firms of a place, and firms "
    "of an industry have nearly the same fields: little of the pool is a firm's own.",
    "technology_ratio": "As for `technology_spillover`.",
    "demand_build_up": "See `demand`: what firms earn is spent on research in the same year.",
    "demand_upper": "Research follows sales in the same proportion in all firms unless markets pay "
    "the productive alone.",
    "consortium": "Members get ties, and research money only where the policy pays their lead; "
    "ties lead to joint projects, which add to the quality of what is invented more than to its "
    "number.",
    "member": "Membership lifts a part of some borders; inventions respond only through joint work "
    "and knowledge across provinces, a small share of all.",
}
"""By row, what in the model is behind a miss; printed with the misses alone."""


def paragraph(found: Finding) -> str:
    """Return what was found, and what to keep in mind."""
    return "\n\n".join([_head(found), *_told(found), " ".join(_cautions(found))])


def table(found: Finding, *, markdown: bool) -> list[str]:
    """Return the lines of the table: a row a target."""
    head = ["", "row", "published", "accepted", "found", "verdict", "placebo", "in pairs", ""]
    head[-1] = "verdict in pairs"
    rows = [_cells(row) for row in found.rows if row.verdict != NOT_RUN]
    return markdown_table(head, rows) if markdown else text_table(head, rows)


def text(found: Finding) -> str:
    """Return paragraph and table as plain text."""
    return "\n".join([paragraph(found), "", *table(found, markdown=False)])


def page(found: Finding) -> str:
    """Return the whole page in Markdown."""
    lines = [
        "# Published effects in simulated panels",
        "",
        _INTRODUCTION,
        "",
        f"Made by `ydsim effects --page`: {found.made_by}.",
        "",
        "## What was found",
        "",
        paragraph(found),
        "",
        *table(found, markdown=True),
        "",
        _READING,
        "",
        "## What the rows are",
        "",
        *_meanings(found),
        "",
        "## Misses",
        "",
        *_misses(found),
        "",
        "## Not run",
        "",
        *(f"- {row.target.study} `{row.target.name}` ({row.target.meaning}; published "
          f"{row.target.published}): {row.why_not}." for row in found.rows
          if row.verdict == NOT_RUN),
        "",
        _AGAIN,
        "",
    ]  # fmt: skip
    return "\n".join(lines)


_INTRODUCTION = """\
Studies find by how much a tie, a line, a grant or a membership moves inventions. This page runs the
estimators of these studies on panels of simulated runs, with units drawn by lot, and sets what they
find beside what was published and beside a placebo: the same estimator where there was no shock.
Ranges were set before anything was run, and no parameter was changed for them: a miss stays a miss.
The scenario, shocks and panels are in `ydsim.analysis.literature`, the estimators in
`ydsim.analysis.estimators`, and shocks in [shocks.md](shocks.md)."""

_READING = """\
In brackets 95 % intervals of the mean over replicates. *Inside* and *outside*: the whole interval
is in the accepted range, or beyond it; *not distinguished*: it is partly in. *Placebo*: the
estimator in the run without the shock, with the units that the shock draws; for joint projects,
joint projects drawn by lot; for stocks of research, fields of effort and partners drawn by lot; for
members of the committee, the run in which nobody enters. It is to hold zero, which one in
twenty fails to do by chance. *In pairs*: found less placebo, replicate by replicate with the same
draws: what both have of chance is gone, so that smaller effects are seen."""

_AGAIN = """\
## Again

```console
$ ydsim effects --replicates 20 --set scale=0.05 --jobs 2
$ ydsim effects --page > effects.md
```

runs four settings with the same draws, the scenario without shocks, with them, with shocks to
markets, provinces and firms and with consortia, and without its membership, to 2022; the same
command again runs nothing. Files are `effects.csv` and `effects.md` in
`results/membership_replay-effects`; `--json` prints the table. Another scenario is named as in
`ydsim effects baseline`; one without a policy `membership` has no I17. In Python it is
`ydsim.effects`.

Limits. Panels of productivity are of firms that live throughout. Research is not drawn by lot:
firms that do well do more of it, so that I11 and I12 show what the estimator yields on
self-selected R&D, and their placebos what it yields where there is no effect. Protection by lot
lasts a year, where published segmentation lasts. Consortia are few at a small scale, with the most
members that a policy may have. An invention counts in the year in which its project ended, which is
later than the invention. Lines are pairs of cities drawn by lot, not tracks. Cohorts of membership
are those of history, few cities of few provinces with trends of their own, so that `member` is
estimated in pairs alone. The effect of a grant is that on all of a city, not on one grantee. A
quarter of organisations lose a partner, another quarter of firms win vouchers, a fifth of cities
have grants for nine years: shares and sizes are assumed."""


def _head(found: Finding) -> str:
    first, last = found.years
    return (
        f"{found.base}, {first}-{last}, scale {found.scale:g}, "
        f"{counted(found.replicates, 'replicate')} of the same draws: "
        f"{counted(sum(row.verdict != NOT_RUN for row in found.rows), 'row')} of "
        f"{len(found.rows)} could be run."
    )


def _told(found: Finding) -> Iterator[str]:
    for verdict in (INSIDE, OUTSIDE, OPEN):
        rows = [row for row in found.rows if row.verdict == verdict]
        if rows:
            said = [f"{row.target.name} ({row.target.study}) {ends(row.found)}" for row in rows]
            yield f"{verdict.capitalize()}: {'; '.join(said)}."
    pairs = [
        row for row in found.rows if row.verdict == OPEN and row.pair_verdict in (INSIDE, OUTSIDE)
    ]
    if pairs:
        said = [f"{row.target.name} {ends(row.pair)} {row.pair_verdict}" for row in pairs]
        yield f"Of the last, in pairs of the same draws: {'; '.join(said)}."


def _cautions(found: Finding) -> Iterator[str]:
    there = [row for row in found.rows if row.placebo is not None]
    off = [row for row in there if row.placebo and holds_zero(row.placebo) == "no"]
    if off:
        names = listed([f"{row.target.name} {ends(row.placebo)}" for row in off])
        yield f"The placebo does not hold zero of {names}: there the estimator alone is no guide."
    elif found.replicates > 1:
        yield f"All {len(there)} placebos hold zero."
    if found.replicates == 1:
        yield "One replicate gives no interval."
    elif found.replicates < 20:
        yield (
            f"{counted(found.replicates, 'replicate')} leave wide intervals, where 20 or more are "
            "meant."
        )
    if found.left_out:
        yield f"{counted(found.left_out, 'replicate')} unfinished and left out."


def _cells(row: Row) -> list[str]:
    target, placebo = row.target, row.placebo
    held = "" if placebo is None else holds_zero(placebo)
    mark = {"yes": "", "no": " (not zero)", "-": "", "": ""}[held]
    return [
        target.study,
        f"`{target.name}`",
        target.published,
        accepted(target),
        ends(row.found),
        row.verdict,
        f"{ends(placebo)}{mark}",
        ends(row.pair),
        row.pair_verdict if row.pair_verdict != ALONE else "",
    ]


def _meanings(found: Finding) -> list[str]:
    targets = [row.target for row in found.rows if row.verdict != NOT_RUN]
    rows = [[f"`{one.name}`", one.meaning, STUDIES.get(one.study, "")] for one in targets]
    return markdown_table(["row", "what is estimated", "study"], rows)


def _misses(found: Finding) -> Iterator[str]:
    missed = [row for row in found.rows if OUTSIDE in (row.verdict, row.pair_verdict)]
    if not missed:
        yield "None is known."
    for row in missed:
        one = row.found if row.verdict == OUTSIDE else row.pair
        way = "" if row.verdict == OUTSIDE else " in pairs"
        why = WHY.get(row.target.name, "")
        yield (
            f"- {row.target.study} `{row.target.name}`: found{way} {ends(one)}, accepted "
            f"{accepted(row.target)}. {why}".rstrip()
        )


def accepted(target: Target) -> str:
    """Return the accepted range in words."""
    if not target.ranged:
        return "-"
    if math.isinf(target.high):
        return f"above {_plain(target.low)}"
    if math.isinf(target.low):
        return f"below {_plain(target.high)}"
    return f"{_plain(target.low)} to {_plain(target.high)}"


def ends(one: Estimate | None) -> str:
    """Return a mean with its interval; "-" where there is none."""
    if one is None:
        return "-"
    if math.isnan(one.low) or math.isnan(one.high):
        return f"{_plain(one.estimate)} (no interval)"
    return f"{_plain(one.estimate)} [{_plain(one.low)}, {_plain(one.high)}]"


def _plain(value: float) -> str:
    rounded = round(value, DIGITS) + 0.0
    return f"{rounded:.{DIGITS}f}".rstrip("0").rstrip(".") if rounded else "0"
