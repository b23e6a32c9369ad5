import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from therapists import cards
from therapists.contact.promptness import usual_answer
from therapists.wordings import fees, formats, takes_messages, ways_of_contact

register = template.Library()
register.filter(fees)
register.filter(formats)
register.filter(takes_messages)
register.filter(ways_of_contact)
register.filter(usual_answer)
register.simple_tag(cards.without_photo)

# A short one. "Dr.", "Mrs." and "J." end no sentence.
FIRST_SENTENCE = re.compile(
    r"(.{12,110}?[.!?])(?<!\b[DMS][rst]\.)(?<!\bMrs\.)(?<!\b[A-Za-z]\.) (?=\S)"
)


@register.simple_tag
def byline(therapist):
    """The signature under a statement, its name leading to the therapist."""
    signed = therapist.byline
    return format_html(
        '— <a href="{}">{}</a>{}', therapist.get_absolute_url(), signed.name, signed.credit
    )


@register.filter
def quote_size(statement):
    """How large a statement can be set: a sentence as a headline, an essay as an essay."""
    length = len(statement)
    return "short" if length < 180 else "medium" if length < 420 else "long"


@register.filter
def public_specialisms(therapist):
    """The therapist's specialisms whose approach has a published page, by the approach's name."""
    published = [one for one in therapist.specialisms.all() if one.approach.status == "published"]
    return sorted(published, key=lambda one: one.approach.name)


@register.filter
def as_pull_quote(statement):
    """Paragraphs as HTML; a first sentence that is short enough is marked, to be set large."""
    paragraphs = [" ".join(text.split()) for text in re.split(r"\n\s*\n", statement.strip())]
    lead = FIRST_SENTENCE.match(paragraphs[0])
    if lead is None:
        return format_html_join("\n", "<p>{}</p>", ((text,) for text in paragraphs))
    first = format_html(
        '<p><span class="pull">{}</span> {}</p>\n', lead[1], paragraphs[0][lead.end() :]
    )
    return first + format_html_join("\n", "<p>{}</p>", ((text,) for text in paragraphs[1:]))


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
    return mark_safe("".join(html))  # noqa: S308 - templates escaped what people wrote
