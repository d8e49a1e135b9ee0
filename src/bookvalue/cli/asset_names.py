"""What assets are called in tables."""

from uuid import UUID


def called(asset_id: UUID | None, external_id: str | None, number: str | None) -> str:
    """An asset's external id; its number where nobody gave it one, and nothing where there is no asset."""
    name = number if external_id == str(asset_id) else external_id
    return name or ""
