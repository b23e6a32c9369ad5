"""Links and phrases of frauds hold a message for staff, by the rules that staff keep."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.contact.holding import STAR, contains, has_link, reason_to_hold
from therapists.models import HoldRule


@pytest.mark.parametrize(
    "text",
    [
        "see http://x",
        "See HTTPS://Example.COM/x.",
        "(www.example.org)",
        "it is on example.com",
        "example.com/page",
        "look: t.me/somebody",
        "EXAMPLE.COM, please",
        "ｅｘａｍｐｌｅ．ｃｏｍ",  # wide letters
        "exam\u200bple.com",  # a letter that nobody sees
        "*example.net*",
        "example.com:8080/x",
        "https://user@example.com/x",
        "bücher.de/regal",
        "hxxp://example.shop",
        "https:\\\\example.shop",
        "/example.com",
        "see:example.com",
        "example.com?pay=1",
        "example.com#pay",
        "=example.com=",
        "example.com—pay",
        "example.co.uk",
        "example . com",
        "example. com",
        "example[.]com",
        "example (dot) com",
        "example dot com",
        "example。com",
        "example\u2800.com",  # a blank that is no space
        "example.c\u3164om",  # a letter that shows nothing
        "exampl\u0307e.co\u034fm",  # marks upon letters
        "example.соm",  # Cyrillic
    ],
)
def test_these_are_links(text):
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I'm so tired.No sleep.",
        "so low.Online would help",
        "...well...",
        "and/or he/him",
        "at 9.30am/10pm, $1.50/day, 24.12./25.12.",
        "Write to ines@example.com, please.",
        "a.m./p.m.",
        "I feel tired :// and low",
        "tired:/ and low",
        "Sono stanca. Io dormo . Come sempre",
        "Working in i.t. / I dot my i's. Common sense",
        "ines@example.com/otto@example.com",
        "Dr. Who, LCSW.",
        "...../.....",
        "x." * 2500,
        "." * 5000,
        "a" * 5000,
    ],
)
def test_these_are_none(text):
    assert not has_link(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("visiting your", "We are VISITING your town."),
        ("visiting your *", "we are visiting your"),
        ("visiting * town", "visiting your lovely old home town soon"),
        ("over-payment", "the over payment"),
        ("over payment", "an over-payment, it"),
        ("cashier's check", "a cashier’s\n\ncheck"),
        ("you * * b", "you 1 2 3 4 5 6 7 8 9 10 b"),
        ("a b", "a a b"),
        ("a b * a b", "a b a b"),
        ("straße", "STRASSE"),
        ("pay", "p\u200bay"),
        ("visiting your", "visiting yоur"),  # a Cyrillic o
        ("visiting your", "vısitıng υour".replace("υ", "y")),
        ("visiting your", "vi\u0301siting y\u034fou\ufe0fr"),
        ("visiting your", "visi\u3164ting\u2800your"),
        ("cashier's check", "cashier`s check"),
        ("посетить", "ПОСЕТИТЬ"),
        ("café", "cafe"),
    ],
)
def test_a_phrase_is_found_however_it_is_written(phrase, text):
    assert contains(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("visiting your", "visiting, as you're"),
        ("visiting * town", "visiting one two three four five six town"),
        ("pay", "paying"),
        ("pay", "repay"),
        ("a b", "b a"),
        ("a b * a b", "a b"),
        ("*", "anything"),
        ("!!!", "!!!"),
        ("", "anything"),
        ("a", ""),
    ],
)
def test_a_phrase_is_not_found_where_it_is_not(phrase, text):
    assert not contains(phrase, text)


def oracle(phrase, text):
    """The same by a regular expression over single letters, which stand for words."""
    star = rf"(?:\w ){{0,{STAR}}}"
    pattern = "".join(star if part == "*" else f"{part} " for part in phrase)
    return re.search(pattern, "".join(f"{word} " for word in text)) is not None


@given(
    phrase=st.lists(st.sampled_from("ab*"), min_size=1, max_size=7).filter(
        lambda parts: set(parts) != {"*"}
    ),
    text=st.lists(st.sampled_from("abc"), max_size=30),
)
def test_phrases_are_found_as_a_plain_search_finds_them(phrase, text):
    assert contains(" ".join(phrase), " ".join(text)) == oracle(phrase, text)


@given(text=st.text(max_size=300), phrase=st.text(max_size=40))
def test_whatever_is_written_is_looked_at_without_a_fault(text, phrase):
    contains(phrase, text)
    has_link(text)


@pytest.mark.django_db
def test_the_rules_in_use_are_asked_in_the_name_and_in_the_words():
    HoldRule.objects.all().delete()
    assert reason_to_hold("Ines", "www.example.com") == ""
    HoldRule.objects.create(kind="link")
    HoldRule.objects.create(phrase="visiting your *")
    HoldRule.objects.create(phrase="grief", is_active=False)
    assert reason_to_hold("Ines", "grief") == ""
    assert reason_to_hold("Ines", "www.example.com") == "It holds a link."
    assert reason_to_hold("Visiting Your", "I hope") == "It holds “visiting your *”."
    assert reason_to_hold("visiting", "your town") == ""  # not across the two
    longest = HoldRule.objects.create(phrase="x " * 60)
    assert len(reason_to_hold("x " * 60)) <= 200
    assert longest.phrase


@pytest.mark.django_db
def test_a_long_message_and_many_rules_take_a_moment(django_assert_num_queries):
    HoldRule.objects.all().delete()
    stars = [HoldRule(phrase=f"a * a * a * a * b{n}") for n in range(100)]
    runs = [HoldRule(phrase=f"{'a ' * 50}b{n}") for n in range(100)]
    HoldRule.objects.bulk_create([*stars, *runs, HoldRule(kind="link")])
    begun = time.process_time()
    with django_assert_num_queries(1):
        assert reason_to_hold("a " * 40, "a " * 2500) == ""
    assert time.process_time() - begun < 2
