"""The files of deploy/ parse, hold every part of the stack, start our command, and hold no secret."""

import re
from pathlib import Path

import pytest

from .source import ROOT

yaml = pytest.importorskip("yaml", reason="PyYAML is not in requirements-dev.lock")
DEPLOY = ROOT / "deploy"


def documents(file: Path) -> list[dict[str, object]]:
    return [one for one in yaml.safe_load_all(file.read_text()) if one]


def test_the_deployment_files_parse() -> None:
    files = [*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.yml")]
    assert len(files) >= 5
    for file in files:
        assert documents(file), file


def test_compose_has_every_part_with_a_health_check() -> None:
    (compose,) = documents(DEPLOY / "compose.yaml")
    services = compose["services"]
    assert isinstance(services, dict)
    assert set(services) == {"postgres", "valkey", "migrate", "worker", "beat", "api"}
    for name in ("postgres", "valkey", "worker", "beat", "api"):
        assert services[name]["healthcheck"]["test"]
    for name in ("worker", "beat", "api"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert not re.search(r"(PASSWORD|_URL)\s*[:=]\s*[a-z0-9]", (DEPLOY / "compose.yaml").read_text())  # secrets by file


def test_the_kustomize_base_lists_what_is_there() -> None:
    base = DEPLOY / "kubernetes" / "base"
    (root,) = documents(base / "kustomization.yaml")
    resources = root["resources"]
    assert isinstance(resources, list)
    assert sorted(resources) == sorted(file.name for file in base.glob("*.yaml") if file.name != "kustomization.yaml")
    kinds = {(one["kind"], one["metadata"]["name"]): one for name in resources for one in documents(base / name)}  # type: ignore[index]
    assert set(kinds) == {
        ("Deployment", "bookvalue-worker"),
        ("Deployment", "bookvalue-beat"),
        ("Deployment", "bookvalue-api"),
        ("Service", "bookvalue-api"),
        ("Job", "bookvalue-migrate"),
    }
    beat = kinds["Deployment", "bookvalue-beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})  # type: ignore[index]
    service = kinds.pop(("Service", "bookvalue-api"))["spec"]
    assert service["selector"] == {"app.kubernetes.io/component": "api"}  # type: ignore[index]
    (api,) = kinds["Deployment", "bookvalue-api"]["spec"]["template"]["spec"]["containers"]  # type: ignore[index]
    assert api["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert api["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    for one in kinds.values():
        pod = one["spec"]["template"]["spec"]  # type: ignore[index]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert all(container["envFrom"] for container in pod["containers"])


@pytest.mark.parametrize("name", ["worker", "beat", "api"])
def test_the_units_start_our_command_and_are_confined(name: str) -> None:
    text = (DEPLOY / "systemd" / f"bookvalue-{name}.service").read_text()
    settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert settings["ExecStart"].split()[0].endswith("/bookvalue")
    assert settings["ExecStart"].split()[1] == name
    for wanted in ("NoNewPrivileges", "PrivateTmp", "DynamicUser"):
        assert settings[wanted] == "yes"
    assert settings["ProtectSystem"] == "strict"
