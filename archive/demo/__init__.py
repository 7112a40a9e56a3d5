"""The demo: an invented dossier, and the archive that is built from it."""
