import re

from django import template
from django.utils.safestring import mark_safe

from therapists import cards
from therapists.contact.promptness import usual_answer
from therapists.photos import portraits
from therapists.wordings import fees, formats, quote_size, takes_messages, ways_of_contact

register = template.Library()
register.filter(fees)
register.filter(formats)
register.filter(quote_size)
register.filter(takes_messages)
register.filter(ways_of_contact)
register.filter(usual_answer)


@register.simple_tag
def portrait(therapist, side):
    """A therapist's photo or initials, `side` pixels wide."""
    return portraits.portrait(therapist.name, therapist.photo.name, side)


@register.filter
def public_specialisms(therapist):
    """The therapist's specialisms whose approach has a published page, by the approach's name."""
    published = [one for one in therapist.specialisms.all() if one.approach.status == "published"]
    return sorted(published, key=lambda one: one.approach.name)


@register.filter
def without_scheme(address):
    """An address as people write it down: "tess.example/book"."""
    return re.sub(r"^https?://|/$", "", address)


@register.simple_tag
def availability(therapist):
    """Whether a therapist has room, as cards say it."""
    return cards.availability(therapist, therapist.availability_is_old)


@register.simple_tag
def card_list(listing):
    """The cards of a page, as items of a list."""
    made = cards.Cards(listing.miles)
    items = [f"<li>{made.html(card)}</li>" for card in listing.page.object_list]
    return mark_safe("".join(items))  # noqa: S308 - cards escape what people wrote


@register.simple_tag(takes_context=True)
def filter_groups(context, panel):
    """The groups of the filter panel, one under the other."""
    # No loop in a template: there are dozens, and all but the chosen ones are HTML already.
    template = context.template.engine.get_template("includes/filter_group.html")
    html = []
    for group in panel.groups:
        if isinstance(group, str):
            html.append(group)
        else:
            with context.push(group=group):
                html.append(template.render(context))
            if group.is_untouched:
                panel.keep(group, html[-1])
    return mark_safe("".join(html))  # noqa: S308 - templates escaped what people wrote
