"""Age sealing, identities, signing and the trustees' shares: the only importer of `cryptography`.

It never touches a disk: callers hand in bytes or open streams, randomness included.
"""
