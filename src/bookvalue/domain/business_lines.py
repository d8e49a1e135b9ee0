"""A line of businesses.csv -> a Business; a line of accounts.csv -> an Account; or findings on the line.

Each also tells the Reading what later lines may refer to, even where the line itself is broken.
"""

from collections.abc import Mapping

from bookvalue.domain.business import Business
from bookvalue.domain.business_spec import CHART_FIELDS, POLICY_FIELDS, SETTINGS_FIELDS, read_key
from bookvalue.domain.calendar import FiscalCalendar
from bookvalue.domain.chart import DEFAULT_CHART, Account
from bookvalue.domain.field_readers import Reader, read_name
from bookvalue.domain.register_columns import raw_of
from bookvalue.domain.register_reading import BusinessInFiles, CsvLine, Reading, business_of, read_cells

_BUSINESS_READERS: Mapping[str, Reader] = {"business": read_key, **SETTINGS_FIELDS, **POLICY_FIELDS}
_ACCOUNT_READERS: Mapping[str, Reader] = {"business": read_name, **CHART_FIELDS}


def read_business(line: CsvLine, reading: Reading) -> Business | None:
    """The business that a line of businesses.csv describes, or None with findings on the line."""
    raw, _ = raw_of(line.kind, line.cells, "")
    values = read_cells(line, raw, _BUSINESS_READERS)
    key = line.cells.get("business")
    if key is None:
        reading.lose("businesses", "")
        return None
    if reading.repeats("business", key):
        line.refuse("duplicate", "business")
        return None
    chart = {name for account in DEFAULT_CHART for name in account.references}
    business = reading.businesses.setdefault(key, BusinessInFiles(None, accounts=chart))
    business.currency = values.get("currency")
    if line.findings:
        return None
    calendar = values.pop("fiscal_year_start", FiscalCalendar())
    return Business(key=values.pop("business"), fiscal_calendar=calendar, **values)


def read_account(line: CsvLine, reading: Reading) -> Account | None:
    """The account that a line of accounts.csv describes, or None with findings on the line."""
    business = business_of(line, reading)
    raw, _ = raw_of(line.kind, line.cells, "")
    raw.setdefault("business", "none")  # already reported
    values = read_cells(line, raw, _ACCOUNT_READERS)
    for column in ("code", "stable_name"):
        name = line.cells.get(column)
        if name is not None:
            if reading.repeats("account", line.cells.get("business", ""), name):
                line.refuse("duplicate", column)
            if business.accounts is not None:
                business.accounts.add(name)
            if business.stand_in:
                reading.lose("accounts", name)
    if line.findings:
        if "code" not in line.cells:
            reading.lose("accounts", "")
        return None
    return Account(values["code"], values.get("stable_name"), values["name"], values["type"])
