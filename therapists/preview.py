"""The public page as it would be with what waits for review, for its owner and for staff alone."""

from django.shortcuts import render

from therapists import review
from therapists.models import Proposal, Therapist
from therapists.responses import not_kept


def as_it_would_be(therapist):
    """The therapist with every waiting version in its place. Never to be saved."""
    therapist = Therapist.objects.for_profile().get(pk=therapist.pk)
    waiting = therapist.proposals.waiting()
    specialisms = {one.pk: one for one in therapist.specialisms.all()}
    for proposal in waiting:
        if proposal.part in review.COLUMNS:
            value = proposal.photo.name or proposal.text
            setattr(therapist, review.COLUMNS[proposal.part], value)
        elif proposal.part == Proposal.Part.STATEMENT:
            specialist = specialisms[proposal.specialist_id]
            specialist.statement, specialist.state = proposal.text, "approved"
    return therapist


def page(request, therapist, back=""):
    """The answer to a request for the preview. `back` is where its line leads to."""
    context = {"therapist": as_it_would_be(therapist), "is_preview": True, "back": back}
    return not_kept(render(request, "therapists/profile.html", context))
