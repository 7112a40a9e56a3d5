"""Looking for secrets in files, however their bytes may be spelled there."""

import base64


def spellings(secret):
    """Return every way in which these bytes are likely to be written."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode(), repr(secret)[2:-1].encode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # Inside a longer text the bytes may begin at any of three places; the ends depend on the neighbours.
        found |= {encode(bytes(shift) + secret)[4:-4] for shift in range(3)}
    found.add(base64.b32encode(secret).rstrip(b"="))
    return found | {one.lower() for one in found if one.isascii()}


def traces(places, secrets):
    """Return (file, name of the secret) for each file in which any spelling of a secret is found."""
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*"))]
    return [
        (file, name)
        for file in files
        if file.is_file()
        for data in [file.read_bytes()]
        for name, secret in secrets.items()
        if any(one in data for one in spellings(secret))
    ]
