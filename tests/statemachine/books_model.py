"""The books of one business beside the database: periods, locks, and what each act posts to which account.

Written from SEMANTICS sections 1 and 4 to 7. Imports nothing of `src`; an act that must be refused raises Refused with
the code and leaves the books as they are.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from oracle.dates import FiscalCalendar

from .assets_model import ONE_DAY, SIGN, ModelAsset
from .recorded import DEPRECIATION, Charge, Fact, Refused, Tags, Update
from .tags_model import pieces

__all__ = ["CASH", "CLOSED", "LOCKED", "OPEN", "ModelBooks", "Place", "Refused"]

OPEN, CLOSED, LOCKED = "open", "closed", "locked"
CASH = "1010"


@dataclass(frozen=True)
class Place:
    """From which day a fact counts, which period it is for, and which one it lies in (their first days)."""

    day: date
    effective: date
    posting: date


@dataclass
class ModelBooks:
    """Books from `books_start` on. `journal`: (posting period, effective period, account, tags) -> debits less credits.

    rows: how many value updates there are of (asset, effective period, posting period, type, amount, whether it lies
    beside the plan, whether it is booked elsewhere).
    """

    calendar: FiscalCalendar
    books_start: date
    today: date
    policy: str = "next_open"
    assets: dict[str, ModelAsset] = field(default_factory=dict)
    status: dict[date, str] = field(default_factory=dict)
    journal: Counter[tuple[date, date, str, Tags]] = field(default_factory=Counter)
    rows: Counter[tuple[str, date, date, str, int, bool, bool]] = field(default_factory=Counter)
    disposed: Counter[tuple[str, date, date, date, tuple[int, int, int, int, int]]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.status = {self.period_of(self.books_start): OPEN}

    # Periods

    def period_of(self, day: date) -> date:
        """The first day of the period that holds a day."""
        return self.calendar.start(self.calendar.month_of(day))

    def end(self, start: date) -> date:
        """The last day of a period."""
        return self.calendar.end(self.calendar.month_of(start))

    def after(self, start: date) -> date:
        """The first day of the next period."""
        return self.end(start) + timedelta(days=1)

    def starts(self, *statuses: str) -> list[date]:
        """The periods that stand so, oldest first; all of them where nothing is said."""
        return [start for start, status in sorted(self.status.items()) if not statuses or status in statuses]

    def open_through(self, day: date) -> None:
        """Opens the periods up to the one that holds a day."""
        while self.end(max(self.status)) < day:
            self.status[self.after(max(self.status))] = OPEN

    def place(self, day: date, kind: str) -> Place:
        """Where a fact of a day goes: `posted`, `estimated` or `taken_back` (SEMANTICS section 7)."""
        own = self.period_of(day)
        if own < min(self.status):
            raise Refused("before_the_books")
        status = self.status.get(own, OPEN)
        if status == OPEN:
            return Place(day, own, own)
        first = self.starts(OPEN)[0]
        if kind == "posted" and status == LOCKED:
            raise Refused("period_locked")
        if self.policy == "refuse":
            raise Refused("late_fact_refused")
        if self.policy == "spread_remaining" and kind != "taken_back":
            return Place(first, first, first)
        return Place(day, own, first)

    # Postings

    def post(self, posting: date, effective: date, tags: Tags, *sides: tuple[str, int]) -> None:
        """An entry's sides: account, debits above zero."""
        assert sum(amount for _, amount in sides) == 0
        for account, amount in sides:
            self.journal[posting, effective, account, tags] += amount

    def row(
        self, asset: ModelAsset, effective: date, posting: date, kind: str, amount: int, tags: Tags, *,
        beside: bool = False, outside: bool = False,
    ) -> None:  # fmt: skip
        """A value update of the register."""
        self.rows[asset.external_id, effective, posting, kind, amount, beside, outside] += 1
        asset.touched = True
        if kind == DEPRECIATION and not beside:
            asset.posted[effective] += amount
            asset.posted_for[effective, tags] += amount

    def charge(self, asset: ModelAsset, effective: date, amount: int, tags: Tags) -> Charge:
        """Depreciation of a period: in that while it is open, else in the first open one."""
        posting = effective if self.status[effective] == OPEN else self.starts(OPEN)[0]
        accounts = asset.accounts
        self.post(posting, effective, tags, (accounts.expense, amount), (accounts.accumulated, -amount))
        self.row(asset, effective, posting, DEPRECIATION, amount, tags)
        return Charge(effective, posting, amount, tags)

    def pieces(
        self, asset: ModelAsset, effective: date, amount: int, disposed_on: date | None = None
    ) -> list[tuple[int, Tags]]:
        """The charge of a period by tags, in the order in which the asset had them."""
        return pieces(asset, (effective, self.end(effective)), amount, disposed_on)

    def periods_with_ends(self, last: date) -> list[tuple[date, date]]:
        """First and last day of every period up to one."""
        return [(start, self.end(start)) for start in self.starts() if start <= last]

    # Acts: assets

    def register(self, asset: ModelAsset, counter: str | None = None) -> None:
        """A new asset; its cost is posted only where an account paid for it. Late under `spread_remaining`, it stands
        still up to the first open period, and the life that is left then takes all of it."""
        first = asset.as_of + ONE_DAY if asset.as_of else asset.start
        registered, method = asset.status == "registered", asset.spec["settings"]["method"]
        if registered and method != "none" and self.status.get(self.period_of(first), OPEN) != OPEN:
            until = self.place(first, "estimated").day
            days = 2 if asset.spec["settings"].get("averaging") == "following_month" else 1
            last = until - timedelta(days=days)
            if self.policy == "spread_remaining" and asset.outlives(until) and last >= first:
                value = {"from": str(first), "to": str(last), "extend_life": False}
                asset.facts.append(Fact(None, "suspensions", value))
        if counter and asset.spec["cost"] and registered:
            placed = self.place(asset.start, "estimated")
            self.open_through(placed.day)
            cost = int(asset.spec["cost"])
            sides = (asset.accounts.asset, cost), (counter, -cost)
            tags = asset.tags_on(placed.day)
            self.post(placed.posting, placed.effective, tags, *sides)
            self.row(asset, placed.effective, placed.posting, "ACQUISITION", cost, tags)
        self.assets[asset.external_id] = asset

    def put_again(self, asset: ModelAsset, name: str, cost: int) -> None:
        """The same asset once more: its name may change, its cost only while nothing is posted to it."""
        if asset.touched and cost != asset.spec["cost"]:
            raise Refused("posted_asset_changed")
        asset.name, asset.spec["cost"] = name, cost

    def sides(self, asset: ModelAsset, update_type: str, amount: int, counter: str) -> list[tuple[str, int]]:
        """What a value update does to which account."""
        if update_type == DEPRECIATION:
            return [(counter, amount), (asset.accounts.accumulated, -amount)]
        signed = SIGN[update_type] * amount
        return [(asset.accounts.asset, signed), (counter, -signed)]

    def require(self, asset: ModelAsset, day: date) -> None:
        """What any posted fact of a day requires of its asset."""
        if asset.status == "draft":
            raise Refused("asset_not_registered")
        if asset.status == "disposed":
            raise Refused("asset_disposed")
        if day > self.today:
            raise Refused("in_the_future")
        if day < asset.start:
            raise Refused("before_start")
        if asset.as_of is not None and day <= asset.as_of:
            raise Refused("before_opening")

    def require_later(self, asset: ModelAsset, day: date) -> None:
        """What value changes and disposals require: that they lie after the purchase, too."""
        self.require(asset, day)
        if asset.purchased is not None and day <= asset.purchased:
            raise Refused("not_after_purchase")

    def record(self, asset: ModelAsset, kind: str, amount: int, counter: str, day: date, life: int | None) -> Update:
        """A value update that somebody records."""
        self.require(asset, day)
        placed = self.place(day, "posted")
        sides, tags = self.sides(asset, kind, amount, counter), asset.tags_on(placed.day)
        update = Update(
            None, kind, amount, counter, placed.day, placed.effective, placed.posting, sides, tags, life
        )  # fmt: skip
        tried = asset.trying(updates=[*asset.updates, update], posted=Counter(asset.posted))
        if kind == DEPRECIATION:
            tried.posted[placed.effective] += amount
            if tried.passes_floor():
                raise Refused("below_floor")
        if tried.value_falls_short():
            raise Refused("decrease_above_book_value")
        return self.put(asset, update)

    def put(self, asset: ModelAsset, update: Update) -> Update:
        """Posts a value update that nothing stands against."""
        self.open_through(update.day)
        asset.updates.append(update)
        self._post(asset, update, update.posting, 1)
        return update

    def archive(self, asset: ModelAsset, update: Update) -> None:
        """Takes a value update back, by its mirror image; twice is once."""
        if update.archived:
            return
        if asset.status == "disposed":
            raise Refused("asset_disposed")
        placed = self.place(update.day, "taken_back")
        others = [one for one in asset.updates if one is not update]
        if asset.trying(updates=others).value_falls_short():
            raise Refused("decrease_above_book_value")
        update.archived = True
        self._post(asset, update, max(placed.posting, update.posting), -1)

    def _post(self, asset: ModelAsset, update: Update, posting: date, sign: int) -> None:
        mirrored = ((account, sign * amount) for account, amount in update.sides)
        self.post(posting, update.effective, update.tags, *mirrored)
        amount, outside = sign * update.amount, not update.sides
        self.row(
            asset, update.effective, posting, update.type, amount, update.tags, beside=update.beside, outside=outside
        )

    # Acts: periods

    def lacking(self, asset: ModelAsset, last: date, disposed_on: date | None = None) -> list[date]:
        """The periods up to one of which an asset by units lacks a report: those that are open, and those that a late
        report can be caught up for."""
        if asset.spec["settings"]["method"] != "units_of_production":
            return []
        total, found = Fraction(asset.spec["units"]["total"]), []
        reports = [(one.day, Fraction(one.value["quantity"])) for one in asset.facts_of("units.used")]
        for start, end in self.periods_with_ends(last):
            held = asset.start <= end and (disposed_on is None or disposed_on >= start)
            counts = self.status[start] == OPEN or self.policy == "next_open"
            used = sum((quantity for day, quantity in reports if day < start), Fraction(0))
            if held and counts and used < total and not self.reported(asset, start):
                found.append(start)
        return found

    def reported(self, asset: ModelAsset, start: date) -> bool:
        """Whether the units of a period are reported; late ones that were moved to its first day are not its own."""
        first = start + ONE_DAY if self.policy == "spread_remaining" else start
        return any(first <= one.day <= self.end(start) for one in asset.facts_of("units.used"))

    def close(self, last: date) -> tuple[int, int]:
        """The run of an open period: charges every asset that lacks nothing. Where none does, it closes the period and
        those before it. Returns what it posted, and how many assets it could not charge."""
        posted, blocked = 0, 0
        for asset in self.assets.values():
            if asset.status == "registered" and self.lacking(asset, last):
                blocked += 1
            elif asset.status == "registered":
                for effective, amount in asset.charges_of_a_run(self.periods_with_ends(last)).items():
                    pieces_ = self.pieces(asset, effective, amount)
                    asset.charged += [self.charge(asset, effective, piece, tags) for piece, tags in pieces_]
                    posted += amount
        for start in self.starts(OPEN):
            if start <= last and not blocked:
                self.status[start] = CLOSED
        self.status.setdefault(self.after(last), OPEN)
        return posted, blocked

    def lock(self, start: date) -> bool:
        """Locks a period; whether that is new."""
        if self.status[start] == LOCKED:
            return False
        if self.status[start] != CLOSED or any(self.status[one] != LOCKED for one in self.starts() if one < start):
            raise Refused("period_not_lockable")
        self.status[start] = LOCKED
        return True

    def reopen(self, start: date) -> None:
        """Reopens the newest closed period."""
        if self.status[start] != CLOSED or any(self.status[one] != OPEN for one in self.starts() if one > start):
            raise Refused("period_not_reopenable")
        self.status[start] = OPEN

    def balances(self) -> Counter[str]:
        """Debits less credits of each account."""
        found: Counter[str] = Counter()
        for (_, _, account, _), amount in self.journal.items():
            found[account] += amount
        return found
