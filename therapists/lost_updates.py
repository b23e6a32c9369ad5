"""Two people save the same page: the second is told what changed since, and nothing is lost.

A form carries what it was rendered from (`_seen`: the row and its inlines, long texts as digests),
signed. On saving, under the row's lock, that is compared with the row as it is now. Where they
differ nothing is saved: the page comes back with everything the person typed and a list of what
changed, and the next save wins knowingly. Fields of the row that they had left alone are filled in
as they are now: nobody types over what they never looked at.
"""

import hashlib

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_field, flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.forms import model_to_dict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator, capfirst
from django.utils.timesince import timesince

from therapists.search.turns import take_turn

SALT = "therapists.lost_updates"
SHOWN_LENGTH = 80
SENTENCE = (
    "Nothing is saved yet, because this page changed since you opened it. Everything that you "
    "wrote still stands here. Look at the list above, then save again."
)


def field_of(label, value, shown=None):
    """One field as it is remembered: [label, what is shown of it, digest of all of it]."""
    digest = hashlib.blake2b(repr(value).encode("utf-8", "replace"), digest_size=8).hexdigest()
    shown = str(value or "") if shown is None else shown
    return [label, Truncator(" ".join(shown.split())).chars(SHOWN_LENGTH), digest]


def differences(before, now):
    """Sentences on what changed between two snapshots: “Fee from: 100 → 120”."""
    for key in [*before, *(key for key in now if key not in before)]:
        if key not in now:
            yield f"{before[key][0]}: taken out"
        elif key not in before:
            yield f"{now[key][0]}: added"
        else:
            yield from _changed_fields(before[key], now[key])


def _changed_fields(before, now):
    (title, was), (_, fields) = before, now
    for name, (label, shown, digest) in fields.items():
        old = was.get(name)
        if old and old[2] != digest:
            where = f"{title}, {label.lower()}" if title else capfirst(label)
            change = f"{old[1] or 'empty'} → {shown or 'empty'}"
            yield f"{where}: {'changed' if old[1] == shown else change}"


class TellsOfLostUpdates:
    """For a ModelAdmin, before it in the bases. Its template includes `changed_meanwhile.html`."""

    def also_seen(self, request, obj):
        """More sections of what the form shows: {key: [title, {name: field_of(...)}]}."""
        return {}

    def name_of_other(self, request, user):
        """How to call who changed the row meanwhile."""
        return user.get_full_name() or user.get_username()

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                return self._compared_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody took meanwhile what may be there once: now the form's checks can see it.
            return self._compared_view(request, object_id, form_url, extra_context)

    @transaction.atomic
    def _compared_view(self, request, object_id, form_url, extra_context):
        obj = self.get_object(request, unquote(object_id))
        extra = dict(extra_context or {})
        if obj is not None and self.has_view_or_change_permission(request, obj):
            if request.method == "POST":
                take_turn()
                obj = self.model._default_manager.select_for_update().get(pk=obj.pk)
            # Before the form reads the row: what changes in between is told once too often, and
            # never overlooked.
            now = self.snapshot(request, obj)
            extra["seen"] = signing.dumps(
                {"at": timezone.now().isoformat(), "what": now}, salt=SALT, compress=True
            )
            if request.method == "POST":
                self._compare(request, obj, now)
            extra["changed_meanwhile"] = getattr(request, "changed_meanwhile", None)
        return super().changeform_view(request, object_id, form_url, extra)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if getattr(request, "changed_meanwhile", None) is None:
            return form
        return type(form.__name__, (_NotYet, form), request.changed_meanwhile["fields"])

    def _compare(self, request, obj, now):
        """Note on the request what changed since the form was rendered, if anything did."""
        request.changed_meanwhile = None
        try:
            seen = signing.loads(request.POST.get("_seen", ""), salt=SALT)
        except signing.BadSignature:
            request.changed_meanwhile = {"fields": {}}
            return
        if what := list(differences(seen["what"], now)):
            who, when = self._last_change(request, obj, parse_datetime(seen["at"]))
            fields = {"seen": seen["what"][""][1], "now": now[""][1]}
            request.changed_meanwhile = {
                "what": what,
                "who": who,
                "ago": _ago(when),
                "fields": fields,
            }

    def _last_change(self, request, obj, since):
        """(who, when) of the last line in the history since then, as far as there is one."""
        models = {self.model, self.model._meta.concrete_model}
        kinds = ContentType.objects.get_for_models(*models, for_concrete_models=False).values()
        entries = LogEntry.objects.filter(
            content_type__in=kinds, object_id=str(obj.pk), action_time__gte=since
        )
        entry = entries.select_related("user").order_by("-action_time").first()
        if entry is None:
            return "", None
        if entry.user == request.user:
            return "you, in another window", entry.action_time
        return self.name_of_other(request, entry.user), entry.action_time

    def snapshot(self, request, obj):
        """{key: [title, {field: [label, shown, digest]}]} of the row and of its inlines' rows."""
        sections = _sections_of(self, request, obj, obj, key="", title="")
        for inline in self.get_inline_instances(request, obj):
            fk = inline.get_formset(request, obj).fk.name
            for row in inline.get_queryset(request).filter(**{fk: obj.pk}):
                title = f"{capfirst(str(inline.verbose_name))} “{row}”"
                key = f"{inline.model._meta.model_name}:{row.pk}"
                sections |= _sections_of(inline, request, obj, row, key=key, title=title)
        return sections | self.also_seen(request, obj)


def _ago(when):
    if when is None:
        return ""
    seconds = (timezone.now() - when).total_seconds()
    return "a moment ago" if seconds < 60 else f"{timesince(when)} ago"


class _NotYet:
    """A form that is not saved this time. `seen` and `now` are the fields of two snapshots."""

    seen = now = {}

    def clean(self):
        cleaned = super().clean()
        current = model_to_dict(self.instance, fields=self.now)
        data = self.data.copy()
        for name, (_, _, digest) in self.seen.items():
            untouched = name in cleaned and field_of("", cleaned[name])[2] == digest
            if untouched and name in self.now and self.now[name][2] != digest:
                data[self.add_prefix(name)] = current.get(name)
        self.data = data
        self.add_error(None, SENTENCE)
        return cleaned


def _sections_of(modeladmin, request, parent, row, *, key, title):
    """A section for the row's own fields, and one for each row that it has many of."""
    read_only = modeladmin.get_readonly_fields(request, parent)
    fields, many = {}, {}
    for name in flatten_fieldsets(modeladmin.get_fieldsets(request, parent)):
        if name in read_only:
            continue
        try:
            field = row._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.many_to_many:
            for other in getattr(row, name).all():
                many[f"{key}:{name}:{other.pk}"] = [f"{capfirst(field.verbose_name)}, {other}", {}]
        else:
            value = field.value_from_object(row)
            fields[name] = field_of(str(field.verbose_name), value, _shown(field, row))
    return {key: [title, fields], **many}


def _shown(field, row):
    if field.is_relation:
        return str(getattr(row, field.name) or "")
    if field.flatchoices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(display_for_field(value, field, ""))
