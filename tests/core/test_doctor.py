"""Each check of `eufcc doctor` from stated facts, and what its report says of them."""

import os
import socket
from pathlib import Path

import pytest

from eufcc_lib.core import doctor
from eufcc_lib.core.doctor import GB, LACK, OK, WARN, Check
from eufcc_lib.core.hardware import find_chromium

LOCK = """\
# Written by a tool.
--index-strategy first-index
numpy==2.0.1 ; python_full_version >= '3.11' \\
    --hash=sha256:0000 \\
    --hash=sha256:1111
    # via eufcc-lib
pywin32==311 ; sys_platform == 'no-such-system'
torch==2.6.0
nvidia-cublas==13.1  # comes with torch
"""

INSTALLED = {"numpy": "2.0.1", "torch": "2.6.0", "nvidia-cublas": "13.1"}


def check_packages(tmp_path, lock=LOCK, **changed):
    (tmp_path / "requirements.lock").write_text(lock, encoding="utf-8")
    return doctor.check_packages(tmp_path / "requirements.lock", (INSTALLED | changed).get)


@pytest.mark.parametrize(("version", "state"), [((3, 10, 9), LACK), ((3, 11, 0), OK), ((3, 13, 7), OK), ((3, 14, 0), LACK)])
def test_python_is_supported_from_3_11_to_3_13(version, state):
    check = doctor.check_python(version)
    assert check.state == state and check.found == ".".join(map(str, version))


def test_pins_are_read_with_markers_hashes_and_comments():
    assert doctor.read_pins(LOCK) == INSTALLED


def test_pins_of_the_projects_own_lock_are_versions():
    pins = doctor.read_pins((doctor.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert {"numpy", "torch", "jupyter-book"} <= set(pins) and all(version[0].isdigit() for version in pins.values())


def test_packages_as_locked_are_counted(tmp_path):
    assert check_packages(tmp_path) == Check("packages", "all 3 as locked")


def test_a_package_in_another_version_is_named_with_both_versions(tmp_path):
    check = check_packages(tmp_path, numpy="2.1.0")
    assert check.state == WARN and check.found == "numpy 2.1.0 (locked: 2.0.1)"


def test_a_missing_package_is_a_lack_also_beside_another_version(tmp_path):
    check = check_packages(tmp_path, numpy=None, torch="2.7.0")
    assert check.state == LACK and check.found == "missing: numpy" and "requirements.lock" in check.cost


def test_torch_for_the_cpu_needs_no_cuda_package(tmp_path):
    assert check_packages(tmp_path, torch="2.6.0+cpu", **{"nvidia-cublas": None}).state == OK
    assert check_packages(tmp_path, **{"nvidia-cublas": None}).state == LACK


def test_many_missing_packages_are_three_and_a_count(tmp_path):
    lock = "".join(f"package{number}==1.0\n" for number in range(7))
    assert check_packages(tmp_path, lock).found == "missing: package0, package1, package2 and 4 more"


def test_without_a_lock_nothing_can_be_compared(tmp_path):
    assert doctor.check_packages(tmp_path / "requirements.lock").state == WARN


@pytest.mark.parametrize(("check", "facts", "state", "found"), [
    (doctor.check_cores, (1,), WARN, "1"),
    (doctor.check_cores, (2,), OK, "2"),
    (doctor.check_memory, (2 * GB,), WARN, "2 GB"),
    (doctor.check_memory, (16 * GB,), OK, "16 GB"),
    (doctor.check_memory, (None,), WARN, "unknown: psutil is missing"),
    (doctor.check_disk, (Path("data"), 0.2 * GB), LACK, "0.2 GB free"),
    (doctor.check_disk, (Path("data"), 5 * GB), WARN, "5.0 GB free"),
    (doctor.check_disk, (Path("data"), 2000 * GB), OK, "2,000.0 GB free"),
    (doctor.check_gpu, (None,), LACK, "unknown: torch is missing or does not load"),
    (doctor.check_gpu, ([],), WARN, "none"),
    (doctor.check_gpu, (["NVIDIA A40"],), OK, "NVIDIA A40"),
    (doctor.check_gpu, (["NVIDIA A40"] * 4,), OK, "4 x NVIDIA A40"),
    (doctor.check_browser, (None,), WARN, "no Chromium, Chrome or Edge"),
    (doctor.check_browser, ("/usr/bin/chromium",), OK, "/usr/bin/chromium"),
])
def test_what_a_machine_has_and_what_its_lack_costs(check, facts, state, found):
    result = check(*facts)
    assert (result.state, result.found) == (state, found)
    assert bool(result.cost) == (state != OK)


@pytest.mark.skipif(os.name != "posix", reason="scripts of a shell stand in for browsers")
def test_a_browser_that_does_not_start_is_passed_over(tmp_path):
    for name, status in (("stub", 1), ("real", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    stub, real, application = (str(tmp_path / name) for name in ("stub", "real", "application"))
    assert find_chromium([stub, real], [application]) == real
    assert find_chromium([stub], [application]) is None
    (tmp_path / "application").touch()
    assert find_chromium([stub, real], [application]) == application


def test_a_folder_that_is_not_there_yet_is_writable_where_its_parent_is(tmp_path):
    assert doctor.check_writable(tmp_path / "new" / "data").state == OK
    assert list(tmp_path.iterdir()) == [], "a check leaves nothing"
    (tmp_path / "file").write_text("")
    assert doctor.check_writable(tmp_path / "file" / "data").state == LACK


def test_a_port_in_use_is_a_warning():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert doctor.check_port(port).state == WARN
    assert doctor.check_port(port).state == OK


def test_report_is_aligned_one_line_per_check():
    assert doctor.report([Check("cores", "2"), Check("write to data/", "no", LACK, "nothing can be kept there")]) == (
        "ok    cores           2\nlack  write to data/  no: nothing can be kept there")


@pytest.mark.parametrize(("states", "status"), [((OK, WARN), 0), ((OK, LACK, WARN), 1)])
def test_only_what_is_needed_makes_the_exit_status_1(states, status, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "check_all", lambda: [Check("name", "found", state) for state in states])
    assert doctor.main([]) == status
    assert len(capsys.readouterr().out.splitlines()) == len(states)


def test_every_check_runs_on_this_machine():
    checks = doctor.check_all()
    assert len({check.name for check in checks}) == len(checks) == 13
    assert all(check.state in (OK, WARN, LACK) for check in checks)
