"""SLN, SYD, DDB, DB and VDB of whole periods as the spreadsheets define them, in exact fractions.

Sources: OpenFormula (OASIS OpenDocument 1.3, part 4, the financial functions) and the function articles of
support.microsoft.com (db-function, ddb-function, vdb-function). Each function gives the charges of all periods, in
the unit of `cost`; nothing is rounded but the rate of DB, to three places.
"""

from fractions import Fraction
from itertools import accumulate

Charges = list[Fraction]


def sln(cost: int, salvage: int, life: int) -> Charges:
    """(cost - salvage) / life in each period."""
    return [Fraction(cost - salvage, life)] * life


def syd(cost: int, salvage: int, life: int) -> Charges:
    """(cost - salvage) x (life - period + 1) x 2 / (life x (life + 1))."""
    return [Fraction((cost - salvage) * 2 * (life - period), life * (life + 1)) for period in range(life)]


def ddb(cost: int, salvage: int, life: int, factor: Fraction) -> Charges:
    """min((cost - prior) x factor / life, cost - salvage - prior)."""
    charges: Charges = []
    for _ in range(life):
        prior = sum(charges, Fraction(0))
        charges.append(min((cost - prior) * factor / life, cost - salvage - prior))
    return charges


def db_rate(cost: int, salvage: int, life: int) -> Fraction:
    """1 - (salvage / cost)^(1 / life), to three places half up: the whole thousandth nearest to the root, exactly."""
    thousandths = 0
    while _root_is_below(cost, salvage, life, Fraction(2 * (1000 - thousandths) - 1, 2000)):
        thousandths += 1
    return Fraction(thousandths, 1000)


def _root_is_below(cost: int, salvage: int, life: int, bound: Fraction) -> bool:
    """Whether (salvage / cost)^(1 / life) is no more than the bound."""
    return bound > 0 and Fraction(salvage, cost) <= bound**life


def db(cost: int, salvage: int, life: int) -> Charges:
    """(cost - prior) x rate in each period, with twelve months in the first."""
    rate = db_rate(cost, salvage, life)
    return [cost * (1 - rate) ** period * rate for period in range(life)]


def vdb(cost: int, salvage: int, life: int, factor: Fraction) -> Charges:
    """In each period the larger of DDB's charge and straight line over the periods left, from the first where it is."""
    charges: Charges = []
    switched = False
    for period in range(life):
        prior = sum(charges, Fraction(0))
        declining = min((cost - prior) * factor / life, cost - salvage - prior)
        straight = (cost - salvage - prior) / (life - period)
        switched = switched or straight > declining
        charges.append(straight if switched else declining)
    return charges


def cumulative(charges: Charges) -> Charges:
    """What has been charged by the end of each period."""
    return list(accumulate(charges))
