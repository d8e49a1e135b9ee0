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

----------------------------------------------------------------------------------------- disposal of a part

-- A part leaves the books by one exact fraction of cost and accumulated depreciation; the rest depreciates on from
-- part_day, as after a decrease by the book value of the part. Several parts may be gone, and each may come back.
ALTER TABLE disposal
    ADD COLUMN share_numerator bigint,
    ADD COLUMN share_denominator bigint,
    ADD COLUMN part_day date,
    ADD COLUMN residual_minor bigint CHECK (residual_minor >= 0), -- of the rest, from that day on
    ADD COLUMN capitalised_minor bigint, -- of the part: its cost with increases and without decreases
    ADD CONSTRAINT disposal_share CHECK (CASE WHEN share_numerator IS NULL
        THEN num_nonnulls(share_denominator, part_day, residual_minor, capitalised_minor) = 0
        ELSE coalesce(share_numerator > 0 AND share_numerator < share_denominator, false)
            AND num_nulls(part_day, residual_minor, capitalised_minor) = 0 END),
    DROP CONSTRAINT disposal_in_turn;
GRANT INSERT (share_numerator, share_denominator, part_day, residual_minor, capitalised_minor) ON disposal TO bookvalue_api;
CREATE INDEX disposal_part ON disposal (business_id, book_id) WHERE share_numerator IS NOT NULL;

-- Nothing follows a disposal of the whole but what takes it back.
CREATE FUNCTION guard_disposal_in_turn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM disposal d WHERE d.business_id = NEW.business_id AND d.book_id = NEW.book_id
               AND d.asset_id = NEW.asset_id AND d.share_numerator IS NULL AND d.reverses IS NULL
               AND d.sequence <> coalesce(NEW.reverses, -1) AND d.sequence < NEW.sequence AND NOT EXISTS (
                   SELECT FROM disposal r WHERE r.business_id = d.business_id AND r.book_id = d.book_id
                   AND r.asset_id = d.asset_id AND r.reverses = d.sequence)) THEN
        RAISE EXCEPTION 'a disposal of what is disposed of' USING ERRCODE = '23514', CONSTRAINT = 'disposal_in_turn';
    END IF;
    IF NEW.reverses IS NOT NULL AND EXISTS (SELECT FROM disposal d WHERE d.business_id = NEW.business_id
               AND d.book_id = NEW.book_id AND d.asset_id = NEW.asset_id AND d.sequence = NEW.reverses
               AND (d.reverses IS NOT NULL OR (d.share_numerator, d.share_denominator, d.part_day)
                   IS DISTINCT FROM (NEW.share_numerator, NEW.share_denominator, NEW.part_day))) THEN
        RAISE EXCEPTION 'what takes a disposal back is not of the same part'
            USING ERRCODE = '23514', CONSTRAINT = 'disposal_in_turn';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION guard_disposal_in_turn() FROM PUBLIC;
CREATE TRIGGER guard_in_turn BEFORE INSERT ON disposal FOR EACH ROW EXECUTE FUNCTION guard_disposal_in_turn();
ALTER TABLE disposal ENABLE ALWAYS TRIGGER guard_in_turn;

----------------------------------------------------------------- sources (seed 003): what an asset was bought with

CREATE TABLE ledger_detail ( -- an invoice line, a bank transaction, as far as an asset's source needs it
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 500),
    account_id uuid NOT NULL,
    date date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN -1000000000000000 AND 1000000000000000), -- debit above 0
    kind text,
    description text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, id),
    CONSTRAINT ledger_detail_external_id_unique UNIQUE (business_id, external_id),
    FOREIGN KEY (business_id, account_id) REFERENCES account
);

CREATE TABLE asset_source ( -- what is taken off an asset is archived, and comes again as a row of its own
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    detail_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, asset_id) REFERENCES asset ON DELETE CASCADE,
    FOREIGN KEY (business_id, detail_id) REFERENCES ledger_detail
);
CREATE UNIQUE INDEX asset_source_unique ON asset_source (business_id, asset_id, detail_id) WHERE archived_at IS NULL;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ledger_detail', 'asset_source'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format($p$CREATE POLICY tenant ON %I
            USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
            WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)$p$, name);
    END LOOP;
END $$;
GRANT SELECT, INSERT ON ledger_detail, asset_source TO bookvalue_api;
GRANT UPDATE (archived_at) ON asset_source TO bookvalue_api;
