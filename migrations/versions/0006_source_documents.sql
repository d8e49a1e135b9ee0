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
    ADD COLUMN written_off_minor bigint CHECK (written_off_minor >= 0), -- of its depreciation, what no plan had asked for
    ADD COLUMN externally_booked boolean NOT NULL DEFAULT false, -- it has no entry here
    DROP CONSTRAINT disposal_lines, ADD CONSTRAINT disposal_lines CHECK (CASE WHEN entry_id IS NULL
        THEN num_nonnulls(asset_line, accumulated_line, proceeds_line, result_line, capital_gain_line) = 0
            AND (externally_booked OR cost_minor = 0 AND accumulated_minor = 0 AND coalesce(proceeds_minor, 0) = 0
                 AND gain_or_loss_minor = 0)
        ELSE NOT externally_booked AND (asset_line IS NULL) = (cost_minor = 0)
            AND (accumulated_line IS NULL) = (accumulated_minor = 0)
            AND (proceeds_line IS NULL) = (coalesce(proceeds_minor, 0) = 0)
            AND (result_line IS NULL) = (gain_or_loss_minor = 0)
            AND (capital_gain_line IS NULL) = (capital_gain_minor = 0) END);
GRANT INSERT (value_change, written_off_minor, externally_booked) ON disposal TO bookvalue_api;
