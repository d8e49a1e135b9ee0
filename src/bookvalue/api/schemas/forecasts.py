"""Forecasts over HTTP: what may be asked for, and how one is shown."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictInt

from bookvalue.api.schemas.base import Id, Out
from bookvalue.api.schemas.runs import FindingOut, PeriodName
from bookvalue.api.schemas.schedule import ScheduleIn
from bookvalue.services.forecast import MOST_PERIODS
from bookvalue.services.forecast_groups import GroupBy

_EACH = "In each of the periods, in their order."
_CATCH_UP = "Due before the first period and not posted: charged by the next run, for the periods that it is due for."


class ForecastIn(ScheduleIn):
    """Hypothetical assets, as for a schedule: currency and fiscal year are the business's and need not be given,
    `frequency` and `until` do not matter."""

    periods: Annotated[StrictInt, Field(ge=1, le=MOST_PERIODS, description="How many periods.")] = 12
    first: Annotated[
        PeriodName | None,
        Field(alias="from", description="The first period, YYYY-MM; the first that is not closed if left out."),
    ] = None
    book_id: Annotated[Id | None, Field(description="The posting book, where it is left out.")] = None


class ForecastFigures(Out):
    """Depreciation that falls due."""

    depreciation: int = Field(description="Of the registered assets.")
    what_if: int = Field(description="Of the hypothetical assets.")
    total: int = Field(description="Of both.")


class ForecastPeriod(ForecastFigures):
    """One period."""

    period: str
    period_start: date
    period_end: date


class ForecastType(Out):
    """An asset type."""

    id: UUID
    name: str


class ForecastAccount(Out):
    """An account."""

    id: UUID
    code: str
    stable_name: str | None
    name: str


class ForecastAsset(Out):
    """An asset."""

    id: UUID
    external_id: str
    number: str
    name: str


class ForecastGroup(Out):
    """A part of the registered assets: what it is, as asked for with `by`, and what falls due in it."""

    asset_type: ForecastType | None = Field(default=None, description="By type; null: those without a type.")
    expense_account: ForecastAccount | None = Field(default=None, description="By account: the one debited.")
    accumulated_account: ForecastAccount | None = Field(default=None, description="By account: the one credited.")
    asset: ForecastAsset | None = Field(default=None, description="By asset.")
    code: str | None = Field(default=None, description="By asset: why it is not charged, or null.")
    catch_up: int = Field(description=_CATCH_UP)
    depreciation: list[int] = Field(description=_EACH)


class ForecastNotCharged(Out):
    """Assets that the runs will leave out as the facts are now."""

    status: str = Field(description="`skipped` or `blocked`.")
    code: str
    field: str | None = Field(description="What to mend.")
    assets: int


class ForecastWhatIf(Out):
    """One hypothetical asset; without figures and with findings where it would not be charged."""

    id: str | None
    catch_up: int = Field(description=_CATCH_UP)
    depreciation: list[int] = Field(description=_EACH)
    findings: list[FindingOut]


class ForecastOut(Out):
    """What the runs of a book's next periods will charge, if no fact changes. Amounts are minor units."""

    book_id: UUID
    currency: str
    assets: int = Field(description="How many registered assets are in it, those not charged too.")
    catch_up: ForecastFigures = Field(description=_CATCH_UP)
    periods: list[ForecastPeriod]
    not_charged: list[ForecastNotCharged]
    by: GroupBy | None
    groups: list[ForecastGroup] = Field(description="One page of them.")
    what_if: list[ForecastWhatIf]


class ForecastPage(Out):
    """A forecast with one page of its groups."""

    data: ForecastOut
    next: str | None = Field(description="The cursor of the next page of groups, or null at the end.")
