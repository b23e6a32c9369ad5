"""`{% fixed %}...{% endfixed %}`: what all pages say alike, put together once in each process.

It may hold settings, static files and addresses without arguments, none of which changes while a
process runs. It knows nothing else: of what a page or its visitor brings, nothing can get in.
"""

from django import template
from django.conf import settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix

from directory.context import site

register = template.Library()


class Generation:
    """Which settings a copy was made under. Only tests change them."""

    number = 0

    @classmethod
    def ends(cls, **_):
        cls.number += 1


setting_changed.connect(Generation.ends)


class Fixed(template.Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist
        self.kept = (None, "")

    def render(self, context):
        made_for, html = self.kept
        now = (get_script_prefix(), Generation.number)
        if made_for != now or settings.DEBUG:
            html = self.nodelist.render(context.new(site(None)))
            self.kept = (now, html)
        return html


@register.tag
def fixed(parser, token):
    nodelist = parser.parse(["endfixed"])
    parser.delete_first_token()
    return Fixed(nodelist)
