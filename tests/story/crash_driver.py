"""Performs acts in processes of their own, which die after a durable write.

Reads one line for each, `ACT PLACE NUMBER`; answers with one line of JSON: how the process ended, what it had told,
and the names of its durable writes if it lived. The processes are forked from this one, which holds nothing.
"""

import json
import os
import sys
import traceback
from pathlib import Path

from crash_acts import ACTS, BESIDES
from dying import die_after


def perform(name: str, place: Path, number: int, out: int) -> None:
    """Perform an act and die on the way; tell through the descriptor `out`."""
    done = die_after(number)

    def tell(kind: str, text: object) -> None:
        os.write(out, json.dumps([kind, text]).encode() + b"\n")

    try:
        {**ACTS, **BESIDES}[name](place, lambda text: tell("told", text))
        tell("writes", done)
    except BaseException:
        tell("fault", traceback.format_exc())
    os._exit(0)


def run(name: str, place: Path, number: int) -> dict[str, object]:
    """Fork, wait, and say what came of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        perform(name, place, number, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as told:
        lines = [json.loads(line) for line in told]
    _, status = os.waitpid(child, 0)
    last = {kind: value for kind, value in lines if kind != "told"}
    return {"status": os.waitstatus_to_exitcode(status), "told": [v for k, v in lines if k == "told"], **last}


if __name__ == "__main__":
    for line in sys.stdin:
        act, folder, number = line.split()
        print(json.dumps(run(act, Path(folder), int(number))), flush=True)
