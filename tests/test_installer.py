"""The two commands of the README, as far as they can be checked without installing anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
INSTALLER = REPOSITORY / "installer"
SHELL_SCRIPTS = sorted([*INSTALLER.glob("*.sh"), REPOSITORY / ".ci" / "run"])


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_script_parses(script: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash, which Windows does not have")
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_of_the_readme_is_there_for_debian_and_windows() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name in ("run.sh", "test.sh", "run.ps1", "test.ps1"):
        assert name in readme
        assert (INSTALLER / name).is_file()


def test_missing_debian_packages_are_named_in_one_command_where_they_may_not_be_installed(tmp_path: Path) -> None:
    if shutil.which("dpkg-query") is None:
        pytest.skip("needs dpkg-query: this is not Debian")
    script = f"""
. {INSTALLER / "setup.sh"}
as_root() {{ return 1; }}
debian_packages bash no-such-package-1 no-such-package-2
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "apt-get install -y --no-install-recommends no-such-package-1 no-such-package-2\n" in done.stderr


def test_second_start_installs_nothing(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash, which Windows does not have")
    # A stand-in for the environment's Python writes down each time that it is called.
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path / "calls"}\n')
    python.chmod(0o755)
    script = f". {INSTALLER / 'setup.sh'}\ninstall_ecgdesk test\ninstall_ecgdesk test\n"
    subprocess.run(
        ["bash", "-c", script], env={"ECGDESK_VENV": str(venv), "PATH": "/usr/bin:/bin"}, timeout=60, check=True
    )
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call for call in calls if " install " in call] == [
        f"-m pip install -q --disable-pip-version-check -e {REPOSITORY}[test]"
    ]
