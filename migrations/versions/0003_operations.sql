-- What a period was closed with stands on it while it is closed or locked, and at no other time: a reopening takes all
-- of it off, and leaves it to the audit trail.
ALTER TABLE period DROP CONSTRAINT period_closed_with, ADD CONSTRAINT period_closed_with CHECK (
    CASE WHEN status IN ('closed', 'locked') THEN num_nulls(closed_at, charged_minor, entry_count) = 0
         ELSE num_nonnulls(closed_at, charged_minor, entry_count) = 0 END);

-- The planner sees which books close by themselves: what such a book has only posted so far is to be closed.
CREATE POLICY planner ON book FOR SELECT TO bookvalue_planner USING (true);
GRANT SELECT (business_id, id, auto) ON book TO bookvalue_planner;
