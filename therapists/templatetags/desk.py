"""The desk as the first page of /admin/ shows it."""

from django import template

from therapists import desk

register = template.Library()


@register.simple_tag
def what_waits(user):
    """[Waiting] of all sections that this person may see."""
    return desk.for_user(user)


@register.filter
def anything_waits(sections):
    """Whether anything waits at all."""
    return any(one.number for one in sections)


@register.filter
def nothing_waits(sections):
    """Those sections in which nothing waits."""
    return [one for one in sections if not one.number]
