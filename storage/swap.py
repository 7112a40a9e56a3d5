"""Whether memory can reach a disk in clear through swap space (Linux)."""

import os
import stat
from pathlib import Path
from typing import Final

SWAPS: Final = Path("/proc/swaps")
DEVICES: Final = Path("/sys/dev/block")


def has_unencrypted_swap(*, swaps: Path = SWAPS, devices: Path = DEVICES) -> bool:
    """Say whether any swap space in use is neither on dm-crypt nor compressed memory (zram).

    What cannot be recognised counts as unencrypted. Where the system has no list of swaps there is no swap.
    """
    if not swaps.exists():
        return False
    lines = swaps.read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]
    # The kernel escapes odd file names; what is not found by its name here counts as unencrypted.
    return not all(_is_protected(Path(line.split()[0]), devices) for line in lines if line.strip())


def _is_protected(area: Path, devices: Path) -> bool:
    try:
        found = area.stat()
    except OSError:
        return False
    number = found.st_rdev if stat.S_ISBLK(found.st_mode) else found.st_dev
    return _is_protected_device((devices / f"{os.major(number)}:{os.minor(number)}").resolve())


def _is_protected_device(device: Path) -> bool:
    """Look at a device's folder in sysfs, and through logical volumes at what is below."""
    if device.name.startswith("zram"):
        backing = _read(device / "backing_dev")
        return backing in ("", "none")
    if _read(device / "dm" / "uuid").startswith("CRYPT-"):
        return True
    if (device / "partition").exists():
        return _is_protected_device(device.parent)
    below = list((device / "slaves").iterdir()) if (device / "slaves").is_dir() else []
    return bool(below) and all(_is_protected_device(part.resolve()) for part in below)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
