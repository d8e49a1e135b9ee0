"""Two sides that start together, so that either may come first: how races are held."""

import random
import threading
from collections.abc import Callable
from time import perf_counter, sleep
from typing import Any

from bookvalue.domain.errors import BookvalueError


class Meeting:
    """Two sides that start together, each after a delay of its own, and when each began and ended."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2)
        self.draw = random.Random(7)
        self.usual = [0.03, 0.03]
        self.overlaps = 0

    def hold(self, *sides: Callable[[], Any]) -> list[Any]:
        """Runs both; what each returned, or the domain error that it raised."""
        answers: list[Any] = [None, None]
        spans = [(0.0, 0.0), (0.0, 0.0)]
        # The quicker side starts at any moment of the slower one's work, so that both orders come about.
        gap = self.usual[0] - self.usual[1]
        waits = (0.0, self.draw.uniform(0, max(gap, 0.0) * 1.1)) if gap > 0 else (self.draw.uniform(0, -gap * 1.1), 0.0)

        def run(which: int) -> None:
            self.barrier.wait()
            sleep(waits[which])  # not for synchronisation: it varies which side comes first
            began = perf_counter()
            try:
                answers[which] = sides[which]()
            except Exception as error:  # the caller tells those that belong here from those that do not
                answers[which] = error
            spans[which] = began, perf_counter()

        threads = [threading.Thread(target=run, args=(which,)) for which in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for which, (began, ended) in enumerate(spans):
            self.usual[which] = 0.9 * self.usual[which] + 0.1 * (ended - began)
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, BookvalueError):
                raise answer
        self.overlaps += spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]
        return answers
