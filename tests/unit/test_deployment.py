"""The files for deployment hold together: what they name exists, and the entrypoint gives up its rights."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from auratune.settings import Settings

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "entrypoint.sh"
IS_ROOT_WITH_SETPRIV = os.geteuid() == 0 and shutil.which("setpriv") is not None


def compose() -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def test_the_image_declares_no_volume_since_railway_refuses_it() -> None:
    assert not re.search(r"^\s*VOLUME", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_compose_has_one_service_by_default_and_a_whole_cluster_by_profile() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "profiles" not in service] == ["auratune"]
    cluster = {name for name, service in services.items() if service.get("profiles") == ["cluster"]}
    assert cluster == {"api", "worker", "postgres", "s3", "bucket", "prometheus", "grafana"}
    assert services["worker"]["deploy"] == {"replicas": 2}


def test_compose_names_only_settings_that_exist_and_files_that_are_there() -> None:
    services = compose()["services"]
    known = {name.upper() for name in Settings.model_fields}
    for name in ("auratune", "api", "worker"):
        assert set(services[name]["environment"]) <= known, name  # type: ignore[call-overload]
    mounted = re.findall(r"- \./(\S+?):", (ROOT / "compose.yaml").read_text())
    assert mounted
    assert [path for path in mounted if not (ROOT / path).exists()] == []


def test_the_dashboard_asks_only_for_meters_that_exist() -> None:
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/auratune.json").read_text())
    asked = {
        re.sub(r"_(total|bucket|count|sum)$", "", name)
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"auratune_\w+", target["expr"])
    }
    source = (ROOT / "src/auratune/telemetry.py").read_text()
    assert asked
    assert [name for name in asked if f'"{name}"' not in source] == []


@pytest.mark.skipif(not IS_ROOT_WITH_SETPRIV, reason="only root can give a folder away")
def test_the_entrypoint_gives_a_root_owned_folder_to_the_user_and_drops_root(tmp_path: Path) -> None:
    for path in (tmp_path, *list(tmp_path.parents)[:3]):
        path.chmod(0o755)
    folder = tmp_path / "volume"
    folder.mkdir(mode=0o755)
    (folder / "old.db").write_text("from an earlier deployment")
    done = subprocess.run(
        [ENTRYPOINT, "sh", "-c", 'id -un && touch "$TEMP_DIR/new" && echo more >> "$TEMP_DIR/old.db" && echo $HOME'],
        env={"PATH": os.environ["PATH"], "TEMP_DIR": str(folder), "AURATUNE_USER": "nobody"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[0] == "nobody"
    assert done.stdout.split()[1] != "/root"
    assert (folder / "new").stat().st_uid == folder.stat().st_uid != 0


def test_the_entrypoint_runs_the_command_as_it_is_for_another_user(tmp_path: Path) -> None:
    command = [ENTRYPOINT, "sh", "-c", "echo started"]
    if os.geteuid() == 0:
        if not IS_ROOT_WITH_SETPRIV:
            pytest.skip("needs setpriv")
        command = ["setpriv", "--reuid=65534", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout == "started\n"
