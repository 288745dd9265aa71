"""The two commands of the README, as far as they can be checked without installing anything."""

import os
import shutil
import subprocess
from pathlib import Path
from shlex import quote

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
. {quote(str(INSTALLER / "setup.sh"))}
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
    python.write_text(f'#!/bin/sh\necho "$*" >> {quote(str(tmp_path / "calls"))}\n')
    python.chmod(0o755)
    script = f". {quote(str(INSTALLER / 'setup.sh'))}\ninstall_ecgdesk test\ninstall_ecgdesk test\n"
    subprocess.run(
        ["bash", "-c", script], env={"ECGDESK_VENV": str(venv), "PATH": "/usr/bin:/bin"}, timeout=60, check=True
    )
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call for call in calls if " install " in call] == [
        f"-m pip install -q --disable-pip-version-check -e {REPOSITORY}[test]"
    ]


def test_a_folder_that_is_no_virtual_environment_is_never_taken_away(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash, which Windows does not have")
    work = tmp_path / "my work"
    work.mkdir()
    (work / "thesis.txt").write_text("years of it")
    script = f". {quote(str(INSTALLER / 'setup.sh'))}\ndebian_packages() {{ return 0; }}\ninstall_ecgdesk\n"
    own = os.environ | {"ECGDESK_VENV": str(work)}
    done = subprocess.run(["bash", "-c", script], env=own, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "my work is not empty and no virtual environment; name another folder" in done.stderr
    assert (work / "thesis.txt").exists()


def test_an_environment_that_an_upgrade_of_python_emptied_is_made_anew(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("needs bash, which Windows does not have")
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    script = f"""
. {quote(str(INSTALLER / "setup.sh"))}
printf '%s\\n' "$(sha256sum <"$here/pyproject.toml") $here" >"$venv/installed"
printf '#!/bin/sh\\nexit 1\\n' >"$venv/bin/python"; chmod +x "$venv/bin/python"
make_venv() {{ stop "made anew"; }}
install_ecgdesk
"""
    own = os.environ | {"ECGDESK_VENV": str(venv)}
    done = subprocess.run(["bash", "-c", script], env=own, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "made anew\n"
