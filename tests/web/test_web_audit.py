"""The page of the audit: the last report, to save as JSON, and what an auditor takes home."""

import json

from browsing import PASSPHRASE, Browser, words

from archive.digests import Digest
from keys.keyfile import open_key_file


def entered(app, handle):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in(handle)


def test_the_report_stays_and_is_saved_as_json(app):
    auditor = entered(app, "auditor")
    assert auditor.post("/audit/report", of="/home").status_code == 404
    assert "The last audit" not in words(auditor.get("/audit"))
    auditor.post("/audit", of="/audit")
    for browser in (auditor, entered(app, "auditor")):
        page = words(browser.get("/audit"))
        assert "The last audit from this page, by auditor" in page
        assert "Nothing was verified" in page
    saved = auditor.post("/audit/report", of="/audit")
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="audit-2026-11-20.json"')
    report = json.loads(saved.data)
    assert (report["outcome"], report["handle"], report["faults"]) == ("nothing", "auditor", [])
    assert report["fingerprint"] in auditor.get("/audit").text
    printed = auditor.post("/audit/report", {"printed": "1"}, of="/audit")
    assert 'filename="audit-2026-11-20.pdf"' in printed.headers["Content-Disposition"]
    assert printed.data.startswith(b"%PDF-1.7")


def test_a_custodian_without_the_right_to_audit_sees_no_report(app):
    page = words(entered(app, "custodian").get("/audit"))
    assert "Save my key file" in page  # she founded the archive, and may audit


def test_an_auditor_takes_her_key_file_and_the_trust_file_home(app, archive):
    auditor = entered(app, "auditor")
    refused = auditor.post("/audit/key", {"passphrase": "something else"}, of="/audit")
    assert refused.status_code == 403
    assert b"age-encryption" not in refused.data
    key = auditor.post("/audit/key", {"passphrase": PASSPHRASE}, of="/audit")
    assert 'filename="auditor.key"' in key.headers["Content-Disposition"]
    assert open_key_file(key.data, PASSPHRASE, log_n=10).archive == archive.archive
    trust = Browser(app).get("/log/trust")
    assert Digest.of(trust.data) in auditor.get("/audit").text


def test_nobody_else_gets_any_of_it(app):
    for handle in ("documenter", "lawyer"):
        browser = entered(app, handle)
        for path in ("/audit/report", "/audit/key"):
            assert browser.post(path, {"passphrase": PASSPHRASE}, of="/home").status_code == 403
