"""Policies: every rule of c2sp.org/tlog-policy, each broken once, and who is enough under which."""

from itertools import combinations

import pytest
from founded import refusal
from hypothesis import given
from hypothesis import strategies as st
from two_organisations import LogOwner, numbered

from archive.errors import CustodyError
from archive.tlog_policy import Group, Policy, format_policy, parse_policy
from archive.vkeys import format_vkey
from keys.cosigner_keys import CosignerKey

LOG = LogOwner().log_keys[0]
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {
    name: format_vkey(CosignerKey.generate(f"{name}.example", numbered(number)).vkeys[0])
    for number, name in enumerate(NAMES, 10)
}
#: The example of the specification.
EXAMPLE = "\n".join(
    [
        f"log {LOG}",
        "",
        *(f"witness {name} {KEYS[name]}" for name in NAMES[:3]),
        "group X-witnesses 2 X1 X2 X3",
        "",
        *(f"witness {name} {KEYS[name]}" for name in NAMES[3:]),
        "group Y-witnesses any Y1 Y2 Y3",
        "",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)


def parsed(text: str) -> Policy:
    return parse_policy(text.encode())


def test_the_example_of_the_specification_means_what_it_says():
    policy = parsed(EXAMPLE)
    for count in range(len(NAMES) + 1):
        for cosigned in combinations(NAMES, count):
            x, y = (sum(name.startswith(letter) for name in cosigned) for letter in "XY")
            assert policy.is_met(cosigned) == (x >= 2 and y >= 1)


def test_names_that_the_policy_does_not_know_count_for_nothing():
    assert not parsed(EXAMPLE).is_met(["X-and-Y", "X-witnesses", "Y-witnesses", "stranger"])


def test_a_policy_is_written_and_read_again():
    policy = parsed(EXAMPLE)
    assert parse_policy(format_policy(policy)) == policy
    assert policy.keys_of_log("archive.example/log") == (LOG,)
    assert policy.keys_of_log("other.example/log") == ()


def test_tabs_comments_addresses_and_octets_beyond_ascii_are_allowed():
    data = (
        b" \t# a comment\n\twitness  \xd0\xb6\xff\t"
        + KEYS["X1"].encode()
        + b" https://x.example/ \n quorum \xd0\xb6\xff \n"
    )
    policy = parse_policy(data)
    assert policy.cosigners[0].url == "https://x.example/"
    assert policy.is_met([policy.cosigners[0].name])
    assert parse_policy(format_policy(policy)) == policy


def test_a_quorum_of_one_and_of_none():
    one = parsed(f"witness X1 {KEYS['X1']}\nquorum X1\n")
    assert one.is_met(["X1"])
    assert not one.is_met([])
    assert parsed("quorum none\n").is_met([])


W1, W2 = f"witness X1 {KEYS['X1']}\n", f"witness X2 {KEYS['X2']}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none",
        "quorum\n",
        "quorum none\nquorum none\n",
        "quorum X1\n" + W1,
        "quorum none extra\n",
        "unknown line\nquorum none\n",
        "QUORUM none\n",
        "quorum none\r\n",
        "quorum none\x7f\n",
        "quorum\u00a0none\n",
        W1,
        W1 + W1 + "quorum X1\n",
        W1 + f"witness X9 {KEYS['X1']}\nquorum X1\n",
        W1 + f"witness X1 {KEYS['X2']}\nquorum X1\n",
        f"witness none {KEYS['X1']}\nquorum none\n",
        f"witness X1 {KEYS['X1']} a b\nquorum X1\n",
        f"witness X1 {LOG}\nquorum X1\n",
        f"witness X1 {KEYS['X1'][:-4]}\nquorum X1\n",
        f"log {KEYS['X1']}\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        W1 + "group G any\nquorum X1\n",
        W1 + "group G 0 X1\nquorum X1\n",
        W1 + "group G 2 X1\nquorum X1\n",
        W1 + "group G 01 X1\nquorum X1\n",
        W1 + "group G most X1\nquorum X1\n",
        W1 + "group G any X1 X1\nquorum X1\n",
        W1 + "group G any none\nquorum X1\n",
        W1 + "group G any G\nquorum X1\n",
        W1 + "group G any X2\n" + W2 + "quorum X1\n",
        W1 + W2 + "group G any X1\ngroup H any X1 X2\nquorum X1\n",
        W1 + "group X1 any X1\nquorum X1\n",
        "#" * 1_000_001 + "\nquorum none\n",
    ],
)
def test_what_the_specification_does_not_allow_is_refused(text):
    with refusal("C42"):
        parsed(text)


def test_what_could_not_be_read_back_is_not_written():
    for name in ("a b", ""):
        policy = Policy((), parsed(W1 + "quorum X1\n").cosigners, (Group(name, 1, ("X1",)),), "X1")
        with refusal("C42"):
            format_policy(policy)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_refused(data):
    code = "C42"
    try:
        policy = parse_policy(data)
        assert parse_policy(format_policy(policy)) == policy
    except CustodyError as fault:
        code = fault.code
    assert code == "C42"


def test_a_policy_of_many_is_read():
    lines = [
        f"witness w{number} {format_vkey(CosignerKey.generate(f'w{number}', numbered(number)).vkeys[1])}\n"
        for number in range(40)
    ]
    groups = [f"group g{number} any w{number}\n" for number in range(40)]
    text = "".join(lines) + "".join(groups) + "group all 20 " + " ".join(f"g{n}" for n in range(40))
    policy = parsed(text + "\nquorum all\n")
    assert policy.is_met([f"w{number}" for number in range(20)])
    assert not policy.is_met([f"w{number}" for number in range(19)])
