"""What a disposal brings: the gain or loss on the book value, and the gain above the cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DisposalResult:
    """Minor units; gain_or_loss is positive for a gain. gain_or_loss + capital_gain = proceeds - book value."""

    book_value_minor: int
    gain_or_loss_minor: int
    capital_gain_minor: int


def disposal_result(proceeds_minor: int, cost_minor: int, book_value_minor: int) -> DisposalResult:
    """capital gain = max(0, proceeds - cost); gain or loss = min(proceeds, cost) - book value (SEMANTICS section 6).

    cost_minor: with capitalised increases.
    """
    return DisposalResult(
        book_value_minor,
        min(proceeds_minor, cost_minor) - book_value_minor,
        max(0, proceeds_minor - cost_minor),
    )
