"""Checking a scenario against its world, its shocks and the memory of this machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ydsim import fmt
from ydsim.errors import InputError, ResourceError, ScenarioError
from ydsim.memory import machine_memory
from ydsim.policies.base import CORRIDORS, Places, Policy, Target
from ydsim.policies.borders import BorderFriction, Membership, MutualRecognition
from ydsim.policies.environment import CHANNELS, Channel, odds_times, passed
from ydsim.policies.library import ALWAYS, shipped_class
from ydsim.policies.money import CostSharing, JointRdFund, OpenBids
from ydsim.scenario.read.node import Mark, Node, Problem, dotted, leaves, plain
from ydsim.scenario.schema.scenario import Scenario
from ydsim.scenario.schema.shocks import KINDS, Demand, Shock, TravelTimes
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import suggestion
from ydsim.world.base_run import load_base_run
from ydsim.world.inputs import extend_inputs
from ydsim.world.tables import read_payoffs
from ydsim.world.world import World, as_known

# -- refusing runs that cannot fit into the memory of this machine ---------------------------------

GROWTH: Final = 2.5
"""Firms alive at the end over those of the world's own year, at most: 385,000 over 161,000."""

BYTES_PER_FIRM: Final = 4000.0
"""Memory of a run over firms alive at its end; 1,522 MiB at scale 1 with 385,000."""


FIRMS: Final = 161_000
"""Firms of the packaged region in its own year."""


def runs_at_once(scale: float) -> int:
    """Return how many runs of the packaged region this machine has memory for, at least one."""
    return max(
        1, int(min(machine_memory(math.inf) / (scale * FIRMS * GROWTH * BYTES_PER_FIRM), 1e6))
    )


def refuse_too_large(scenario: Scenario, world: World) -> None:
    """Refuse a run that would not fit.

    `ResourceError` with the need and what is there.
    """
    firms = int(world.firms.sum())
    need = scenario.scale * firms * GROWTH * BYTES_PER_FIRM
    have = machine_memory(math.inf)
    if need > have:
        message = _t(
            "scale {scale:g} of {firms:,} firms needs about {need} of memory, this machine has "
            "{have}; lower scale"
        )
        sizes = {"need": fmt.size(need), "have": fmt.size(have)}
        raise ResourceError(message.format(scale=scenario.scale, firms=firms, **sizes))


# -- shocks that multiply --------------------------------------------------------------------------

# Factors of shocks in force at the same time multiply, of a pair of cities or of the goods of an
# industry and province. With the logarithm of each, w_k, above zero or below zero apart,
#
#     together = sum w_k    over all shocks k in force whose target has the thing
#
# of arms of one group only the largest, since no unit is in two of them, for as long as one of
# them holds. More than `MOST` times, or less than one part in it, no rule of the model can take:
# numbers then leave what a computer holds.

MOST: Final = 1e9
"""Largest factor of all shocks together (assumed: far beyond any use, far from overflow)."""


def too_much(scenario: Scenario, world: World) -> Iterator[str]:
    """Yield a line for each kind of shocks that may together move something beyond `MOST`."""
    places = Places(world.provinces, world.city_names, world.city_province, world.distance_km,
                    world.fields, world.industries)  # fmt: skip
    kinds = ((TravelTimes, _t("hours between two cities")), (Demand, _t("demand for goods")))
    for kind, what in kinds:
        shocks = [one for one in scenario.shocks if isinstance(one, kind) and one.share > 0.0]
        for sign in (1.0, -1.0):
            largest = _largest(shocks, sign, places, scenario.start) if shocks else 0.0
            if largest > np.log(MOST):
                up, most = sign * largest / np.log(10.0), np.log10(MOST)
                yield _t(
                    "shocks: those of kind {kind} together multiply {what} by up to 10^{up:.0f}; "
                    "between 10^-{most:.0f} and 10^{most:.0f} is possible"
                ).format(kind=shocks[0].kind, what=what, up=up, most=most)


def _largest(
    shocks: Sequence[TravelTimes | Demand], sign: float, places: Places, start: int
) -> float:
    """Return the largest sum of logarithms of one sign that are in force at once."""
    groups: dict[tuple[str, str], list[TravelTimes | Demand]] = {}
    for shock in shocks:
        groups.setdefault((shock.arms, "" if shock.arms else shock.name), []).append(shock)
    spans = [
        (
            min(one.first(start) for one in members),
            max(one.last(start) for one in members),
            np.max([_moved(one, sign, places) for one in members], axis=0),
        )
        for members in groups.values()
    ]
    return max(
        float(np.max(sum(most for begin, end, most in spans if begin <= quarter < end)))
        for quarter, _, _ in spans
    )


def _moved(shock: TravelTimes | Demand, sign: float, places: Places) -> Floats:
    """Return the logarithm of one sign, without it, of all things of a kind; 0 elsewhere."""
    if isinstance(shock, TravelTimes):
        where = shock.target.pair_mask(places)
        log = np.log(shock.factor)
    else:
        provinces = shock.target.province_mask(places) > 0.0
        where = np.outer(shock.target.industry_mask(places), provinces)
        log = np.log1p(shock.rise)
    return max(0.0, sign * float(log)) * where


# -- checking a scenario against its world, and remarks that are no errors -------------------------


def check_against_world(
    scenario: Scenario, world: World, origins: Mapping[str, str] | None = None
) -> list[str]:
    """Return a line for every name that the world does not know.

    With ``origins``, as of `ydsim.scenario.load.Resolved`, lines begin with file and line.
    """
    parts = [
        *((f"policies.{name}", policy) for name, policy in sorted(scenario.policies.items())),
        *((f"shocks[{k}]", shock) for k, shock in enumerate(scenario.shocks)),
    ]
    lines = [_at(origins, path) + message for path, message in _lacking(parts, world)]
    if not lines:  # names are known
        lines += too_much(scenario, world)
    keys = scenario.governance
    if keys.mode in ("tournament", "coordinated") and keys.beliefs == "table":
        try:
            read_payoffs(keys.table, world.provinces)
        except InputError as error:
            lines.append(f"{_at(origins, 'governance.table')}{error}")
    first = int(world.years[0])
    if scenario.start < first:
        message = _t("lies before {year}, the first year of the world {world!r}")
        lines.append(_at(origins, "start") + message.format(year=first, world=world.name))
    return lines


def unknown_names(tree: Node, world: World) -> list[Problem]:
    """Return what `check_against_world` says of names, of a tree that is wrong in other ways."""
    content = plain(tree)
    policies, shocks = content.get("policies"), content.get("shocks")
    written = [
        *(policies.items() if isinstance(policies, Mapping) else ()),
        *(enumerate(shocks) if isinstance(shocks, list) else ()),
    ]
    parts = [_aimed(key, one) for key, one in written if isinstance(one, Mapping)]
    marks = {dotted(path): replace(node.mark, column=0, via="") for path, node in leaves(tree)}
    return [
        Problem(marks.get(path.partition("[")[0], Mark("")), path, message, None)
        for path, message in _lacking(parts, world)
    ]


def _aimed(key: str | int, content: Mapping[str, Any]) -> tuple[str, Policy | Shock]:
    """Return key and class of a policy or a shock, with nothing but names in it, unchecked."""
    cls: type[Policy | Shock]
    called, cls = f"shocks[{key}]", KINDS.get(str(content.get("kind")), Shock)
    if isinstance(key, str):
        called, cls = f"policies.{key}", shipped_class(key, content) or Policy
    given = {k: content.get(k) for k in cls.names}
    named: dict[str, Any] = {k: v for k, v in given.items() if isinstance(v, (str, list, dict))}
    target = content.get("target")
    if isinstance(target, Mapping):
        aims: dict[str, Any] = {
            k: v
            for k, v in target.items()
            if k in cls.target_keys and isinstance(v, str if k == "corridor" else list)
        }
        if "pairs" in aims:
            aims["pairs"] = [pair for pair in aims["pairs"] if isinstance(pair, list)]
        named["target"] = Target.model_construct(**aims)
    return called, cls.model_construct(**named)


def refuse_unknown(
    scenario: Scenario, world: World, origins: Mapping[str, str] | None = None
) -> None:
    """Raise `ScenarioError` with all lines of `check_against_world`, if there are any.

    A world that has not the figures for the first year raises `InputError`.
    """
    problems = check_against_world(scenario, world, origins)
    if problems:
        raise ScenarioError(*problems)
    where = _at(origins, "world" if scenario.known_in is None else "known_in")
    require_inputs(world, scenario.start, scenario.known_in, where)


def require_inputs(world: World, start: int, known_in: int | None, where: str = "") -> None:
    """Raise `InputError` where the figures of a world do not make the inputs of a first year."""
    try:
        extend_inputs(world if known_in is None else as_known(world, known_in), start, start)
    except InputError as error:
        raise InputError(*(f"{where}{line}" for line in error.problems)) from error


def _lacking(
    parts: Iterable[tuple[str, Policy | Shock]], world: World
) -> Iterator[tuple[str, str]]:
    """Yield key and message of every name in policies and shocks that the world does not know."""
    for called, policy in parts:
        for path, kind, wanted, given in _named(policy):
            known = _known(world, kind)
            unknown = [one for one in wanted if isinstance(one, str) and one not in known]
            if given:
                aimed = path.startswith("target.")
                for one in unknown:
                    yield f"{called}.{path}", _unknown(one, kind, world, aimed=aimed)
            elif unknown:
                message = _t(
                    "the default is of another world: the world {world!r} lacks {names}; name "
                    "{kind} of its own"
                )
                names = ", ".join(unknown)
                yield f"{called}.{path}", message.format(world=world.name, names=names, kind=kind)
        corridor = policy.target.corridor
        missing = [city for city in CORRIDORS.get(corridor, ()) if city not in world.city_names]
        if missing:
            message = _t("the world {world!r} lacks cities of the corridor {corridor!r}: {names}")
            message = message.format(world=world.name, corridor=corridor, names=", ".join(missing))
            yield f"{called}.target.corridor", message


def _named(policy: Policy | Shock) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """Yield key, kind and names of parts of a world, and whether the scenario has them written."""
    given = "target" in policy.model_fields_set
    for kind in ("provinces", "cities", "fields", "industries"):
        yield f"target.{kind}", kind, getattr(policy.target, kind), given
    for i, pair in enumerate(policy.target.pairs):
        yield f"target.pairs[{i}]", "provinces", pair, given
    for key, kind in policy.names.items():
        names = getattr(policy, key, None) or ()
        given = key in policy.model_fields_set
        if isinstance(names, Mapping):
            for name in names:
                yield f"{key}.{name}", kind, (name,), given
        else:
            yield key, kind, (names,) if isinstance(names, str) else tuple(names), given


def _known(world: World, kind: str) -> tuple[str, ...]:
    """Return the names of a kind of parts of a world."""
    return getattr(world, "city_names" if kind == "cities" else kind)


def _unknown(wanted: str, kind: str, world: World, *, aimed: bool) -> str:
    """Return what may have been meant by a name; in a target cities and provinces have a key."""
    codes = dict(zip(world.city_codes, world.city_names, strict=True))
    hint = suggestion(wanted, list(_known(world, kind)), _t("{kind} are").format(kind=kind))
    other = {"provinces": "cities", "cities": "provinces"}.get(kind, "")
    if other and wanted in _known(world, other):
        message = (
            _t("; it belongs under {other}") if aimed else _t("; name {kind} here, not {other}")
        )
        hint = message.format(kind=kind, other=other)
    elif wanted in codes:
        hint = _t("; write {name!r}").format(name=codes[wanted])
    one = {"cities": "city", "industries": "industry"}.get(kind, kind[:-1])
    message = _t("no {kind} of the world {world!r} is called {name!r}{hint}")
    return message.format(kind=one, world=world.name, name=wanted, hint=hint)


def notes(scenario: Scenario, world: World) -> list[str]:
    """Return remarks on what a scenario says and nothing would show."""
    lines = []
    last = int(world.years[-1])
    if scenario.end > last:
        message = _t("end: inputs after {year}, the last year of the world, are extrapolated")
        lines.append(message.format(year=last))
    span = f"{scenario.start}-{scenario.end}"
    for name, policy in sorted(scenario.policies.items()):
        late = policy.start is not None and policy.start >= scenario.end + 1
        early = policy.end is not None and policy.end <= scenario.start
        if late or early:
            message = _t("policies.{name}: is never in force in {years}")
            lines.append(message.format(name=name, years=span))
        elif policy.strength == 0.0 and name != ALWAYS:
            lines.append(_t("policies.{name}: has no effect, its strength is 0").format(name=name))
    lines += remarks(scenario, world)
    for shock in scenario.shocks:
        if shock.first(scenario.start) >= scenario.quarters:
            message = _t("shocks: {name!r} does not begin in {years}")
            lines.append(message.format(name=shock.name, years=span))
        elif shock.share == 0.0 and not getattr(shock, "number", 0):
            message = _t("shocks: {name!r} treats nobody, its share is 0")
            lines.append(message.format(name=shock.name))
    kinds = {type(policy) for policy in scenario.policies.values() if policy.strength > 0.0}
    if OpenBids in kinds and JointRdFund not in kinds:
        lines.append(_t("policies: open_bids has no effect without a joint_rd_fund"))
    few = [
        name
        for name, firms in zip(world.provinces, world.firms, strict=True)
        if scenario.scale * float(firms) < 30.0
    ]
    if world.listed is None and few:
        message = _t("scale: fewer than 30 firms are simulated in {places}")
        lines.append(message.format(places=_t(", ").join(map(_t, few))))
    elif world.listed is not None and scenario.scale != 1.0:
        message = _t("scale: is taken as 1, the world {name!r} lists its firms one by one")
        lines.append(message.format(name=world.name))
    return lines


def remarks(scenario: Scenario, world: World) -> list[str]:
    """Return the remarks that whoever runs a scenario is told."""
    late = other_start(scenario.start, world)
    return [*idle(scenario), *far(scenario), *filter(None, [late])]


def other_start(start: int, world: World) -> str:
    """Say that levels of runs that begin in this year are not anchored; empty where they are."""
    base = load_base_run(world)
    if base.anchors is None or start == base.first_year:
        return ""
    return _t(
        "Levels are anchored to official figures only in runs that begin in {first}. This one "
        "begins in {start}: its levels can lie well off these figures, and after the last of them "
        "by how much is not known. Relative differences between scenarios do not depend on anchors."
    ).format(first=base.first_year, start=start)


def idle(scenario: Scenario) -> list[str]:
    """Return a line for each policy that is set at some strength and moves nothing."""
    lines = []
    for name, policy in sorted(scenario.policies.items()):
        moves = policy.cost > 0.0 or policy.written() or not policy.writes
        if moves or policy.strength == 0.0 or policy == type(policy)():
            continue
        message = _t("policies.{name}: has no effect, as it is set")
        if policy.channel_names and not getattr(policy, "channels", ()):
            message = _t(
                "policies.{name}: has no effect, its channels are none; leave channels out for all"
            )
        elif getattr(policy, "passes", 0.0) is None:
            message = _t("policies.{name}: has no effect, it does not say what passes")
        lines.append(message.format(name=name))
    return lines


FAR: Final = 4.0
"""What passes a border over the baseline from which on no study speaks of such a step."""


def far(scenario: Scenario) -> list[str]:
    """Return a line where policies let far more pass borders than the parameters say.

    They are taken at full strength and as if they met, the largest of those that do not add up.
    """
    there = {name: one for name, one in scenario.policies.items() if one.strength > 0.0}
    movers = [name for name, one in sorted(there.items()) if _opens(one)]
    steps = []
    for channel in CHANNELS if movers else ():
        base = float(getattr(scenario.parameters.border, channel))
        now = float(_most_passing(list(there.values()), channel, base))
        if now >= FAR * base and now > base:
            message = _t("{channel} pass {now:.2g} in the place of {base:.2g}")
            steps.append(message.format(channel=channel, now=now, base=base))
    if not steps:
        return []
    line = _t(
        "policies: {names} let {steps}, {times:g} times the baseline and more; no study covers "
        "such a step"
    )
    return [line.format(names=fmt.listed(movers), steps=", ".join(steps), times=FAR)]


def _opens(policy: Policy) -> bool:
    """Tell whether a policy says what passes borders, or eases them."""
    if isinstance(policy, BorderFriction):
        return policy.passes is not None
    return any(_eases(policy, channel) > 1.0 for channel in CHANNELS)


def _most_passing(policies: Sequence[Policy], channel: Channel, base: float) -> Floats:
    """Return what passes in a channel where policies at their largest meet."""
    set_ = [
        one.passes
        for one in policies
        if isinstance(one, BorderFriction) and channel in one.channels and one.passes is not None
    ]
    share = max((float(passed(passes, base)) for passes in set_), default=base)
    members = [one for one in policies if isinstance(one, Membership)]
    others = [one for one in policies if not isinstance(one, Membership)]
    factors = (max((_eases(p, channel) for p in kind), default=1.0) for kind in (members, others))
    return odds_times(share, math.prod(factors))


def _eases(policy: Policy, channel: Channel) -> float:
    """Return the factor of a policy on the odds of what passes in a channel."""
    if isinstance(policy, Membership):
        return policy.passes if channel in policy.channels else 1.0
    if channel == "hand_over" and isinstance(policy, MutualRecognition):
        return policy.hand_over
    if channel == "hand_over" and isinstance(policy, CostSharing):
        return 1.0 + (policy.hand_over - 1.0) * 2.0 * policy.tax_share
    return 1.0


def _at(origins: Mapping[str, str] | None, path: str) -> str:
    where = (origins or {}).get(path.partition("[")[0], "default")
    if where in ("--set", "--with"):
        return f"{where} {path}: "
    return f"{path}: " if where == "default" else f"{where}: {path}: "
