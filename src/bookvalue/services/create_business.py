"""CREATE a business: its posting book, the default chart and its first period, in one transaction."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from bookvalue.domain.business_spec import read_business
from bookvalue.domain.errors import ConcurrentChange, Duplicate
from bookvalue.services.findings import refuse
from bookvalue.services.set_up_business import set_up
from bookvalue.storage import audit
from bookvalue.storage.businesses import KeptBusiness
from bookvalue.storage.ids import uuid7
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, KeptBusiness], None]


def create_business(
    engine: Engine, raw: Mapping[str, Any], *, actor: str, keep: Keep = lambda _connection, _made: None
) -> KeptBusiness:
    """Creates a business from a raw object. Raises InvalidInput with every finding, Duplicate for a key in use."""
    value, findings = read_business(raw)
    if value is None:
        raise refuse(findings)
    business_id = uuid7()
    try:
        with transaction(engine, Role.API, business_id) as connection:
            made = set_up(connection, business_id, value)
            audit.record(connection, business_id, actor=actor, action="business.created", subject=_subject(business_id))
            keep(connection, made)
            connection.commit()
    except ConcurrentChange as error:
        if error.details.get("constraint") != "business_key_unique":
            raise
        raise Duplicate(f"a business with the key {value.key!r} is there already") from error
    return made


def _subject(business_id: UUID) -> str:
    return f"business/{business_id}"
