"""The desk as the first page of /admin/ shows it."""

from django import template

from therapists import desk
from therapists.contact import queue

register = template.Library()


@register.simple_tag
def what_waits(user):
    """[Waiting] of all sections that this person may see."""
    return desk.for_user(user)


@register.simple_tag
def letters_of_messages(user):
    """The `Health` of the queue, for those who may see letters, else None."""
    sees = any(user.has_perm(f"therapists.{may}_delivery") for may in ("view", "change"))
    return queue.health() if sees else None


@register.filter
def anything_waits(sections):
    """Whether anything waits at all."""
    return any(one.number for one in sections)


@register.filter
def nothing_waits(sections):
    """Those sections in which nothing waits."""
    return [one for one in sections if not one.number]
