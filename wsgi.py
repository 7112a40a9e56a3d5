"""The entry point for WSGI servers: `SVIEDKA_ARCHIVE=DIR gunicorn --worker-class gthread wsgi:app`."""

import os
from pathlib import Path

from archive.cli.surroundings import circumstances_of
from archive.web.serving import application

app = application(Path(os.environ["SVIEDKA_ARCHIVE"]), circumstances_of(os.environ))
