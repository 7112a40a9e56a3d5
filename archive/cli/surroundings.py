"""What the environment says, in one place: circumstances, and where Tesseract keeps its languages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from archive.access.parts import KEY_FILE_LOG_N
from archive.assemble import Circumstances
from archive.cli.process import runtime_candidates
from archive.errors import AccessError, IntakeError
from storage.swap import SWAPS, has_unencrypted_swap

_LOWEST_COST: Final = 10
_HIGHEST_COST: Final = 20


def circumstances_of(environ: Mapping[str, str]) -> Circumstances:
    """Return the circumstances: real time and randomness, the runtime places, the cost of key files."""
    return Circumstances(log_n=key_cost(environ), runtimes=runtime_candidates(environ))


def key_cost(environ: Mapping[str, str]) -> int:
    """Return log2 of the scrypt factor: SVIEDKA_KEY_COST, for tests and the demo, or the proper one."""
    text = environ.get("SVIEDKA_KEY_COST", str(KEY_FILE_LOG_N))
    if not (text.isascii() and text.isdigit() and _LOWEST_COST <= int(text) <= _HIGHEST_COST):
        raise IntakeError(
            "I74", "SVIEDKA_KEY_COST is no work factor", expected=f"{_LOWEST_COST} to {_HIGHEST_COST}"
        )
    return int(text)


def swap_is_allowed(environ: Mapping[str, str]) -> bool:
    """Say whether unencrypted swap was accepted by SVIEDKA_ALLOW_SWAP=1."""
    return environ.get("SVIEDKA_ALLOW_SWAP") == "1"


def refuse_swap(environ: Mapping[str, str], swaps: Path = SWAPS) -> None:
    """Refuse (A70) to open secrets where memory can reach a disk in clear."""
    if not swap_is_allowed(environ) and has_unencrypted_swap(swaps=swaps):
        raise AccessError(
            "A70",
            "swap space is not encrypted, so what is opened here could be written to a disk; "
            "encrypt it, switch it off, or accept that with SVIEDKA_ALLOW_SWAP=1",
        )


def tessdata_folder(environ: Mapping[str, str]) -> Path | None:
    """Return the folder of Tesseract's language files, or None where there is none."""
    named = [Path(environ["TESSDATA_PREFIX"])] if environ.get("TESSDATA_PREFIX") else []
    packaged = sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"), reverse=True)
    others = [Path("/usr/share/tessdata"), Path("/usr/local/share/tessdata")]
    folders = (one for named_one in named for one in (named_one, named_one / "tessdata"))
    return next((one for one in (*folders, *packaged, *others) if any(one.glob("*.traineddata"))), None)
