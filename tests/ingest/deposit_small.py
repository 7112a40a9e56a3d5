"""Deposits a file larger than this process may write, and then a small one. Called with the archive's folder."""

import io
import resource
import sys
from pathlib import Path
from random import Random

from founded import opened_house

LIMIT_BYTES = 1 << 20

if __name__ == "__main__":
    with opened_house(Path(sys.argv[1])) as house:
        vera = house.sign_in("vera")
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))
        large, small = Random(1).randbytes(2 * LIMIT_BYTES), io.BytesIO(b"small").read()
        results = house.deposit(vera, {"large.bin": large, "small.txt": small})
        for result in results:
            print(result.path, result.status, result.error.code if result.error else "-")
