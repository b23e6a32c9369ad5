"""Pages as a visitor uses them: what they say, and their forms as a browser would send them."""

import html
import re
from html.parser import HTMLParser

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from therapists.wordings import takes_messages


def text(response):
    """All words of the page, on one line."""
    bare = re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(bare).split())


class Form(dict):
    """The form of this id on a page: {field: value}; a list is a field that is sent repeatedly.

    A field that the page does not have cannot be filled in, so a typing error is not a pass.
    """

    def __init__(self, response, form_id):
        reader = _FormReader(form_id)
        reader.feed(response.content.decode())
        assert reader.found, f"no form {form_id} on this page: {text(response)[:400]}"
        super().__init__({name: value for name, value in reader.fields if "__prefix__" not in name})
        self.blank_rows = {n: value for n, value in reader.fields if "__prefix__" in n}
        self.buttons = reader.buttons
        self.choices = reader.choices  # of tick boxes and lists; files, too, have none

    def fill(self, **values):
        for name, value in values.items():
            assert name in self or name in self.choices, f"no field {name} in {sorted(self)}"
            self[name] = value
        return self

    def add_row(self, prefix, **values):
        """What “Add another” does."""
        number = int(self[f"{prefix}-TOTAL_FORMS"])
        self[f"{prefix}-TOTAL_FORMS"] = number + 1
        blank = f"{prefix}-__prefix__-"
        assert any(name.startswith(blank) for name in self.blank_rows), f"no rows {prefix} here"
        for name, value in self.blank_rows.items():
            if name.startswith(blank):
                self[name.replace("__prefix__", str(number))] = value
        return self.fill(**{f"{prefix}-{number}-{name}": value for name, value in values.items()})

    def sent(self, button=None):
        """What goes over the line when the button of that name is pressed."""
        assert button is None or button in self.buttons, f"no {button} in {sorted(self.buttons)}"
        pressed = {} if button is None else {button: self.buttons[button]}
        return {name: value for name, value in self.items() if value is not None} | pressed


class _FormReader(HTMLParser):
    def __init__(self, form_id):
        super().__init__()
        self.form_id, self.found, self.inside = form_id, False, False
        self.values, self.buttons, self.choices = {}, {}, {}
        self.select = self.textarea = None

    @property
    def fields(self):
        return self.values.items()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.inside = attrs.get("id") == self.form_id
            self.found = self.found or self.inside
        elif self.inside:
            self.field(tag, attrs)

    def field(self, tag, attrs):
        name = attrs.get("name")
        if tag == "option" and self.select:
            self.option(attrs)
        elif not name or "disabled" in attrs:
            return
        elif tag == "input":
            self.input(name, attrs)
        elif tag == "textarea":
            self.textarea, self.values[name] = name, ""
        elif tag == "select":
            self.select, self.choices[name] = (name, "multiple" in attrs), []
            self.values[name] = [] if "multiple" in attrs else None

    def input(self, name, attrs):
        kind = attrs.get("type", "text")
        if kind == "submit":
            self.buttons[name] = attrs.get("value", "")
        elif kind in ("checkbox", "radio"):
            self.choices.setdefault(name, []).append(attrs.get("value", "on"))
            if "checked" in attrs:
                self.values.setdefault(name, []).append(attrs.get("value", "on"))
        elif kind == "file":
            self.choices[name] = []
        else:
            self.values[name] = attrs.get("value", "")

    def option(self, attrs):
        name, multiple = self.select
        value = attrs.get("value", "")
        self.choices[name].append(value)
        if multiple and "selected" in attrs:
            self.values[name].append(value)
        elif not multiple and ("selected" in attrs or self.values[name] is None):
            self.values[name] = value

    def handle_data(self, data):
        if self.textarea:
            self.values[self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.textarea:
            written = self.values[self.textarea]
            self.values[self.textarea] = re.sub(r"\A\r?\n", "", written)
            self.textarea = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


# Where people sign in, and what they see then. All that stands elsewhere is public.
PRIVATE = ("accounts/", "admin/", "my/")


def named_patterns(resolver=None, namespaces=()):
    """(full name, pattern) of every public pattern that has a name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        is_private = resolver is None and str(pattern.pattern) in PRIVATE
        if isinstance(pattern, URLResolver) and not is_private:
            inner = [*namespaces, pattern.namespace] if pattern.namespace else [*namespaces]
            yield from named_patterns(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join([*namespaces, pattern.name]), pattern


def public_addresses(therapists, approaches):
    """Every public address: those without parameters, and one for each row where a row is named.

    A new page is here by itself; one with another parameter stops the sweep until it is taught.
    """
    slugs = {
        "therapists": [row.slug for row in therapists],
        "approaches": [row.slug for row in approaches],
    }
    for name, pattern in named_patterns():
        if name == "therapists:contact":  # not everybody has this page
            yield from (reverse(name, args=[one.slug]) for one in therapists if takes_messages(one))
            continue
        parameters = list(pattern.pattern.converters)
        if not parameters:
            yield reverse(name)
            continue
        if parameters == ["token"]:
            continue  # a secret link, known to one person: tested beside its page
        known = {
            "slug": slugs.get(name.split(":")[0]),
            "section": pattern.default_args.get("sitemaps"),
        }
        values = known.get(parameters[0]) if len(parameters) == 1 else None
        assert values, f"teach this sweep where {name} gets {parameters} from"
        for value in values:
            yield reverse(name, args=[value])
