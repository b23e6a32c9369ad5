"""The lists of staff: how long each takes in a directory of one size, and how often it asks."""

from time import perf_counter

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

ROUNDS = 5
# Beside every list as it opens: the questions that staff ask of the longest.
QUESTIONS = {
    "therapists_therapist": ["q=smith", "q=portland", "listed=no", "p=40"],
    "approaches_specialist": ["q=smith", "state__exact=approved"],
}


def lists():
    """[(name, address)] of every list that is registered, and of the questions."""
    found = []
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"admin:{name}_changelist")
        found += [(f"{name}?{query}".rstrip("?"), f"{url}?{query}".rstrip("?"))
                  for query in ["", *QUESTIONS.get(name, [])]]  # fmt: skip
    return found


def measured():
    """[{"name", "ms", "queries"}]: the median of a few rounds, in the process that makes the page.

    Who asks is made for it, and gone afterwards.
    """
    with transaction.atomic():
        staff = get_user_model().objects.create(
            username="benchmark", is_staff=True, is_superuser=True
        )
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(staff)
        rows = [_row(client, name, url) for name, url in lists()]
        transaction.set_rollback(True)
    return rows


def _row(client, name, url):
    # A small directory has no page 40, and leads to its list. The very first page of a process also
    # reads what it then keeps.
    first = client.get(url, follow=True)
    if first.status_code != 200:
        raise SystemExit(f"{url} answered {first.status_code}.")
    url = first.redirect_chain[-1][0] if first.redirect_chain else url
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    asked = len(queries)  # before the next request empties the log
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        client.get(url)
        taken.append(perf_counter() - begun)
    return {"name": name, "ms": sorted(taken)[ROUNDS // 2] * 1000, "queries": asked}
