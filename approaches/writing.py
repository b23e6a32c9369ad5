"""What a reader of a statement may stumble over, in the light of its approach."""

from approaches.models import Specialist
from therapists.writing import doubts


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
