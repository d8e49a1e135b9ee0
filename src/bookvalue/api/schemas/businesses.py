"""What businesses, their settings and their books look like."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from bookvalue.api.schemas.accounts import AccountRef, account_ref
from bookvalue.api.schemas.base import Out
from bookvalue.api.schemas.raw import Raw, account, day, described, text, words
from bookvalue.domain.terms import AccountingBasis, AssetAccounts, AutoClose, JournalGrain, LockPolicy
from bookvalue.services.read_businesses import SettingsView
from bookvalue.storage.businesses import KeptBusiness

_KEY = "Its own short name, unique in the installation."
_PREFIX = "What asset numbers begin with."
_SEQUENCE = "The number that asset numbers go on from; those that are taken are passed over."
_OWN = "Where an asset's cost is carried that names no account: its type's, or one of its own under Fixed Assets."
_BASIS = "On `cash`, runs skip the assets."


class BookChange(Raw):
    """A change of a book's policies; what is left out stays, what is null goes back to its default."""

    grain: Any = words("One entry a close, or one an asset.", JournalGrain)
    auto: Any = words("How far a close goes without a person.", AutoClose)
    close_after_days: Any = described(
        "Days between a period's end and its close.", 5, type="integer", minimum=0, maximum=366
    )
    close_at: Any = text("Local time of the close, HH:MM.", "06:00")
    lock_policy: Any = words("Where a fact goes whose own period is no longer open.", LockPolicy)
    auto_lock_after_days: Any = described(
        "Days between a period's end and its lock; null: never by itself.", 30, type="integer", minimum=0, maximum=366
    )


class SettingsChange(Raw):
    """A change of settings; what periods were made from (the last four) is refused with `business_in_use`."""

    name: Any = text("Its name.", "Lisbon Studio")
    accounting_basis: Any = words(_BASIS, AccountingBasis)
    number_prefix: Any = text(_PREFIX, "FA-")
    number_sequence: Any = described(_SEQUENCE, 1, type="integer", minimum=1, maximum=10**15)
    asset_accounts: Any = words(_OWN, AssetAccounts)
    gain_account: Any = account("Credited by a disposal's gain.", "GAIN_ON_DISPOSAL")
    loss_account: Any = account("Debited by a disposal's loss.", "LOSS_ON_DISPOSAL")
    capital_gain_account: Any = account("Credited by what proceeds exceed cost by.", "CAPITAL_GAIN_ON_DISPOSAL")
    currency: Any = text("ISO 4217.", "EUR")
    time_zone: Any = text("IANA name; decides what day it is.", "Europe/Lisbon")
    fiscal_year_start: Any = text("MM-DD, any day but 02-29.", "01-01")
    books_start: Any = day("The first day that these books charge for.", "2026-08-01")


class BusinessIn(BookChange):
    """A new business, with the policies of its book."""

    model_config = ConfigDict(
        json_schema_extra={
            "additionalProperties": False,
            "required": ["key", "name", "currency", "time_zone", "books_start"],
        }
    )

    key: Any = text(_KEY, "lisbon-studio")
    name: Any = text("Its name.", "Lisbon Studio")
    currency: Any = text("ISO 4217.", "EUR")
    time_zone: Any = text("IANA name; decides what day it is.", "Europe/Lisbon")
    books_start: Any = day("The first day that these books charge for.", "2026-08-01")
    fiscal_year_start: Any = text("MM-DD, any day but 02-29; 01-01 if left out.", "01-01")
    accounting_basis: Any = words(_BASIS, AccountingBasis)
    number_prefix: Any = text(_PREFIX, "FA-")
    asset_accounts: Any = words(_OWN, AssetAccounts)


class _BusinessOut(Out):
    name: str
    currency: str
    time_zone: str
    fiscal_year_start: str
    books_start: date
    accounting_basis: AccountingBasis
    number_prefix: str
    asset_accounts: AssetAccounts


class SettingsOut(_BusinessOut):
    """A business's settings."""

    number_sequence: int = Field(description=_SEQUENCE)
    gain_account: AccountRef | None
    loss_account: AccountRef | None
    capital_gain_account: AccountRef | None
    last_depreciation_date: date | None = Field(description="The last day of the last period that is posted or closed.")


class BusinessOut(_BusinessOut):
    """A business."""

    id: UUID
    key: str
    book_id: UUID


class BookOut(Out):
    """A book: where postings go, and when its periods close."""

    id: UUID
    name: str
    is_posting: bool
    lock_policy: LockPolicy
    grain: JournalGrain
    auto: AutoClose
    close_after_days: int
    close_at: str
    auto_lock_after_days: int | None


def _settings(kept: KeptBusiness) -> dict[str, Any]:
    value = kept.value
    return {
        "name": value.name, "currency": value.currency, "time_zone": value.time_zone,
        "fiscal_year_start": str(value.fiscal_calendar), "books_start": value.books_start,
        "accounting_basis": value.accounting_basis, "number_prefix": value.number_prefix,
        "asset_accounts": value.asset_accounts,
    }  # fmt: skip


def settings_out(view: SettingsView) -> SettingsOut:
    """The settings as they are shown."""
    return SettingsOut(
        number_sequence=view.kept.next_number,
        last_depreciation_date=view.last_depreciation_date,
        **{name: account_ref(kept) for name, kept in view.accounts.items()},
        **_settings(view.kept),
    )


def business_out(kept: KeptBusiness) -> BusinessOut:
    """The business as it is shown."""
    return BusinessOut(id=kept.id, key=kept.value.key, book_id=kept.book_id, **_settings(kept))


def book_out(kept: KeptBusiness) -> BookOut:
    """The posting book as it is shown."""
    value = kept.value
    return BookOut(
        id=kept.book_id,
        name="primary",
        is_posting=True,
        lock_policy=value.lock_policy,
        grain=value.grain,
        auto=value.auto,
        close_after_days=value.close_after_days,
        close_at=f"{value.close_at:%H:%M}",
        auto_lock_after_days=value.auto_lock_after_days,
    )
