"""`demo`: from nothing to closed periods, as often as one likes, and nothing stays."""

import shutil
import tempfile
from pathlib import Path

from .command import bookvalue, processes_of


def test_it_runs_twice_in_a_row_and_leaves_nothing() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bv-demo-"))
    folder.chmod(0o711)
    answers = [bookvalue("demo", *words, TMPDIR=str(folder)) for words in (["--json"], [])]
    assert [answer.status for answer in answers] == [0, 0], answers[0].err + answers[1].err
    data = answers[0].json["data"]
    assert len(data) == 9
    for one in data:
        assert one["periods_closed"] == ["2026-08", "2026-09", "2026-10"]
        assert one["posted_minor"] > 0
        assert one["entries"] >= 3
        assert (one["exceptions_met"], one["exceptions_left"]) == (int(one["business"] == "lisbon-studio"), 0)
    told = answers[1]
    assert "666.67" in told.err
    assert "accumulated_account_missing" in told.err
    assert [line.split()[0] for line in told.out.splitlines()] == ["business", *(one["business"] for one in data)]
    assert not processes_of(folder)
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)
