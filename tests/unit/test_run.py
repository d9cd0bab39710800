"""`run.py` says in one line what is wrong with the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import run
from config import ROOT
from tests.launching import environment


def refused(*arguments: str, data_dir: Path) -> str:
    """Return what a start says, after making sure that it is one line and a failure."""
    done = subprocess.run(
        (sys.executable, str(ROOT / "run.py"), *arguments),
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not done.stdout
    return done.stderr


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert f"Port {port} " in refused("--port", str(port), data_dir=tmp_path)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(tmp_path: Path, port: str) -> None:
    assert "must be 1–65535" in refused(f"--port={port}", data_dir=tmp_path)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "data folder cannot be written" in refused(data_dir=tmp_path / "file" / "data")


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    assert "No command fly" in refused("fly", data_dir=tmp_path)


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    assert "No such option: --colour" in refused("--colour", data_dir=tmp_path)


def test_an_option_without_its_value_is_refused(tmp_path: Path) -> None:
    assert "--port needs a value" in refused("--port", data_dir=tmp_path)


def test_too_old_a_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    version = namedtuple("version", "major minor micro")  # what sys has
    monkeypatch.setattr(sys, "version_info", version(3, 10, 4))
    with pytest.raises(run.Refusal, match=r"Python 3\.11 or newer is needed, this is 3\.10"):
        run.check_python()


def test_a_python_without_ensurepip_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "VENV", str(tmp_path / "none"))
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(run.Refusal, match="This Python has no ensurepip"):
        run.check_python()


def test_an_old_python_can_read_the_launcher() -> None:
    import ast

    ast.parse((ROOT / "run.py").read_text(), feature_version=(3, 6))


def test_options_may_stand_with_or_without_an_equals_sign(tmp_path: Path) -> None:
    for arguments in (["--port", "81", "--data-dir", str(tmp_path)], ["--port=81", f"--data-dir={tmp_path}"]):
        command, settings, rest = run.read_arguments(arguments)
        assert (command, rest) == ("run", [])
        assert (settings["LIANBAN_PORT"], settings["LIANBAN_DATA_DIR"]) == ("81", str(tmp_path))


def test_what_follows_test_goes_to_pytest() -> None:
    assert run.read_arguments(["test", "-k", "money"])[2] == ["-k", "money"]


def test_a_step_is_done_again_when_its_sources_change(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("one")
    run.stamp(str(tmp_path), "subject", run.digest([str(source)]))
    assert run.is_stamped(str(tmp_path), "subject", run.digest([str(source)]))
    source.write_text("two")
    assert not run.is_stamped(str(tmp_path), "subject", run.digest([str(source)]))


def test_the_machines_node_is_used_only_if_new_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v18.19.0\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert run.node_version() == 18
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert run.node_version() == 0
