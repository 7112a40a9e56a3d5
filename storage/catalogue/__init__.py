"""The catalogue: what the archive knows about what it holds, as ciphertext, ids and states only."""

from storage.catalogue.catalogue import Catalogue
from storage.catalogue.opening import create_catalogue, open_catalogue, sqlite_url

__all__ = ["Catalogue", "create_catalogue", "open_catalogue", "sqlite_url"]
