"""Options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
BusinessKeys = Annotated[
    list[str] | None, typer.Option("--business", "-b", help="Only this business (its key); may be given again.")
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many rows a business.")]
