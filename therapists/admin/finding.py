"""The search box of large lists: one scan for the keys, and the list by primary key.

Django's own joins every searched table, makes the rows distinct, and does so again to count them.
"""

from django.db.models import Q

from therapists.models import Office, Therapist

# More than these are no answer to a question; the list then filters as it is.
FEW = 1_000
MAX_WORDS = 6


def therapists_called(term):
    """A `Q` for therapists: every word is in the name or the e-mail address, or begins a town."""
    found = Q()
    for word in term.split()[:MAX_WORDS]:
        towns = Office.objects.filter(city__istartswith=word)
        found &= (
            Q(name__icontains=word)
            | Q(email__icontains=word)
            | Q(pk__in=towns.values("therapist").order_by())
        )
    return found


def narrowed(queryset, condition):
    """`queryset` where `condition` holds, by primary keys where they are few."""
    matching = queryset.filter(condition)
    keys = list(matching.order_by().values_list("pk", flat=True)[: FEW + 1])
    return matching if len(keys) > FEW else queryset.filter(pk__in=keys)


def keys_of_therapists(term):
    """Primary keys of those whom a search finds, or the query for them where they are many."""
    therapists = narrowed(Therapist.objects.all(), therapists_called(term))
    return therapists.order_by().values("pk")
