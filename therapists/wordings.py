"""What pages say of a therapist in a word or two, alike wherever it stands."""

import re

from django.conf import settings


def initials(name):
    """One or two letters that stand where a photo is missing: "Mei Lanternfield" gives "ML"."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0].upper() for word in ([words[0], words[-1]] if len(words) > 1 else words))


def fees(therapist):
    """`$120`, `$120 to $160`, `from $120`, `No fee`, or "" where nothing is stated."""
    if therapist.fee_from is None:
        return ""
    lowest, highest = therapist.fee_from, therapist.fee_to
    if not lowest and not highest:
        return "No fee"
    if highest is None:
        return f"from ${lowest}"
    return f"${lowest}" if highest == lowest else f"${lowest} to ${highest}"


def formats(therapist):
    """`in person and online`, either, or ""."""
    ways = [therapist.in_person and "in person", therapist.online and "online"]
    return " and ".join(way for way in ways if way)


def ways_of_contact(therapist):
    """{slug: name} of the ways in which this therapist wants to be reached first."""
    terms = (term for term in therapist.terms.all() if term.vocabulary.slug == "contact")
    return {term.slug: term.name for term in terms}


# Ways of first contact for which the directory's form stands: an e-mail address is shown nobody.
BY_FORM = ("form", "email")


def takes_messages(therapist):
    """Whether the directory's form leads to this therapist.

    Where they chose a way for which it stands, or nothing at all.
    """
    ways = ways_of_contact(therapist)
    return bool((not ways or any(way in ways for way in BY_FORM)) and therapist.letters_to)


def speaks_of_danger(words):
    """Whether somebody writes of dying or of harming themselves: help is shown above all else."""
    danger = settings.DANGER_WORDS
    return bool(danger) and re.search(danger, words, re.IGNORECASE) is not None


def quote_size(statement):
    """How large a statement can be set: a sentence as a headline, an essay as an essay."""
    length = len(statement)
    return "short" if length < 180 else "medium" if length < 420 else "long"
