-- Accumulated impairment (SEMANTICS section 4): an impairment credits it where the asset or its type has one, and a
-- disposal clears what it holds. Null: impairments are credited to the asset account.
ALTER TABLE asset
    ADD COLUMN impairment_account_id uuid,
    ADD FOREIGN KEY (business_id, impairment_account_id) REFERENCES account;
ALTER TABLE asset_type
    ADD COLUMN impairment_account_id uuid,
    ADD FOREIGN KEY (business_id, impairment_account_id) REFERENCES account;
GRANT UPDATE (impairment_account_id) ON asset, asset_type TO bookvalue_api;

-- The cost is still that with all changes of value: what went to an account of its own comes off that one, and goes out
-- of the asset account beside the cost. Below zero where an impairment was archived after a part had left with its share.
ALTER TABLE disposal
    ADD COLUMN impairment_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN impairment_line integer,
    DROP CONSTRAINT disposal_lines, ADD CONSTRAINT disposal_lines CHECK (CASE WHEN entry_id IS NULL
        THEN num_nonnulls(asset_line, accumulated_line, impairment_line, proceeds_line, result_line,
                capital_gain_line) = 0
            AND (externally_booked OR cost_minor = 0 AND accumulated_minor = 0 AND impairment_minor = 0
                 AND coalesce(proceeds_minor, 0) = 0 AND gain_or_loss_minor = 0)
        ELSE NOT externally_booked AND (asset_line IS NULL) = (cost_minor + impairment_minor = 0)
            AND (accumulated_line IS NULL) = (accumulated_minor = 0)
            AND (impairment_line IS NULL) = (impairment_minor = 0)
            AND (proceeds_line IS NULL) = (coalesce(proceeds_minor, 0) = 0)
            AND (result_line IS NULL) = (gain_or_loss_minor = 0)
            AND (capital_gain_line IS NULL) = (capital_gain_minor = 0) END);
GRANT INSERT (impairment_minor, impairment_line) ON disposal TO bookvalue_api;

-- As in 0004, with the impairment.
CREATE OR REPLACE FUNCTION sides_left(entry journal_entry) RETURNS TABLE (line_no integer, debit numeric, credit numeric)
LANGUAGE sql STABLE AS $$
    WITH updates AS (
        SELECT v.debit_line, v.credit_line, abs(v.amount_minor) AS amount FROM value_update v
        WHERE v.business_id = entry.business_id AND v.book_id = entry.book_id AND v.asset_id = entry.asset_id
          AND v.effective_period = entry.effective_period AND v.entry_id = entry.id
    ), sides AS (
        SELECT l.line_no, l.debit_minor AS debit, l.credit_minor AS credit FROM journal_line l
        WHERE l.business_id = entry.business_id AND l.entry_id = entry.id
        UNION ALL SELECT u.debit_line, -u.amount, 0 FROM updates u
        UNION ALL SELECT u.credit_line, 0, -u.amount FROM updates u
        UNION ALL SELECT s.line_no, -greatest(s.debit, 0), least(s.debit, 0)
        FROM disposal d, LATERAL (VALUES (d.asset_line, -d.cost_minor - d.impairment_minor),
            (d.accumulated_line, d.accumulated_minor), (d.impairment_line, d.impairment_minor),
            (d.proceeds_line, coalesce(d.proceeds_minor, 0)), (d.result_line, -d.gain_or_loss_minor),
            (d.capital_gain_line, -d.capital_gain_minor)) s(line_no, debit)
        WHERE d.business_id = entry.business_id AND d.book_id = entry.book_id AND d.asset_id = entry.asset_id
          AND d.entry_id = entry.id
    )
    SELECT s.line_no, sum(s.debit), sum(s.credit) FROM sides s GROUP BY s.line_no
$$;

CREATE FUNCTION guard_disposal_impairment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh f JOIN disposal d ON d.business_id = f.business_id AND d.book_id = f.book_id
                   AND d.asset_id = f.asset_id AND d.sequence = f.reverses
               WHERE f.impairment_minor <> -d.impairment_minor) THEN
        RAISE EXCEPTION 'a disposal taken back with another impairment'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_disposal_reversal';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION guard_disposal_impairment() FROM PUBLIC;
CREATE TRIGGER guard_impairment AFTER INSERT ON disposal REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_disposal_impairment();
ALTER TABLE disposal ENABLE ALWAYS TRIGGER guard_impairment;
