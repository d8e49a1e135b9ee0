"""What lists of types and assets count, against the same counted row by row."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

from bookvalue.domain.tag_spec import Tag
from bookvalue.storage import asset_types, tags
from bookvalue.storage.unit_of_work import Role, transaction
from storage.ledger_rows import Tenant, tenant


@pytest.fixture
def tenant_of_ledger(ledger: Engine) -> Tenant:
    return tenant(ledger, "portland-coffee")


def counted(connection: Connection) -> dict[UUID, int]:
    """Assets of each type with an opening balance, or depreciation that does not come to nothing."""
    rows = connection.execute(
        text("""SELECT t.id, count(*) FILTER (WHERE d.opening_accumulated_minor > 0 OR 0 <> (
                    SELECT coalesce(sum(v.amount_minor), 0) FROM value_update v WHERE v.asset_id = d.asset_id
                    AND v.update_type = 'DEPRECIATION_AMORTIZATION')) AS locks
                FROM asset_type t JOIN asset_book d ON d.asset_type = t.ordinal GROUP BY t.id""")
    )
    return {row.id: row.locks for row in rows if row.locks}


@pytest.mark.parametrize("without", ["", "DELETE FROM bookvalue.posted_position"])
def test_locks_are_counted_with_positions_and_without(ledger: Engine, without: str) -> None:
    if without:
        with ledger.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("ALTER TABLE bookvalue.posted_position DISABLE TRIGGER append_only"))
            connection.execute(text(without))
    with ledger.connect() as connection:
        ids = list(connection.scalars(text("SELECT id FROM business ORDER BY key")))
        assert connection.scalar(text("SELECT count(*) FROM posted_position")) == 0 or not without
    seen = 0
    for business_id in ids:
        with transaction(ledger, Role.API, business_id) as connection:
            types = list(connection.scalars(text("SELECT id FROM asset_type")))
            assert asset_types.locks(connection, business_id, types) == counted(connection)
            seen += sum(counted(connection).values())
    assert seen > 500


def test_tags_are_those_of_the_assets_asked_for(ledger: Engine, tenant_of_ledger: Tenant) -> None:
    one, other, third = tenant_of_ledger.assets[:3]
    business_id = tenant_of_ledger.id
    site, crew = Tag("site", "dock", "Site", "Dock"), Tag("crew", "7")
    with transaction(ledger, Role.API, business_id) as connection:
        tags.put(connection, business_id, {one: [site, crew], other: [Tag("site", "dock")]})
        found = tags.tags_of(connection, business_id, [one, other, third])
        assert [tag.value for tag in found[one]] == [crew, site]  # by key
        assert [tag.value for tag in found[other]] == [site]  # one dimension, one value, one name for each
        assert third not in found
        assert found[other][0].definition_id == found[one][1].definition_id
        assert found[other][0].id != found[one][1].id

        tags.put(connection, business_id, {one: [Tag("site", "yard")], other: []})
        after = tags.tags_of(connection, business_id, [one, other])
        assert [tag.value for tag in after[one]] == [Tag("site", "yard", "Site")] and other not in after
        tags.put(connection, business_id, {one: [Tag("site", "yard")]})
        assert tags.tags_of(connection, business_id, [one]) == after
        connection.execute(text("UPDATE tag_dimension SET archived_at = now() WHERE key = 'site'"))
        assert tags.tags_of(connection, business_id, [one])[one][0].archived_at is not None
    with transaction(ledger, Role.API, business_id) as connection:
        assert tags.tags_of(connection, business_id, [one]) == {}  # nothing was committed
