"""The published vector of our one HPKE suite gives the recipient that we derive from its seed."""

import json

import pytest

from keys.identities import Identity
from keys.recipients import Recipient


@pytest.mark.corpus
def test_the_seed_of_the_published_vector_gives_its_public_key(corpus):
    vectors = json.loads((corpus / "hpke" / "testdata" / "hpke-pq.json").read_bytes())
    ours = [v for v in vectors if (v["kem_id"], v["kdf_id"], v["aead_id"]) == (0x647A, 1, 3)]
    assert len(ours) == 1
    for vector in ours:
        identity = Identity(bytes.fromhex(vector["skRm"]))
        assert identity.recipient == Recipient(bytes.fromhex(vector["pkRm"]))
