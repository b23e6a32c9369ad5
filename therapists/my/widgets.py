"""Widgets of the profile form."""

from django import forms
from django.template.loader import render_to_string


class TermBoxes(forms.CheckboxSelectMultiple):
    """Tick boxes in groups that open and close. A script filters them by what is typed."""

    template_name = "my/term_boxes.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["groups"] = [
            (title, options, [option["label"] for option in options if option["selected"]])
            for title, options, _ in context["widget"]["optgroups"]
        ]
        return context

    def _render(self, template_name, context, renderer=None):
        # Beside the site's own templates, which Django's renderer of forms does not know.
        return render_to_string(template_name, context)
