"""What a reader of a statement may stumble over, in the light of its approach."""

from approaches.models import Specialist
from therapists.admin.review import doubts_about
from therapists.models import Proposal
from therapists.writing import doubts, doubts_of_name


def doubts_of_statement(specialist, text, *, therapist=None, mine=(), is_new=True):
    """Sentences on a statement, for its therapist and for staff.

    `mine` are the other texts of the profile. Only new words are compared with what others wrote
    on the same approach: those that are published may have been copied since.
    """
    others = Specialist.objects.of_others_like(specialist, text) if is_new else ()
    return doubts(
        text,
        therapist=therapist or specialist.therapist,
        approach_overview=specialist.approach.overview,
        others=others,
        mine=mine,
    )


def doubts_of_version(proposal):
    """The same for staff, on any version that waits for them."""
    therapist = proposal.therapist
    if proposal.part == Proposal.Part.STATEMENT:
        return doubts_of_statement(proposal.specialist, proposal.text, therapist=therapist)
    if proposal.part == Proposal.Part.ABOUT:
        return doubts(proposal.text, therapist=therapist)
    if proposal.part == Proposal.Part.NAME:
        return doubts_of_name(
            proposal.text, kind=therapist.kind, post_nominals=therapist.post_nominals
        )
    return []


doubts_about.append(doubts_of_version)
