"""What each code of a finding means and how to mend it: one table, so that a stored code can always be explained.

A code is frozen once released; its words may improve. Must not decide when a code applies.
"""

from collections.abc import Mapping

from bookvalue.domain.asset_explanations import ASSET_EXPLANATIONS
from bookvalue.domain.explanation import Explanation

__all__ = ["EXPLANATIONS", "Explanation"]

EXPLANATIONS: Mapping[str, Explanation] = {
    **ASSET_EXPLANATIONS,
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
    "not_tags": Explanation(
        "{field} is not a list of tags: {value}", "write key=value for each tag, with ; between them"
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
        "start the file with the columns of one kind of file, separated by commas (see docs/import.md)",
    ),
    "line_malformed": Explanation(
        "the line cannot be read as CSV: {value}", "quote the field, and give one value a column"
    ),
    "not_utf8": Explanation("the file is not UTF-8 text", "save the file as UTF-8"),
}
