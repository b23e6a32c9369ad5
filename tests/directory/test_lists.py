"""Every list of both admins: few queries, no count of a long one, and no fault for rubbish."""

import pytest
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import lists
from tests import factories
from tests.directory.test_staff_site import MODELS, address, each_model, rows_of
from tests.pages import text
from therapists.models import Therapist
from therapists.my import my_site

MOST_QUERIES = 9  # of the list itself; two more find out who asks


@each_model
def test_a_list_of_thirty_asks_as_often_as_a_list_of_one_and_seldom(staff, model):
    url = address(model, "changelist")
    asked = []
    for more in (1, 29):
        rows_of(model, more)
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(url).status_code == 200
        asked.append([query["sql"] for query in queries])
    assert len(asked[0]) == len(asked[1]), asked[1]
    assert len(asked[1]) <= MOST_QUERIES + 2, asked[1]


@pytest.mark.parametrize("site", [admin.site, my_site], ids=["staff", "my"])
def test_every_list_estimates_how_long_it_is(site):
    for model_admin in site._registry.values():
        assert model_admin.paginator is not Paginator
        assert not model_admin.show_full_result_count


def test_a_long_list_says_about_how_long_it_is_and_a_short_one_exactly(staff, monkeypatch):
    factories.TherapistFactory.create_batch(3)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE therapists_therapist")
    url = address(Therapist, "changelist")
    assert "about" not in text(staff.get(url))
    monkeypatch.setattr(lists, "COUNTED_TO", 2)
    with CaptureQueriesContext(connection) as queries:
        assert "about 3 therapists" in text(staff.get(url))
    counted = [one["sql"] for one in queries if "COUNT(*)" in one["sql"] and "EXPLAIN" not in one]
    assert counted == []
    # A filter that leaves few is counted, and one that leaves none does not ask.
    assert "about" not in text(staff.get(f"{url}?kind__exact=practice"))
    assert "0 therapists" in text(staff.get(f"{url}?q=nobody-at-all"))


RUBBISH = ["q=%00", "p=99999999", "o=99.-99.x", "pk=9999999999999999999999", "pk__in=1,x",
           "pk__isnull=perhaps", "nothing__else=1", "_to_field=%00"]  # fmt: skip


def filters_of(model):
    """Rubbish for every filter that a list has."""
    for one in admin.site._registry[model].list_filter:
        name = getattr(one, "parameter_name", one)
        if isinstance(name, str):
            yield from (f"{name}={'9' * 30}", f"{name}__exact=rubbish", f"{name}__year=99999")
    hierarchy = admin.site._registry[model].date_hierarchy
    if hierarchy:
        yield f"{hierarchy}__year=2026&{hierarchy}__month=13&{hierarchy}__day=32"


@pytest.mark.django_db(transaction=True)
def test_rubbish_in_the_address_of_a_list_or_where_a_key_stands_is_no_fault(staff):
    """One test for all models: with transactions of its own, as PostgreSQL refuses some of it."""
    for model in MODELS:
        url = address(model, "changelist")
        for query in [*RUBBISH, *filters_of(model)]:
            answer = staff.get(f"{url}?{query}")
            assert answer.status_code in (200, 302, 400), f"{url}?{query}"
        for rest in ("x/change/", f"{'9' * 40}/delete/", "%00/history/", "add/?name=%00&owner=x"):
            answer = staff.get(f"{url}{rest}")
            assert answer.status_code in (200, 302, 403, 404), f"{url}{rest}"


@pytest.mark.django_db(transaction=True)
def test_rubbish_in_what_completes_words_is_no_fault(staff):
    good = "app_label=therapists&model_name=office&field_name=therapist"
    for query in ("", "term=%00", f"{good}&term=%00", f"{good}&page=%00", f"{good}&page=99999999"):
        answer = staff.get(f"/admin/autocomplete/?{query}")
        assert answer.status_code in (200, 302, 403, 404), query


def test_what_could_not_be_read_is_told_in_a_sentence(staff):
    factories.TherapistFactory(name="Tess Stillthere")
    page = staff.get(address(Therapist, "changelist") + "?kind__exact=%00", follow=True)
    assert lists.SENTENCE in text(page)
    assert "Tess Stillthere" in text(page)
