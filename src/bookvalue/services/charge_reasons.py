"""Why a run charges an asset nothing, whatever it should have depreciated: for close, preview and forecast alike."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bookvalue.domain.business import Business
from bookvalue.domain.terms import AccountingBasis, AssetStatus, Method
from bookvalue.engine.register import EPOCH_ORDINAL, NO_DAY, RegisterColumns
from bookvalue.storage.register_reader import STATUS_CODES, Positions

Mask = NDArray[np.bool_]


def standing_reasons(business: Business, positions: Positions) -> dict[str, Mask]:
    """What stands against a charge at any time: code of ledger.outcomes -> mask of shape (n,)."""
    register = positions.register
    settings, unknown = register.settings, positions.unknown

    def of_setting(says: Sequence[bool]) -> Mask:
        chosen: Mask = register.of_setting([int(one) for one in says]) == 1
        return chosen

    applies: dict[str, Mask] = {
        "draft": positions.status == STATUS_CODES[AssetStatus.DRAFT],
        "disposed": positions.status == STATUS_CODES[AssetStatus.DISPOSED],
        "not_depreciable": of_setting(
            [one.method is Method.NONE and word is None for one, word in zip(settings, unknown, strict=True)]
        ),
        "unknown_averaging": of_setting([word == "averaging" for word in unknown]),
        "unknown_method": of_setting([word not in (None, "averaging") for word in unknown]),
        "start_missing": register.start_day == NO_DAY,
        "units_total_missing": of_setting([one.method is Method.UNITS_OF_PRODUCTION for one in settings])
        & (register.units_total_micro == 0),
    }
    if business.accounting_basis is AccountingBasis.CASH:
        applies["cash_basis"] = np.ones(len(positions), np.bool_)
    return applies


def missing(business: Business, positions: Positions) -> Mapping[str, Mask]:
    """What is missing, and blocks an asset as soon as it has something to charge: code -> mask of shape (n,)."""
    return {
        "opening_missing": opening_missing(business, positions.register),
        "accumulated_account_missing": positions.accumulated_account == 0,
        "expense_account_missing": positions.expense_account == 0,
    }


def opening_missing(business: Business, register: RegisterColumns) -> Mask:
    """Which assets began before the books without an opening: shape (n,)."""
    books_start = business.books_start.toordinal() - EPOCH_ORDINAL
    early: Mask = (register.start_day < books_start) & (register.opening_day == NO_DAY)
    return early
