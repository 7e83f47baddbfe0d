"""Keys of earlier versions that are no more: why, or what to write in their place.

Until 0.7 a border had a *level*, the share of exchange that it suppresses; now a key says what
passes, and the line has the new value. Each key is refused with one line, for one version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ydsim.translation import gettext as _t

Said = Callable[[Any], str]
"""What is said of a key, from the value that was written."""


def _passing(level: Any, part: float = 1.0) -> str:
    """Return what passes at a level; a formula where the level is no share."""
    number = isinstance(level, (int, float)) and not isinstance(level, bool)
    if number and 0.0 <= level <= 1.0:
        return str(round(1.0 - part * level, 6))
    return "1 - level" if part == 1.0 else f"1 - {part} level"


def _share(channel: str, part: float = 1.0) -> Said:
    """Return what names the key of a border that is set by what passes."""

    def said(level: Any) -> str:
        new = f"parameters.border.{channel}: {_passing(level, part)}"
        return _t("is gone: a border is set by what passes; write {new}").format(new=new)

    return said


def _cost(value: Any) -> str:
    said = _share("goods", 0.5)(value)
    return _t("{said} (at the level 0.5 of compete.border)").format(said=said)


def _friction(level: Any) -> str:
    said = _t(
        "is gone: a border is set by what passes; write passes: {share}, and of goods passes: "
        "{goods}, each with its channels"
    )
    return said.format(share=_passing(level), goods=_passing(level, _COST))


def _eased(new: str) -> Said:
    """Return what names the factor on odds in the place of a part of a level."""

    def said(_: Any) -> str:
        return _t(
            "is gone: no one factor is the same in all channels; write {new}, a factor on the odds "
            "of what passes, as {new}: x1.5"
        ).format(new=new)

    return said


_COST: Final = 0.3
"""Part of the value of goods that a border of level one took, `compete.border_cost`."""

_ONE = "is gone: it has always been 1"
_RULE = "is gone with its rule, which moved no result"
_MONEY = "is gone: money limits no firm's R&D any more, and no cash is kept of firms"
_STANDING = "is gone: all firms answer to a yuan of grants alike"

_WORTH = "is gone: what a voucher spares is part of the price, which is one unit of utility"
_SLANT = "is gone: studies disagree on what coverage does to R&D, and it does nothing by itself"

_CONSTANTS = "is gone: rules compare with the end of the burn-in, in which partners are sought"
_NATION = "is gone: the rest of the nation adopts what is launched, and grows by that"
_TWIN = "is gone: rules compare with constants of the burn-in; use `reference: defaults` for stored"

_CERTIFICATES = "is gone: eligible firms apply with one hazard before 2016 and one after, and renew"

_TASTE = (
    "is gone: utility is in units of the scale of taste, so that one unit is a factor e on odds"
)
_PRICE = "is gone: a firm pays the partners of its projects, `ydsim explain match.overhead`"
_CAPABILITY = "is gone: what a kind can do in a stage is all, `chain.capability_part`, or nothing"
_EXIT = "is gone: the hazard of exit lies between half of `population.exit` and one and a half"
_SPREAD = "is gone: knowledge and absorptive capacity have one spread, `population.spread`"
_COUNTS = "is gone: the number of firms grows as published counts do"
_SPEED = "is gone: rides without a record are at 160 km/h; use `travel.ride` for faster ones"
_DECAY = "is gone: exposure, media and moves share one decay, `travel.decay_h`"
_OUTLETS = "is gone: each province has one outlet, which prints `media.stories` launches by quality"

_REPUTATION = "is gone: who is known is known by ties, `match.social`"

_FEEDBACK = "is gone: R&D answers to what launches brought, `invest.expected_return`"

REMOVED: Final[dict[str, str | Said]] = {
    "zero": _TWIN,
    "parameters.fund.city_part": "is gone: provinces pay the local part of grants",
    "parameters.brokers.fee": "is gone: it moved no result, and no source was found for it",
    "parameters.brokers.fields": "is gone: brokers serve all fields, as many as they have room for",
    "parameters.compete.entry_gap": "is gone: entrants begin at the mean of their industry",
    "parameters.contracts.registration_outside": "is gone: the rest of the nation registers all",
    "parameters.invest.residual_share": "is gone: firms of the model do all enterprise R&D",
    "parameters.media.memory": "is gone: attention goes to the stories of the quarter",
    "parameters.compete.share_floor": _RULE,
    "parameters.talent.scarcity": "is gone: pay answers by 1 / (1 + `talent.entry_elasticity`)",
    "parameters.population.exit_low": _EXIT,
    "parameters.population.exit_high": _EXIT,
    "parameters.population.knowledge_sd": _SPREAD,
    "parameters.population.absorptive_sd": _SPREAD,
    "parameters.chain.firm": _CAPABILITY,
    "parameters.chain.university": _CAPABILITY,
    "parameters.chain.institute": _CAPABILITY,
    "parameters.inputs.fade_until": "is gone: trends end in 2030, as `inputs.growth_2030` says",
    "parameters.generations.saturation": "is gone: generations retire by age alone, "
    "`generations.lifetime`",
    "parameters.chain.capability_needed": "is gone: a project waits below half of "
    "`chain.capability_part`",
    "parameters.chain.waiting_death": "is gone: projects that wait die at the hazard of all, "
    "`chain.failure`",
    "parameters.match.margin": "is gone: one lead in knowledge or capability counts, `match.lead`",
    "parameters.match.facility_open": "is gone: they open as far as `talent.recognition` goes",
    "parameters.match.reputation": _REPUTATION,
    "parameters.match.reputation_decay": _REPUTATION,
    "parameters.learn.tolerance": "is gone: a lead of one per cent is bartered",
    "parameters.contracts.bargaining": "is gone: it is part of `contracts.price`, now 1 and not 2",
    "parameters.generations.outside_foundings": "is gone: as many as `generations.foundings`",
    "parameters.population.growth": _COUNTS,
    "parameters.population.counts": _COUNTS,
    "parameters.travel.speed_kmh": _SPEED,
    "parameters.adopt.own_city": "is gone: it counts as near as it is, by `travel.decay_h`",
    "parameters.adopt.decay_h": _DECAY,
    "parameters.media.decay_h": _DECAY,
    "parameters.talent.decay_h": _DECAY,
    "parameters.relocate.decay_h": _DECAY,
    "parameters.media.large_city_10k": _OUTLETS,
    "parameters.media.novelty": _OUTLETS,
    "parameters.media.story_cost": _OUTLETS,
    "parameters.certify.inventions": _CERTIFICATES,
    "parameters.certify.reform": _CERTIFICATES,
    "parameters.certify.spread": _CERTIFICATES,
    "parameters.certify.small_before": _CERTIFICATES,
    "parameters.certify.own": _CERTIFICATES,
    "parameters.certify.peers": _CERTIFICATES,
    "parameters.certify.renewal": _CERTIFICATES,
    "parameters.certify.start_share": _CERTIFICATES,
    "parameters.match.taste_sd": _TASTE,
    "parameters.match.member_odds": _PRICE,
    "parameters.invest.feedback": _FEEDBACK,
    "parameters.invest.feedback_offset": _FEEDBACK,
    "parameters.population.burn_in_ties": _CONSTANTS,
    "parameters.compete.outside_growth": _NATION,
    "parameters.match.coordination": _RULE,
    "parameters.fund.payout": _MONEY,
    "parameters.fund.cash_limit": _MONEY,
    "parameters.invest.held": _MONEY,
    "parameters.invest.credit": _MONEY,
    "parameters.invest.repayment": _MONEY,
    "parameters.match.ambition": _RULE,
    "parameters.explore.imitation": _RULE,
    "parameters.explore.imitation_distance": _RULE,
    "parameters.explore.imitation_catch_up": _RULE,
    "parameters.invest.programme_support": _RULE,
    "parameters.invest.standing_sales": _STANDING,
    "parameters.invest.standing_age": _STANDING,
    "parameters.invest.additionality_spread": _STANDING,
    "parameters.compete.rivalry": _RULE,
    "parameters.invest.market_access": _RULE,
    "parameters.media.slant": _SLANT,
    "policies.media_coverage.slant": _SLANT,
    "policies.innovation_voucher.worth": _WORTH,
    "parameters.explore.radical_share": _RULE,
    "parameters.explore.radical_sd": _RULE,
    "parameters.chain.radical_failure": _RULE,
    "parameters.contracts.lessons": _RULE,
    "parameters.match.worth": _ONE,
    "parameters.match.premium": _ONE,
    "parameters.match.outside_balance": _ONE,
    "parameters.explore.need": _ONE,
    "parameters.match.rival": _RULE,
    "parameters.match.tie_lost": _RULE,
    "parameters.learn.curvature": _ONE,
    "parameters.chain.capability_knowledge": _ONE,
    "parameters.population.entrant_spread": _ONE,
    "parameters.match.reach": _ONE,
    "parameters.match.complement": _ONE,
    "parameters.relocate.spin_off": _RULE,
    "parameters.talent.knowledge": _RULE,
    "parameters.adopt.partner": _RULE,
    "parameters.learn.licence": _RULE,
    "parameters.adopt.gain_elasticity": _ONE,
    "parameters.compete.border": _share("goods", _COST),
    "parameters.compete.border_cost": _cost,
    "parameters.adopt.border": _share("exposure"),
    "parameters.match.border": _share("joint_work"),
    "parameters.match.border_contract": _share("hand_over"),
    "parameters.talent.border": _share("talent"),
    "policies.border_friction.level": _friction,
    "policies.membership.relief": _eased("passes"),
    "policies.mutual_recognition.contracts": _eased("hand_over"),
    "policies.cost_sharing.response": _eased("hand_over"),
}
"""What is to be said of a key of an earlier version, by where it was; policies by their kind."""


LISTS: Final = (
    "parameters.chain.effort",
    "parameters.chain.duration",
    "parameters.chain.failure",
    "parameters.chain.joint_safety",
    "parameters.media.stories",
    "parameters.match.candidates",
)
"""Keys that are one number now and had one for each stage or reach."""


def said_of(key: str, value: Any) -> str:
    """Return what is to be said of a dotted key and its value; nothing where it was never one."""
    said = REMOVED.get(key, "")
    return said if isinstance(said, str) else said(value)


def without_removed(content: dict[str, Any], at: str = "") -> dict[str, Any]:
    """Return a plain scenario of an earlier version without the keys that are no more.

    ``at`` is where ``content`` is in the scenario, with a dot at its end.
    """
    kept = {
        key: value
        for key, value in content.items()
        if f"{at}{key}" not in REMOVED and not (isinstance(value, list) and f"{at}{key}" in LISTS)
    }
    for key, value in kept.items():
        if isinstance(value, dict):
            name = value.get("policy", key) if at == "policies." else key
            kept[key] = without_removed(value, f"{at}{name}.")
    return kept
