"""What keeps an approach's page from the public: each fault in a sentence, all of them at once."""

from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from approaches.markdown import links_of
from approaches.models import Approach, ApproachAlias
from therapists.models import Therapist

TEXTS = {"overview": "overview", "evidence": "evidence", "limits": "limits"}


def faults_of(approach, *, related=None, sources=None, also_public=()):
    """[sentence] for each thing that is missing from a page, or leads nowhere.

    Of the row as it stands in memory: `related` and `sources` where they are not saved yet.
    `also_public` are the keys of pages that will be public by then.
    """
    related = approach.related.all() if related is None else related
    sources = approach.sources.all() if sources is None else sources
    public = {*also_public, approach.pk}
    return [
        *_missing(approach),
        *_related_faults(approach, related, public),
        *_source_faults(sources),
        *_link_faults(approach, public),
    ]


def _missing(approach):
    missing = [name for name in ("summary", "overview") if not getattr(approach, name).strip()]
    if missing:
        yield f"{approach.name} has no {' and no '.join(missing)} yet."


def _related_faults(approach, related, public):
    for other in related:
        if other.pk == approach.pk:
            yield "A page is not related to itself: take it out of the related approaches."
        elif other.status != Approach.Status.PUBLISHED and other.pk not in public:
            yield (
                f"The related approach “{other}” is not public: publish it first, or take it out."
            )


def _source_faults(sources):
    for number, source in enumerate(sources, 1):
        if not source.citation.strip():
            yield f"Source {number} has no citation."
        if source.url and urlsplit(source.url).scheme.lower() not in ("http", "https"):
            yield f"The link of source {number} does not begin with https://."


def _link_faults(approach, public):
    for field, label in TEXTS.items():
        for href in dict.fromkeys(links_of(getattr(approach, field))):
            why = _why_broken(href, approach, public)
            if why:
                yield f"The link to “{href}” in the {label} leads nowhere: {why}"


def _why_broken(href, approach, public):
    """A sentence, or "" for a link that can be followed."""
    try:
        here = f"{settings.SITE_URL}/approaches/{approach.slug}/"
        address = urlsplit(urljoin(here, href))
        host = address.hostname
    except ValueError:
        return "it is no address."
    if address.scheme == "tel":
        return ""
    if address.scheme not in ("http", "https") or not host:
        return "links begin with https://, or with / for a page of our own."
    if address.netloc != urlsplit(settings.SITE_URL).netloc:
        return ""  # somebody else's page: nobody is asked about it
    return _why_no_page(address.path or "/", public)


def _why_no_page(path, public):
    try:
        found = resolve(path if path.endswith("/") or path.count(".") else f"{path}/")
    except Resolver404:
        return "we have no such page."
    slug = found.kwargs.get("slug")
    if found.app_names[:1] == ["approaches"] and slug:
        one = Approach.objects.filter(slug=slug).first()
        alias = ApproachAlias.objects.filter(slug=slug).select_related("approach").first()
        one = one or (alias.approach if alias else None)
        if one is None:
            return "we have no such page."
        if one.status != Approach.Status.PUBLISHED and one.pk not in public:
            return f"“{one}” is not public."
    if found.view_name == "therapists:profile":
        return "" if Therapist.objects.listed().filter(slug=slug).exists() else "nobody is there."
    return ""
