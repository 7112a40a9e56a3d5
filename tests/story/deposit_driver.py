"""A bulk deposit in a process of its own, which tells of every receipt as soon as it has it.

Called with the archive's folder and the folder to deposit.
"""

import sys
from pathlib import Path

from founded import FOR_COURT, opened_house

from archive.records import load_description
from ingest.deposit import Handed, Intake
from ingest.files import files_under, opened


def deposit(archive: Path, folder: Path) -> None:
    with opened_house(archive) as house:
        paths = [str(path) for path in files_under([folder])]
        described = load_description(FOR_COURT, paths)
        handed = [Handed(Path(p).name, lambda p=p: opened(Path(p)), described[p], p) for p in paths]
        print("ready", flush=True)
        for result in Intake(house.archive, house.sign_in("vera"), "main", house.extractor).deposit(handed):
            told = result.item if result.item else result.error.code
            print(result.status, Path(result.path).name, told, result.receipt_code or "-", flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    deposit(Path(sys.argv[1]), Path(sys.argv[2]))
