-- Settings: SEMANTICS section 5. An account that is null is the one of the default chart.
ALTER TABLE business
    ADD COLUMN asset_accounts text NOT NULL DEFAULT 'per_type'
        CONSTRAINT business_asset_accounts CHECK (asset_accounts IN ('per_type', 'per_asset')),
    ADD COLUMN gain_account_id uuid,
    ADD COLUMN loss_account_id uuid,
    ADD COLUMN capital_gain_account_id uuid,
    ADD CONSTRAINT business_next_number CHECK (next_number BETWEEN 1 AND 1000000000000000000),
    ADD FOREIGN KEY (id, gain_account_id) REFERENCES account,
    ADD FOREIGN KEY (id, loss_account_id) REFERENCES account,
    ADD FOREIGN KEY (id, capital_gain_account_id) REFERENCES account;
GRANT UPDATE (asset_accounts, gain_account_id, loss_account_id, capital_gain_account_id) ON business TO bookvalue_api;

ALTER TABLE book ADD COLUMN auto_lock_after_days smallint
    CONSTRAINT book_auto_lock_after_days CHECK (auto_lock_after_days BETWEEN 0 AND 366); -- null: never by itself
GRANT UPDATE (auto_lock_after_days) ON book TO bookvalue_api;
GRANT SELECT (auto_lock_after_days) ON book TO bookvalue_planner; -- which books lock by themselves

ALTER TABLE account
    ADD COLUMN parent_id uuid,
    ADD CONSTRAINT account_parent_is_another CHECK (parent_id <> id),
    ADD FOREIGN KEY (business_id, parent_id) REFERENCES account;

ALTER TABLE asset
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN acquisition_counter_account_id uuid, -- what paid for it: registering posts the cost; null posts nothing
    ADD FOREIGN KEY (business_id, acquisition_counter_account_id) REFERENCES account;
GRANT UPDATE (archived_at) ON asset TO bookvalue_api;

-- Tags (seed 000): a dimension, its values, and which asset has which. One value of a dimension an asset; what is taken
-- off an asset is archived, and comes again as a row of its own.
CREATE TABLE tag_dimension (
    business_id uuid NOT NULL REFERENCES business,
    id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 500),
    display_name text,
    archived_at timestamptz,
    PRIMARY KEY (business_id, id),
    CONSTRAINT tag_dimension_key_unique UNIQUE (business_id, key)
);

CREATE TABLE tag_definition (
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    dimension_id uuid NOT NULL,
    value text NOT NULL CHECK (length(value) BETWEEN 1 AND 500),
    display_name text,
    archived_at timestamptz,
    PRIMARY KEY (business_id, id),
    CONSTRAINT tag_definition_value_unique UNIQUE (business_id, dimension_id, value),
    CONSTRAINT tag_definition_of_dimension UNIQUE (business_id, dimension_id, id),
    FOREIGN KEY (business_id, dimension_id) REFERENCES tag_dimension
);

CREATE TABLE asset_tag (
    business_id uuid NOT NULL,
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    dimension_id uuid NOT NULL,
    definition_id uuid NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (business_id, id),
    FOREIGN KEY (business_id, asset_id) REFERENCES asset,
    FOREIGN KEY (business_id, dimension_id, definition_id) REFERENCES tag_definition (business_id, dimension_id, id)
);
CREATE UNIQUE INDEX asset_tag_unique ON asset_tag (business_id, asset_id, dimension_id) WHERE archived_at IS NULL;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tag_dimension', 'tag_definition', 'asset_tag'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format($p$CREATE POLICY tenant ON %I
            USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
            WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)$p$, name);
    END LOOP;
END $$;
GRANT SELECT ON tag_dimension, tag_definition, asset_tag TO bookvalue_api, bookvalue_worker;
GRANT INSERT ON tag_dimension, tag_definition, asset_tag TO bookvalue_api;
GRANT UPDATE (display_name, archived_at) ON tag_dimension, tag_definition TO bookvalue_api;
GRANT UPDATE (archived_at) ON asset_tag TO bookvalue_api;

-- The two things that may be deleted, and only as these functions do it: no role may delete a row by itself.
CREATE FUNCTION delete_asset(deleted uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
DECLARE
    bound uuid := NULLIF(current_setting('app.business_id', true), '')::uuid;
    name text;
BEGIN
    -- the key has the period before the asset: with the periods named, the asset is looked up and not searched for
    IF EXISTS (SELECT FROM value_update v WHERE v.business_id = bound AND v.asset_id = deleted
               AND v.book_id = ANY (ARRAY(SELECT b.id FROM book b WHERE b.business_id = bound))
               AND v.effective_period = ANY (ARRAY(SELECT p.period_start FROM period p WHERE p.business_id = bound)))
       OR EXISTS (SELECT FROM disposal d WHERE d.business_id = bound AND d.asset_id = deleted) THEN
        RAISE EXCEPTION 'something is posted to the asset' USING ERRCODE = '23503', CONSTRAINT = 'asset_posted';
    END IF;
    FOREACH name IN ARRAY ARRAY['estimate_change', 'suspension', 'units_used', 'manual_amount', 'asset_tag',
                                'asset_book'] LOOP
        EXECUTE format('DELETE FROM %I WHERE business_id = $1 AND asset_id = $2', name) USING bound, deleted;
    END LOOP;
    DELETE FROM asset a WHERE a.business_id = bound AND a.id = deleted;
END $$;

CREATE FUNCTION delete_asset_type(deleted uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
    DELETE FROM asset_type t WHERE t.id = deleted
        AND t.business_id = NULLIF(current_setting('app.business_id', true), '')::uuid;
$$;
REVOKE EXECUTE ON FUNCTION delete_asset(uuid), delete_asset_type(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_asset(uuid), delete_asset_type(uuid) TO bookvalue_api;
