"""Run states: every state has its successors, and what has ended stays ended."""

from bookvalue.domain.run import ALIVE, LONGEST_RETRY_SECONDS, TRANSITIONS, retry_ceiling_seconds
from bookvalue.domain.terms import RunStatus


def test_every_state_is_in_the_table_and_only_living_ones_go_on() -> None:
    assert set(TRANSITIONS) == set(RunStatus)
    assert {state for state, next_states in TRANSITIONS.items() if next_states} == set(ALIVE)


def test_a_run_is_ended_only_by_whoever_holds_it() -> None:
    for state in (RunStatus.QUEUED, RunStatus.RETRY_WAIT):
        assert TRANSITIONS[state] == {RunStatus.RUNNING}


def test_waits_double_up_to_a_ceiling() -> None:
    assert [retry_ceiling_seconds(attempts) for attempts in (0, 1, 2, 3)] == [2, 2, 4, 8]
    assert retry_ceiling_seconds(50) == LONGEST_RETRY_SECONDS
