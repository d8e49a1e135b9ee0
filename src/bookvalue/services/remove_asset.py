"""DELETE an asset that nothing is posted to, or ARCHIVE one: it is out of the lists then, not out of the books."""

from collections.abc import Callable
from uuid import UUID

from bookvalue.domain.errors import InUse, NotArchivable, NotFound
from bookvalue.domain.terms import AssetStatus
from bookvalue.services.list_assets import AssetView, one_view
from bookvalue.services.put_assets import first_day
from bookvalue.services.register_of import read_register
from bookvalue.storage import assets, audit, businesses, periods
from bookvalue.storage.unit_of_work import Connection, Engine, Role, transaction

Keep = Callable[[Connection, AssetView], None]


def delete_asset(engine: Engine, business_id: UUID, asset_id: UUID, *, actor: str) -> None:
    """Deletes an asset and all that is said of it. Raises NotFound; InUse where something is posted to it."""
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.hold(connection, business_id))
        kept = assets.by_id(connection, business_id, [asset_id], register.references).get(asset_id)
        if kept is None:
            raise NotFound("no such asset")
        # a run at work either commits before this, or computes again without the asset
        periods.raise_fact_version(connection, business_id, [first_day(register.business, kept.value)])
        if assets.posted(connection, business_id, [asset_id]):
            raise InUse("something is posted to the asset: archive it, or dispose of it")
        assets.delete(connection, asset_id)
        details = {"external_id": kept.value.external_id, "number": kept.value.number}
        subject = f"asset/{asset_id}"
        audit.record(connection, business_id, actor=actor, action="asset.deleted", subject=subject, details=details)
        connection.commit()


def archive_asset(
    engine: Engine,
    business_id: UUID,
    asset_id: UUID,
    *,
    archived: bool,
    actor: str,
    keep: Keep = lambda _connection, _view: None,
) -> AssetView:
    """Archives an asset that is a draft, is disposed of, or has no value left; or takes it out of the archive.

    Nothing happens where it is so already. Raises NotFound, NotArchivable.
    """
    with transaction(engine, Role.API, business_id) as connection:
        register = read_register(connection, businesses.hold(connection, business_id))
        view = one_view(connection, register, asset_id)
        if (view.archived_at is not None) != archived:
            if archived and view.value.status is AssetStatus.REGISTERED and view.book_value_minor > 0:
                raise NotArchivable("the asset is registered and has value left: dispose of it first")
            assets.archive(connection, business_id, asset_id, archived=archived)
            action = "asset.archived" if archived else "asset.unarchived"
            audit.record(connection, business_id, actor=actor, action=action, subject=f"asset/{asset_id}")
            view = one_view(connection, register, asset_id)
        keep(connection, view)
        connection.commit()
    return view
