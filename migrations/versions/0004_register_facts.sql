-- Where a late fact goes: SEMANTICS section 7.
ALTER TABLE book DROP CONSTRAINT book_lock_policy_check, ADD CONSTRAINT book_lock_policy_check
    CHECK (lock_policy IN ('next_open', 'refuse', 'spread_remaining'));
GRANT UPDATE (lock_policy) ON book TO bookvalue_api;

-- An asset's cost, where registering it posts it: as any change of value, but for the engine, which has the cost already.
ALTER TABLE value_update DROP CONSTRAINT value_update_update_type_check, ADD CONSTRAINT value_update_update_type_check
    CHECK (update_type IN ('DEPRECIATION_AMORTIZATION', 'IMPAIRMENT', 'REVALUATION_DOWN', 'IMPROVEMENT',
        'REVALUATION_UP', 'ACQUISITION'));
ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_kind_check, ADD CONSTRAINT journal_entry_kind_check
    CHECK (kind IN ('depreciation', 'value_update', 'acquisition', 'disposal', 'reversal'));

-- What somebody said of a value update, beside the row that posts it. A reversal is a row of its own, with what it
-- takes back; when that was, is when the other one was archived.
CREATE TABLE value_update_record (
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    book_id uuid NOT NULL,
    effective_period date NOT NULL,
    asset_id uuid NOT NULL,
    sequence smallint NOT NULL,
    external_id text CHECK (length(external_id) BETWEEN 1 AND 500),
    at timestamptz NOT NULL, -- the instant that was given
    counter_account_id uuid NOT NULL,
    memo text,
    metadata jsonb,
    reference_number text,
    transaction_tags jsonb NOT NULL DEFAULT '[]', -- the asset's, as they were
    fingerprint text NOT NULL, -- SHA-256 of what was asked for: the same external id with other content is refused
    archives uuid, -- the record that it takes back
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, id),
    CONSTRAINT value_update_external_id_unique UNIQUE (business_id, external_id),
    CONSTRAINT value_update_archives_unique UNIQUE (business_id, archives),
    CONSTRAINT value_update_record_unique UNIQUE (business_id, book_id, effective_period, asset_id, sequence),
    FOREIGN KEY (business_id, book_id, effective_period, asset_id, sequence) REFERENCES value_update,
    FOREIGN KEY (business_id, counter_account_id) REFERENCES account,
    FOREIGN KEY (business_id, archives) REFERENCES value_update_record
);
CREATE INDEX value_update_record_asset ON value_update_record (business_id, asset_id, id);

-- An asset leaves the books: what goes out of its accounts, and what it brought. One that is taken back is followed by
-- a row that says so, with the negative of each amount; so disposals and what takes them back come in turn.
CREATE TABLE disposal (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    sequence smallint NOT NULL CHECK (sequence >= 0), -- how many rows there were before
    id uuid NOT NULL,
    reverses smallint, -- the sequence of the disposal that it takes back
    date date NOT NULL, -- the day on which it takes effect
    given_date date NOT NULL, -- the day that was asked for
    reason text NOT NULL CHECK (reason IN ('out_of_use', 'sold', 'private_withdrawal', 'divested')),
    proceeds_minor bigint CHECK (abs(proceeds_minor) <= 1000000000000000), -- null: none were named
    cost_minor bigint NOT NULL, -- what goes out of the asset account
    accumulated_minor bigint NOT NULL,
    gain_or_loss_minor bigint NOT NULL, -- positive: a gain
    capital_gain_minor bigint NOT NULL,
    effective_period date NOT NULL,
    posting_period date NOT NULL,
    entry_id uuid, -- null: nothing was left to derecognise
    asset_line integer,
    accumulated_line integer,
    proceeds_line integer,
    result_line integer,
    capital_gain_line integer,
    depreciation_entry_ids uuid[] NOT NULL DEFAULT '{}', -- of other periods, posted with it
    memo text,
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, book_id, asset_id, sequence),
    CONSTRAINT disposal_id_unique UNIQUE (business_id, id),
    CONSTRAINT disposal_reverses_unique UNIQUE (business_id, book_id, asset_id, reverses), -- taken back once
    CONSTRAINT disposal_reverses_another CHECK (reverses < sequence),
    -- one in force at most: the even ones are disposals, each odd one takes back the one before it
    CONSTRAINT disposal_in_turn CHECK (
        CASE sequence % 2 WHEN 0 THEN reverses IS NULL ELSE coalesce(reverses = sequence - 1, false) END),
    CONSTRAINT disposal_signs CHECK (CASE WHEN reverses IS NULL
                THEN least(proceeds_minor, cost_minor, accumulated_minor, capital_gain_minor) >= 0
                ELSE greatest(proceeds_minor, cost_minor, accumulated_minor, capital_gain_minor) <= 0 END),
    -- proceeds - net book value = gain or loss + capital gain
    CONSTRAINT disposal_result CHECK (
        coalesce(proceeds_minor, 0) - (cost_minor - accumulated_minor) = gain_or_loss_minor + capital_gain_minor),
    -- what is not nothing has its line
    CONSTRAINT disposal_lines CHECK (CASE WHEN entry_id IS NULL
        THEN num_nonnulls(asset_line, accumulated_line, proceeds_line, result_line, capital_gain_line) = 0
            AND cost_minor = 0 AND accumulated_minor = 0 AND coalesce(proceeds_minor, 0) = 0 AND gain_or_loss_minor = 0
        ELSE (asset_line IS NULL) = (cost_minor = 0) AND (accumulated_line IS NULL) = (accumulated_minor = 0)
            AND (proceeds_line IS NULL) = (coalesce(proceeds_minor, 0) = 0)
            AND (result_line IS NULL) = (gain_or_loss_minor = 0)
            AND (capital_gain_line IS NULL) = (capital_gain_minor = 0) END),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book,
    FOREIGN KEY (business_id, book_id, asset_id, reverses) REFERENCES disposal,
    CONSTRAINT disposal_effective CHECK (effective_period <= posting_period),
    FOREIGN KEY (business_id, book_id, posting_period) REFERENCES period,
    FOREIGN KEY (business_id, book_id, effective_period) REFERENCES period,
    FOREIGN KEY (business_id, entry_id) REFERENCES journal_entry
);
CREATE INDEX disposal_posting_period ON disposal (business_id, book_id, posting_period);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['value_update_record', 'disposal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format($p$CREATE POLICY tenant ON %I
            USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
            WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)$p$, name);
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only()', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
END $$;
GRANT SELECT ON value_update_record, disposal TO bookvalue_api, bookvalue_worker;

-- A person's posting: through the same guards as a run's, in nobody's name but their own (no run can be named, nor the
-- time), and through those below.
GRANT INSERT (business_id, book_id, effective_period, asset_id, sequence, posting_period, update_type, amount_minor,
    entry_id, debit_line, credit_line, date, new_book_value_minor, remaining_life_months, residual_minor, reversal_of)
    ON value_update TO bookvalue_api;
GRANT INSERT (business_id, id, book_id, feed_seq, kind, effective_period, posting_period, entry_date, currency, total_minor,
    line_count, asset_id, reversal_of, memo) ON journal_entry TO bookvalue_api;
GRANT INSERT ON journal_line TO bookvalue_api;
GRANT UPDATE (last_seq) ON feed_counter TO bookvalue_api;
GRANT INSERT (business_id, id, book_id, effective_period, asset_id, sequence, external_id, at, counter_account_id, memo,
    metadata, reference_number, transaction_tags, fingerprint, archives, actor) ON value_update_record TO bookvalue_api;
GRANT INSERT (business_id, book_id, asset_id, sequence, id, reverses, date, given_date, reason, proceeds_minor, cost_minor,
    accumulated_minor, gain_or_loss_minor, capital_gain_minor, effective_period, posting_period, entry_id, asset_line,
    accumulated_line, proceeds_line, result_line, capital_gain_line, depreciation_entry_ids, memo, actor)
    ON disposal TO bookvalue_api;

----------------------------------------------------------------------------------- guards of what no run posts
-- Row by row, and few: what a close checks when it ties out is checked here at once, since no one can take it back.
-- The worker posts what it computed, in bulk, and ties it out itself: these do not fire for it.

-- What is left of each line of an entry when all that names it is taken off: nothing, if it is what it says.
CREATE FUNCTION sides_left(entry journal_entry) RETURNS TABLE (line_no integer, debit numeric, credit numeric)
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
        FROM disposal d, LATERAL (VALUES (d.asset_line, -d.cost_minor), (d.accumulated_line, d.accumulated_minor),
            (d.proceeds_line, coalesce(d.proceeds_minor, 0)), (d.result_line, -d.gain_or_loss_minor),
            (d.capital_gain_line, -d.capital_gain_minor)) s(line_no, debit)
        WHERE d.business_id = entry.business_id AND d.book_id = entry.book_id AND d.asset_id = entry.asset_id
          AND d.entry_id = entry.id
    )
    SELECT s.line_no, sum(s.debit), sum(s.credit) FROM sides s GROUP BY s.line_no
$$;

-- One acquisition an asset and book: its cost is posted once.
CREATE UNIQUE INDEX value_update_acquisition_unique ON value_update (business_id, book_id, asset_id)
    WHERE update_type = 'ACQUISITION' AND reversal_of IS NULL;

CREATE FUNCTION guard_recorded_update() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
DECLARE bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
BEGIN
    IF EXISTS (SELECT FROM fresh f JOIN value_update v ON v.business_id = bound AND v.book_id = f.book_id
                   AND v.effective_period = f.effective_period AND v.asset_id = f.asset_id
               GROUP BY f.book_id, f.effective_period, f.asset_id
               HAVING count(DISTINCT v.sequence) <> max(v.sequence) + 1) THEN
        RAISE EXCEPTION 'a value update that is not the next of its asset and period'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_update_sequence';
    END IF;
    IF EXISTS (SELECT FROM fresh f LEFT JOIN value_update v ON v.business_id = bound AND v.book_id = f.book_id
                   AND v.effective_period = f.effective_period AND v.asset_id = f.asset_id AND v.sequence = f.reversal_of
               WHERE f.reversal_of IS NOT NULL AND ((v.update_type, -v.amount_minor, v.date)
                   IS DISTINCT FROM (f.update_type, f.amount_minor, f.date) OR v.reversal_of IS NOT NULL)) THEN
        RAISE EXCEPTION 'a reversal that is not what it takes back'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_update_reversal';
    END IF;
    IF EXISTS (SELECT FROM fresh f JOIN asset_book a
                   ON a.business_id = bound AND a.book_id = f.book_id AND a.asset_id = f.asset_id
               WHERE f.update_type = 'ACQUISITION' AND abs(f.amount_minor) <> a.cost_minor) THEN
        RAISE EXCEPTION 'an acquisition of another amount than the cost'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_acquisition';
    END IF;
    IF EXISTS (SELECT FROM fresh f LEFT JOIN journal_entry e ON e.business_id = bound AND e.id = f.entry_id
               WHERE f.entry_id IS NOT NULL AND (e.run_id IS NOT NULL
                   OR (e.book_id, e.asset_id, e.effective_period, e.posting_period)
                      IS DISTINCT FROM (f.book_id, f.asset_id, f.effective_period, f.posting_period)))
       OR EXISTS (SELECT FROM journal_entry e, LATERAL sides_left(e) s
                  WHERE e.business_id = bound AND e.id IN (SELECT entry_id FROM fresh)
                    AND (s.debit < 0 OR s.credit < 0)) THEN
        RAISE EXCEPTION 'a value update that is not in its entry' USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_named';
    END IF;
    -- A registration and a disposal bring charges of locked periods along, and what is taken back never was.
    IF EXISTS (SELECT FROM fresh f
               JOIN period p ON p.business_id = bound AND p.book_id = f.book_id AND p.period_start = f.effective_period
               LEFT JOIN journal_entry e ON e.business_id = bound AND e.id = f.entry_id
               WHERE p.status = 'locked' AND f.reversal_of IS NULL AND f.update_type <> 'ACQUISITION'
                 AND coalesce(e.kind, 'value_update') = 'value_update') THEN
        RAISE EXCEPTION 'a value update of a locked period' USING ERRCODE = '23514', CONSTRAINT = 'guard_locked_fact';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_recorded AFTER INSERT ON value_update REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT WHEN (NOT pg_has_role(current_user, 'bookvalue_worker', 'USAGE'))
    EXECUTE FUNCTION guard_recorded_update();

-- A record is of what a person posted; one that archives is of the row that takes the other's back.
CREATE FUNCTION guard_value_update_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    IF EXISTS (SELECT FROM fresh f JOIN value_update v USING (business_id, book_id, effective_period, asset_id, sequence)
               LEFT JOIN value_update_record a ON a.business_id = f.business_id AND a.id = f.archives
               WHERE v.run_id IS NOT NULL OR v.update_type = 'ACQUISITION' OR (f.archives IS NOT NULL
                   AND (a.book_id, a.effective_period, a.asset_id, a.sequence)
                       IS DISTINCT FROM (f.book_id, f.effective_period, f.asset_id, v.reversal_of))) THEN
        RAISE EXCEPTION 'a record of what nobody recorded, or that archives another than it takes back'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_value_update_record';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON value_update_record REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_value_update_record();

CREATE FUNCTION guard_disposal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
DECLARE
    batch record;
    bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    FOR batch IN SELECT book_id, array_agg(DISTINCT posting_period) AS starts FROM fresh GROUP BY book_id LOOP
        PERFORM guard_periods(batch.book_id, batch.starts, NULL);
    END LOOP;
    IF EXISTS (SELECT FROM fresh f LEFT JOIN disposal d ON d.business_id = bound AND d.book_id = f.book_id
                   AND d.asset_id = f.asset_id AND d.sequence = f.sequence - 1
               WHERE f.sequence > 0 AND d.sequence IS NULL) THEN
        RAISE EXCEPTION 'a disposal that is not the next of its asset'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_disposal_sequence';
    END IF;
    IF EXISTS (SELECT FROM fresh f JOIN disposal d ON d.business_id = bound AND d.book_id = f.book_id
                   AND d.asset_id = f.asset_id AND d.sequence = f.reverses
               WHERE (f.cost_minor, f.accumulated_minor, f.proceeds_minor, f.gain_or_loss_minor, f.capital_gain_minor)
                   IS DISTINCT FROM (-d.cost_minor, -d.accumulated_minor, -d.proceeds_minor, -d.gain_or_loss_minor,
                                     -d.capital_gain_minor)) THEN
        RAISE EXCEPTION 'a disposal taken back with other amounts'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_disposal_reversal';
    END IF;
    IF EXISTS (SELECT FROM fresh f JOIN journal_entry e ON e.business_id = bound AND e.id = f.entry_id
               WHERE e.run_id IS NOT NULL OR (e.book_id, e.asset_id, e.effective_period, e.posting_period)
                   IS DISTINCT FROM (f.book_id, f.asset_id, f.effective_period, f.posting_period))
       OR EXISTS (SELECT FROM journal_entry e, LATERAL sides_left(e) s
                  WHERE e.business_id = bound AND e.id IN (SELECT entry_id FROM fresh)
                    AND (s.debit < 0 OR s.credit < 0)) THEN
        RAISE EXCEPTION 'a disposal that is not in its entry' USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_named';
    END IF;
    IF EXISTS (SELECT FROM fresh f
               JOIN period p ON p.business_id = bound AND p.book_id = f.book_id AND p.period_start = f.effective_period
               WHERE p.status = 'locked' AND f.reverses IS NULL) THEN
        RAISE EXCEPTION 'a disposal in a locked period' USING ERRCODE = '23514', CONSTRAINT = 'guard_locked_fact';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON disposal REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_disposal();

-- At commit: each entry that was posted by hand is, line by line, the value updates and disposals that name it; and one
-- that takes another back is its mirror image.
CREATE FUNCTION guard_recorded_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM journal_entry e, LATERAL sides_left(e) s
               WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
                 AND e.run_id IS NULL AND (s.debit <> 0 OR s.credit <> 0)) THEN
        RAISE EXCEPTION 'an entry that is not its value updates' USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_named';
    END IF;
    IF EXISTS (SELECT FROM journal_entry e, LATERAL (
                   SELECT l.account_id, l.debit_minor AS debit, l.credit_minor AS credit, 1 AS way FROM journal_line l
                   WHERE l.business_id = e.business_id AND l.entry_id = e.id
                   UNION ALL SELECT l.account_id, l.credit_minor, l.debit_minor, -1 FROM journal_line l
                   WHERE l.business_id = e.business_id AND l.entry_id = e.reversal_of) s
               WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
                 AND e.run_id IS NULL AND e.reversal_of IS NOT NULL
               GROUP BY e.id, s.account_id, s.debit, s.credit HAVING sum(s.way) <> 0) THEN
        RAISE EXCEPTION 'a reversal that is not the mirror image of its entry'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_entry_mirror';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER guard_recorded AFTER UPDATE ON feed_counter DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NOT pg_has_role(current_user, 'bookvalue_worker', 'USAGE'))
    EXECUTE FUNCTION guard_recorded_entry();

ALTER TABLE value_update ENABLE ALWAYS TRIGGER guard_recorded;
ALTER TABLE value_update_record ENABLE ALWAYS TRIGGER guard;
ALTER TABLE disposal ENABLE ALWAYS TRIGGER guard;
ALTER TABLE feed_counter ENABLE ALWAYS TRIGGER guard_recorded;
REVOKE EXECUTE ON FUNCTION sides_left(journal_entry), guard_recorded_update(), guard_value_update_record(), guard_disposal(),
    guard_recorded_entry() FROM PUBLIC;
