"""Destroying an item in a test: ordered, due at once, recorded by the archive itself, and its bytes removed."""

from archive.access.grants import seal_reason
from archive.access.signin import pen
from archive.events import format_moment
from archive.kinds import Kind
from archive.nouns import Action


def may_destroy(house):
    house.grant("anna", Action.DESTROY, purposes=())


def destroy(house, item):
    """Destroy an item in the archive of `house`; no backup is told."""
    archive, anna = house.archive, house.anna
    held = archive.ledger().items[item]
    author = pen(archive, anna)
    compartment = archive.ledger().compartments[held.compartment]
    reason = seal_reason(archive.archive, author, compartment, item, "she asked for it")
    records = [one.record for one in archive.ledger().records.values() if one.item == item]
    order = author.write(
        Kind.ORDER,
        {
            "item": item,
            "due": format_moment(archive.clock()),
            "records": sorted(records),
            "reason": reason.ref.as_data(),
            "proposal": None,
        },
    )
    archive.custody.record([order], sealed=[reason.row(order.event)])
    done = archive.archive_author.write(Kind.DESTRUCTION, {"item": item})
    archive.custody.record([done])
    for rendition in held.renditions.values():
        archive.headers.delete(rendition.sealed.body)
        archive.objects.delete(rendition.sealed.body)
