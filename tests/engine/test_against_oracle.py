"""The engine equals the oracle, amount for amount."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookvalue.engine.accumulate import accumulated
from engine.registers import columns, days_for, engine_day, registers
from oracle import accumulated as by_oracle

PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck))


@PATIENT
@given(st.data())
def test_engine_equals_oracle(data: st.DataObject) -> None:
    rows = data.draw(registers(most=20))
    register = columns(rows)
    for day in data.draw(days_for(rows, 7)):
        amounts = accumulated(register, engine_day(day)).tolist()
        for spec, amount in zip(rows, amounts, strict=True):
            assert amount == by_oracle(spec, day), (day, spec)
