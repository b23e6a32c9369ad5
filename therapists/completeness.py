"""What a profile needs before its therapist can ask to be listed, and what would make it better.

The one place for both rules. Staff may publish what they answer for without it; consent alone is
asked of everybody, by `publishing.publish` and by the database.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from therapists import review
from therapists.models import Proposal, Therapist, Vocabulary
from therapists.wordings import takes_messages
from therapists.writing import doubts_of_name

Part = Proposal.Part

# Vocabularies that people look for first, where staff keep them.
ASKED_FOR = {
    "issue": "Tick what you help with: people are found by it.",
    "language": "Tick the languages that you speak.",
    "insurance": "Tick the insurance that you take, or that you take none.",
}


@dataclass(frozen=True)
class Gap:
    """Something that a profile lacks: a sentence, and the part of the form where it is mended."""

    sentence: str
    where: str

    def __str__(self):
        return self.sentence


def missing(therapist):
    """The gaps without which nobody can be found, reached or trusted."""
    t = therapist
    is_person = t.kind == Therapist.Kind.PERSON
    checks = [
        (t.name.strip(), "Your name.", "you"),
        (t.title.strip() or not is_person, "Your title, as you sign it.", "you"),
        (
            t.phone or t.website or t.booking_url or takes_messages(t),
            "A way to reach you: a phone number, a website or a booking link.",
            "contact",
        ),
        (
            t.online or t.offices.exists(),
            "Where people find you: an office, or that you work online.",
            "where",
        ),
        # A practice is not licensed, its people are.
        (
            t.licences.exists() or not is_person,
            "A license. If your work needs none, write to us under “Ask for a change”.",
            "license",
        ),
        (t.consent_on and t.consent_basis, "Your agreement to be listed.", ""),
    ]
    return [Gap(sentence, where) for is_there, sentence, where in checks if not is_there]


def could_be_better(therapist):
    """The gaps that make a profile worse than it could be, the weightiest first."""
    t = therapist
    specialisms = list(t.specialisms.all())
    waiting = {proposal.part for proposal in t.proposals.waiting()}
    asked_for = Vocabulary.objects.filter(slug__in=ASKED_FOR)
    unstated = set(asked_for.exclude(terms__therapists=t).values_list("slug", flat=True))
    has_words = Part.STATEMENT in waiting or any(one.statement for one in specialisms)
    checks = [
        (t.about or Part.ABOUT in waiting, "Say something about yourself.", "about"),
        (specialisms, "Add an approach that you work with.", "approaches"),
        (
            has_words or not specialisms,
            "Say how you work with one of your approaches: “Meet the specialists” is made of it.",
            "approaches",
        ),
        (t.photo or Part.PHOTO in waiting, "Add a photo.", "photo"),
        (t.availability, "Say whether you have room.", "availability"),
        (t.in_person or t.online, "Say whether you see people in person or online.", "where"),
        (t.fee_from is not None, "Say what you charge. Many people look for that first.", "fees"),
        *((slug not in unstated, sentence, "terms") for slug, sentence in ASKED_FOR.items()),
    ]
    gaps = [Gap(sentence, where) for is_there, sentence, where in checks if not is_there]
    doubts = doubts_of_name(t.name, kind=t.kind, post_nominals=t.post_nominals)
    return [*(Gap(sentence, "you") for sentence in doubts), *gaps]


@transaction.atomic
def ask_to_be_listed(therapist, *, by):
    """Hand the wish to be listed to staff; raises ValidationError with what is missing."""
    if therapist.status == Therapist.Status.PUBLISHED:
        raise ValidationError("Your profile is published already.")
    if gaps := missing(therapist):
        raise ValidationError(["Something is missing still:", *map(str, gaps)])
    return review.propose(therapist, Part.LISTING, by=by)
