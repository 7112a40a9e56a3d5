"""Starting a bulk deposit in another process, and killing it."""

import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
DRIVER = Path(__file__).with_name("deposit_driver.py")


def environment() -> dict[str, str]:
    """Return what lets another process find our packages and the tests' own modules."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}


def start(archive: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start the driver; return when it begins to deposit."""
    driver = subprocess.Popen(
        [sys.executable, str(DRIVER), str(archive), str(folder)], stdout=subprocess.PIPE, env=environment()
    )
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"ready\n"
    return driver


def kill_after(driver: subprocess.Popen[bytes], seconds: float, *, after_a_receipt: bool) -> list[list[str]]:
    """Kill the driver so long after its start, or after its first receipt, and return what it had told."""
    assert driver.stdout is not None
    first = driver.stdout.readline() if after_a_receipt else b""
    time.sleep(seconds)
    driver.kill()
    return told(driver, first)


def told(driver: subprocess.Popen[bytes], first: bytes = b"") -> list[list[str]]:
    """Wait for the driver's end and return what it told, `first` included: one list of words a line."""
    output, _ = driver.communicate()
    output = first + output
    # What stands before the last line break was told; a line cut short was not.
    return [line.split(maxsplit=3) for line in output.decode().split("\n")[:-1]]
