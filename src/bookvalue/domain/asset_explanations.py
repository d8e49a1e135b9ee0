"""What each code about an asset and what happens to it means: a part of the one table, explanations.py."""

from collections.abc import Mapping

from bookvalue.domain.explanation import Explanation

ASSET_EXPLANATIONS: Mapping[str, Explanation] = {
    # facts of a register
    "before_the_books": Explanation(
        "{field} lies before the first period of the books: {value}",
        "date it in a period of these books; what happened before belongs to the opening balance",
    ),
    "in_the_future": Explanation("{field} lies in the future: {value}", "record it when its day has come"),
    "asset_reference": Explanation(
        "exactly one of asset_id and asset_external_id is needed", "give one of the two, and leave the other out"
    ),
    "unknown_asset": Explanation(
        "{field} is no asset of this business: {value}", "check the id, or add the asset first"
    ),
    "not_of_depreciation": Explanation(
        "{field} cannot be changed by a depreciation: {value}", "leave {field} out, or record an estimate change"
    ),
    "amount_zero": Explanation(
        "{field} is zero", "give an amount above zero to raise the value, below zero to lower it"
    ),
    "one_part": Explanation(
        "{field} must say which part goes in one way", "give exactly one of part.cost, part.percent and part.units"
    ),
    "part_is_the_whole": Explanation(
        "{field} is not less than the whole asset", "leave {field} out to dispose of the whole of it"
    ),
    "part_of_limited_cost": Explanation(
        "a part of an asset with a cost limit cannot be disposed of",
        "dispose of the whole asset, and register what is left of it as another one",
    ),
    "same_account": Explanation(
        "{field} is the very account on the other side of the entry", "name another account as {field}"
    ),
    "value_left": Explanation(
        "the asset still has a value of {value} in minor units, and no proceeds are given",
        "give proceeds and the account that they go to, or proceeds of 0 to scrap it",
    ),
    "proceeds_account_missing": Explanation(
        "proceeds are given without the account that they go to", "give proceeds_account, such as CASH"
    ),
    "not_after_purchase": Explanation(
        "{field} is {value}, not after the purchase", "date it after the purchase, or correct purchase_date"
    ),
    "facts_after_disposal": Explanation(
        "the asset has a change of value or estimate, or a suspension, after this day: on {value}",
        "archive what comes after the disposal first, or date the disposal later",
    ),
    "below_floor": Explanation(
        "{field} would take the book value below what depreciation may leave: {value}",
        "record at most what is left above the residual value; use IMPAIRMENT to go below it",
    ),
    "ledger_account_missing": Explanation(
        "the asset has no ledger_account, nor has its type", "give the asset or its type a ledger_account"
    ),
    "changes_nothing": Explanation(
        "the estimate change changes nothing",
        "give at least one of remaining_life_months, rate_percent, residual_value and method",
    ),
    "wholly_past": Explanation(
        "{field} is {value}, before the first open period: nothing is left to suspend",
        "suspend days of an open period, or let the book charge late facts by their own day (lock_policy next_open)",
    ),
    "life_over": Explanation(
        "a life of {value} months in all has ended before the change takes effect",
        "give a longer life, or record an estimate change with the months that are left from its date on",
    ),
    "units_missing": Explanation(
        "the units used in the period, or in one before it, have not been reported",
        "report the units of each period since the start (`bookvalue units`, or units-used over HTTP); 0 if none",
    ),
    # an asset as a whole
    "residual_above_cost": Explanation(
        "the residual value {value} is above the cost", "give a residual value of at most the cost and the cost limit"
    ),
    "residual_missing": Explanation(
        "fixed_rate_declining derives its rate from the residual value, which is zero",
        "give {field} above zero, or use declining_balance",
    ),
    "opening_incomplete": Explanation(
        "an opening balance needs both its date and its accumulated depreciation ({field})", "give {field} as well"
    ),
    "opening_above_depreciable": Explanation(
        "the opening accumulated depreciation {value} is above the depreciable amount",
        "correct the accumulated depreciation, the cost, the cost limit or the residual value",
    ),
    "opening_current_year_above_accumulated": Explanation(
        "the current year's depreciation {value} is above the accumulated depreciation",
        "give the part of the accumulated depreciation that belongs to the running fiscal year",
    ),
    "opening_before_start": Explanation(
        "the opening balance is dated {value}, before depreciation starts",
        "correct opening_as_of, or leave the opening balance out",
    ),
    "opening_missing": Explanation(
        "the asset started before the business's books and has no opening balance",
        "import it with opening_as_of and opening_accumulated as of the day before the books start",
    ),
    "start_before_purchase": Explanation(
        "depreciation starts on {value}, before the purchase", "correct purchase_date or depreciation_start_date"
    ),
    "start_missing": Explanation(
        "a depreciable asset needs a depreciation start date", "give depreciation_start_date (or purchase_date)"
    ),
    "currency_mismatch": Explanation(
        "the asset is in {value}, its business in another currency", "convert the amounts into the business's currency"
    ),
    "posted_asset_changed": Explanation(
        "{field} cannot be changed once depreciation is posted: {value}",
        "leave {field} as it was; a life, rate, method or residual value changes from a day on with PATCH of the asset "
        "(effective_date) or `bookvalue estimate`, a cost with a value update; descriptive fields change freely",
    ),
    "account_holds_balance": Explanation(
        "{field} cannot be changed: account {value} holds what is posted, which a disposal would leave there",
        "leave {field} as it is; or take back what is posted first (roll back the runs, archive the value updates, "
        "reinstate the disposal)",
    ),
    "tags_from_posted": Explanation(
        "{field} lies before the first open period, and something is posted to the asset: {value}",
        "give the first day of the first open period or a later one; what is posted keeps the tags that it has",
    ),
    "status_not_allowed": Explanation(
        "the status cannot become {value}", "a draft can be registered; an asset is disposed of by a disposal"
    ),
    "order_of_disposed": Explanation(
        "only assets that are disposed of can be ordered by {value}", "ask with status=disposed, or order otherwise"
    ),
    "unknown_ledger_detail": Explanation("there is no ledger detail {value}", "add it at /ledger-details first"),
    "other_ledger_account": Explanation(
        "the ledger detail is on account {value}, the asset on another one",
        "name a detail on the ledger account of the asset",
    ),
    "asset_archived": Explanation("the asset is archived", "take it out of the archive first"),
    "not_changeable": Explanation("{field} cannot be changed: {value}", "leave {field} out, or as it was"),
    # what happens to an asset
    "amount_not_positive": Explanation(
        "{field} is not above zero: {value}", "give a positive amount; the type of the update gives its direction"
    ),
    "amount_or_book_value": Explanation(
        "amount and new_book_value are both given, or neither ({field})", "give exactly one of them"
    ),
    "not_in_a_schedule": Explanation(
        "{value} does not belong in a schedule, which computes depreciation itself",
        "leave it out, or give an opening balance or a method of manual",
    ),
    "before_start": Explanation(
        "{field} is {value}, before depreciation starts", "date it on the start or later, or correct the start"
    ),
    "before_opening": Explanation(
        "{field} is {value}, not after the opening balance", "date it later, or count it in the opening balance"
    ),
    "after_disposal": Explanation(
        "{field} is {value}, after the disposal", "leave it out, or correct the date of the disposal"
    ),
    "ends_before_it_begins": Explanation(
        "{field} is {value}, before its own first day", "give a last day on or after the first"
    ),
    "suspensions_overlap": Explanation(
        "the suspension from {value} begins before another one has ended", "join the two into one, or correct a date"
    ),
    "quantity_out_of_range": Explanation(
        "{field} is out of range: {value}", "give a quantity of at most 10^12 units; a total is above zero"
    ),
    "units_total_missing": Explanation(
        "units_of_production needs the units that the asset will give in all",
        'give units.total (units_total of a registered asset), such as "100000", or another method',
    ),
    "until_missing": Explanation(
        "the charges do not come down to the residual value by the end of the year 2300",
        "give {field}, a day to end the schedule at; or a life, or a higher residual value",
    ),
    "decrease_above_book_value": Explanation(
        "{field} takes more than the book value at its date", "give at most the book value at that date"
    ),
    "change_direction": Explanation(
        "the new book value {value} lies on the other side of the book value at its date",
        "use a type that raises the value for a higher one, and one that lowers it for a lower one",
    ),
    "manual_above_floor": Explanation(
        "the amount {value} is more than is left to depreciate; only the rest is charged",
        "correct the table, the cost or the residual value",
    ),
    # accounts that a charge needs
    "accumulated_account_missing": Explanation(
        "the asset has no accumulated depreciation account",
        "set accumulated_depreciation_account on the asset or on its asset type, then import again",
    ),
    "expense_account_missing": Explanation(
        "the asset has no depreciation expense account",
        "set depreciation_expense_account on the asset or on its asset type, then import again",
    ),
    # reasons why nothing is charged
    "not_depreciable": Explanation("the method is none", "nothing to do"),
    "draft": Explanation("the asset is a draft", "register it when it is in use"),
    "disposed": Explanation("the asset is disposed of", "nothing to do"),
    "cash_basis": Explanation(
        "the business keeps its books on a cash basis: changes of value have no effect on them",
        "nothing to do; cash movements go to the asset's ledger account",
    ),
}
