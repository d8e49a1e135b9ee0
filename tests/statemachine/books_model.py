"""The books of one business beside the database: periods, locks, and what each act posts to which account.

Written from SEMANTICS sections 1 and 4 to 7. Imports nothing of `src`; an act that must be refused raises Refused with
the code and leaves the books as they are.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from oracle.dates import FiscalCalendar

from .assets_model import DAY_OF, DEPRECIATION, ONE_DAY, SIGN, Accounts, Disposal, Fact, ModelAsset, Update

OPEN, CLOSED, LOCKED = "open", "closed", "locked"
RESULT = {"gain": "4900", "loss": "6530", "capital": "4910"}
CASH = "1010"


class Refused(Exception):
    """What must be refused, with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Place:
    """From which day a fact counts, which period it is for, and which one it lies in (their first days)."""

    day: date
    effective: date
    posting: date


@dataclass
class ModelBooks:
    """Books from `books_start` on. `journal`: (posting period, effective period, account) -> debits less credits."""

    calendar: FiscalCalendar
    books_start: date
    today: date
    policy: str = "next_open"
    assets: dict[str, ModelAsset] = field(default_factory=dict)
    status: dict[date, str] = field(default_factory=dict)
    journal: Counter[tuple[date, date, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, date, date, str, int]] = field(default_factory=Counter)
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

    def post(self, posting: date, effective: date, *sides: tuple[str, int]) -> None:
        """An entry's sides: account, debits above zero."""
        assert sum(amount for _, amount in sides) == 0
        for account, amount in sides:
            self.journal[posting, effective, account] += amount

    def row(self, asset: ModelAsset, effective: date, posting: date, kind: str, amount: int) -> None:
        """A value update of the register."""
        self.rows[asset.external_id, effective, posting, kind, amount] += 1
        asset.touched = True
        if kind == DEPRECIATION:
            asset.posted[effective] += amount

    def charge(self, asset: ModelAsset, effective: date, amount: int) -> None:
        """Depreciation of a run: in its own period while that is open, else in the first open one."""
        posting = effective if self.status[effective] == OPEN else self.starts(OPEN)[0]
        accounts = asset.accounts
        self.post(posting, effective, (accounts.expense, amount), (accounts.accumulated, -amount))
        self.row(asset, effective, posting, DEPRECIATION, amount)

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
            self.post(placed.posting, placed.effective, (asset.accounts.asset, cost), (counter, -cost))
            self.row(asset, placed.effective, placed.posting, "ACQUISITION", cost)
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

    def record(self, asset: ModelAsset, kind: str, amount: int, counter: str, day: date, life: int | None) -> Update:
        """A value update that somebody records."""
        self.require(asset, day)
        placed = self.place(day, "posted")
        update = Update(None, kind, amount, counter, placed.day, placed.effective, placed.posting, life)
        tried = asset.trying(updates=[*asset.updates, update], posted=Counter(asset.posted))
        if kind == DEPRECIATION:
            tried.posted[placed.effective] += amount
            if tried.passes_floor():
                raise Refused("below_floor")
        if tried.value_falls_short():
            raise Refused("decrease_above_book_value")
        self.open_through(placed.day)
        asset.updates.append(update)
        self.post(placed.posting, placed.effective, *self.sides(asset, kind, amount, counter))
        self.row(asset, placed.effective, placed.posting, kind, amount)
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
        posting = max(placed.posting, update.posting)
        sides = self.sides(asset, update.type, -update.amount, update.counter)
        self.post(posting, update.effective, *sides)
        self.row(asset, update.effective, posting, update.type, -update.amount)

    # Acts: facts without an entry

    def _begun(self, asset: ModelAsset, day: date) -> tuple[date, bool]:
        """From when a fact counts, and whether the books have reached that."""
        counts = max(day, asset.as_of + ONE_DAY) if asset.as_of else day
        return counts, counts <= self.end(max(self.status))

    def state(self, asset: ModelAsset, fact: Fact) -> Fact:
        """An estimate change, a suspension or a manual amount that somebody records."""
        if asset.status != "registered":
            raise Refused("asset_not_registered" if asset.status == "draft" else "asset_disposed")
        self._check(asset, fact)
        counts, begun = self._begun(asset, fact.day)
        placed = self.place(counts, "estimated") if begun else Place(fact.day, fact.day, fact.day)
        if placed.day != counts and begun:
            if fact.list == "suspensions" and fact.value["to"] < str(placed.day):
                raise Refused("wholly_past")
            fact.value = {**fact.value, DAY_OF[fact.list]: str(placed.day)}
            self._check(asset, fact)
        if asset.in_force() and asset.trying(facts=[*asset.facts, fact]).value_falls_short():
            raise Refused("decrease_above_book_value")
        asset.facts.append(fact)
        return fact

    def _check(self, asset: ModelAsset, fact: Fact) -> None:
        """What a fact cannot be beside the asset and its other facts."""
        if fact.day < asset.start:
            raise Refused("before_start")
        if fact.list == "estimate_changes":
            if asset.as_of is not None and fact.day <= asset.as_of:
                raise Refused("before_opening")
            residual = fact.value.get("residual_value")
            if residual is not None and residual > asset.limited_on(fact.day):
                raise Refused("residual_above_cost")
        if fact.list == "suspensions" and any(
            one.value["from"] <= fact.value["to"] and fact.value["from"] <= one.value["to"]
            for one in asset.facts_of("suspensions")
        ):
            raise Refused("suspensions_overlap")

    def unsay(self, asset: ModelAsset, fact: Fact) -> None:
        """Archives a fact without an entry; twice is once."""
        if fact.archived:
            return
        if asset.status == "disposed":
            raise Refused("asset_disposed")
        counts, begun = self._begun(asset, fact.day)
        if begun:
            self.place(counts, "taken_back")
        others = [one for one in asset.facts if one is not fact]
        if asset.in_force() and asset.trying(facts=others).value_falls_short():
            raise Refused("decrease_above_book_value")
        fact.archived = True

    # Acts: disposal

    def dispose(self, asset: ModelAsset, day: date, proceeds: int | None) -> Disposal:
        """Takes an asset off the books, with the depreciation up to the day."""
        self.require(asset, day)
        placed = self.place(day, "posted")
        later = [one.day for one in asset.updates if not one.archived]
        later += [one.day for one in asset.facts_of("estimate_changes", "suspensions")]
        if any(one > placed.day for one in later):
            raise Refused("facts_after_disposal")
        last = max(max(self.status), self.period_of(placed.day))
        ends = self.periods_with_ends(last)
        while ends[-1][0] < last:
            ends.append((self.after(ends[-1][0]), self.end(self.after(ends[-1][0]))))
        charges = asset.charges(ends, placed.day)
        cost, increased = asset.cost, int(asset.spec["cost"]) + asset.increases
        gone = asset.opened + asset.total_posted + sum(charges.values())
        if proceeds is None and cost != gone:
            raise Refused("value_left")
        self.open_through(placed.day)
        stub = charges.pop(placed.effective, 0)
        for effective, amount in charges.items():
            self.charge(asset, effective, amount)
        received = proceeds or 0
        result, capital = min(received, increased) - (cost - gone), max(0, received - increased)
        accounts = asset.accounts
        sides = [(accounts.expense, stub), (accounts.accumulated, gone - stub), (accounts.asset, -cost),
                 (CASH, received), (RESULT["gain" if result > 0 else "loss"], -result),
                 (RESULT["capital"], -capital)]  # fmt: skip
        row = cost, gone, received, result, capital
        disposal = Disposal(None, placed.day, placed.effective, placed.posting, stub, sides, row)
        self._derecognise(asset, disposal, disposal.posting, 1)
        asset.disposals.append(disposal)
        asset.status = "disposed"
        return disposal

    def reinstate(self, asset: ModelAsset, disposal: Disposal) -> None:
        """Takes a disposal back by the mirror image of its entry."""
        if disposal.reinstated:
            raise Refused("disposal_reinstated")
        posting = max(self.place(disposal.day, "taken_back").posting, disposal.posting)
        self._derecognise(asset, disposal, posting, -1)
        disposal.reinstated = True
        asset.status = "registered"

    def _derecognise(self, asset: ModelAsset, disposal: Disposal, posting: date, sign: int) -> None:
        effective = disposal.effective
        self.post(posting, effective, *((account, sign * amount) for account, amount in disposal.sides))
        if disposal.stub:
            self.row(asset, effective, posting, DEPRECIATION, sign * disposal.stub)
        row = tuple(sign * amount for amount in disposal.row)
        self.disposed[asset.external_id, effective, posting, disposal.day, row] += 1  # type: ignore[index]

    # Acts: periods

    def close(self, last: date) -> int:
        """The run of an open period: charges every asset, closes it and those before it; returns what it posted."""
        posted = 0
        for asset in self.assets.values():
            if asset.status == "registered":
                for effective, amount in asset.charges(self.periods_with_ends(last)).items():
                    self.charge(asset, effective, amount)
                    posted += amount
        for start in self.starts(OPEN):
            if start <= last:
                self.status[start] = CLOSED
        self.status.setdefault(self.after(last), OPEN)
        return posted

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
        for (_, _, account), amount in self.journal.items():
            found[account] += amount
        return found


__all__ = ["CASH", "CLOSED", "LOCKED", "OPEN", "Accounts", "Fact", "ModelBooks", "Refused"]
