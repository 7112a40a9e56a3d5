"""A process that signed in and deposits, whose parser is taken over. Called with the archive, who deposits, how the
host starts ("anew" or "forked") and which lines it lacks; prints what the parser robbed.
"""

import json
import sys
from pathlib import Path

from defences import Defence, prelude, take_out
from founded import circumstances, passphrase_of

from archive.access.signin import sign_in
from archive.assemble import open_archive
from ingest.extraction import Extractor, Limits
from ingest.sandbox import launcher

BOOT = (
    "import sys; sys.path[:0] = sys.argv[2:]; sys.path += [{here!r}]\n{prelude}"
    "import taken_over; taken_over.take_over({archive!r})\n"
    "from ingest.sandbox.host import main; main(sys.argv[1])"
)


def rob(folder: Path, handle: str, start: str, lacking: list[Defence]) -> str:
    launcher._BOOT = BOOT.format(
        here=str(Path(__file__).parent), prelude=prelude(lacking), archive=str(folder)
    )
    if start == "forked":
        anew = "return subprocess.Popen("
        forked = f"return __import__('taken_over').Forked(orders, {str(folder)!r}) or subprocess.Popen("
        take_out(Defence("ingest.sandbox.launcher:_start", anew, forked))
    with open_archive(folder, circumstances()) as archive:
        sitting = sign_in(archive, handle, passphrase_of(handle))
        held = sitting.secret.identity.text
        with Extractor(limits=Limits(), tessdata=None) as extractor:
            found = extractor.extract(b"taken over", media_type="text/plain")
        assert held.startswith("AGE-SECRET-KEY-PQ-1")
    return "\n".join(one.text for one in found.segments) or json.dumps([found.outcome, found.detail])


if __name__ == "__main__":
    lines = [Defence(*one) for one in json.loads(sys.argv[4])]
    print(rob(Path(sys.argv[1]), sys.argv[2], sys.argv[3], lines))
