"""Signatures: how they are written, and how they are read back."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from therapists.bylines import Byline, parse_byline
from therapists.states import STATES

LCSW = "Licensed Clinical Social Worker"


@pytest.mark.parametrize(
    ("city", "state", "signed"),
    [
        ("Portland", "OR", f"Tess Tester, {LCSW} in Portland, OR"),
        ("", "OR", f"Tess Tester, {LCSW} in Oregon"),
        ("", "DC", f"Tess Tester, {LCSW} in District of Columbia"),
        ("Portland", "", f"Tess Tester, {LCSW} in Portland"),
        ("", "", f"Tess Tester, {LCSW}"),
    ],
)
def test_a_missing_part_of_the_place_leaves_no_comma_and_no_in_behind(city, state, signed):
    assert str(Byline("Tess Tester", LCSW, city, state)) == signed


def test_without_a_title_the_name_goes_straight_to_the_place():
    assert str(Byline("Tess Tester", city="Bend", state="OR")) == "Tess Tester in Bend, OR"
    assert str(Byline("Tess Tester")) == "Tess Tester"


@pytest.mark.parametrize(
    ("place", "city", "state"),
    [
        (" in Portland, OR", "Portland", "OR"),
        (" in Portland, or", "Portland", "OR"),
        (" in Portland, Oregon", "Portland", "OR"),
        (" in , OR", "", "OR"),
        (" in ,OR", "", "OR"),
        (" in ,", "", ""),
        (" in", "", ""),
        (" in Portland,", "Portland", ""),
        (" in Portland", "Portland", ""),
        (" in OR", "", "OR"),
        (" in Oregon", "", "OR"),
        (" in north carolina", "", "NC"),
        (" in New York", "", "NY"),
        (" in New York, NY", "New York", "NY"),
        (" in St. Louis, MO", "St. Louis", "MO"),
        (" in Winston-Salem, NC", "Winston-Salem", "NC"),
        (" in Gary, IN", "Gary", "IN"),
        (" in San Juan, PR", "San Juan", "PR"),
        (", in Portland, OR", "Portland", "OR"),
        (" in Portland, OR,", "Portland", "OR"),
        (" in Portland,, OR", "Portland", "OR"),
        (" in , , OR,", "", "OR"),
        (" in New York,", "New York", ""),
        ("", "", ""),
    ],
)
def test_a_place_is_read_whatever_parts_it_lacks(place, city, state):
    assert parse_byline(f"Tess Tester, {LCSW}{place}") == Byline("Tess Tester", LCSW, city, state)


@pytest.mark.parametrize("dash", ["—", "– ", "― ", "- ", "-- ", "  —  ", ""])
def test_the_dash_before_a_signature_is_not_part_of_the_name(dash):
    assert parse_byline(f"{dash}Tess Tester, {LCSW}").name == "Tess Tester"


def test_spaces_and_line_breaks_inside_a_signature_are_one_space():
    read = parse_byline(f"—\u00a0Tess\n  Tester,\t{LCSW}  in\nBend,  OR ")
    assert read == Byline("Tess Tester", LCSW, "Bend", "OR")


@pytest.mark.parametrize(
    ("credit", "title", "city", "state"),
    [
        ("Counselor in Training", "Counselor in Training", "", ""),
        ("Counselor in training", "Counselor in training", "", ""),
        ("Counselor in Training in Austin, TX", "Counselor in Training", "Austin", "TX"),
        ("Counselor in Training in , TX", "Counselor in Training", "", "TX"),
        ("Psychologist in Private Practice", "Psychologist in Private Practice", "", ""),
        ("Artist in Residence in Maine", "Artist in Residence", "", "ME"),
        ("Specialist in Trauma in Austin, TX", "Specialist in Trauma", "Austin", "TX"),
        ("Specialist in Trauma, Grief", "Specialist in Trauma, Grief", "", ""),
        ("Trained in Grief, Loss in Iowa", "Trained in Grief, Loss", "", "IA"),
        ("Internist in Indiana", "Internist", "", "IN"),
    ],
)
def test_the_last_in_that_reads_as_a_place_begins_it(credit, title, city, state):
    assert parse_byline(f"Ira Inman, {credit}") == Byline("Ira Inman", title, city, state)


@pytest.mark.parametrize(
    ("line", "name", "letters", "title"),
    [
        ("Pia Letters, PhD, Psychologist", "Pia Letters", "PhD", "Psychologist"),
        ("Pia Letters, PhD, ABPP, Psychologist", "Pia Letters", "PhD, ABPP", "Psychologist"),
        ("Pia Letters, M.A., Art Therapist", "Pia Letters", "M.A.", "Art Therapist"),
        ("Pia Letters, MT-BC, Music Therapist", "Pia Letters", "MT-BC", "Music Therapist"),
        ("Pia Letters, LCSW", "Pia Letters", "", "LCSW"),
        ("Pia Letters, PhD, LCSW", "Pia Letters", "PhD", "LCSW"),
        ("Pia Letters, Psychologist, Author", "Pia Letters", "", "Psychologist, Author"),
        ("Juno Elder, Jr., Counselor", "Juno Elder, Jr.", "", "Counselor"),
        ("Juno Elder, Jr., PhD, Psychologist", "Juno Elder, Jr.", "PhD", "Psychologist"),
        ("Juno Elder Jr., Counselor", "Juno Elder Jr.", "", "Counselor"),
        ("Juno Elder, III, LMFT", "Juno Elder, III", "", "LMFT"),
        ("Juno Elder", "Juno Elder", "", ""),
        ("Juno Elder,", "Juno Elder", "", ""),
        ("Fern & Wren, Group Practice", "Fern & Wren", "", "Group Practice"),
        ("Fern & Co., Group Practice", "Fern & Co.", "", "Group Practice"),
        ("Fern & Co.", "Fern & Co.", "", ""),
        ("24/7 Fern Clinic, Clinic", "24/7 Fern Clinic", "", "Clinic"),
        ("Søren Ågård, Psychologist", "Søren Ågård", "", "Psychologist"),
        ("ليلى النجار, Counselor", "ليلى النجار", "", "Counselor"),
        ("林小雨, 心理諮商師", "林小雨", "", "心理諮商師"),
        ("Зоя Лесная, Психолог", "Зоя Лесная", "", "Психолог"),
        ("Ines d'In, Counselor", "Ines d'In", "", "Counselor"),
    ],
)
def test_names_letters_and_titles_are_told_apart(line, name, letters, title):
    read = parse_byline(f"— {line} in Bend, OR")
    assert read == Byline(name, title, "Bend", "OR", letters)


@pytest.mark.parametrize("state", ["ZZ", "UK", "ON"])
def test_a_state_code_that_does_not_exist_is_refused_and_named(state):
    with pytest.raises(ValueError, match=f"“{state}” is not a state"):
        parse_byline(f"Tess Tester, {LCSW} in Portland, {state}")


@pytest.mark.parametrize("line", ["", "—", "— , Counselor in Bend, OR", "in Bend, OR", "12, 34"])
def test_a_signature_without_a_name_is_refused(line):
    with pytest.raises(ValueError, match="no name"):
        parse_byline(line)


@pytest.mark.parametrize("code", STATES)
def test_every_state_is_read_from_its_code_and_from_its_name(code):
    for written in (code, STATES[code], STATES[code].upper()):
        assert parse_byline(f"Tess Tester, {LCSW} in Bend, {written}").state == code
        assert parse_byline(f"Tess Tester, {LCSW} in {written}").state == code


# --- the round trip -----------------------------------------------------------------------------

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "esq"}
TITLES = ["in Training", "in Residence", "in Private Practice"]
STATE_WORDS = {word.casefold() for pair in STATES.items() for word in pair}

# Anything that may stand on a line, in any script, and often what signatures are made of.
pieces = st.one_of(
    st.sampled_from(["Wren", "de la", "O'Fern", "&", "Co.", "Jr.", "PhD", "LCSW", "OR", "Oregon"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
# Spaces and line breaks are one space in a signature, so the parts are made that way.
lines = st.lists(pieces, max_size=4).map(lambda some: " ".join(" ".join(some).split()))
no_comma = lines.map(lambda line: " ".join(line.replace(",", " ").split()))


@st.composite
def bylines(draw):
    # A comma ends the name, unless "Jr." follows.
    name = draw(no_comma) + draw(st.sampled_from(["", "", ", Jr.", ", III"]))
    # A signature begins with a dash, so a name can't; and a name has a letter.
    assume(name[:1] not in set("—–―‒-,") and any(c.isalpha() for c in name.partition(",")[0]))
    title = ", ".join(filter(None, draw(st.lists(no_comma, max_size=3))))
    # Post-nominals are stored beside the name and not signed, so in a title with several parts
    # "PhD, Author" reads as letters and a title. A short word with capitals may stand last alone.
    parts = title.split(", ")
    for part in parts[:-1]:
        assume(" " in part or len(part) > 10 or sum("A" <= c <= "Z" for c in part) < 2)
    # A title that begins with "Jr." reads as the end of the name.
    assume(parts[0].rstrip(".").casefold() not in SUFFIXES)
    state = draw(st.sampled_from(["", *STATES]))
    city = draw(lines).strip(" ,")
    # "in Lost in Woods, OR": the last "in" begins the place.
    assume("in" not in city.split())
    if not state:
        # "in New York" is the state, "in Fern, Wren" has a comma where a state would follow,
        # and "in Training" names no town.
        assume(city.casefold() not in STATE_WORDS and "," not in city)
        assume(city.upper() not in STATES)  # "ﬂ".upper() is "FL"
        assume(f"in {city}".casefold() not in {t.casefold() for t in TITLES})
        assume(city.casefold() not in {"supervision", "independent practice", "group practice"})
    if not city and not state:
        # Without a place, any other "in" would begin one. These titles never do.
        assume("in" not in f"{name} {title}".replace(",", " , ").split())
        title = " ".join(filter(None, [title, draw(st.sampled_from(["", "", *TITLES]))]))
    return Byline(name, title, city, state)


@settings(max_examples=500, deadline=None)
@given(bylines())
@example(Byline("Ira in 't Wald", "Specialist in Trauma", "", "NY"))
@example(Byline("Tess Tester", "", "", ""))
@example(Byline("Fern & Co.", "Counselor in Training, Author", "New York", "NY"))
def test_a_rendered_byline_is_read_back_into_the_same_parts(byline):
    assert parse_byline(f"— {byline}") == byline
    assert parse_byline(str(byline)) == byline


rubbish = st.lists(
    st.sampled_from(["—", ",", "in", "Tess", "Jr.", "PhD", "Training", "OR", "ZZ", "Oregon", "&"])
).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(rubbish)
@example("Tess in , , OR")
@example("Tess in Bend , , in , OR ,")
def test_any_line_is_read_or_refused_with_a_sentence_and_no_comma_dangles(line):
    try:
        byline = parse_byline(line)
    except ValueError as refusal:
        assert "the signature has no name" in str(refusal) or "is not a state" in str(refusal)  # noqa: PT017
        return
    signed = str(byline)
    assert signed == " ".join(signed.split())
    assert ", ," not in signed
    assert ",," not in signed
    assert not signed.endswith(",")
