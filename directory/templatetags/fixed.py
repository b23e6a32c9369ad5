"""What pages say alike, put together once in each process.

`{% fixed %}...{% endfixed %}` is alike on all pages: it may hold settings, static files and
addresses, none of which changes while a process runs. `{% fixed approach %}...{% endfixed %}` is
alike on all pages that show this approach, and kept as long as the object is. Neither knows
anything else: of what a page or its visitor brings, nothing can get in.
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
    def __init__(self, nodelist, name):
        self.nodelist, self.name = nodelist, name
        self.kept = {}

    def render(self, context):
        kept, words = self.kept, {}
        if self.name:
            about = context[self.name]
            # With the object and not by its key: the next object may say something else.
            kept, words = vars(about).setdefault("_fixed", {}), {self.name: about}
        now = (get_script_prefix(), Generation.number)
        made_for, html = kept.get(self, (None, ""))
        if made_for != now or settings.DEBUG:
            html = self.nodelist.render(context.new(site(None) | words))
            kept[self] = (now, html)
        return html


@register.tag
def fixed(parser, token):
    """Keep what stands in the block; the argument is the variable that it is about, if it is."""
    _, *names = token.split_contents()
    nodelist = parser.parse(["endfixed"])
    parser.delete_first_token()
    return Fixed(nodelist, *names or [None])
