"""The parser host: a process of its own that opens hostile files with nothing in reach.

Started by launcher.py with an empty environment; it holds no key and no descriptor but two pipes. It loads
the libraries, warms them up on harmless bytes of ours (kreuzberg writes its PDF library to the scratch
folder, Tesseract reads its languages), locks itself down, says what is in force, and only then reads files.
A file is never sent to a host that does not say its system call filter is on.
"""

import json
import sys
import time
from dataclasses import asdict
from importlib.machinery import PathFinder
from pathlib import Path
from typing import IO, Any

from ingest.formats.parts import Escalate, Parsed, Unreadable
from ingest.formats.reading import preload, read_document
from ingest.identify import Recogniser
from ingest.sandbox.frames import exactly, receive, send
from ingest.sandbox.landlock import confine
from ingest.sandbox.lockdown import Protection, seal, shed

_REQUEST_CAP_BYTES = 64 * 1024


def main(argument: str) -> None:
    """Serve requests on standard input until it ends; `argument` is the launcher's JSON."""
    orders = json.loads(argument)
    user, network = shed(cpu_seconds=orders["cpu_seconds"], memory_bytes=orders["memory_bytes"])
    scratch = [Path(orders["scratch"])] if orders["scratch"] else []
    tessdata = [Path(orders["tessdata"])] if orders["tessdata"] else []
    documents = _load(orders["tier"])
    recogniser = Recogniser() if orders["tier"] == "text" else None
    preload()
    landlock = confine(readable=tessdata, writable=scratch)
    if documents is not None:
        documents.warm_up(ocr=orders["languages"] if orders["tier"] == "ocr" else ())
    # What is not loaded cannot be any more: a codec asked for by a file is then unknown, and no fault.
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not PathFinder]
    # Without Landlock nothing bounds what Tesseract may open: then the files wait.
    filtered = (landlock > 0 or orders["tier"] != "ocr") and seal(reading=orders["tier"] == "ocr")
    protection = Protection(
        seccomp=filtered, landlock=landlock, user_namespace=user, network_namespace=network
    )
    send(sys.stdout.buffer, {"ready": asdict(protection)})
    if filtered:
        _serve(sys.stdin.buffer, sys.stdout.buffer, documents, recogniser)


def _load(tier: str) -> Any:
    """The document reader, which loads kreuzberg; plain text does without it and starts faster."""
    if tier == "text":
        return None
    from ingest.formats.documents import Documents

    return Documents(ocr=tier == "ocr")


def _serve(requests: IO[bytes], replies: IO[bytes], documents: Any, recogniser: Recogniser | None) -> None:
    while True:
        try:
            request = receive(requests, cap_bytes=_REQUEST_CAP_BYTES)
        except EOFError:
            return
        data = exactly(requests, request["size_bytes"])
        if recogniser is not None and request["media_type"] is None:
            reply = {"seen": recogniser.seen(data)}
        else:
            reply = _answer(data, request, documents)
        del data
        send(replies, {**reply, "cpu_seconds": time.process_time()})


def _answer(data: bytes, request: dict[str, Any], documents: Any) -> dict[str, Any]:
    try:
        parsed = read_document(
            data, media_type=request["media_type"], languages=request["languages"], documents=documents
        )
    except Escalate as wish:
        return {"escalate": wish.tier}
    except Unreadable as refusal:
        return {"outcome": refusal.outcome, "detail": refusal.detail}
    except MemoryError:
        return {"outcome": "too-large", "detail": "memory"}
    except RecursionError:
        return {"outcome": "failure", "detail": "nested-too-deeply"}
    # A library's error may quote the file: whatever it is, only the fact leaves.
    except Exception:
        return {"outcome": "failure", "detail": "damaged"}
    return _success(parsed)


def _success(parsed: Parsed) -> dict[str, Any]:
    segments = [[s.locator, s.text] for s in parsed.segments if s.text.strip()]
    if not segments:
        return {"outcome": "success", "detail": "no-text", "segments": [], "metadata": parsed.metadata}
    return {"outcome": "success", "detail": "ok", "segments": segments, "metadata": parsed.metadata}
