"""Every address of the site. Whatever shows anything of a person's or changes anything is a POST."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from archive.web.pages import (
    assets,
    auditing,
    consents,
    depositing,
    ending,
    factor,
    home,
    items,
    keys,
    logbook,
    people,
    searching,
    sessions,
    signing,
    verifying,
)

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/", home.front),
    ("GET", "/home", home.home),
    ("GET", "/static/<name>", assets.asset),
    ("GET", "/sign-in", signing.ask_sign_in),
    ("POST", "/sign-in", signing.open_session),
    ("POST", "/sign-out", signing.sign_out),
    ("POST", "/purpose", signing.choose_purpose),
    ("POST", "/language", signing.choose_language),
    ("GET", "/sessions", sessions.my_sessions),
    ("POST", "/sessions/end", sessions.end_session),
    ("POST", "/sessions/end-others", sessions.end_other_sessions),
    ("POST", "/sessions/lock", sessions.lock_me),
    ("POST", "/sessions/lock-archive", sessions.confirm_lock),
    ("POST", "/sessions/lock-archive/now", sessions.lock_archive),
    ("GET", "/keys", keys.my_keys),
    ("POST", "/keys/words", keys.new_words),
    ("POST", "/keys/replace", keys.replace_keys),
    ("POST", "/keys/passphrase", keys.replace_passphrase),
    ("POST", "/keys/factor", factor.ask_factor),
    ("POST", "/keys/factor/add", factor.add_factor),
    ("POST", "/keys/factor/remove", factor.remove_factor),
    ("GET", "/deposit", depositing.ask_deposit),
    ("POST", "/deposit", depositing.deposit),
    ("GET", "/deposits", depositing.my_deposits),
    ("POST", "/receipt", depositing.my_receipt),
    ("GET", "/search", searching.ask_search),
    ("POST", "/search", searching.search),
    ("GET", "/items/<item>", items.item),
    ("POST", "/items/<item>/read", items.read_item),
    ("POST", "/items/<item>/original", items.original),
    ("POST", "/items/<item>/sealed", items.sealed_original),
    ("POST", "/items/<item>/consents", consents.consents),
    ("POST", "/items/<item>/withdraw", ending.confirm_withdrawal),
    ("POST", "/items/<item>/withdraw/now", ending.withdraw_now),
    ("POST", "/items/<item>/hold", ending.confirm_hold),
    ("POST", "/items/<item>/hold/now", ending.hold_now),
    ("POST", "/items/<item>/lift", ending.confirm_lift),
    ("POST", "/items/<item>/lift/now", ending.lift_now),
    ("POST", "/items/<item>/destroy", ending.confirm_destruction),
    ("POST", "/items/<item>/destroy/now", ending.destroy_now),
    ("POST", "/items/<item>/cancel", ending.confirm_cancel),
    ("POST", "/items/<item>/cancel/now", ending.cancel_now),
    ("GET", "/asked", consents.ask_asked),
    ("POST", "/asked", consents.asked),
    ("GET", "/log", logbook.log),
    ("GET", "/log/checkpoint", logbook.checkpoint),
    ("GET", "/log/tile/<path:path>", logbook.tile),
    ("GET", "/verify", verifying.ask_verify),
    ("POST", "/verify", verifying.verify),
    ("GET", "/people", people.people),
    ("POST", "/people/enrol", people.add_agent),
    ("POST", "/people/compartment", people.add_compartment),
    ("POST", "/people/give", people.give_grant),
    ("POST", "/people/proposal", people.answer_proposal),
    ("POST", "/people/withdraw", people.confirm_revoke),
    ("POST", "/people/withdraw/now", people.revoke),
    ("POST", "/people/factor", people.remove_lost_factor),
    ("POST", "/people/suspend", people.confirm_suspend),
    ("POST", "/people/suspend/now", people.suspend),
    ("GET", "/audit", auditing.ask_audit),
    ("POST", "/audit", auditing.run_audit),
)


def lay(app: Flask) -> None:
    """Lay all routes."""
    for method, address, view in ROUTES:
        app.add_url_rule(address, view.__name__, view, methods=[method])
