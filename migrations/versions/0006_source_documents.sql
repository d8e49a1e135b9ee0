----------------------------------------------------------------- value changes (seed 003): beside the plan, or anew

-- A change beside the plan enters both what should be and what is posted: a run counts it as neither.
ALTER TABLE value_update ADD COLUMN beside_plan boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT value_update_beside_plan CHECK (NOT beside_plan OR update_type = 'DEPRECIATION_AMORTIZATION');
GRANT INSERT (beside_plan) ON value_update TO bookvalue_api;
CREATE INDEX value_update_beside ON value_update (business_id, book_id) WHERE beside_plan;

ALTER TABLE value_update_record
    ALTER COLUMN counter_account_id DROP NOT NULL, -- what is booked elsewhere may have none
    ADD COLUMN value_change text CHECK (value_change IN ('manual', 'arbitrary')),
    ADD COLUMN externally_booked boolean NOT NULL DEFAULT false;
GRANT INSERT (value_change, externally_booked) ON value_update_record TO bookvalue_api;

ALTER TABLE disposal
    ADD COLUMN value_change text CHECK (value_change IN ('divestment', 'full_depreciation')),
    ADD COLUMN externally_booked boolean NOT NULL DEFAULT false;
GRANT INSERT (value_change, externally_booked) ON disposal TO bookvalue_api;
