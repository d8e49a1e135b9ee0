-- What a period was closed with stands on it while it is closed or locked, and at no other time: a reopening takes all
-- of it off, and leaves it to the audit trail.
ALTER TABLE period DROP CONSTRAINT period_closed_with, ADD CONSTRAINT period_closed_with CHECK (
    CASE WHEN status IN ('closed', 'locked') THEN num_nulls(closed_at, charged_minor, entry_count) = 0
         ELSE num_nonnulls(closed_at, charged_minor, entry_count) = 0 END);

-- The planner sees which books close by themselves: what such a book has only posted so far is to be closed.
CREATE POLICY planner ON book FOR SELECT TO bookvalue_planner USING (true);
GRANT SELECT (business_id, id, auto) ON book TO bookvalue_planner;

-- Old answers are forgotten by the planner, across businesses: it sees when an answer was kept, of answers older than a
-- day and of no others, and never what was answered.
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
CREATE POLICY planner ON idempotency_key TO bookvalue_planner USING (true) WITH CHECK (false);
CREATE POLICY planner_old ON idempotency_key AS RESTRICTIVE TO bookvalue_planner
    USING (created_at < clock_timestamp() - interval '1 day');
GRANT SELECT (business_id, client, route, key, created_at), DELETE ON idempotency_key TO bookvalue_planner;
