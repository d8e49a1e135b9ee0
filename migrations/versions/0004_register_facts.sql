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
-- a row that says so; amounts are those of the row that it takes back, on the other side of each account.
CREATE TABLE disposal (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    sequence smallint NOT NULL CHECK (sequence >= 0), -- how many there were before
    id uuid NOT NULL,
    reverses smallint, -- the sequence of the disposal that it takes back
    date date NOT NULL, -- the day on which it takes effect
    given_date date NOT NULL, -- the day that was asked for
    reason text NOT NULL CHECK (reason IN ('out_of_use', 'sold', 'private_withdrawal', 'divested')),
    proceeds_minor bigint CHECK (proceeds_minor BETWEEN 0 AND 1000000000000000), -- null: none were named
    cost_minor bigint NOT NULL, -- what goes out of the asset account
    accumulated_minor bigint NOT NULL,
    gain_or_loss_minor bigint NOT NULL, -- positive: a gain
    capital_gain_minor bigint NOT NULL CHECK (capital_gain_minor >= 0),
    effective_period date NOT NULL,
    posting_period date NOT NULL,
    entry_id uuid, -- null: nothing was left to derecognise
    asset_line integer,
    accumulated_line integer,
    proceeds_line integer,
    result_line integer,
    capital_gain_line integer,
    memo text,
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, book_id, asset_id, sequence),
    CONSTRAINT disposal_id_unique UNIQUE (business_id, id),
    CONSTRAINT disposal_reverses_unique UNIQUE (business_id, book_id, asset_id, reverses),
    CHECK (reverses < sequence),
    -- proceeds - net book value = gain or loss + capital gain
    CHECK (coalesce(proceeds_minor, 0) - (cost_minor - accumulated_minor) = gain_or_loss_minor + capital_gain_minor),
    CHECK (entry_id IS NOT NULL
           OR num_nonnulls(asset_line, accumulated_line, proceeds_line, result_line, capital_gain_line) = 0),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book,
    FOREIGN KEY (business_id, book_id, asset_id, reverses) REFERENCES disposal,
    FOREIGN KEY (business_id, book_id, posting_period) REFERENCES period,
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

-- A person's posting: through the same guards as a run's, in nobody's name but their own.
GRANT INSERT ON value_update, journal_entry, journal_line TO bookvalue_api;
GRANT UPDATE (last_seq) ON feed_counter TO bookvalue_api;
CREATE POLICY of_no_run ON value_update AS RESTRICTIVE FOR INSERT TO bookvalue_api WITH CHECK (run_id IS NULL);
CREATE POLICY of_no_run ON journal_entry AS RESTRICTIVE FOR INSERT TO bookvalue_api WITH CHECK (run_id IS NULL);
GRANT INSERT (business_id, id, book_id, effective_period, asset_id, sequence, external_id, at, counter_account_id, memo,
    metadata, reference_number, transaction_tags, fingerprint, archives, actor) ON value_update_record TO bookvalue_api;
GRANT INSERT (business_id, book_id, asset_id, sequence, id, reverses, date, given_date, reason, proceeds_minor, cost_minor,
    accumulated_minor, gain_or_loss_minor, capital_gain_minor, effective_period, posting_period, entry_id, asset_line,
    accumulated_line, proceeds_line, result_line, capital_gain_line, memo, actor) ON disposal TO bookvalue_api;
