"""Letters of messages as staff see them: what did not arrive, and what waits for long."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import F, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from therapists import desk
from therapists.admin.deciding import DecidesAdmin
from therapists.admin.desk import link_to
from therapists.admin.lists import WorkFilter
from therapists.contact import delivery
from therapists.models import Delivery
from therapists.verbs import Verb

TRY_AGAIN = Verb("try_again", "Try again", "On its way again", delivery.try_again)
CLOSE = Verb("close", "Close", "Closed", delivery.close)

WAITS_FOR_LONG = timedelta(days=1)


def given_up():
    """Letters that did not arrive and that nobody has closed, the oldest first."""
    dead = Delivery.objects.filter(state=Delivery.State.DEAD, closed_on=None)
    return dead.order_by("queued_at", "pk")


class ArrivalFilter(WorkFilter):
    title = parameter_name = "state"
    waits = "Did not arrive"

    def lookups(self, request, model_admin):
        return [
            ("slow", "On its way for more than a day"),
            ("waiting", "On its way"),
            ("delivered", "Delivered"),
            ("closed", "Closed"),
            ("all", "All"),
        ]

    def queryset(self, request, queryset):
        waiting = queryset.filter(state=Delivery.State.WAITING)
        return {
            "slow": waiting.filter(queued_at__lt=timezone.now() - WAITS_FOR_LONG),
            "waiting": waiting,
            "delivered": queryset.filter(state=Delivery.State.DELIVERED),
            "closed": queryset.exclude(closed_on=None),
            "all": queryset,
        }.get(self.value(), queryset.filter(state=Delivery.State.DEAD, closed_on=None))


@admin.register(Delivery)
class DeliveryAdmin(DecidesAdmin):
    """A letter is tried again or closed; a client's address stands nowhere here."""

    page = "admin/therapists/delivery/page.html"
    verbs = (TRY_AGAIN, CLOSE)
    list_display = ["letter", "therapist", "fault_so_far", "since", "decide"]
    list_display_links = ["letter"]
    list_filter = [ArrivalFilter, "kind"]
    list_select_related = ["message__therapist", "closed_by"]
    search_fields = ["message__therapist__name"]

    def lookup_allowed(self, lookup, value, request):
        return lookup in {"kind", "kind__exact", ArrivalFilter.parameter_name}

    def has_delete_permission(self, request, obj=None):
        """They go with their message."""
        return False

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("message__therapist", "closed_by")
        return rows.defer("message__sealed")

    def get_ordering(self, request):
        if request.GET.get("state") in {None, "slow", "waiting"}:
            return ["queued_at", "pk"]
        return ["-queued_at", "-pk"]

    def get_list_display(self, request):
        columns = super().get_list_display(request)
        if self.has_change_permission(request):
            return columns
        return [column for column in columns if column != "decide"]

    @admin.display(description="letter", ordering="kind")
    def letter(self, letter):
        return letter.get_kind_display()

    @admin.display(description="therapist", ordering="message__therapist__name")
    def therapist(self, letter):
        return link_to(letter.message.therapist)

    @admin.display(description="what went wrong", ordering="fault", empty_value="")
    def fault_so_far(self, letter):
        tries = f"tried {letter.attempts} time{'' if letter.attempts == 1 else 's'}"
        return format_html('{} <span class="quiet">{}</span>', letter.fault, tries)

    @admin.display(description="since", ordering="queued_at")
    def since(self, letter):
        return date_format(timezone.localtime(letter.queued_at), "M j, Y, P")

    @admin.display(description="state")
    def decide(self, letter):
        if letter.closed_on:
            by = f" by {letter.closed_by}" if letter.closed_by else ""
            return f"Closed on {date_format(letter.closed_on, 'M j, Y')}{by}"
        if letter.state != Delivery.State.DEAD:
            return letter.get_state_display()
        return format_html_join(" ", "{}", ([self.button(verb, letter)] for verb in self.verbs))

    def shown_of(self, request, row):
        therapist = row.message.therapist
        # Letters go to the address of the sign-in, where there is one: theirs to change, or ours.
        of_sign_in = bool(therapist.owner and therapist.owner.email)
        corrects = "auth.change_user" if of_sign_in else "therapists.change_therapist"
        return {
            "letter": row,
            "therapist": therapist,
            "of_sign_in": of_sign_in,
            "may_correct": request.user.has_perm(corrects),
            "is_open": row.state == Delivery.State.DEAD and row.closed_on is None,
            "to_therapist": row.kind == Delivery.Kind.MESSAGE,
        }


desk.add(
    desk.Section(
        name="dead-letters",
        title="Letters that did not arrive",
        model="therapists.delivery",
        rows=given_up,
        who=F("message__therapist__name"),
        what=Cast("fault", TextField()),
        since=desk.day_of("queued_at"),
        position=15,
    )
)
