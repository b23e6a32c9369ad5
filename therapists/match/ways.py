"""How somebody likes to work, in plain words, and which approaches work so."""

WAYS = [
    ("talking", "Talking freely, and being listened to"),
    ("exercises", "Structure, goals, and exercises between sessions"),
    ("body", "Working with the body: breath, senses, movement"),
    ("past", "Understanding the past, and what it does today"),
    ("relationship", "Looking at what happens between people, here in the room too"),
    ("creating", "Making things: pictures, play, stories"),
]


def approaches_by_way():
    """{way: numbers of the published approaches that work so, as text}."""
    from therapists.models import Therapist

    # By the reverse relation: approaches know therapists, and not the other way about.
    specialist = Therapist.specialisms.rel.related_model
    approach = specialist._meta.get_field("approach").related_model
    by_way = {way: [] for way, _ in WAYS}
    for number, ways in approach.objects.published().values_list("pk", "ways"):
        for way in ways:
            by_way.setdefault(way, []).append(str(number))
    return by_way
