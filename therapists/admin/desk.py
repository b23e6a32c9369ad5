"""Notes for staff (reports, conflicts of imports, faults), and the sections of the desk."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, F, Value
from django.db.models.functions import Concat
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from therapists import desk, notes, quality
from therapists.admin.lists import TitledList, WorkFilter
from therapists.models import Finding, ImportConflict, Licence, Proposal, Report, Therapist
from therapists.verbs import Verb, VerbsAdmin


class DoneFilter(WorkFilter):
    title = "state"
    parameter_name = "done"
    waits = "Waits"

    def lookups(self, request, model_admin):
        return [("yes", "Done"), ("all", "All")]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset.filter(done_on=None)
        return queryset.exclude(done_on=None) if self.value() == "yes" else queryset


class WithAnswer(Verb):
    """Takes the word to other staff from beside the note in the list, where there is one."""

    def do(self, row, request):
        self.act(row, by=request.user, answer=request.POST.get(f"answer-{row.pk}") or None)


DONE = WithAnswer("done", "This is done", "Done", notes.done)


class NoteAdmin(TitledList, VerbsAdmin):
    """What waits, each with a link to the profile and a button that closes it."""

    change_list_template = "admin/desk_change_list.html"
    list_display = ["matter", "profile", "words", "close"]
    list_display_links = ["matter"]
    empty_value_display = ""
    list_filter = [DoneFilter]
    list_select_related = ["therapist", "done_by"]
    search_fields = ["therapist__name"]
    list_per_page = 50
    fields = ["what", "profile", "words", "noted_on", "answer", "done_on", "done_by"]
    readonly_fields = ["what", "profile", "words", "noted_on", "done_on", "done_by"]
    verbs_lead_to_list = True
    verbs = (DONE, Verb("reopen", "Open it again", "Open again", notes.reopen))

    class Media:
        css = {"all": ["css/desk.css"]}

    def has_add_permission(self, request):
        return False

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_done"
        close = self.admin_site.admin_view(require_POST(self.close_view))
        return [path("<int:pk>/done/", close, name=name), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        request.may_close = self.has_change_permission(request)
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        # A column of the list knows its row and nothing of who asks.
        may = getattr(request, "may_close", False)
        return queryset.annotate(may_close=Value(may))

    def close_view(self, request, pk):
        """One note is done: the button beside it, with the word to others from the same row."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        note = self.get_object(request, str(pk))
        if note is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        DONE.on(note, request)
        return HttpResponseRedirect(back_to_list(self, request))

    @admin.display(description="what", ordering="noted_on")
    def matter(self, note):
        since = date_format(note.noted_on, "M j, Y")
        return format_html('{} <span class="quiet">since {}</span>', self.short(note), since)

    def short(self, note):
        """What a line of the list says of it beside its words."""
        return note.what

    @admin.display(description="profile", ordering="therapist__name")
    def profile(self, note):
        return link_to(note.therapist)

    @admin.display(description="done")
    def close(self, note):
        if note.done_on:
            by = f" by {note.done_by}" if note.done_by else ""
            return f"{note.done_on:%b %-d, %Y}{by}. {note.answer}"
        if not note.may_close:
            return ""
        return format_html(
            '<input name="answer-{0}" maxlength="300" placeholder="What was done" '
            'aria-label="What was done about {1}"> '
            '<button class="button" formaction="{2}" aria-label="Done: {1}">Done</button>',
            note.pk,
            note,
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_done", args=[note.pk]),
        )


def link_to(therapist):
    """A link to a therapist's page in the admin."""
    address = reverse("admin:therapists_therapist_change", args=[therapist.pk])
    return format_html('<a href="{}">{}</a>', address, therapist)


def back_to_list(modeladmin, request):
    """The list, filtered as it was when the button was pressed."""
    opts = modeladmin.opts
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    kept = request.GET.urlencode()
    return f"{address}?{kept}" if kept else address


@admin.register(Report)
class ReportAdmin(NoteAdmin):
    list_filter = [DoneFilter, "reason"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(hurry=Report.objects.all().hurry())

    def get_ordering(self, request):
        return [Report.objects.all().hurry().desc(), "noted_on", "pk"]

    def short(self, report):
        return f"{report.what} (3 or more this month)" if report.hurry else report.what


@admin.register(ImportConflict)
class ImportConflictAdmin(NoteAdmin):
    fields = ["profile", "words", "noted_on", "answer", "done_on", "done_by"]

    def short(self, conflict):
        return "An import"


@admin.register(Finding)
class FindingAdmin(NoteAdmin):
    list_display = ["matter", "profile", "words", "other_profile", "close"]
    list_filter = [DoneFilter, "kind"]
    list_select_related = ["therapist", "done_by", "other"]
    fields = ["what", "profile", "words", "other_profile", "noted_on", "answer", "done_on",
              "done_by"]  # fmt: skip
    readonly_fields = [*NoteAdmin.readonly_fields, "other_profile"]

    def get_urls(self):
        look = self.admin_site.admin_view(require_POST(self.look_view))
        return [path("look/", look, name="therapists_finding_look"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        can_look = self.has_change_permission(request)
        return super().changelist_view(request, {**(extra_context or {}), "can_look": can_look})

    def look_view(self, request):
        """Look at all profiles now, rather than tonight."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        waiting = sum(quality.find_faults().values())
        messages.success(request, f"All profiles were looked at. Possible faults now: {waiting}.")
        return HttpResponseRedirect(back_to_list(self, request))

    @admin.display(description="the same as", ordering="other__name")
    def other_profile(self, finding):
        return link_to(finding.other) if finding.other else ""


def _parts(what):
    """“about”, or “statement|EMDR”, as people say it."""
    part, _, approach = what.partition("|")
    label = Proposal.Part(part).label
    return f"{label}: {approach}" if approach else label


desk.add(
    desk.Section(
        name="reviews",
        title="New versions to review",
        model="therapists.proposal",
        rows=Proposal.objects.waiting,
        who=F("therapist__name"),
        what=Concat("part", Value("|"), "specialist__approach__name", output_field=CharField()),
        say=_parts,
        since=desk.day_of("submitted_at"),
        position=10,
    )
)
desk.add(
    desk.Section(
        name="reports",
        title="Readers say that something is wrong",
        model="therapists.report",
        rows=Report.objects.still_open,
        who=F("therapist__name"),
        what=F("reason"),
        say=lambda reason: Report.Reason(reason).label,
        since="noted_on",
        hurry=F("hurry"),
        hurry_says="Several readers report the same profile. Please look there first.",
        position=20,
    )
)
desk.add(
    desk.Section(
        name="conflicts",
        title="Imports that disagree with what we hold",
        model="therapists.importconflict",
        rows=ImportConflict.objects.still_open,
        who=F("therapist__name"),
        what=F("words"),
        since="noted_on",
        position=30,
    )
)
desk.add(
    desk.Section(
        name="licences",
        title="Licenses to look up",
        model="therapists.licence",
        rows=lambda: Licence.objects.due_for_check().order_by(
            F("checked_on").asc(nulls_first=True), "pk"
        ),
        who=F("therapist__name"),
        what=Concat("kind", Value(", "), "state", Value(" "), "number", output_field=CharField()),
        since="checked_on",
        since_says="checked",
        position=40,
    )
)
desk.add(
    desk.Section(
        name="stale",
        title="Availability that nobody has confirmed",
        model="therapists.therapist",
        rows=Therapist.objects.growing_stale,
        who=F("name"),
        since="availability_confirmed_on",
        since_says="confirmed",
        query={"confirmed": "long-ago"},
        position=60,
    )
)
for place, kind in enumerate(Finding.Kind):
    desk.add(
        desk.Section(
            name=f"faults-{kind}",
            title=kind.label,
            model="therapists.finding",
            rows=lambda kind=kind: Finding.objects.still_open().filter(kind=kind),
            who=F("therapist__name"),
            what=F("words"),
            since="noted_on",
            query={"kind__exact": kind.value},
            position=70 + place,
        )
    )
