"""Options that several commands share."""

from typing import Annotated
from uuid import UUID

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Asset = Annotated[str, typer.Argument(metavar="ASSET", help="Its external id, number or id.")]
BusinessKey = Annotated[str, typer.Option("--business", "-b", help="The business's key.")]
BusinessKeys = Annotated[
    list[str] | None, typer.Option("--business", "-b", help="Only this business (its key); may be given again.")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many rows a business.")]


def read_id(text: str, hint: str) -> UUID:
    """An id that was typed. Raises BadParameter, which names the argument by its hint."""
    try:
        return UUID(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no id", param_hint=hint) from error
