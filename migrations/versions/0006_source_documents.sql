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
            AND (capital_gain_line IS NULL) = (capital_gain_minor = 0) END),
    -- what was raised beside the plan may leave less than nothing accumulated
    DROP CONSTRAINT disposal_signs, ADD CONSTRAINT disposal_signs CHECK (CASE WHEN reverses IS NULL
        THEN least(proceeds_minor, cost_minor, capital_gain_minor) >= 0
        ELSE greatest(proceeds_minor, cost_minor, capital_gain_minor) <= 0 END);
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

------------------------------------------------------------------------ tags on lines: from when an asset has which

-- A tag counts from its first day to its last; null: from ever, for good. A row whose days turn out otherwise is
-- archived, and comes again with the others.
ALTER TABLE asset_tag ADD COLUMN first_day date, ADD COLUMN last_day date,
    ADD CONSTRAINT asset_tag_days CHECK (first_day <= last_day);
DROP INDEX asset_tag_unique;
CREATE UNIQUE INDEX asset_tag_unique ON asset_tag (business_id, asset_id, dimension_id)
    WHERE archived_at IS NULL AND last_day IS NULL;

-- What lines are tagged with: each distinct set of values once, under a small number.
CREATE TABLE tag_set (
    business_id uuid NOT NULL REFERENCES business,
    id integer NOT NULL CHECK (id > 0),
    definition_ids uuid[] NOT NULL CHECK (cardinality(definition_ids) > 0), -- ascending
    PRIMARY KEY (business_id, id),
    CONSTRAINT tag_set_unique UNIQUE (business_id, definition_ids)
);

-- The sets of the assets that are tagged already. The owner is under the policies too, and bound to no business.
ALTER TABLE asset_tag NO FORCE ROW LEVEL SECURITY;
INSERT INTO tag_set (business_id, id, definition_ids)
SELECT business_id, row_number() OVER (PARTITION BY business_id ORDER BY definition_ids), definition_ids
FROM (SELECT DISTINCT business_id, array_agg(definition_id ORDER BY definition_id) AS definition_ids
      FROM asset_tag WHERE archived_at IS NULL GROUP BY business_id, asset_id) tagged;
ALTER TABLE asset_tag FORCE ROW LEVEL SECURITY;

ALTER TABLE tag_set ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tag_set
    USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
    WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tag_set
    FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only();
GRANT SELECT ON tag_set TO bookvalue_api, bookvalue_worker;
GRANT INSERT ON tag_set TO bookvalue_api;

ALTER TABLE journal_line ADD COLUMN tag_set integer; -- null: no tags

-- Values of the business's own dimensions, ascending, one a dimension.
CREATE FUNCTION guard_tag_set() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    IF EXISTS (SELECT FROM fresh f LEFT JOIN LATERAL (
                   SELECT array_agg(d.id ORDER BY d.id) AS ids, count(DISTINCT d.dimension_id) AS dimensions
                   FROM tag_definition d WHERE d.business_id = f.business_id AND d.id = ANY (f.definition_ids)) d ON true
               WHERE (d.ids, d.dimensions) IS DISTINCT FROM (f.definition_ids, cardinality(f.definition_ids)::bigint)) THEN
        RAISE EXCEPTION 'a set of tags that are not there, out of order, or two of one dimension'
            USING ERRCODE = '23503', CONSTRAINT = 'guard_tag_set';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON tag_set REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_tag_set();

-- One value of a dimension on each day.
CREATE FUNCTION guard_asset_tag() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    IF EXISTS (SELECT FROM fresh f JOIN asset_tag t ON t.business_id = f.business_id AND t.asset_id = f.asset_id
                   AND t.dimension_id = f.dimension_id AND t.id <> f.id
               WHERE f.archived_at IS NULL AND t.archived_at IS NULL
                 AND coalesce(t.first_day, '-infinity') <= coalesce(f.last_day, 'infinity')
                 AND coalesce(f.first_day, '-infinity') <= coalesce(t.last_day, 'infinity')) THEN
        RAISE EXCEPTION 'two values of one dimension on one day'
            USING ERRCODE = '23505', CONSTRAINT = 'guard_asset_tag';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON asset_tag REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_asset_tag();

-- Set-wise, as the other checks of lines: a row foreign key would cost each line that has no tags.
CREATE FUNCTION guard_journal_line_tags() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT f.business_id, f.tag_set FROM fresh f WHERE f.tag_set IS NOT NULL) f
               LEFT JOIN tag_set t ON t.business_id = f.business_id AND t.id = f.tag_set WHERE t.id IS NULL) THEN
        RAISE EXCEPTION 'a line with tags that are not there' USING ERRCODE = '23503', CONSTRAINT = 'guard_journal_line_tags';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_tags AFTER INSERT ON journal_line REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_journal_line_tags();

-- As in 0004, with the tags of the lines: what takes an entry back is its mirror image, tag by tag.
CREATE OR REPLACE FUNCTION guard_recorded_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM journal_entry e, LATERAL sides_left(e) s
               WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
                 AND e.run_id IS NULL AND (s.debit <> 0 OR s.credit <> 0)) THEN
        RAISE EXCEPTION 'an entry that is not its value updates' USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_named';
    END IF;
    IF EXISTS (SELECT FROM journal_entry e, LATERAL (
                   SELECT l.account_id, l.tag_set, l.debit_minor AS debit, l.credit_minor AS credit, 1 AS way
                   FROM journal_line l WHERE l.business_id = e.business_id AND l.entry_id = e.id
                   UNION ALL SELECT l.account_id, l.tag_set, l.credit_minor, l.debit_minor, -1 FROM journal_line l
                   WHERE l.business_id = e.business_id AND l.entry_id = e.reversal_of) s
               WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
                 AND e.run_id IS NULL AND e.reversal_of IS NOT NULL
               GROUP BY e.id, s.account_id, s.tag_set, s.debit, s.credit HAVING sum(s.way) <> 0) THEN
        RAISE EXCEPTION 'a reversal that is not the mirror image of its entry'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_mirror';
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE tag_set ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE tag_set ENABLE ALWAYS TRIGGER guard;
ALTER TABLE asset_tag ENABLE ALWAYS TRIGGER guard;
ALTER TABLE journal_line ENABLE ALWAYS TRIGGER guard_tags;
REVOKE EXECUTE ON FUNCTION guard_tag_set(), guard_asset_tag(), guard_journal_line_tags() FROM PUBLIC;
