"""A browser of tests: it keeps cookies, fills in the form of a page and sends it."""

import re
from html import unescape

PASSPHRASE = "a long passphrase for tests"


class Browser:
    """One person's browser at one application."""

    def __init__(self, app):
        self.client = app.test_client()

    def get(self, path, **options):
        return self.client.get(path, **options)

    def token(self, page):
        found = re.search(r'name="form" value="([0-9a-f]{64})"', self.get(page).text)
        return found[1]

    def post(self, path, data=None, *, of="/verify"):
        """Send a form, with the token that the page `of` was given."""
        return self.client.post(path, data={"form": self.token(of), **(data or {})})

    def sign_in(self, handle, passphrase=PASSPHRASE):
        answer = self.post("/sign-in", {"handle": handle, "passphrase": passphrase})
        assert answer.status_code == 303, words(answer)
        return self


def words(answer):
    """Return what a person reads on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def cookie(browser, name="session"):
    """Return the value of one of the browser's cookies."""
    return browser.client.get_cookie(name).value
