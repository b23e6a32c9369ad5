from django import template
from django.utils.html import format_html, format_html_join

from therapists.filters import FORMATS
from therapists.match.ways import WAYS

register = template.Library()

LONG = 12  # choices that a phone shows at once, with the way on beneath them

CHOICES = {"how": FORMATS, "way": WAYS}


@register.filter
def answer(answers, name):
    """What was answered to a field, as its input holds it."""
    value = answers.written(name)
    return "" if value in (None, []) else value


@register.simple_tag
def choices(answers, name, label=""):
    """The tick boxes of a field; long lists are folded until something in them is chosen."""
    one = answers.lists.get(name)
    offered = CHOICES.get(name) or one.choices
    label = label or one.label
    chosen = set(answers.of(name) or [])
    boxes = format_html_join(
        "\n",
        '<label class="tick"><input type="checkbox" name="{}" value="{}"{}> {}</label>',
        ((name, value, " checked" if value in chosen else "", text) for value, text in offered),
    )
    hint = one.explanation if one else ""
    ticks = format_html('<div class="ticks">{}</div>', boxes)
    if len(offered) > LONG:
        ticks = format_html(
            "<details{}><summary>Choose from {}</summary>{}</details>",
            " open" if chosen else "",
            len(offered),
            ticks,
        )
    return format_html(
        '<fieldset class="group"><legend>{}</legend>{}{}</fieldset>',
        label,
        format_html('<p class="hint">{}</p>', hint) if hint else "",
        ticks,
    )


@register.filter
def answered(answers):
    """The questions to which something was said, in their order."""
    return [question for question in answers.questions if said(answers, question)]


@register.filter
def skipped(answers):
    """The questions to which nothing was said: one line of buttons, for the result to be near."""
    return [question for question in answers.questions if not said(answers, question)]


@register.filter
def said(answers, question):
    """What was answered to a question, in words: "Grief, Panic", "Portland, OR; online"."""
    parts = []
    for name in question.names:
        value = answers.of(name)
        if name == "near" and answers.place:
            value = str(answers.place)
        elif name == "fee" and value is not None:
            value = f"at most ${value}"
        elif name == "cost-must" and value:
            value = "only who fits this, or has not said" if parts else ""
        elif name == "issue":
            value = _labels(answers, name, answers.issues)
        elif name == "words" and value:
            value = f"“{value}”"
        elif value and isinstance(value, list):
            value = _labels(answers, name, value)
        if value not in (None, "", []):
            parts.append(str(value))
    return "; ".join(parts) or ("Not sure" if question.slug in answers.of("unsure") else "")


def _labels(answers, name, values):
    labels = dict(CHOICES.get(name) or answers.lists[name].choices)
    return ", ".join(labels[value] for value in values)
