"""Access: who one is, what was sealed to whom, and the acts that give and take rights.

It joins `keys` (which never sees the disk) and `storage` (which never sees a key); `ingest` and `search`
stand on it.
"""
