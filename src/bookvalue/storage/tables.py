"""The tables as SQLAlchemy knows them: names and types for queries, held against the migrated schema by a test.

Constraints, triggers, policies and privileges stand in the migrations alone.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, MetaData, SmallInteger, Table, Text, Time
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.types import TypeEngine

SCHEMA = "bookvalue"
metadata = MetaData(schema=SCHEMA)

_TYPES: dict[str, TypeEngine[Any]] = {
    "uuid": UUID(as_uuid=True),
    "text": Text(),
    "date": Date(),
    "time": Time(),
    "at": DateTime(timezone=True),
    "big": BigInteger(),
    "int": Integer(),
    "small": SmallInteger(),
    "bool": Boolean(),
    "json": JSONB(),
    "uuids": ARRAY(UUID(as_uuid=True)),
    "bigs": ARRAY(BigInteger()),
}


def _table(name: str, columns: str) -> Table:
    """A table from `name:type` words; `*` marks a key column, `?` a nullable one."""
    parsed: list[Column[Any]] = []
    for word in columns.split():
        column, kind = word.rstrip("*?").split(":")
        parsed.append(Column(column, _TYPES[kind], primary_key=word.endswith("*"), nullable=word.endswith("?")))
    return Table(name, metadata, *parsed)


business = _table(
    "business",
    """
    id:uuid* key:text name:text currency:text time_zone:text fiscal_month:small fiscal_day:small books_start:date
    accounting_basis:text number_prefix:text next_number:big created_at:at asset_accounts:text gain_account_id:uuid?
    loss_account_id:uuid? capital_gain_account_id:uuid?""",
)
book = _table(
    "book",
    """
    business_id:uuid* id:uuid* name:text is_posting:bool lock_policy:text grain:text auto:text close_after_days:small
    close_at:time auto_lock_after_days:small?""",
)
account = _table(
    "account",
    """
    business_id:uuid* id:uuid* ordinal:int code:text stable_name:text? name:text type:text parent_id:uuid?""",
)
depreciation_settings = _table(
    "depreciation_settings",
    """
    business_id:uuid* id:int* method:text life_months:int? rate_nanopercent:big? declining_factor_micro:big
    averaging:text day_basis:text rate_places:small declining_base:text declining_within_year:text end_of_life:text
    switch_to_straight_line:bool straight_line_base:text rounding:text change_policy:text""",
)
asset_type = _table(
    "asset_type",
    """
    business_id:uuid* id:uuid* ordinal:int name:text kind:text ledger_account_id:uuid? accumulated_account_id:uuid?
    expense_account_id:uuid? settings_id:int? impairment_account_id:uuid?""",
)
asset = _table(
    "asset",
    """
    business_id:uuid* id:uuid* external_id:text number:text name:text kind:text purchase_date:date?
    ledger_account_id:uuid? description:text? serial_number:text? warranty_expiry_date:date? metadata:json
    created_at:at archived_at:at? acquisition_counter_account_id:uuid?
    impairment_account_id:uuid?""",
)
asset_book = _table(
    "asset_book",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* cost_minor:big cost_limit_minor:big? residual_minor:big
    opening_accumulated_minor:big opening_current_year_minor:big units_total_micro:big? settings_id:int
    depreciation_start_date:date? opening_as_of:date? disposal_date:date? asset_type:int? accumulated_account:int?
    expense_account:int? status:text""",
)
tag_dimension = _table("tag_dimension", "business_id:uuid* id:uuid* key:text display_name:text? archived_at:at?")
tag_definition = _table(
    "tag_definition",
    "business_id:uuid* id:uuid* dimension_id:uuid value:text display_name:text? archived_at:at?",
)
asset_tag = _table(
    "asset_tag",
    """
    business_id:uuid* id:uuid* asset_id:uuid dimension_id:uuid definition_id:uuid archived_at:at? first_day:date?
    last_day:date?""",
)
tag_set = _table("tag_set", "business_id:uuid* id:int* definition_ids:uuids")
ledger_detail = _table(
    "ledger_detail",
    """
    business_id:uuid* id:uuid* external_id:text account_id:uuid date:date amount_minor:big kind:text? description:text?
    created_at:at""",
)
asset_source = _table(
    "asset_source", "business_id:uuid* id:uuid* asset_id:uuid detail_id:uuid created_at:at archived_at:at?"
)
estimate_change = _table(
    "estimate_change",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* id:uuid* date:date remaining_life_months:int?
    rate_nanopercent:big? residual_minor:big? method:text? created_at:at archived_at:at?""",
)
suspension = _table(
    "suspension",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* id:uuid* first_day:date last_day:date extend_life:bool
    created_at:at archived_at:at?""",
)
units_used = _table(
    "units_used",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* id:uuid* period_end:date quantity_micro:big created_at:at
    archived_at:at?""",
)
manual_amount = _table(
    "manual_amount",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* id:uuid* date:date amount_minor:big created_at:at
    archived_at:at?""",
)
period = _table(
    "period",
    """
    business_id:uuid* book_id:uuid* period_start:date* period_end:date due_at:at? status:text generation:int
    lock_version:int fact_version:big expected_assets:int closing_run_id:uuid? last_run_id:uuid?
    last_fact_version:big? blocked_assets:int closed_at:at? charged_minor:big? entry_count:int? content_hash:text?
    locked_at:at?""",
)
run = _table(
    "run",
    """
    business_id:uuid* id:uuid* book_id:uuid period_start:date generation:int sequence:int kind:text status:text
    fence:big lease_owner:text? lease_until:at? attempts:int next_attempt_at:at? published_at:at? publications:int
    expected_assets:int fact_version_read:big? input_hash:text? output_hash:text? assets:int? posted_assets:int?
    nothing_due_assets:int? skipped_assets:int? blocked_assets:int? posted_minor:big? entry_count:int? error_code:text?
    error_message:text? timings:json? requested_by:text reason:text? created_at:at started_at:at? finished_at:at?""",
)
run_outcome = _table(
    "run_outcome",
    """
    business_id:uuid* run_id:uuid* asset_id:uuid* status:text code:text field:text? value:text?""",
)
value_update = _table(
    "value_update",
    """
    business_id:uuid* book_id:uuid* effective_period:date* asset_id:uuid* sequence:small* posting_period:date
    update_type:text amount_minor:big run_id:uuid? entry_id:uuid? debit_line:int? credit_line:int? date:date?
    new_book_value_minor:big? remaining_life_months:int? residual_minor:big? reversal_of:small? beside_plan:bool""",
)
value_update_record = _table(
    "value_update_record",
    """
    business_id:uuid* id:uuid* book_id:uuid effective_period:date asset_id:uuid sequence:small external_id:text?
    at:at counter_account_id:uuid? memo:text? metadata:json? reference_number:text? transaction_tags:json
    fingerprint:text archives:uuid? actor:text created_at:at value_change:text? externally_booked:bool""",
)
disposal = _table(
    "disposal",
    """
    business_id:uuid* book_id:uuid* asset_id:uuid* sequence:small* id:uuid reverses:small? date:date given_date:date
    reason:text proceeds_minor:big? cost_minor:big accumulated_minor:big gain_or_loss_minor:big capital_gain_minor:big
    effective_period:date posting_period:date entry_id:uuid? asset_line:int? accumulated_line:int? proceeds_line:int?
    result_line:int? capital_gain_line:int? depreciation_entry_ids:uuids memo:text? actor:text created_at:at
    value_change:text? written_off_minor:big? externally_booked:bool share_numerator:big? share_denominator:big?
    part_day:date? residual_minor:big? capitalised_minor:big? impairment_minor:big impairment_line:int?""",
)
journal_entry = _table(
    "journal_entry",
    """
    business_id:uuid* id:uuid* book_id:uuid feed_seq:big kind:text effective_period:date posting_period:date
    entry_date:date currency:text total_minor:big line_count:int run_id:uuid? asset_id:uuid? reversal_of:uuid?
    memo:text? created_at:at""",
)
journal_line = _table(
    "journal_line",
    """
    business_id:uuid* entry_id:uuid* line_no:int* account_id:uuid debit_minor:big credit_minor:big tag_set:int?""",
)
period_balance = _table(
    "period_balance",
    """
    business_id:uuid* book_id:uuid* period_start:date* generation:int* account_id:uuid* opening_minor:big
    debit_minor:big credit_minor:big closing_minor:big""",
)
posted_position = _table(
    "posted_position",
    """
    business_id:uuid* book_id:uuid* period_start:date* generation:int* asset_ids:uuids posted_minor:bigs""",
)
feed_counter = _table("feed_counter", "business_id:uuid* last_seq:big")
outbox = _table("outbox", "business_id:uuid* id:uuid* event:text body:json created_at:at")
audit = _table(
    "audit",
    """
    business_id:uuid* id:uuid* at:at actor:text action:text subject:text reason:text? details:json""",
)
idempotency_key = _table(
    "idempotency_key",
    """
    business_id:uuid* client:text* route:text* key:text* fingerprint:text status:small headers:json body:json?
    created_at:at""",
)
