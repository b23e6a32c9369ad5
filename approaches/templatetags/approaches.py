from django import template

from approaches.markdown import render_markdown
from approaches.quotes import html_of

register = template.Library()

register.filter("markdown", render_markdown)
register.filter("quoted", html_of)
