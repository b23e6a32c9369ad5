"""Which specialists of an approach stand first, and in which order."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path

from approaches import pinning
from approaches.models import Approach
from therapists.validators import is_key

MOST = 20  # found by one search
ACTS = {
    "pin": pinning.pin,
    "unpin": pinning.unpin,
    "up": pinning.move_up,
    "down": pinning.move_down,
}


class Pins:
    """For the admin of approaches: a page of those pinned, with a search for more."""

    def get_urls(self):
        pins = self.admin_site.admin_view(self.pins_view)
        return [path("<int:pk>/pins/", pins, name="approaches_approach_pins"), *super().get_urls()]

    def pins_view(self, request, pk):
        approach = get_object_or_404(Approach, pk=pk)
        if not self.has_change_permission(request, approach):
            raise PermissionDenied
        if request.method == "POST":
            self._act(request, approach)
            return HttpResponseRedirect(request.get_full_path())
        # NUL stops PostgreSQL.
        sought = request.GET.get("q", "").replace("\x00", " ").strip()[:100]
        everyone = approach.specialists.select_related("therapist")
        found = everyone.filter(therapist__name__icontains=sought, position__isnull=True)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Who stands first: {approach}",
            "opts": self.opts,
            "approach": approach,
            "pinned": everyone.filter(position__isnull=False).order_by("position", "pk"),
            "sought": sought,
            "found": found.order_by("therapist__name", "pk")[: MOST + 1] if sought else [],
            "MOST": MOST,
        }
        return render(request, "admin/approaches/approach/pins.html", context)

    def _act(self, request, approach):
        """Do what the pressed button says: its name is the act, its value the specialist."""
        for name, act in ACTS.items():
            number = request.POST.get(name, "")
            if is_key(number):
                try:
                    act(get_object_or_404(approach.specialists, pk=number), by=request.user)
                except ValidationError as error:
                    messages.error(request, " ".join(error.messages))
