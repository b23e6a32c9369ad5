"""What all pages say alike is put together once, and holds nothing of a page or its visitor."""

import pytest
from django.template import engines
from django.urls import set_script_prefix

from directory.templatetags import fixed


def made(words, about=""):
    start = f"{{% load fixed %}}{{% fixed {about} %}}"
    return engines["django"].from_string(start + words + "{% endfixed %}")


class Approach:
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):  # as two copies of one row are equal
        return True

    def __hash__(self):
        return 1


@pytest.fixture
def reads(monkeypatch):
    """How often the settings were read."""
    reads, site = [], fixed.site
    monkeypatch.setattr(fixed, "site", lambda request: reads.append(request) or site(request))
    return reads


def test_it_is_put_together_once(reads):
    template = made("{{ SITE_NAME }}")
    assert template.render() == template.render() == "Attune"
    assert reads == [None]


def test_nothing_that_a_page_or_its_visitor_brings_gets_in(rf):
    template = made("{{ SITE_NAME }}{{ name }}{{ request.path }}{{ user }}")
    assert template.render({"name": "Tess", "user": "tess"}, rf.get("/therapists/")) == "Attune"
    assert template.render({"name": "Sam"}, rf.get("/")) == "Attune"


def test_other_settings_are_told_at_once(settings):
    template = made("{{ SITE_NAME }}")
    assert template.render() == "Attune"
    settings.SITE_NAME = "Ohio Therapy Directory"
    assert template.render() == "Ohio Therapy Directory"


def test_addresses_follow_the_path_under_which_the_site_is_served():
    template = made("{% url 'home' %}")
    assert template.render() == "/"
    set_script_prefix("/directory/")
    try:
        assert template.render() == "/directory/"
    finally:
        set_script_prefix("/")
    assert template.render() == "/"


def test_while_templates_are_worked_on_nothing_is_kept(settings, reads):
    settings.DEBUG = True
    template = made("{{ SITE_NAME }}")
    assert template.render() == template.render() == "Attune"
    assert len(reads) == 2


def test_what_is_about_an_object_is_kept_with_that_object_alone(reads):
    template = made("{{ approach.name }}{{ name }}", about="approach")
    old, new = Approach("Gestalt"), Approach("Gestalt therapy")
    for _ in range(2):
        assert template.render({"approach": old, "name": "Tess"}) == "Gestalt"
        assert template.render({"approach": new, "name": "Sam"}) == "Gestalt therapy"
    assert len(reads) == 2


def test_two_parts_about_one_object_are_two():
    one, other, about = made("1", "approach"), made("2", "approach"), {"approach": Approach("EMDR")}
    assert [part.render(about) for part in (one, other, one, other)] == ["1", "2", "1", "2"]
