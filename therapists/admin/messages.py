"""Messages of clients as staff see them, and the words of what is held or marked as spam."""

from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from therapists import desk
from therapists.admin.deciding import DecidesAdmin, DeletedWhole
from therapists.admin.lists import StateFilter
from therapists.contact import messages, moderation
from therapists.contact.sealing import UnreadableError
from therapists.history import record_erased
from therapists.models import HoldRule, Message
from therapists.verbs import Verb
from therapists.wordings import speaks_of_danger

HELD = Message.State.HELD
HAND_ON = Verb("release", "Hand it on", "Handed on", moderation.release)
KEEP_BACK = Verb("refuse", "It is fraud: don’t hand it on", "Kept back", moderation.refuse)


class HeldFilter(StateFilter):
    waiting = HELD


class ReasonFilter(admin.SimpleListFilter):
    """Why messages are held: so that a burst of one kind is decided on at once."""

    title = "reason"
    parameter_name = "why"
    MOST = 30

    def lookups(self, request, model_admin):
        waiting = {why: number for why, state, number in moderation.reasons() if state == HELD}
        first = sorted(waiting, key=lambda why: (-waiting[why], why))[: self.MOST]
        return [(why, f"{why} ({waiting[why]:,})") for why in first]

    def has_output(self):
        # Also where nothing is held: a kept address with a reason leads somewhere.
        return bool(self.lookup_choices) or self.value() is not None

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(held_for=self.value())


@admin.register(Message)
class MessageAdmin(DeletedWhole, DecidesAdmin):
    """No form, no field of the words: they stand on the page of a held message and nowhere else."""

    page = "admin/therapists/message/page.html"
    verbs = (HAND_ON, KEEP_BACK)
    list_display = ["to_whom", "why", "standing"]
    list_filter = [HeldFilter, ReasonFilter]
    list_select_related = ["therapist"]
    list_per_page = 100
    search_fields = ["therapist__name"]

    def lookup_allowed(self, lookup, value, request):
        # Nobody finds out about sealed words, or a mark, by asking for them in the address.
        return lookup in {HeldFilter.parameter_name, ReasonFilter.parameter_name}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("therapist").defer("sealed")

    def get_ordering(self, request):
        if request.GET.get("state") in {None, HELD}:
            return ["received_at", "pk"]  # who waits longest
        return ["-received_at", "-pk"]

    @admin.display(description="to whom", ordering="received_at")
    def to_whom(self, message):
        since = date_format(timezone.localtime(message.received_at), "M j, Y, P")
        return format_html('{} <span class="quiet">{}</span>', message.therapist, since)

    @admin.display(description="why held", ordering="held_for", empty_value="")
    def why(self, message):
        return message.held_for

    @admin.display(description="state", ordering="state")
    def standing(self, message):
        return message.get_state_display()

    def leads_to(self, request, row):
        following = moderation.next_after(row)
        if following:
            return self.address("change", following.pk)
        return reverse("admin:index")

    def shown_of(self, request, row):
        following = moderation.next_after(row)
        can_judge = self.has_change_permission(request) and row.state in Message.READ_BY_STAFF
        return {
            **(what_it_says(row, request.user) if can_judge else {}),
            "message": row,
            "may_hand_on": can_judge and row.state in Message.KEPT_BACK,
            "may_keep_back": can_judge and row.state == HELD,
            "may_make_rules": can_judge and request.user.has_perm("therapists.add_holdrule"),
            "most_of_phrase": HoldRule._meta.get_field("phrase").max_length,
            "letters": row.deliveries.order_by("queued_at", "pk"),
            "number_waiting": moderation.waiting().count(),
            "next_url": self.address("change", following.pk) if following else "",
            "kept_for": settings.MESSAGES_KEPT_FOR,
        }

    def delete_model(self, request, obj):
        self.delete_queryset(request, Message.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        # Who reads and then erases is still seen to have erased.
        if erased := messages.erase_all(queryset):
            record_erased(Message, erased, by=request.user)


def what_it_says(message, user):
    """For the page: {said} with a line in the history; {unreadable}, a sentence; or nothing."""
    try:
        said = moderation.read(message, by=user)
    except UnreadableError as error:
        return {"unreadable": str(error)}
    except ValidationError:  # handed on or erased since the row was looked up
        return {}
    return {"said": said, "in_danger": speaks_of_danger(said.get("text", ""))}


desk.add(
    desk.Section(
        name="held-messages",
        title="Messages to look at first",
        model="therapists.message",
        rows=moderation.waiting,
        who=F("therapist__name"),
        what=F("held_for"),
        since=desk.day_of("received_at"),
        hurry=Case(
            When(received_at__lt=Now() - timedelta(days=1), then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
        hurry_says="Somebody has waited for more than a day. Please look there first.",
        position=5,
    )
)
