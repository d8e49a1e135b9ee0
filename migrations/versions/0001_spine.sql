-- Money is bigint minor units; dates are the business's calendar dates; instants are timestamptz.
-- Every tenant table carries business_id first in its key, row-level security forced, and policies that
-- show nothing while no business is bound.

---------------------------------------------------------------------------------------------- businesses

CREATE TABLE business (
    id uuid PRIMARY KEY,
    key text NOT NULL CONSTRAINT business_key_unique UNIQUE CHECK (length(key) BETWEEN 1 AND 100),
    name text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    time_zone text NOT NULL,
    fiscal_month smallint NOT NULL CHECK (fiscal_month BETWEEN 1 AND 12),
    fiscal_day smallint NOT NULL CHECK (fiscal_day BETWEEN 1 AND 31),
    books_start date NOT NULL,
    accounting_basis text NOT NULL CHECK (accounting_basis IN ('accrual', 'cash')),
    number_prefix text NOT NULL,
    next_number bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE book (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    name text NOT NULL,
    is_posting boolean NOT NULL,
    lock_policy text NOT NULL CHECK (lock_policy IN ('next_open')),
    grain text NOT NULL CHECK (grain IN ('account', 'asset')),
    auto text NOT NULL CHECK (auto IN ('off', 'post', 'close')),
    close_after_days smallint NOT NULL CHECK (close_after_days BETWEEN 0 AND 366),
    close_at time NOT NULL,
    PRIMARY KEY (business_id, id)
);
CREATE UNIQUE INDEX book_posting_unique ON book (business_id) WHERE is_posting;

CREATE TABLE account (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0), -- a small number that stands for the account in bulk reads
    code text NOT NULL,
    stable_name text,
    name text NOT NULL,
    type text NOT NULL CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
    PRIMARY KEY (business_id, id),
    CONSTRAINT account_ordinal_unique UNIQUE (business_id, ordinal),
    CONSTRAINT account_code_unique UNIQUE (business_id, code),
    CONSTRAINT account_stable_name_unique UNIQUE (business_id, stable_name)
);

------------------------------------------------------------------------------------------------ register

-- How assets depreciate: each distinct set of settings once, under a small number that stands for it in bulk reads.
CREATE TABLE depreciation_settings (
    business_id uuid NOT NULL REFERENCES business,
    id integer NOT NULL CHECK (id > 0),
    method text NOT NULL CHECK (method IN ('none', 'full', 'straight_line', 'declining_balance', 'fixed_rate_declining',
        'sum_of_years_digits', 'units_of_production', 'manual')),
    life_months integer CHECK (life_months BETWEEN 1 AND 1200),
    rate_nanopercent bigint CHECK (rate_nanopercent BETWEEN 1 AND 1000000000000),
    declining_factor_micro bigint NOT NULL CHECK (declining_factor_micro BETWEEN 1 AND 100000000),
    averaging text NOT NULL CHECK (averaging IN ('full_month', 'following_month', 'half_month', 'mid_month', 'half_year',
        'mid_quarter', 'actual_days', 'days_360', 'partial_month_by_days', 'full_year')),
    day_basis text NOT NULL CHECK (day_basis IN ('365', 'actual', '360', 'life')),
    rate_places smallint NOT NULL CHECK (rate_places BETWEEN 0 AND 18),
    declining_base text NOT NULL CHECK (declining_base IN ('gross', 'net_of_residual')),
    declining_within_year text NOT NULL CHECK (declining_within_year IN ('even', 'compound')),
    end_of_life text NOT NULL CHECK (end_of_life IN ('leave', 'true_up')),
    switch_to_straight_line boolean NOT NULL,
    straight_line_base text NOT NULL CHECK (straight_line_base IN ('depreciable', 'cost')),
    rounding text NOT NULL CHECK (rounding IN ('cumulative', 'per_period', 'fiscal_year')),
    change_policy text NOT NULL CHECK (change_policy IN ('remaining_life', 'current_period')),
    PRIMARY KEY (business_id, id),
    CONSTRAINT depreciation_settings_unique UNIQUE NULLS NOT DISTINCT (business_id, method, life_months,
        rate_nanopercent, declining_factor_micro, averaging, day_basis, rate_places, declining_base,
        declining_within_year, end_of_life, switch_to_straight_line, straight_line_base, rounding, change_policy),
    CONSTRAINT depreciation_settings_life_or_rate CHECK (life_months IS NULL OR rate_nanopercent IS NULL),
    CONSTRAINT depreciation_settings_needs_life CHECK (
        method NOT IN ('fixed_rate_declining', 'sum_of_years_digits') OR life_months IS NOT NULL),
    CONSTRAINT depreciation_settings_needs_time CHECK (
        method NOT IN ('straight_line', 'declining_balance') OR num_nonnulls(life_months, rate_nanopercent) = 1)
);

CREATE TABLE asset_type (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0), -- a small number that stands for the type in bulk reads
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('RIGHT_OF_USE_ASSET', 'VEHICLE', 'EQUIPMENT', 'GOODWILL')),
    ledger_account_id uuid,
    accumulated_account_id uuid,
    expense_account_id uuid,
    settings_id integer, -- defaults for new assets of this type
    PRIMARY KEY (business_id, id),
    CONSTRAINT asset_type_ordinal_unique UNIQUE (business_id, ordinal),
    CONSTRAINT asset_type_name_unique UNIQUE (business_id, name),
    FOREIGN KEY (business_id, settings_id) REFERENCES depreciation_settings,
    FOREIGN KEY (business_id, ledger_account_id) REFERENCES account,
    FOREIGN KEY (business_id, accumulated_account_id) REFERENCES account,
    FOREIGN KEY (business_id, expense_account_id) REFERENCES account
);

-- The thing: what it is called and where it comes from. What a book makes of it is asset_book's.
CREATE TABLE asset (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    external_id text NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('RIGHT_OF_USE_ASSET', 'VEHICLE', 'EQUIPMENT', 'GOODWILL')),
    purchase_date date,
    ledger_account_id uuid,
    description text,
    serial_number text,
    warranty_expiry_date date,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, id),
    CONSTRAINT asset_external_id_unique UNIQUE (business_id, external_id),
    CONSTRAINT asset_number_unique UNIQUE (business_id, number),
    FOREIGN KEY (business_id, ledger_account_id) REFERENCES account
);

-- All that a book depreciates and posts an asset by, in one narrow row: a close reads this table and no other for it
-- (docs/decisions/0007). Type and accounts by their ordinals; an account that is null is the type's.
CREATE TABLE asset_book (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    cost_minor bigint NOT NULL CHECK (cost_minor BETWEEN 0 AND 1000000000000000),
    cost_limit_minor bigint CHECK (cost_limit_minor BETWEEN 0 AND 1000000000000000),
    residual_minor bigint NOT NULL CHECK (residual_minor BETWEEN 0 AND least(cost_minor, cost_limit_minor)),
    opening_accumulated_minor bigint NOT NULL DEFAULT 0
        CHECK (opening_accumulated_minor BETWEEN 0 AND least(cost_minor, cost_limit_minor) - residual_minor),
    opening_current_year_minor bigint NOT NULL DEFAULT 0
        CHECK (opening_current_year_minor BETWEEN 0 AND opening_accumulated_minor),
    units_total_micro bigint CHECK (units_total_micro > 0),
    settings_id integer NOT NULL,
    depreciation_start_date date,
    opening_as_of date,
    disposal_date date,
    asset_type integer,
    accumulated_account integer,
    expense_account integer,
    status text NOT NULL CHECK (status IN ('draft', 'registered', 'disposed')),
    PRIMARY KEY (business_id, book_id, asset_id),
    CHECK (opening_as_of IS NOT NULL OR opening_accumulated_minor = 0),
    FOREIGN KEY (business_id, book_id) REFERENCES book,
    FOREIGN KEY (business_id, asset_id) REFERENCES asset,
    FOREIGN KEY (business_id, settings_id) REFERENCES depreciation_settings,
    FOREIGN KEY (business_id, asset_type) REFERENCES asset_type (business_id, ordinal),
    FOREIGN KEY (business_id, accumulated_account) REFERENCES account (business_id, ordinal),
    FOREIGN KEY (business_id, expense_account) REFERENCES account (business_id, ordinal)
);

-- What most assets have none of is read of these alone.
CREATE INDEX asset_book_special ON asset_book (business_id, book_id) WHERE status <> 'registered'
    OR num_nonnulls(disposal_date, accumulated_account, expense_account, cost_limit_minor, units_total_micro) > 0;

-- What happens to an asset in a book, by its effective date. One that is archived never counted.
CREATE TABLE estimate_change (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    date date NOT NULL,
    remaining_life_months integer CHECK (remaining_life_months BETWEEN 1 AND 1200),
    rate_nanopercent bigint CHECK (rate_nanopercent BETWEEN 1 AND 1000000000000),
    residual_minor bigint CHECK (residual_minor BETWEEN 0 AND 1000000000000000),
    method text CHECK (method IN ('none', 'full', 'straight_line', 'declining_balance', 'fixed_rate_declining',
        'sum_of_years_digits', 'units_of_production', 'manual')),
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (business_id, book_id, asset_id, id),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book,
    CHECK (remaining_life_months IS NULL OR rate_nanopercent IS NULL),
    CHECK (num_nonnulls(remaining_life_months, rate_nanopercent, residual_minor, method) > 0)
);

CREATE TABLE suspension (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    extend_life boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (business_id, book_id, asset_id, id),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book
);

CREATE TABLE units_used (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    period_end date NOT NULL,
    quantity_micro bigint NOT NULL CHECK (quantity_micro >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (business_id, book_id, asset_id, id),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book
);

CREATE TABLE manual_amount (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    date date NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 1000000000000000),
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz,
    PRIMARY KEY (business_id, book_id, asset_id, id),
    FOREIGN KEY (business_id, book_id, asset_id) REFERENCES asset_book
);

---------------------------------------------------------------------------------------- periods and runs

CREATE TABLE period (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    due_at timestamptz, -- when a scheduled run is planned; null: never by itself
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closing', 'closed', 'locked')),
    generation integer NOT NULL DEFAULT 0,   -- raised by a reopening
    lock_version integer NOT NULL DEFAULT 0,
    fact_version bigint NOT NULL DEFAULT 0,  -- raised by every fact that can change a charge in it or later
    expected_assets integer NOT NULL DEFAULT 0,
    closing_run_id uuid,
    last_run_id uuid,                      -- the last run of this period that ended
    last_fact_version bigint,              -- what it had read: the sum of fact_version up to here
    blocked_assets integer NOT NULL DEFAULT 0,
    closed_at timestamptz,
    charged_minor bigint,
    entry_count integer,
    content_hash text,
    locked_at timestamptz,
    PRIMARY KEY (business_id, book_id, period_start),
    FOREIGN KEY (business_id, book_id) REFERENCES book,
    CHECK (period_end >= period_start),
    CHECK ((status = 'closing') = (closing_run_id IS NOT NULL)),
    CHECK ((status IN ('closed', 'locked')) = (content_hash IS NOT NULL)),
    CONSTRAINT period_closed_with CHECK (
        status NOT IN ('closed', 'locked') OR num_nulls(closed_at, charged_minor, entry_count) = 0),
    CONSTRAINT period_locked_at CHECK ((status = 'locked') = (locked_at IS NOT NULL))
);
CREATE INDEX period_due ON period (due_at) WHERE status = 'open';

CREATE TABLE run (
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    book_id uuid NOT NULL,
    period_start date NOT NULL,
    generation integer NOT NULL,
    sequence integer NOT NULL, -- 0: the scheduled run of the period's generation
    kind text NOT NULL CHECK (kind IN ('scheduled', 'on_demand', 'rerun')),
    status text NOT NULL DEFAULT 'queued' CHECK (status IN
        ('queued', 'running', 'retry_wait', 'posted', 'posted_with_exceptions', 'blocked', 'failed')),
    fence bigint NOT NULL DEFAULT 0,
    lease_owner text,
    lease_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    published_at timestamptz,
    publications integer NOT NULL DEFAULT 0,
    expected_assets integer NOT NULL DEFAULT 0,
    fact_version_read bigint,
    input_hash text,
    output_hash text,
    assets integer,
    posted_assets integer,
    nothing_due_assets integer,
    skipped_assets integer,
    blocked_assets integer,
    posted_minor bigint,
    entry_count integer,
    error_code text,
    error_message text,
    timings jsonb,
    requested_by text NOT NULL,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (business_id, id),
    CONSTRAINT run_id_unique UNIQUE (id),
    CONSTRAINT run_period_unique UNIQUE (business_id, book_id, period_start, generation, sequence),
    FOREIGN KEY (business_id, book_id, period_start) REFERENCES period,
    CHECK ((kind = 'scheduled') = (sequence = 0)),
    CHECK ((status = 'running') = (lease_until IS NOT NULL)),
    -- Only a role that may write results can say that a run has posted.
    CONSTRAINT run_posted_with CHECK (status NOT IN ('posted', 'posted_with_exceptions') OR output_hash IS NOT NULL)
);
ALTER TABLE period
    ADD CONSTRAINT period_closing_run FOREIGN KEY (business_id, closing_run_id) REFERENCES run,
    ADD CONSTRAINT period_last_run FOREIGN KEY (business_id, last_run_id) REFERENCES run;
CREATE INDEX run_alive ON run (status, next_attempt_at) WHERE status IN ('queued', 'running', 'retry_wait');

CREATE TABLE run_outcome (
    business_id uuid NOT NULL,
    run_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('skipped', 'blocked')),
    code text NOT NULL,
    field text,
    value text,
    PRIMARY KEY (business_id, run_id, asset_id)
);

------------------------------------------------------------------------------------------------- ledger

-- Charges of runs and changes by users alike. The key is natural and starts with the business; row foreign
-- keys cost three times the insert, so membership is checked set-wise by the trigger below.
CREATE TABLE value_update (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    effective_period date NOT NULL,
    asset_id uuid NOT NULL,
    sequence smallint NOT NULL CHECK (sequence >= 0), -- how many there were when the register was read
    posting_period date NOT NULL,
    update_type text NOT NULL CHECK (update_type IN ('DEPRECIATION_AMORTIZATION', 'IMPAIRMENT', 'REVALUATION_DOWN',
        'IMPROVEMENT', 'REVALUATION_UP')),
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0), -- depreciation: positive raises accumulated depreciation
    run_id uuid,   -- null: recorded by a user
    entry_id uuid, -- null: booked elsewhere
    debit_line integer,
    credit_line integer,
    -- of a change of value alone: its day, the book value it was given by, and what it changes besides
    date date,
    new_book_value_minor bigint CHECK (new_book_value_minor BETWEEN 0 AND 1000000000000000),
    remaining_life_months integer CHECK (remaining_life_months BETWEEN 1 AND 1200),
    residual_minor bigint CHECK (residual_minor BETWEEN 0 AND 1000000000000000),
    reversal_of smallint, -- the sequence of what it takes back, of the same asset and effective period
    PRIMARY KEY (business_id, book_id, effective_period, asset_id, sequence),
    CHECK ((entry_id IS NULL) = (debit_line IS NULL) AND (entry_id IS NULL) = (credit_line IS NULL)),
    CONSTRAINT value_update_value_change CHECK (CASE update_type WHEN 'DEPRECIATION_AMORTIZATION'
        THEN num_nonnulls(date, new_book_value_minor, remaining_life_months, residual_minor) = 0
        ELSE date IS NOT NULL AND (amount_minor > 0) = (reversal_of IS NULL) END),
    CONSTRAINT value_update_reversal CHECK (reversal_of < sequence)
);
CREATE INDEX value_update_change ON value_update (business_id, book_id) WHERE update_type <> 'DEPRECIATION_AMORTIZATION';
CREATE UNIQUE INDEX value_update_reversal_unique
    ON value_update (business_id, book_id, effective_period, asset_id, reversal_of) WHERE reversal_of IS NOT NULL;
CREATE INDEX value_update_catch_up ON value_update (business_id, book_id, posting_period)
    WHERE posting_period <> effective_period;

-- Period and run are checked set-wise by the guards: with the asset as the grain an entry is a bulk row as well
-- (docs/decisions/0006).
CREATE TABLE journal_entry (
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    book_id uuid NOT NULL,
    feed_seq bigint NOT NULL CHECK (feed_seq > 0),
    kind text NOT NULL CHECK (kind IN ('depreciation')),
    effective_period date NOT NULL, -- what it is for
    posting_period date NOT NULL,   -- where it lies
    entry_date date NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL CHECK (total_minor > 0),
    line_count integer NOT NULL CHECK (line_count >= 2),
    run_id uuid,
    asset_id uuid, -- the asset, where the grain is the asset
    reversal_of uuid,
    memo text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, id),
    CONSTRAINT journal_entry_feed_seq_unique UNIQUE (business_id, feed_seq),
    CONSTRAINT journal_entry_effective CHECK (effective_period <= posting_period),
    CONSTRAINT journal_entry_reverses_another CHECK (reversal_of <> id),
    FOREIGN KEY (business_id, reversal_of) REFERENCES journal_entry
);
CREATE INDEX journal_entry_period ON journal_entry (business_id, book_id, posting_period);
CREATE UNIQUE INDEX journal_entry_reversal_unique ON journal_entry (business_id, reversal_of)
    WHERE reversal_of IS NOT NULL;

CREATE TABLE journal_line (
    business_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    line_no integer NOT NULL CHECK (line_no > 0),
    account_id uuid NOT NULL,
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    PRIMARY KEY (business_id, entry_id, line_no),
    CHECK (debit_minor >= 0 AND credit_minor >= 0 AND (debit_minor = 0) <> (credit_minor = 0))
);

-- What each account stood at when a period closed: the next period opens with it.
CREATE TABLE period_balance (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    period_start date NOT NULL,
    generation integer NOT NULL,
    account_id uuid NOT NULL,
    opening_minor bigint NOT NULL, -- debit positive
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    closing_minor bigint NOT NULL,
    PRIMARY KEY (business_id, book_id, period_start, generation, account_id),
    FOREIGN KEY (business_id, book_id, period_start) REFERENCES period,
    FOREIGN KEY (business_id, account_id) REFERENCES account,
    CHECK (closing_minor = opening_minor + debit_minor - credit_minor)
);

-- What had been posted to each asset of a book by the end of a period that closed: the sum of the depreciation that lies
-- in it and before it. A read adds what lies after it, so that it need not sum up all history. Derived, append-only:
-- the row of a period's present generation counts, and only while the period is closed or locked.
CREATE TABLE posted_position (
    business_id uuid NOT NULL,
    book_id uuid NOT NULL,
    period_start date NOT NULL,
    generation integer NOT NULL,
    asset_ids uuid[] NOT NULL, -- ascending
    posted_minor bigint[] NOT NULL,
    PRIMARY KEY (business_id, book_id, period_start, generation),
    FOREIGN KEY (business_id, book_id, period_start) REFERENCES period,
    CHECK (cardinality(asset_ids) = cardinality(posted_minor))
);
ALTER TABLE posted_position ALTER asset_ids SET STORAGE EXTERNAL, ALTER posted_minor SET STORAGE EXTERNAL;

CREATE TABLE feed_counter (
    business_id uuid PRIMARY KEY REFERENCES business,
    last_seq bigint NOT NULL DEFAULT 0
);

CREATE TABLE outbox (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    event text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, id)
);

CREATE TABLE audit (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (business_id, id)
);

----------------------------------------------------------------------------------- the last line of defence
-- Guards run as the owner: a role that posts need not be able to touch a period to have it checked. The owner
-- is under the same policies (FORCE), so a guard sees the bound business only.

CREATE FUNCTION guard_business(owners uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF owners <> ARRAY[NULLIF(current_setting('app.business_id', true), '')::uuid] THEN
        RAISE EXCEPTION 'rows of a business that is not bound' USING ERRCODE = '42501', CONSTRAINT = 'guard_business';
    END IF;
END $$;

-- Holds the periods against a concurrent lock, and refuses those that take no postings from this run.
CREATE FUNCTION guard_periods(book uuid, starts date[], run uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE open_count integer;
BEGIN
    IF run IS NOT NULL AND NOT EXISTS (SELECT FROM bookvalue.run r
            WHERE r.business_id = current_setting('app.business_id')::uuid AND r.id = run AND r.book_id = book) THEN
        RAISE EXCEPTION 'a posting by a run of another book' USING ERRCODE = '23503', CONSTRAINT = 'guard_run_of_book';
    END IF;
    SELECT count(*) INTO open_count FROM (
        SELECT 1 FROM period p
        WHERE p.business_id = current_setting('app.business_id')::uuid AND p.book_id = book
          AND p.period_start = ANY (starts)
          AND (p.status = 'open' OR p.status = 'closing' AND p.closing_run_id = run)
        ORDER BY p.period_start FOR SHARE) held;
    IF open_count < cardinality(starts) THEN
        RAISE EXCEPTION 'a posting into a period that is not open' USING ERRCODE = '23514', CONSTRAINT = 'guard_period_open';
    END IF;
END $$;

-- What a posting is for is a period of its book too: a day within one would be a second key for the same charge.
CREATE FUNCTION guard_effective(book uuid, effective date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM period p WHERE p.business_id = current_setting('app.business_id')::uuid
        AND p.book_id = book AND p.period_start = ANY (effective)) < cardinality(effective) THEN
        RAISE EXCEPTION 'an effective period that is not in the book'
            USING ERRCODE = '23503', CONSTRAINT = 'guard_effective_period';
    END IF;
END $$;

-- Guards of many rows plan anew for the rows at hand (a plan kept from a small batch would be quadratic on a large
-- one), and count violations instead of asking for the first, since there are none nearly always.
CREATE FUNCTION guard_value_update() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    batch record;
    bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
BEGIN
    FOR batch IN SELECT array_agg(DISTINCT business_id) AS businesses, book_id, run_id,
                        array_agg(DISTINCT posting_period) AS starts, array_agg(DISTINCT effective_period) AS effective,
                        bool_or(effective_period > posting_period) AS early, sum(strangers) AS strangers
                 FROM (SELECT f.business_id, f.book_id, f.run_id, f.posting_period, f.effective_period,
                              count(*) - count(a.asset_id) AS strangers
                       FROM fresh f LEFT JOIN asset_book a
                       ON a.business_id = bound AND a.book_id = f.book_id AND a.asset_id = f.asset_id
                       GROUP BY f.business_id, f.book_id, f.run_id, f.posting_period, f.effective_period) g
                 GROUP BY book_id, run_id LOOP
        PERFORM guard_business(batch.businesses);
        PERFORM guard_periods(batch.book_id, batch.starts, batch.run_id);
        IF batch.early THEN
            RAISE EXCEPTION 'a value update posted before its effective period'
                USING ERRCODE = '23514', CONSTRAINT = 'guard_effective_period';
        END IF;
        PERFORM guard_effective(batch.book_id, batch.effective);
        IF batch.strangers > 0 THEN
            RAISE EXCEPTION 'a value update of an asset that is not in the book'
                USING ERRCODE = '23503', CONSTRAINT = 'guard_value_update_asset';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON value_update REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_value_update();

CREATE FUNCTION guard_journal_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    batch record;
    bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
BEGIN
    FOR batch IN SELECT array_agg(DISTINCT business_id) AS businesses, book_id, run_id,
                        array_agg(DISTINCT posting_period) AS starts, array_agg(DISTINCT effective_period) AS effective
                 FROM (SELECT DISTINCT business_id, book_id, run_id, posting_period, effective_period FROM fresh) g
                 GROUP BY book_id, run_id LOOP
        PERFORM guard_business(batch.businesses);
        PERFORM guard_periods(batch.book_id, batch.starts, batch.run_id);
        PERFORM guard_effective(batch.book_id, batch.effective);
    END LOOP;
    IF (SELECT count(*) FROM fresh f LEFT JOIN asset_book a
        ON a.business_id = bound AND a.book_id = f.book_id AND a.asset_id = f.asset_id
        WHERE f.asset_id IS NOT NULL AND a.asset_id IS NULL) > 0 THEN
        RAISE EXCEPTION 'an entry for an asset that is not in the book'
            USING ERRCODE = '23503', CONSTRAINT = 'guard_journal_entry_asset';
    END IF;
    IF (SELECT count(*) FROM fresh f
        JOIN business b ON b.id = bound
        JOIN period p ON p.business_id = bound AND p.book_id = f.book_id AND p.period_start = f.posting_period
        LEFT JOIN feed_counter c ON c.business_id = bound
        WHERE f.entry_date NOT BETWEEN p.period_start AND p.period_end OR f.currency <> b.currency
           OR f.feed_seq > coalesce(c.last_seq, 0)) > 0 THEN
        RAISE EXCEPTION 'an entry dated outside its period, in another currency, or ahead of the feed'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_journal_entry';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_journal_entry();

-- All lines of an entry come in one statement, after the entry; together they must be what it states.
CREATE FUNCTION guard_journal_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    batch record;
    bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
    lowest uuid;  -- the entries' ids ascend in time: between these two lie few others, however long the history
    highest uuid;
BEGIN
    PERFORM guard_business((SELECT array_agg(business_id) FROM (SELECT DISTINCT business_id FROM fresh) g));
    IF EXISTS (SELECT FROM (SELECT DISTINCT account_id FROM fresh) f LEFT JOIN account a
               ON a.business_id = bound AND a.id = f.account_id WHERE a.id IS NULL) THEN
        RAISE EXCEPTION 'a line on an account of no chart of this business'
            USING ERRCODE = '23503', CONSTRAINT = 'guard_journal_line_account';
    END IF;
    SELECT entry_id INTO lowest FROM fresh ORDER BY entry_id LIMIT 1;
    SELECT entry_id INTO highest FROM fresh ORDER BY entry_id DESC LIMIT 1;
    FOR batch IN SELECT book_id, run_id, array_agg(posting_period) AS starts, sum(wrong) AS wrong
                 FROM (SELECT e.book_id, e.run_id, e.posting_period, count(*) FILTER (WHERE e.id IS NULL
                           OR f.debit <> e.total_minor OR f.credit <> e.total_minor
                           OR f.lines <> e.line_count OR f.last <> e.line_count) AS wrong
                       FROM (SELECT entry_id, sum(debit_minor) AS debit, sum(credit_minor) AS credit,
                                    count(*) AS lines, max(line_no) AS last FROM fresh GROUP BY entry_id) f
                       LEFT JOIN journal_entry e ON e.business_id = bound AND e.id = f.entry_id
                           AND e.id BETWEEN lowest AND highest
                       GROUP BY e.book_id, e.run_id, e.posting_period) g
                 GROUP BY book_id, run_id LOOP
        IF batch.wrong > 0 THEN
            RAISE EXCEPTION 'lines that do not balance to their entry'
                USING ERRCODE = '23514', CONSTRAINT = 'guard_journal_balanced';
        END IF;
        PERFORM guard_periods(batch.book_id, batch.starts, batch.run_id);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON journal_line REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_journal_line();

-- At commit: every number that the transaction took from the feed is an entry, and every such entry has its lines.
CREATE FUNCTION guard_feed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM journal_entry e
        WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
       ) <> NEW.last_seq - OLD.last_seq THEN
        RAISE EXCEPTION 'a gap in the feed' USING ERRCODE = '23514', CONSTRAINT = 'guard_feed_gapless';
    END IF;
    IF EXISTS (SELECT FROM journal_entry e LEFT JOIN journal_line l
               ON l.business_id = e.business_id AND l.entry_id = e.id AND l.line_no = 1
               WHERE e.business_id = NEW.business_id AND e.feed_seq > OLD.last_seq AND e.feed_seq <= NEW.last_seq
                 AND l.entry_id IS NULL) THEN
        RAISE EXCEPTION 'an entry without lines' USING ERRCODE = '23514', CONSTRAINT = 'guard_journal_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER guard_feed AFTER UPDATE ON feed_counter DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard_feed();

CREATE FUNCTION guard_feed_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.last_seq <> 0 OR TG_OP = 'UPDATE' AND
       (NEW.last_seq <= OLD.last_seq OR NEW.business_id <> OLD.business_id) THEN
        RAISE EXCEPTION 'the feed only moves forward' USING ERRCODE = '23514', CONSTRAINT = 'guard_feed_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forward BEFORE INSERT OR UPDATE ON feed_counter
    FOR EACH ROW EXECUTE FUNCTION guard_feed_forward();

-- What a run says of assets is said while it runs, of assets in its book.
CREATE FUNCTION guard_run_outcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    IF EXISTS (SELECT FROM (SELECT DISTINCT business_id, run_id FROM fresh) f LEFT JOIN run r
               ON r.business_id = f.business_id AND r.id = f.run_id AND r.status = 'running' WHERE r.id IS NULL) THEN
        RAISE EXCEPTION 'an outcome of a run that does not run' USING ERRCODE = '23514', CONSTRAINT = 'guard_run_outcome';
    END IF;
    IF (SELECT count(*) FROM fresh f JOIN run r ON r.business_id = bound AND r.id = f.run_id LEFT JOIN asset_book a
        ON a.business_id = bound AND a.book_id = r.book_id AND a.asset_id = f.asset_id
        WHERE a.asset_id IS NULL) > 0 THEN
        RAISE EXCEPTION 'an outcome of an asset that is not in the book'
            USING ERRCODE = '23503', CONSTRAINT = 'guard_run_outcome_asset';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON run_outcome REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_run_outcome();

-- Balances and positions are what a period closes with: the next one opens with them.
CREATE FUNCTION guard_period_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    IF EXISTS (SELECT FROM (SELECT DISTINCT business_id, book_id, period_start, generation FROM fresh) f LEFT JOIN period p
               ON p.business_id = f.business_id AND p.book_id = f.book_id AND p.period_start = f.period_start
               AND p.generation = f.generation AND p.status = 'closing' WHERE p.period_start IS NULL) THEN
        RAISE EXCEPTION 'balances or positions of a period that is not closing'
            USING ERRCODE = '23514', CONSTRAINT = 'guard_period_balance';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON period_balance REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_period_balance();

CREATE TRIGGER guard AFTER INSERT ON posted_position REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_period_balance();

-- For tables with no guard of their own: the worker is not under row-level security, and is bound all the same.
CREATE FUNCTION guard_tenant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    PERFORM guard_business((SELECT array_agg(DISTINCT business_id) FROM fresh));
    RETURN NULL;
END $$;
CREATE TRIGGER guard AFTER INSERT ON audit REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_tenant();
CREATE TRIGGER guard AFTER INSERT ON outbox REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION guard_tenant();

-- A run begins queued, in a generation that its period has had; its fence only rises; an ended run never changes.
-- Runs as its caller: the planner acts on every business's runs, the worker on the bound one's.
CREATE FUNCTION guard_run() RETURNS trigger LANGUAGE plpgsql SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'runs are never deleted' USING ERRCODE = '42501', CONSTRAINT = 'guard_run';
    END IF;
    IF current_user = 'bookvalue_worker' THEN
        PERFORM guard_business(ARRAY[NEW.business_id]);
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'queued' OR NEW.fence <> 0 OR NEW.generation < 0 OR NOT EXISTS (
               SELECT FROM period p WHERE p.business_id = NEW.business_id AND p.book_id = NEW.book_id
               AND p.period_start = NEW.period_start AND p.generation >= NEW.generation) THEN
            RAISE EXCEPTION 'a run that is not queued, or not of its period' USING ERRCODE = '23514', CONSTRAINT = 'guard_run';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.business_id, NEW.id, NEW.book_id, NEW.period_start, NEW.generation, NEW.sequence, NEW.kind)
       IS DISTINCT FROM (OLD.business_id, OLD.id, OLD.book_id, OLD.period_start, OLD.generation, OLD.sequence, OLD.kind)
       OR NEW.fence < OLD.fence OR (OLD.status <> 'running' AND NEW.status = 'running' AND NEW.fence = OLD.fence)
       OR (OLD.status, NEW.status) NOT IN (('queued', 'queued'), ('queued', 'running'), ('retry_wait', 'retry_wait'),
            ('retry_wait', 'running'), ('running', 'running'), ('running', 'retry_wait'), ('running', 'posted'),
            ('running', 'posted_with_exceptions'), ('running', 'blocked'), ('running', 'failed')) THEN
        RAISE EXCEPTION 'run % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = '23514', CONSTRAINT = 'guard_run';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON run FOR EACH ROW EXECUTE FUNCTION guard_run();

CREATE FUNCTION guard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501', CONSTRAINT = 'guard_append_only';
END $$;

-- Which state may follow which; a locked period never changes, a closed one reopens only as a new generation.
CREATE FUNCTION guard_period() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
DECLARE previous period;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'periods are never deleted' USING ERRCODE = '42501', CONSTRAINT = 'guard_period';
    END IF;
    PERFORM guard_business(ARRAY[NEW.business_id]); -- of another business's periods the guard would see none
    SELECT * INTO previous FROM period p WHERE p.business_id = NEW.business_id AND p.book_id = NEW.book_id
        AND p.period_start < NEW.period_start ORDER BY p.period_start DESC LIMIT 1;
    IF TG_OP = 'INSERT' THEN
        IF previous.period_start IS NULL THEN -- two first periods at once would not see each other
            PERFORM pg_advisory_xact_lock(hashtextextended(NEW.business_id || '/' || NEW.book_id, 0));
        END IF;
        IF NEW.status <> 'open' OR NEW.generation <> 0 OR NEW.lock_version <> 0
           OR (CASE WHEN previous.period_start IS NULL
                    THEN (SELECT count(*) > 0 AND NOT bool_or(p.period_start = NEW.period_start) FROM period p
                          WHERE p.business_id = NEW.business_id AND p.book_id = NEW.book_id)
                    ELSE previous.period_end + 1 <> NEW.period_start END) THEN
            RAISE EXCEPTION 'a period that does not follow the last one, open'
                USING ERRCODE = '23514', CONSTRAINT = 'guard_period';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.business_id, NEW.book_id, NEW.period_start, NEW.period_end)
       IS DISTINCT FROM (OLD.business_id, OLD.book_id, OLD.period_start, OLD.period_end)
       OR NEW.fact_version < OLD.fact_version
       OR NEW.lock_version <> OLD.lock_version + (OLD.status <> 'locked' AND NEW.status = 'locked')::integer
       OR (OLD.status = 'locked' AND (NEW.locked_at, NEW.due_at) IS DISTINCT FROM (OLD.locked_at, OLD.due_at))
       OR (OLD.status = 'closing' AND NEW.status = 'closing' AND NEW.closing_run_id <> OLD.closing_run_id)
       OR (OLD.status = 'open' AND NEW.status = 'closing' AND NOT EXISTS (
            SELECT FROM run r WHERE r.business_id = NEW.business_id AND r.id = NEW.closing_run_id
            AND r.book_id = NEW.book_id AND r.period_start >= NEW.period_start AND r.status = 'running'))
       OR (OLD.status, NEW.status) NOT IN (('open', 'open'), ('open', 'closing'), ('closing', 'open'),
            ('closing', 'closing'), ('closing', 'closed'), ('closed', 'closed'), ('closed', 'locked'), ('closed', 'open'),
            ('locked', 'locked'))
       OR (OLD.status = 'closed' AND NEW.status = 'open') <> (NEW.generation = OLD.generation + 1)
       OR NEW.generation NOT IN (OLD.generation, OLD.generation + 1)
       OR (OLD.status IN ('closed', 'locked') AND NEW.status <> 'open'
           AND (NEW.content_hash, NEW.charged_minor, NEW.entry_count, NEW.closed_at)
               IS DISTINCT FROM (OLD.content_hash, OLD.charged_minor, OLD.entry_count, OLD.closed_at))
       OR (NEW.status IN ('closed', 'locked') AND NEW.status <> OLD.status AND previous.status IS NOT NULL
           AND previous.status NOT IN (CASE NEW.status WHEN 'closed' THEN 'closed' ELSE 'locked' END, 'locked')) THEN
        RAISE EXCEPTION 'period % cannot go from % to %', OLD.period_start, OLD.status, NEW.status
            USING ERRCODE = '23514', CONSTRAINT = 'guard_period';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON period FOR EACH ROW EXECUTE FUNCTION guard_period();

------------------------------------------------------------------------------ tenants, privileges, append-only

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['book', 'account', 'depreciation_settings', 'asset_type', 'asset', 'asset_book',
        'estimate_change', 'suspension', 'units_used', 'manual_amount', 'period', 'run', 'run_outcome', 'value_update',
        'journal_entry', 'journal_line', 'period_balance', 'posted_position', 'feed_counter', 'outbox', 'audit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format($p$CREATE POLICY tenant ON %I
            USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
            WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)$p$, name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['value_update', 'journal_entry', 'journal_line', 'run_outcome', 'period_balance',
        'posted_position', 'depreciation_settings', 'outbox', 'audit'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only()', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['value_update', 'journal_entry', 'journal_line', 'period', 'run', 'run_outcome',
        'period_balance', 'posted_position', 'audit', 'outbox'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER guard', name);
    END LOOP;
END $$;
ALTER TABLE feed_counter ENABLE ALWAYS TRIGGER guard_feed;
ALTER TABLE feed_counter ENABLE ALWAYS TRIGGER forward;

ALTER TABLE business ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON business
    USING (id = NULLIF(current_setting('app.business_id', true), '')::uuid)
    WITH CHECK (id = NULLIF(current_setting('app.business_id', true), '')::uuid);

-- The planner sees which businesses there are, and their periods and runs; nothing of their books.
CREATE POLICY planner ON business FOR SELECT TO bookvalue_planner USING (true);
CREATE POLICY planner ON period TO bookvalue_planner USING (true) WITH CHECK (true);
CREATE POLICY planner ON run TO bookvalue_planner USING (true) WITH CHECK (true);

-- Guards are fired, not called: nobody may hang one on a table of their own.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA bookvalue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard_business(uuid[]) TO bookvalue_worker;

GRANT USAGE ON SCHEMA bookvalue TO bookvalue_api, bookvalue_worker, bookvalue_planner;

GRANT SELECT (id, key, name) ON business TO bookvalue_planner;
GRANT SELECT ON period TO bookvalue_planner;
GRANT SELECT ON run TO bookvalue_planner;
GRANT UPDATE (status, fence, lease_owner, lease_until, attempts, next_attempt_at, published_at, publications, error_code,
    error_message, started_at, finished_at) ON run TO bookvalue_planner;

GRANT SELECT ON business, book, account, depreciation_settings, asset_type, asset, asset_book, estimate_change,
    suspension, units_used, manual_amount, period, run, run_outcome, value_update, journal_entry, journal_line,
    period_balance, posted_position, feed_counter, outbox, audit TO bookvalue_api, bookvalue_worker;
GRANT INSERT ON business, book, account, depreciation_settings, asset_type, asset, asset_book, period, feed_counter
    TO bookvalue_api;
-- A fact is recorded at the database's own time, and archived, never changed.
GRANT INSERT (business_id, book_id, asset_id, id, date, remaining_life_months, rate_nanopercent, residual_minor, method)
    ON estimate_change TO bookvalue_api;
GRANT INSERT (business_id, book_id, asset_id, id, first_day, last_day, extend_life) ON suspension TO bookvalue_api;
GRANT INSERT (business_id, book_id, asset_id, id, period_end, quantity_micro) ON units_used TO bookvalue_api;
GRANT INSERT (business_id, book_id, asset_id, id, date, amount_minor) ON manual_amount TO bookvalue_api;
GRANT UPDATE (archived_at) ON estimate_change, suspension, units_used, manual_amount TO bookvalue_api;
-- A run begins as the table says, and an audit row carries the database's own time.
GRANT INSERT (business_id, id, book_id, period_start, generation, sequence, kind, expected_assets, requested_by, reason)
    ON run TO bookvalue_api, bookvalue_planner;
GRANT INSERT (business_id, id, actor, action, subject, reason, details) ON audit TO bookvalue_api, bookvalue_worker;
GRANT INSERT (business_id, id, event, body) ON outbox TO bookvalue_api, bookvalue_worker;
GRANT UPDATE (name, books_start, accounting_basis, number_prefix, next_number) ON business TO bookvalue_api;
GRANT UPDATE (grain, auto, close_after_days, close_at) ON book TO bookvalue_api;
GRANT UPDATE (name, kind, ledger_account_id, accumulated_account_id, expense_account_id, settings_id) ON asset_type TO bookvalue_api;
GRANT UPDATE (code, name, type) ON account TO bookvalue_api;
GRANT UPDATE (number, name, kind, purchase_date, ledger_account_id, description, serial_number, warranty_expiry_date,
    metadata) ON asset TO bookvalue_api;
GRANT UPDATE (cost_minor, cost_limit_minor, residual_minor, opening_accumulated_minor, opening_current_year_minor,
    units_total_micro, settings_id, depreciation_start_date, opening_as_of, disposal_date, asset_type, accumulated_account,
    expense_account, status) ON asset_book TO bookvalue_api;
GRANT UPDATE (due_at, fact_version, status, lock_version, locked_at) ON period TO bookvalue_api;

GRANT INSERT ON period, run_outcome, value_update, journal_entry, journal_line, period_balance, posted_position
    TO bookvalue_worker;
GRANT UPDATE (due_at, status, closing_run_id, last_run_id, last_fact_version, blocked_assets, closed_at,
    charged_minor, entry_count, content_hash) ON period TO bookvalue_worker;
GRANT UPDATE (last_seq) ON feed_counter TO bookvalue_worker;
GRANT UPDATE (status, lease_owner, lease_until, fact_version_read, input_hash, output_hash, assets, posted_assets,
    nothing_due_assets, skipped_assets, blocked_assets, posted_minor, entry_count, error_code, error_message, timings,
    finished_at, next_attempt_at) ON run TO bookvalue_worker;
