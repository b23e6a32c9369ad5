"""Keeps what an approach page says: the approach, its therapists, their offices and statements.

Nobody is guessed at: a signature belongs to a therapist whom we hold when the name is the same and
the place does not contradict; when two fit, the import stops. What therapists have written
themselves is never overwritten, and who has withdrawn stays withdrawn.
"""

import re
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone
from django.utils.text import slugify

from approaches import moderation, publishing
from approaches.importer.reading import PageError
from approaches.markdown import escape_markdown
from approaches.models import Approach, Specialist
from therapists import notes, review
from therapists import publishing as therapist_publishing
from therapists.leaving import departed
from therapists.models import Office, Proposal, Therapist
from therapists.search.turns import followed_once
from therapists.slugs import unique_slug
from therapists.writing import PRACTICE_WORDS

MAX_SUMMARY = 300


@dataclass
class Report:
    """What an import did with one file: counts, and sentences that staff should read."""

    approach: Approach
    created_approach: bool
    statements: int = 0
    created: list[Therapist] = field(default_factory=list)
    found: list[Therapist] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@followed_once()
def store_page(page, *, publish):
    """Store a `reading.Page` and return a `Report`.

    `publish` is the staff's word that the people quoted agreed to be listed; without it all that
    is new stays a draft. Raises `PageError` where a signature fits two therapists, or two fit one.
    """
    _one_import_at_a_time()
    approach, created = _approach(page)
    report = Report(approach, created)
    _describe(approach, page, publish, report)
    lines = {}
    for signed in page.signed:
        therapist = _therapist(page, signed, publish, report)
        if therapist is None:
            continue
        if therapist.pk in lines:
            why = f"{therapist.name} has signed already, on line {lines[therapist.pk]}"
            raise PageError(page.path, signed.line, why)
        lines[therapist.pk] = signed.line
        _office(therapist, signed.byline, publish, report)
        if publish:
            _publish_therapist(therapist, page, report)
        _statement(approach, therapist, signed, publish, report)
    if publish and approach.status != Approach.Status.PUBLISHED:
        publishing.publish(approach, by=None)
    approach.refresh_from_db()
    return report


def _one_import_at_a_time():
    """Wait for another import to end: two could create the same person twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('approaches_import'))")


def _approach(page):
    slug = slugify(page.title)
    if not slug:
        raise PageError(page.path, 1, "the title has no letters that an address can be made of")
    renamed = Approach.objects.filter(aliases__slug=slug[:140]).first()
    if renamed:
        return renamed, False
    return Approach.objects.get_or_create(slug=slug[:140], defaults={"name": page.title})


def _describe(approach, page, publish, report):
    """Overview and summary; a page that is public already changes only by `publish`."""
    overview = escape_markdown(page.overview)
    if approach.summary and approach.overview == overview:
        return
    if approach.status == Approach.Status.PUBLISHED and not publish:
        report.notes.append(
            f"{approach.name} is public already: its overview was kept. --publish replaces it."
        )
        return
    if approach.overview and approach.overview != overview:
        report.notes.append(
            f"The overview of {approach.name} was replaced; it is not reviewed yet."
        )
        approach.reviewed_by, approach.reviewed_on = "", None
    approach.overview = overview
    approach.summary = approach.summary or first_sentence(page.overview)
    approach.save(update_fields=["overview", "summary", "reviewed_by", "reviewed_on", "updated_at"])


def first_sentence(text):
    """The first sentence of a text, cut at a word where it is longer than a summary may be."""
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"'(])", text.strip(), maxsplit=1)[0]
    sentence = " ".join(sentence.split())
    if len(sentence) <= MAX_SUMMARY:
        return sentence
    return sentence[: MAX_SUMMARY - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _therapist(page, signed, publish, report):
    """The therapist who signs, found or created; None for somebody who has left for good."""
    byline = signed.byline
    same_name = Therapist.objects.filter(name__iexact=byline.name).prefetch_related("offices")
    fitting = [one for one in same_name if _places_agree(one, byline)]
    if len(fitting) > 1:
        exact = [one for one in fitting if one.byline.place.casefold() == byline.place.casefold()]
        fitting = exact if len(exact) == 1 else fitting
    if len(fitting) > 1:
        raise PageError(
            page.path,
            signed.line,
            f"{len(fitting)} therapists named {byline.name} fit this signature; write the place as "
            "the profile has it",
        )
    if not fitting:
        left_on = departed(byline.name, city=byline.city, state=byline.state)
        return _left_out(byline, left_on, report) if left_on else _new_therapist(byline, report)
    therapist = fitting[0]
    report.found.append(therapist)
    if byline.title and therapist.title and byline.title != therapist.title:
        report.notes.append(
            f"{therapist.name} signs as “{byline.title}” and is held as “{therapist.title}”: kept."
        )
        notes.conflict(
            therapist, f"Signs {page.title} as “{byline.title}”; held as “{therapist.title}”."
        )
    elif byline.title and not therapist.title and _may_fill_in(therapist, byline, publish, report):
        therapist.title = byline.title
        therapist.save(update_fields=["title", "updated_at"])
    return therapist


def _may_fill_in(therapist, byline, publish, report):
    """Whether a signature may complete a profile: what is public, only by the word of staff."""
    if publish or therapist.status != Therapist.Status.PUBLISHED:
        return True
    report.notes.append(f"{therapist.name} is public already: “{byline}” was not filled in.")
    notes.conflict(therapist, f"Signs as “{byline}”, which the profile does not say.")
    return False


def _left_out(byline, left_on, report):
    report.notes.append(
        f"{byline.name} deleted their profile on {left_on:%B} {left_on.day}, {left_on.year}: left "
        "out. Only they can come back, by joining again."
    )


def _places_agree(therapist, byline):
    """Whether one of the offices contradicts no part of the byline; a missing part agrees."""
    offices = therapist.offices.all()
    return not offices or any(_agrees(office, byline) for office in offices)


def _agrees(office, byline):
    return (
        not byline.city or not office.city or office.city.casefold() == byline.city.casefold()
    ) and (not byline.state or not office.state or office.state == byline.state)


def _new_therapist(byline, report):
    kind = Therapist.Kind.PRACTICE if PRACTICE_WORDS.search(byline.name) else Therapist.Kind.PERSON
    slug = slugify(byline.name)
    taken = set(Therapist.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    therapist = Therapist.objects.create(
        kind=kind,
        name=byline.name,
        slug=unique_slug(byline.name, taken),
        post_nominals=byline.post_nominals,
        title=byline.title,
    )
    report.created.append(therapist)
    return therapist


def _office(therapist, byline, publish, report):
    """Create the office, or fill in the part that the first fitting one still lacks."""
    office = next((one for one in therapist.offices.all() if _agrees(one, byline)), None)
    office = office or Office(therapist=therapist)
    missing = {
        part: getattr(byline, part)
        for part in ("city", "state")
        if getattr(byline, part) and not getattr(office, part)
    }
    if missing and _may_fill_in(therapist, byline, publish, report):
        for part, value in missing.items():
            setattr(office, part, value)
        office.save()


def _publish_therapist(therapist, page, report):
    """List a therapist by the word of the staff, recorded as just that."""
    if therapist.status == Therapist.Status.WITHDRAWN:
        report.notes.append(f"{therapist.name} has withdrawn and stays so.")
        return
    if therapist.status == Therapist.Status.PUBLISHED:
        if not therapist.is_listed:
            report.notes.append(
                f"{therapist.name} is hidden until their availability is confirmed again."
            )
        return
    today = timezone.localdate()
    word = f"Word of the staff who imported {page.title} with --publish"
    therapist.consent_on = therapist.consent_on or today
    therapist.consent_basis = therapist.consent_basis or word
    # Their room is not known, and the page says so; but that they are listed is true today.
    therapist.availability_confirmed_on = today
    therapist.save(
        update_fields=["consent_on", "consent_basis", "availability_confirmed_on", "updated_at"]
    )
    therapist_publishing.publish(therapist, by=None)


def _statement(approach, therapist, signed, publish, report):
    specialist, created = Specialist.objects.get_or_create(approach=approach, therapist=therapist)
    if created and not publish and therapist.is_listed:
        report.notes.append(
            f"{therapist.name} is listed already, and so among those who practise it; the statement"
            " waits for staff."
        )
    if specialist.state == Specialist.State.DRAFT and specialist.decided_at:
        report.notes.append(f"The statement of {therapist.name} was withdrawn and stays so.")
        return
    waits = review.waiting(therapist, Proposal.Part.STATEMENT, specialist)
    held = {words for words in (specialist.statement, waits and waits.text) if words}
    is_approved = specialist.state == Specialist.State.APPROVED
    if held and signed.statement not in held:
        if therapist.owner_id or (is_approved and not publish):
            report.notes.append(f"{therapist.name} has a statement here already: it was kept.")
            notes.conflict(
                therapist, f"{approach}: the page quotes other words: {signed.statement}"
            )
            return
        report.notes.append(f"The statement of {therapist.name} was replaced.")
    report.statements += 1
    if publish:
        specialist = _publish_statement(specialist, signed.statement)
        if waits:  # it is what is published now, or has been replaced by it
            moderation.propose(specialist, signed.statement, by=None)
    elif not is_approved:
        moderation.propose(specialist, signed.statement, by=None)


def _publish_statement(specialist, words):
    if specialist.statement != words:
        specialist.statement = words
        specialist.save(update_fields=["statement"])
    if specialist.state == Specialist.State.APPROVED:
        return specialist
    return moderation.approve(specialist, by=None)
