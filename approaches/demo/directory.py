"""The demo directory: read from the files beside this one, and written in one transaction.

What people say and who they are stands in the files, written by hand. What a story needs no words
for (fees, insurance, licences) is drawn here, always the same way for the same person. Dates are
counted back from the day of loading, or the whole demo would go stale by itself.
"""

import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from random import Random

from django.db import connection
from django.utils import timezone

from approaches import versions
from approaches.demo.portraits import drawing
from approaches.models import Approach, Source, Specialist
from therapists.models import (
    INVENTED,
    Compact,
    Licence,
    Office,
    Proposal,
    Term,
    Therapist,
    Vocabulary,
)
from therapists.photos.pictures import SIDE, encoded
from therapists.photos.storing import LARGEST, erase, store
from therapists.search.turns import followed_once
from therapists.slugs import unique_slug

HERE = Path(__file__).parent

# Lists in a person's entry that name terms of the vocabulary of the same name.
TERM_LISTS = [
    "issue", "language", "age", "client", "gender", "ethnicity", "sexuality", "faith",
    "experience", "affirming", "access", "contact",
]  # fmt: skip

NATIONAL_INSURERS = [
    "aetna", "anthem", "blue-cross-blue-shield", "cigna", "humana", "magellan", "medicaid",
    "medicare", "optum", "oscar", "tricare", "united", "lyra", "compsych",
]  # fmt: skip
REGIONAL_INSURERS = {
    "CA": ["blue-shield-of-california", "kaiser-permanente"],
    "OR": ["moda", "providence", "regence", "kaiser-permanente"],
    "WA": ["premera", "regence", "kaiser-permanente", "molina"],
    "NY": ["emblemhealth"],
    "MA": ["tufts", "harvard-pilgrim"],
    "NH": ["harvard-pilgrim"],
    "ME": ["harvard-pilgrim"],
    "PA": ["highmark", "geisinger"],
    "MD": ["carefirst", "kaiser-permanente"],
    "DC": ["carefirst"],
    "VA": ["carefirst"],
    "TX": ["molina", "centene"],
    "OH": ["molina"],
    "FL": ["centene"],
}

# Dollars for a session: the lowest and the highest that such a credential usually begins at.
USUAL_FEES = {
    "associate": (50, 100),
    "psychiatrist": (220, 340),
    "nurse-practitioner": (160, 240),
    "psychologist": (150, 240),
    "pastoral-counselor": (40, 110),
}
OTHER_FEES = (90, 180)

APIT = "Authority to Practice Interjurisdictional Telepsychology (APIT)"

# Where those who are licensed in more than one state are licensed besides, nearest first.
LICENSED_BESIDES = {
    "CA": ["OR", "NV"], "CT": ["NY", "MA"], "DC": ["MD", "VA"], "FL": ["GA", "AL"],
    "IL": ["WI", "IN"], "IN": ["OH", "KY"], "MA": ["RI", "NH"], "ME": ["NH", "MA"],
    "MI": ["OH", "IN"], "MN": ["WI", "ND"], "MO": ["KS", "IL"], "NJ": ["NY", "PA"],
    "NY": ["NJ", "CT"], "OR": ["WA", "CA"], "PA": ["NJ", "DE"], "TX": ["OK", "NM"],
    "WA": ["OR", "ID"], "WI": ["MN", "IL"],
}  # fmt: skip

TRAINING_BODIES = [
    "Harbor Street Institute", "Meadow Training Collective", "The Lantern Program",
    "Northlight Postgraduate Center", "Two Rivers Seminar",
]  # fmt: skip


def read(name):
    """The content of one TOML file of the demo."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def read_approaches():
    """{slug: entry} of all approaches, A to Z."""
    files = sorted((HERE / "approaches").glob("*.toml"))
    return {file.stem: read(file) for file in files}


def read_therapists():
    """All entries of people and practices, file by file."""
    files = sorted((HERE / "therapists").glob("*.toml"))
    return [entry for file in files for entry in read(file)["therapist"]]


def is_demo():
    """Whether anybody here is invented."""
    return Therapist.objects.filter(consent_basis=INVENTED).exists()


@followed_once()
def load_demo():
    """Fill an empty directory. Returns (number of approaches, number of therapists)."""
    terms = load_vocabularies()
    approaches = load_approaches(terms)
    compacts = load_compacts()
    taken, drawn = set(), []
    for entry in read_therapists():
        therapist = load_therapist(entry, terms, approaches, taken)
        if entry["state"]:
            licences(therapist, entry, compacts, len(taken))
        if entry["photo"]:
            drawn.append((therapist.photo.name, therapist.slug, entry))
    store_portraits(drawn)
    tell_the_planner()
    return len(approaches), len(taken)


def tell_the_planner():
    """Have PostgreSQL count what came at once, before it plans a page's queries blindly."""
    models = [
        Approach, Specialist, Office, Licence, Proposal, Therapist, Term, Therapist.terms.through,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in models))


def load_vocabularies():
    """Create the vocabularies; returns {(vocabulary slug, term slug): Term}."""
    terms = {}
    for position, (slug, entry) in enumerate(read("vocabularies.toml").items()):
        vocabulary = Vocabulary.objects.create(
            slug=slug,
            name=entry["name"],
            question=entry["question"],
            explanation=entry["explanation"],
            may_be_unstated=entry["may_be_unstated"],
            position=position,
        )
        ordered = entry.get("in_this_order", False)
        rows = [
            Term(
                vocabulary=vocabulary,
                slug=term,
                name=words["name"],
                synonyms=words["also"],
                position=place if ordered else 0,
            )
            for place, (term, words) in enumerate(entry["terms"].items())
        ]
        terms |= {(slug, row.slug): row for row in Term.objects.bulk_create(rows)}
    return terms


def load_compacts():
    """Create the compacts that staff have not made already; returns {slug: Compact}."""
    entries = read("compacts.toml").items()
    return {
        slug: Compact.objects.get_or_create(slug=slug, defaults=entry)[0] for slug, entry in entries
    }


def load_approaches(terms):
    """Create the approaches with their sources; returns {slug: Approach}."""
    entries = read_approaches()
    approaches = {}
    for slug, entry in entries.items():
        approach = Approach(
            slug=slug,
            name=entry["name"],
            synonyms=entry["also"],
            summary=entry["summary"],
            overview=entry["overview"].strip(),
            ways=entry["ways"],
            evidence=entry["evidence"].strip(),
            limits=entry["limits"].strip(),
            reviewed_by=entry["reviewed_by"],
            reviewed_on=entry["reviewed_on"],
            status=Approach.Status.PUBLISHED,
            published_on=entry["reviewed_on"],
        )
        # Its first version is kept when all of it stands.
        approach.save_without_historical_record()
        approach.helps_with.set([terms["issue", issue] for issue in entry["helps_with"]])
        Source.objects.bulk_create(
            Source(approach=approach, position=position, **source)
            for position, source in enumerate(entry["sources"])
        )
        approaches[slug] = approach
    for slug, entry in entries.items():
        approaches[slug].related.set([approaches[other] for other in entry["related"]])
    for approach in approaches.values():
        versions.keep(approach, by=None, reason="The demonstration.")
    return approaches


def load_therapist(entry, terms, approaches, taken):
    """Create one therapist with what hangs on them, and return it; adds its slug to `taken`."""
    slug = unique_slug(entry["name"], taken)
    taken.add(slug)
    chance = Random(f"attune demo {slug}")
    therapist = Therapist(
        slug=slug,
        about=entry["about"].strip(),
        **{field: entry[field] for field in ("kind", "name", "post_nominals", "title", "pronouns")},
        **ways_of_meeting(entry, chance),
        **contact(entry, slug, chance),
        **fees(entry, chance),
        **standing(chance),
    )
    if entry["photo"]:
        therapist.photo = f"photos/demo/{slug}/{LARGEST}"
    therapist.save()
    if entry["city"] or entry["state"]:
        Office.objects.create(therapist=therapist, city=entry["city"], state=entry["state"])
    stated = [terms[name, slug] for name in TERM_LISTS for slug in entry[name]]
    stated.append(terms["credential", entry["credential"]])
    stated += [terms["insurance", insurer] for insurer in insurers(entry, chance)]
    therapist.terms.set(stated)
    specialisms(therapist, entry, approaches, chance)
    return therapist


def store_portraits(drawn):
    """Draw and store the portraits of [(name, slug, entry)]."""
    # Most of the time goes into encoding, which threads do side by side.
    with ThreadPoolExecutor() as pool:
        list(pool.map(store_portrait, drawn))


def store_portrait(one):
    """Under a fixed name, so that a second try leaves no orphan."""
    name, slug, entry = one
    hints = {key: entry[key] for key in ("gender", "ethnicity", "faith")}
    picture = drawing(slug, kind=entry["kind"], size=SIDE, hints=hints)
    erase(name)
    store(encoded(picture, quick=True), folder=str(PurePosixPath(name).parent))


def ways_of_meeting(entry, chance):
    if chance.random() < 0.02:
        return {}
    in_person = bool(entry["city"]) and chance.random() < 0.75
    return {"in_person": in_person, "online": not in_person or chance.random() < 0.75}


def contact(entry, slug, chance):
    """Numbers and hosts that are reserved for fiction: 555-01xx and .example."""
    ways = {"email": f"{slug}@attune.example"}
    if "phone" in entry["contact"] or "text" in entry["contact"]:
        ways["phone"] = f"(555) 555-01{chance.randrange(100):02}"
    if "form" in entry["contact"] or "phone" not in ways:
        ways["website"] = f"https://{slug}.example/"
    if chance.random() < 0.3:
        ways["booking_url"] = f"https://{slug}.example/book"
    return ways


def fees(entry, chance):
    if chance.random() < 0.12:
        return {}
    lowest, highest = USUAL_FEES.get(entry["credential"], OTHER_FEES)
    fee = 5 * chance.randrange(lowest // 5, highest // 5 + 1)
    return {
        "fee_from": fee,
        "fee_to": fee + chance.choice([0, 0, 20, 30, 40, 60]),
        "sliding_scale": chance.choice([True, True, False, None]),
        "free_first_call": chance.choice([True, True, False, None]),
    }


def standing(chance):
    """Availability and consent: most are fresh, some flagged as old, a few hidden as stale."""
    today = timezone.localdate()
    days = chance.choices(
        [chance.randrange(80), chance.randrange(95, 160), chance.randrange(190, 300)],
        weights=[90, 8, 2],
    )[0]
    return {
        "availability": chance.choices(
            ["open", "waiting-list", "full", ""], weights=[62, 20, 12, 6]
        )[0],
        "availability_confirmed_on": today - timedelta(days=days),
        "status": Therapist.Status.PUBLISHED,
        "published_on": today - timedelta(days=days),
        "consent_on": today - timedelta(days=days),
        "consent_basis": INVENTED,
    }


def insurers(entry, chance):
    """Slugs of the insurance that is taken; none where nothing is stated."""
    kind = chance.random()
    if kind < 0.2:
        return []
    if kind < 0.35:
        return ["out-of-network"]
    return {
        *chance.sample(NATIONAL_INSURERS, chance.randint(1, 5)),
        *chance.sample(REGIONAL_INSURERS.get(entry["state"], [""]), 1),
    } - {""}


def licences(therapist, entry, compacts, number):
    """At home, for a few in a second and third state, and for some psychologists by PSYPACT."""
    home = entry["state"]
    chance = Random(f"attune demo licences {therapist.slug}")
    besides = chance.choices([0, 1, 2], weights=[85, 11, 4])[0]
    rows = [
        Licence(state=state, kind=therapist.title or "Therapist", **validity(chance))
        for state in [home, *LICENSED_BESIDES.get(home, [])[:besides]]
    ]
    psypact = compacts["psypact"]
    may = entry["credential"] == "psychologist" and therapist.online and home in psypact.states
    if may and chance.random() < 0.6:  # a third of all psychologists
        rows.append(Licence(state=home, kind=APIT, compact=psypact, **validity(chance)))
        rows[-1].expires_on = rows[0].expires_on  # it ends with the licence it stands on
    for place, row in enumerate(rows):
        row.therapist = therapist
        row.number = f"DEMO-{number:05}" + (f"-{place + 1}" if place else "")
    Licence.objects.bulk_create(rows)


def validity(chance):
    """When a licence ends and when it was checked; one in twenty-five has ended."""
    today = timezone.localdate()
    ended = chance.random() < 0.04
    days = -chance.randrange(1, 90) if ended else chance.randrange(700)
    checked = today - timedelta(days=chance.randrange(300)) if chance.random() < 0.7 else None
    return {"expires_on": today + timedelta(days=days), "checked_on": checked}


def specialisms(therapist, entry, approaches, chance):
    """What they practise; here and there a statement, or a new version of it, waits for review."""
    now = timezone.now()
    for slug in entry["practises"]:
        statement = " ".join(entry["statements"].get(slug, "").split())
        waits = statement and len(entry["statements"]) > 1 and chance.random() < 0.06
        published = earlier_version(statement) if waits else statement
        training = chance.choice(["certified", "formal", "formal", "supervised", "self-study", ""])
        trained = training in ("certified", "formal")
        specialist = Specialist.objects.create(
            therapist=therapist,
            approach=approaches[slug],
            statement=published,
            state=Specialist.State.APPROVED if published else Specialist.State.DRAFT,
            decided_at=now if published else None,
            training=training,
            training_body=chance.choice(TRAINING_BODIES) if trained else "",
            training_year=date.today().year - chance.randrange(1, 25) if trained else None,
        )
        if waits:
            hand_in(specialist, statement, now - timedelta(days=chance.randrange(20)))


def earlier_version(statement):
    """A long statement without its last sentence; of a short one nothing is published yet."""
    *sentences, _ = re.split(r"(?<=[.!?]) ", statement)
    return " ".join(sentences) if len(sentences) > 2 else ""


def hand_in(specialist, statement, when):
    """Have a version of a statement wait for staff since `when`."""
    proposal = Proposal.objects.create(
        therapist=specialist.therapist,
        part=Proposal.Part.STATEMENT,
        specialist=specialist,
        text=statement,
    )
    Proposal.objects.filter(pk=proposal.pk).update(submitted_at=when)
