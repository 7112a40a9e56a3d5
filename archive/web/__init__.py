"""The web door: pages for everybody who works with the archive, rendered by the server, without JavaScript.

`application.create_app` makes the application, `routes` lists every address, `serving` runs it. Nothing here
decides who may see what: that is `archive.policy`'s, reached through `archive.access`, `ingest` and `search`.
"""
