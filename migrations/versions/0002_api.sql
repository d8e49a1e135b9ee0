-- Answers to requests that carried an Idempotency-Key, kept with the effect they answer, in one transaction.
CREATE TABLE idempotency_key (
    business_id uuid NOT NULL, -- the nil id for requests that are about no business yet
    client text NOT NULL,      -- the token's subject
    route text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    fingerprint text NOT NULL, -- SHA-256 of the canonical body and path
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business_id, client, route, key)
);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_key
    USING (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid)
    WITH CHECK (business_id = NULLIF(current_setting('app.business_id', true), '')::uuid);
GRANT SELECT, INSERT ON idempotency_key TO bookvalue_api;

-- Reopening a closed period: a new generation, and nothing of what it was closed with remains on it.
GRANT UPDATE (generation, content_hash, charged_minor, entry_count, closed_at) ON period TO bookvalue_api;

-- Only the newest closed period of a book reopens: the later ones open with its balances and chain on its hash.
CREATE FUNCTION guard_reopen() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bookvalue, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM period p WHERE p.business_id = NEW.business_id AND p.book_id = NEW.book_id
               AND p.period_start > NEW.period_start AND p.status <> 'open') THEN
        RAISE EXCEPTION 'a later period than % is closed', NEW.period_start
            USING ERRCODE = '23514', CONSTRAINT = 'guard_reopen';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION guard_reopen() FROM PUBLIC;
CREATE TRIGGER guard_reopen BEFORE UPDATE ON period FOR EACH ROW
    WHEN (OLD.status = 'closed' AND NEW.status = 'open') EXECUTE FUNCTION guard_reopen();
ALTER TABLE period ENABLE ALWAYS TRIGGER guard_reopen;

-- One live run a period, whoever asked for it; a second one finds it, or is not inserted (ON CONFLICT DO NOTHING).
CREATE UNIQUE INDEX run_alive_unique ON run (business_id, book_id, period_start)
    WHERE status IN ('queued', 'running', 'retry_wait');

-- A person's request takes the planner's waiting run over, so that it closes as well; an ended run never changes.
GRANT UPDATE (requested_by, reason) ON run TO bookvalue_api;
