"""Words in paths that could be read as an id: asked with a method that they do not have, they are answered 405."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/v1/businesses/{businessId}/assets", include_in_schema=False)


@router.api_route("/value-updates", methods=["PATCH", "DELETE"])
@router.api_route("/value-updates/batch", methods=["GET"])
def refuse_method() -> None:
    """Raises HTTPException: these are no assets and no value updates."""
    raise HTTPException(405)
