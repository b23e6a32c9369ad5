"""What pages say of a therapist in a word or two, alike wherever it stands."""


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
