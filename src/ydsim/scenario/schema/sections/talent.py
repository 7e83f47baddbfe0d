"""The labour market of researchers."""

from __future__ import annotations

from ydsim.parameter import Section, control, fraction, param


class TalentParameters(Section):
    """The labour market of researchers."""

    mobility: float = param(
        0.01,
        "share of researchers who reconsider their city",
        unit="1/year",
        bounds=(0.0, 1.0),
    )
    retirement: float = param(
        0.03,
        "share of researchers who retire",
        unit="1/year",
        bounds=(0.0, 1.0),
        mark="prior",
        source="careers of some 35 years: retirement at 60, of women cadres at 55 (State "
        "Council 1978, Guofa 104)",
    )
    scarce_supply: bool = control(
        True,
        "researchers begin as official figures grow, wherever they are wanted; if not, graduates "
        "fill every vacancy at once",
    )
    graduates_look: float = fraction(
        0.5,
        "part of graduates who look for work in all cities; the others stay where they studied",
        mark="prior",
        source="poll of 2012 (China Daily, 17 September 2012): of those who study there 72 % would "
        "stay in Beijing, half in Guangzhou, 38 % in Shanghai: .28 to .62",
    )
    entry_elasticity: float = param(
        1.5,
        "elasticity of the stock of researchers to pay over that of the province",
        mark="prior",
        source="Goolsbee 1998, NBER 6532: 30-50 % of added public R&D money goes into pay; that "
        "is 1 / (1 + elasticity) in the long run: 1 to 2.3",
        bounds=(0.0, 50.0),
    )
    pay_speed: float = param(
        1.0,
        "speed at which pay closes the gap between researchers asked for and there",
        unit="1/year",
        source="pay is reviewed once a year",
        bounds=(0.0, 20.0),
    )
    recognition: float = fraction(
        0.5, "share of titles and benefits that other provinces recognise"
    )
