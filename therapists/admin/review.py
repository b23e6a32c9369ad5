"""New versions that wait for staff: the list of them, and the page on which one is looked at."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.views.decorators.http import require_POST, require_safe

from therapists import preview, review
from therapists.admin.desk import back_to_list
from therapists.admin.lists import StateFilter, TitledList
from therapists.admin.names import NamedInList
from therapists.differences import word_difference
from therapists.models import Proposal, SendBackReason
from therapists.validators import is_key
from therapists.verbs import Verb

# What a line of a list does not show.
LOOK_FIRST = {Proposal.Part.LISTING, Proposal.Part.PHOTO, Proposal.Part.REQUEST}

# Functions of a version that give sentences on what a reader may stumble over.
doubts_about = []


class Approve(Verb):
    """Along with a wish to be listed: the versions that are ticked beside it."""

    def do(self, row, request):
        ticked = set(request.POST.getlist("along_with"))
        along = [one.proposal for one in companions(row) if str(one.proposal.pk) in ticked]
        self.act(row, by=request.user, along_with=along)


class SendBack(Verb):
    """With the reasons that are ticked and written in its form."""

    def do(self, row, request):
        self.act(row, by=request.user, reason=told(request.POST))


APPROVE = Approve("approve", "Approve", "Approved", review.approve)
SEND_BACK = SendBack("send_back", "Send back", "Sent back", review.send_back)


class WaitingFilter(StateFilter):
    waiting = Proposal.State.WAITING


@admin.register(Proposal)
class ProposalAdmin(TitledList, admin.ModelAdmin):
    """Versions are read and decided on, never edited."""

    list_title = "New versions, longest waiting first"
    list_display = ["version", "words", "verdict"]
    list_filter = [WaitingFilter, "part"]
    list_select_related = ["therapist", "specialist__approach", "decided_by"]
    search_fields = ["therapist__name"]
    ordering = ["submitted_at", "pk"]
    list_per_page = 50
    # Nothing is approved in bulk, unseen.
    actions = None

    class Media:
        css = {"all": ["css/desk.css"]}

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """What was decided stays on record; it goes with the profile."""
        return False

    def get_urls(self):
        return [
            path(
                "<int:pk>/approve/",
                self.admin_site.admin_view(require_POST(self.approve_view)),
                name="therapists_proposal_approve",
            ),
            path(
                "<int:pk>/preview/",
                self.admin_site.admin_view(require_safe(self.preview_view)),
                name="therapists_proposal_preview",
            ),
            *super().get_urls(),
        ]

    # --- the list ---

    @admin.display(description="whose, and what", ordering="submitted_at")
    def version(self, proposal):
        return format_html(
            '{}: {} <span class="quiet">since {}</span>',
            proposal.therapist,
            name_of(proposal),
            date_format(timezone.localtime(proposal.submitted_at), "M j, Y"),
        )

    @admin.display(description="what is new")
    def words(self, proposal):
        if proposal.photo:
            return "(a photo)"
        waits = proposal.state == Proposal.State.WAITING
        if waits and (published := review.published(proposal)):
            return word_difference(published, proposal.text, around=12)
        return Truncator(proposal.text).words(60)

    @admin.display(description="verdict")
    def verdict(self, proposal):
        if proposal.state != Proposal.State.WAITING:
            by = f" by {proposal.decided_by}" if proposal.decided_by else ""
            return f"{proposal.get_state_display()}{by}"
        if proposal.part in LOOK_FIRST:
            return "Look at it first"
        address = reverse("admin:therapists_proposal_approve", args=[proposal.pk])
        return format_html(
            '<button class="button" formaction="{0}" aria-label="Approve {1}">Approve</button>',
            address,
            proposal,
        )

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        if self.has_change_permission(request):
            return columns
        return [column for column in columns if column != "verdict"]

    def approve_view(self, request, pk):
        """Approved from the list, in one click; the list comes again."""
        proposal = self._of_request(request, pk)
        if proposal:
            APPROVE.on(proposal, request)
        return HttpResponseRedirect(back_to_list(self, request))

    # --- one version ---

    def preview_view(self, request, pk):
        """The public page of the therapist as it would be with all that waits."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        proposal = self.get_object(request, str(pk))
        if proposal is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        return preview.page(request, proposal.therapist, back=review_address(proposal))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method == "POST":
            return self._verdict(request, object_id)
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        proposal = self.get_object(request, object_id)
        if proposal is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        waits = proposal.state == Proposal.State.WAITING
        following = Proposal.objects.next_after(proposal)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{proposal.therapist}: {name_of(proposal)}",
            "proposal": proposal,
            "version": Version(proposal),
            "preview_url": reverse("admin:therapists_proposal_preview", args=[proposal.pk]),
            "together": companions(proposal) if waits else [],
            "may_decide": waits and self.has_change_permission(request),
            "reasons": SendBackReason.objects.all(),
            "number_waiting": Proposal.objects.waiting().count(),
            "next_url": review_address(following) if following else "",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/therapists/proposal/review.html", context)

    def _verdict(self, request, object_id):
        """What the pressed button says; then the next version that waits."""
        proposal = self._of_request(request, object_id)
        if proposal is None:
            return HttpResponseRedirect(reverse("admin:therapists_proposal_changelist"))
        following = Proposal.objects.next_after(proposal)
        if "_send_back" in request.POST:
            if not SEND_BACK.on(proposal, request) and not told(request.POST):
                return HttpResponseRedirect(review_address(proposal))
        elif "_approve" in request.POST:
            APPROVE.on(proposal, request)
        if proposal.part == Proposal.Part.LISTING and following:
            # What was approved along with it waits no longer.
            following = Proposal.objects.next_after(proposal)
        if following:
            return HttpResponseRedirect(review_address(following))
        messages.info(request, "Nothing more waits for review.")
        return HttpResponseRedirect(reverse("admin:index"))

    def _of_request(self, request, pk):
        """The version that a POST is about, for those who may decide; None where it is gone."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        proposal = self.get_object(request, str(pk))
        if proposal is None:
            messages.error(request, "This version is gone: the profile was deleted meanwhile.")
        return proposal


class Version:
    """A version beside what the public reads today, as the page shows both."""

    def __init__(self, proposal):
        self.proposal = proposal
        self.name = name_of(proposal)
        self.published = review.published(proposal)
        self.doubts = [sentence for doubts in doubts_about for sentence in doubts(proposal)]

    @property
    def difference(self):
        """The words that change, as safe HTML."""
        return word_difference(self.published, self.proposal.text)


def companions(proposal):
    """With a wish to be listed: the other versions of this therapist that wait, to be looked at."""
    if proposal.part != Proposal.Part.LISTING:
        return []
    others = proposal.therapist.proposals.waiting().exclude(pk=proposal.pk)
    others = others.exclude(part=Proposal.Part.REQUEST)
    return [Version(one) for one in others.select_related("therapist", "specialist__approach")]


def told(sent):
    """What the therapist will read: the chosen reason, then the words of one's own."""
    chosen = SendBackReason.objects.filter(pk__in=filter(is_key, sent.getlist("reason")))
    own = sent.get("words", "").replace("\0", "").strip()
    return "\n\n".join([*(reason.text for reason in chosen), *([own] if own else [])])


def name_of(proposal):
    """“Statement: EMDR”, “About”."""
    part = proposal.get_part_display()
    return f"{part}: {proposal.specialist.approach}" if proposal.specialist else part


def review_address(proposal):
    return reverse("admin:therapists_proposal_change", args=[proposal.pk])


@admin.register(SendBackReason)
class SendBackReasonAdmin(NamedInList, admin.ModelAdmin):
    list_display = ["name", "text", "position"]
    list_editable = ["position"]
    search_fields = ["name", "text"]
