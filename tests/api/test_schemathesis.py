"""schemathesis against the API as it is served, and one good request to each operation."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine

from .conftest import MakeToken, Served
from .world import GOOD, operations, prepare

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
pytestmark = pytest.mark.filterwarnings("default:The Result.tuples:DeprecationWarning")


@pytest.mark.timeout(600)
def test_every_operation_keeps_its_word(served: Served, engine: Engine, token: MakeToken, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{served.port}"
    headers = token(ttl=3000)
    with httpx2.Client(base_url=url, timeout=10) as client:
        world = prepare(client, engine, headers, "generated", "2026-01-01", "2026-03-10")
        report = tmp_path / "events.ndjson"
        command = [str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIGURATION), "run"]
        done = subprocess.run(
            [*command, f"{url}/openapi.json", "--checks", "all", "--report-ndjson-path", str(report)],
            env={
                **os.environ,
                "BOOKVALUE_TEST_BUSINESS": world.id,
                **{f"BOOKVALUE_TEST_{name.upper()}": found for name, found in world.ids.items()},
                "BOOKVALUE_TEST_TOKEN": headers["Authorization"].removeprefix("Bearer "),
                "SCHEMATHESIS_HOOKS": "",
            },
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=500,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-20_000:]
        described = client.get("/openapi.json").json()
        every = operations(described)
        answered = _answered(report)
        assert {f"{one.method} {one.path}" for one in every} <= set(answered), "an operation was left out"
        statuses = sum(answered.values(), Counter())
        assert max(statuses) < 500, statuses
        assert sum(statuses.values()) > 1500 and statuses[200] > 50 and statuses[422] > 100, statuses

        assert {one.name for one in every} <= set(GOOD), "an operation has no good request in world.py"
        directed = {}
        world = prepare(client, engine, headers, "directed", "2026-01-01", "2026-03-10")
        for one in every:
            good = GOOD[one.name]
            answer = client.request(
                one.method, world.place(one), json=world.body(one), params=good.query, headers=headers
            )
            directed[one.name] = answer.status_code
            assert str(answer.status_code) in one.described["responses"], (one.name, answer.text)
        fine = [name for name, status in directed.items() if 200 <= status < 300]
        assert len(fine) >= 0.9 * len(every), {name: directed[name] for name in directed if name not in fine}


def _answered(report: Path) -> dict[str, Counter[int]]:
    """How often each method and path was answered with each status, as schemathesis has written it down."""
    found: dict[str, Counter[int]] = {}
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for case_id, entry in recorder.get("interactions", {}).items():
            case = recorder["cases"][case_id]["value"]
            assert entry["response"] is not None, f"no answer to {case['method']} {case['path']}"
            asked = f"{case['method']} {case['path']}"
            found.setdefault(asked, Counter())[entry["response"]["status_code"]] += 1
    return found
