"""What each code of a finding means and how to mend it: one table, so that a stored code can always be explained.

A code is frozen once released; its words may improve. Must not decide when a code applies.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means and how to mend it; both may use {field} and {value}."""

    message: str
    remedy: str


EXPLANATIONS: Mapping[str, Explanation] = {
    # shape of a value
    "required": Explanation("{field} is missing", "give a value for {field}"),
    "unknown_field": Explanation("{field} is not a known field", "remove it, or correct its name"),
    "not_text": Explanation("{field} must be text", "give {field} as text"),
    "text_too_long": Explanation("{field} is too long", "shorten {field} to at most 500 characters"),
    "text_not_allowed": Explanation(
        "{field} holds a NUL character or a lone surrogate", "remove the character that cannot be stored"
    ),
    "not_an_integer": Explanation("{field} must be a whole number, not {value}", "give {field} as a whole number"),
    "not_an_amount": Explanation(
        "{field} is not an amount: {value}",
        "write a plain decimal such as 40000.00, without thousands separators or a currency sign",
    ),
    "too_many_decimals": Explanation(
        "{field} has more decimals than its currency or unit allows: {value}",
        "round {field}: a rate has at most 9 decimals, a factor or quantity 6, an amount those of its currency",
    ),
    "amount_negative": Explanation("{field} is negative: {value}", "give zero or a positive amount"),
    "amount_out_of_range": Explanation(
        "{field} is beyond what can be computed exactly: {value}", "amounts go up to 10^15 minor units; split the asset"
    ),
    "not_a_date": Explanation("{field} is not a date: {value}", "write the date as YYYY-MM-DD, from 1900 to 2200"),
    "not_a_decimal": Explanation(
        "{field} is not a decimal number: {value}", 'write a plain decimal such as "33.333333333"'
    ),
    "not_an_object": Explanation("{field} must be an object", "give {field} as an object with named fields"),
    "not_one_of": Explanation("{field} has an unknown value: {value}", "use one of the values documented for {field}"),
    "out_of_range": Explanation("{field} is out of range: {value}", "give a value within the documented range"),
    "not_a_time": Explanation("{field} is not a time of day: {value}", "write the time as HH:MM, from 00:00 to 23:59"),
    "not_a_key": Explanation(
        "{field} cannot be a business's key: {value}",
        "use 1 to 63 letters, digits, hyphens, underscores and dots, beginning with a letter or digit",
    ),
    "not_storable": Explanation(
        "{field} holds a value that cannot be stored as JSON",
        "use plain JSON, at most 32 levels deep, without NaN or NUL",
    ),
    # shape of a request
    "not_a_boolean": Explanation("{field} must be true or false, not {value}", "give {field} as true or false"),
    "not_a_list": Explanation("{field} must be a list", "give {field} as a list"),
    "not_an_id": Explanation("{field} is not an id: {value}", "give an id as it was answered, a UUID"),
    "not_an_instant": Explanation(
        "{field} is not an instant: {value}", "write date, time and offset, such as 2026-11-20T12:00:00Z"
    ),
    "not_a_cursor": Explanation(
        "{field} is not a cursor of this list", "give the `next` of the page before, unchanged, with the same filters"
    ),
    "page_and_cursor": Explanation(
        "both a page's number and a cursor are given", "ask by page and per_page, or go on by the cursor"
    ),
    "not_an_idempotency_key": Explanation(
        "{field} is not an idempotency key", "give it once, with 1 to 128 visible ASCII characters, such as a UUID"
    ),
    "given_twice": Explanation("{field} is given more than once", "give {field} once"),
    "wrong_format": Explanation("{field} is not written as it must be: {value}", "write {field} as documented"),
    "too_many": Explanation("{field} has too many members", "give fewer, or ask in several requests"),
    "too_few": Explanation("{field} has too few members", "give at least as many as documented"),
    "not_valid": Explanation("{field} is not valid: {value}", "give {field} as documented"),
    "too_deep": Explanation("{field} is nested too deeply", "nest at most 64 levels deep"),
    "not_a_number": Explanation(
        "{field} holds a number that JSON does not know or that is beyond any use",
        "write a plain number; NaN and Infinity are not JSON",
    ),
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
    # depreciation settings
    "unknown_method": Explanation(
        "{value} is not a depreciation method known here",
        "use none, full, straight_line, declining_balance, fixed_rate_declining, sum_of_years_digits, "
        "units_of_production or manual",
    ),
    "unknown_averaging": Explanation(
        "{value} is not an averaging rule known here",
        "use full_month, following_month, half_month, mid_month, half_year, mid_quarter, actual_days, days_360, "
        "partial_month_by_days or full_year",
    ),
    "unknown_profile": Explanation(
        "{value} is not a profile known here",
        "use xero_full_month, xero_actual_days, layer, moneybird_linear, irs_macrs_half_year, irs_macrs_mid_quarter "
        "or irs_macrs_mid_month, or leave it out and give the settings",
    ),
    "life_and_rate": Explanation(
        "both a life and a rate are given ({field})", "give life_months or rate_percent, not both"
    ),
    "life_contradicts": Explanation(
        "useful_life_months and depreciation.life_months are different: {value}",
        "give one of them, or the same life twice",
    ),
    "life_or_rate_missing": Explanation(
        "the method needs a life or a rate", "give life_months (for example 60) or rate_percent (for example 20)"
    ),
    "life_out_of_range": Explanation("{field} is out of range: {value}", "give a life of 1 to 1200 months"),
    "rate_out_of_range": Explanation(
        "{field} is out of range: {value}", "give a rate above 0 and at most 1000 percent a year"
    ),
    "factor_out_of_range": Explanation("{field} is out of range: {value}", "give a factor above 0 and at most 100"),
    "rate_places_out_of_range": Explanation("{field} is out of range: {value}", "give 1 to 9 decimals"),
    "life_missing": Explanation(
        "the method, or a setting beside it, needs a life, and there is none", "give {field}, in months"
    ),
    "setting_needs_life": Explanation(
        "{field} needs a life, and a rate is given: {value}", "give a life instead of the rate, or leave {field} out"
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
        "the asset started before the business's books and has no opening balance ({value})",
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
        "(effective_date) or `bookvalue estimate`, a cost with a value update; descriptive fields and accounts change "
        "freely",
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
        "the decrease {value} is above the book value at its date", "give at most the book value at that date"
    ),
    "change_direction": Explanation(
        "the new book value {value} lies on the other side of the book value at its date",
        "use a type that raises the value for a higher one, and one that lowers it for a lower one",
    ),
    "manual_above_floor": Explanation(
        "the amount {value} is more than is left to depreciate; only the rest is charged",
        "correct the table, the cost or the residual value",
    ),
    # references
    "not_an_account_reference": Explanation(
        "{field} does not name an account: {value}",
        'give a stable name, a code, {{"type": "AccountId", "id"}} or {{"type": "StableName", "stable_name"}}',
    ),
    "unknown_business": Explanation("no business {value}", "import the business first, or correct the name"),
    "unknown_asset_type": Explanation("no asset type {value} in this business", "import the type first, or correct it"),
    "unknown_account": Explanation(
        "no account {value} in this business", "use the code or stable name of an account in its chart"
    ),
    "duplicate": Explanation("{field} {value} comes more than once", "keep one line for each {field}"),
    "duplicate_number": Explanation("asset number {value} is taken in this business", "choose another number"),
    # what an import says of a line that it takes
    "opening_gap": Explanation(
        "these books begin later: what is due from {value} on is charged in their first period, in one amount",
        "nothing, if it was charged nowhere else; else give the balance of the day before the books begin",
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
    # settings of a business
    "unknown_time_zone": Explanation("{value} is not a time zone", "use an IANA name such as Europe/Amsterdam"),
    "unknown_currency": Explanation("{value} is not a currency", "use an ISO 4217 code such as EUR"),
    "not_a_fiscal_year_start": Explanation(
        "{value} cannot start a fiscal year", "write it as MM-DD, any day of the year but 02-29"
    ),
    "business_in_use": Explanation(
        "{field} of a business with periods cannot be changed: {value}", "leave {field} as it was"
    ),
    "not_a_period": Explanation("{value} is not a period", "write the period as YYYY-MM, the month it begins in"),
    # a file
    "not_json": Explanation("the line is not JSON: {value}", "write one JSON object a line, with plain numbers"),
    "line_too_long": Explanation("the line is too long: {value} bytes", "write at most 2 MiB (2,097,152 bytes) a line"),
    "columns_not_recognised": Explanation(
        "the header is none of the known registers: {value}",
        "start the file with the columns of businesses, accounts, asset types or assets (see docs/import.md)",
    ),
    "line_malformed": Explanation(
        "the line cannot be read as CSV: {value}", "quote the field, and give one value a column"
    ),
    "not_utf8": Explanation("the file is not UTF-8 text", "save the file as UTF-8"),
    # reasons why nothing is charged
    "not_depreciable": Explanation("the method is none", "nothing to do"),
    "draft": Explanation("the asset is a draft", "register it when it is in use"),
    "disposed": Explanation("the asset is disposed of", "nothing to do"),
    "cash_basis": Explanation(
        "the business keeps its books on a cash basis: changes of value have no effect on them",
        "nothing to do; cash movements go to the asset's ledger account",
    ),
}
