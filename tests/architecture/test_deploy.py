"""The files of deploy/ parse, hold every part of the stack, start our command, and hold no secret."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bookvalue.cli.main import app

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


def test_no_two_units_share_a_state_folder() -> None:
    """Each runs as a user of its own (DynamicUser), and systemd gives the folder to whichever starts last."""
    folders = []
    for file in (DEPLOY / "systemd").glob("*.service"):
        (folder,) = re.findall(r"^StateDirectory=(.+)$", file.read_text(), re.MULTILINE)
        assert f"BOOKVALUE_STATE=%S/{folder} " in file.read_text()
        folders.append(folder)
    assert len(set(folders)) == len(folders) == 3


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("name", ["worker", "beat", "api"])
def test_systemd_finds_nothing_wrong_with_the_units(name: str, tmp_path: Path) -> None:
    """With a program that is there in place of ours, which is not installed on this machine."""
    unit = tmp_path / f"bookvalue-{name}.service"
    text = (DEPLOY / "systemd" / unit.name).read_text()
    assert "/opt/bookvalue/bin/bookvalue " in text
    unit.write_text(text.replace("=/opt/bookvalue/bin/bookvalue ", "=/bin/sh "))
    env = {**os.environ, "SYSTEMD_LOG_LEVEL": "info"}
    found = subprocess.run(["systemd-analyze", "verify", unit], env=env, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_every_variable_that_is_named_is_documented() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    named = {}
    for file in [one for one in DEPLOY.rglob("*") if one.is_file()]:
        for variable in re.findall(r"\b(?:BOOKVALUE_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", file.read_text()):
            named[variable] = file.name
    assert len(named) >= 8
    assert {variable: file for variable, file in named.items() if variable not in known} == {}


def test_every_command_that_is_named_is_one_of_ours() -> None:
    commands = {str(one.name or one.callback.__name__) for one in app.registered_commands if one.callback}
    (compose,) = documents(DEPLOY / "compose.yaml")
    named = [service.get("command", [""])[0] for service in compose["services"].values() if "env_file" in service]  # type: ignore[attr-defined]
    named += [one["args"][0] for file in DEPLOY.rglob("kubernetes/base/*.yaml") for one in _containers(file)]
    for file in [one for one in DEPLOY.rglob("*") if one.is_file()]:
        named += re.findall(r'"bookvalue", "(\w+)"|bin/bookvalue (\w+)|exec api bookvalue (\w+)', file.read_text())
    flat = {word for one in named for word in ((one,) if isinstance(one, str) else one) if word} - {"postgres"}
    assert {"api", "worker", "beat", "migrate", "token"} <= flat <= commands


def _containers(file: Path) -> list[dict[str, list[str]]]:
    pods = [one["spec"]["template"]["spec"] for one in documents(file) if one["kind"] in ("Deployment", "Job")]  # type: ignore[index]
    return [container for pod in pods for container in pod["containers"]]
