"""The pages that search engines should know: curated ones and listed people, never searches."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from approaches.models import Approach
from therapists.models import Therapist


class Pages(Sitemap):
    def items(self):
        return ["home", "approaches:approaches", "therapists:therapists", "how-we-order", "join"]

    def location(self, name):
        return reverse(name)


class Approaches(Sitemap):
    def items(self):
        return Approach.objects.published().order_by("pk")

    def lastmod(self, approach):
        return approach.updated_at


class Therapists(Sitemap):
    def items(self):
        return Therapist.objects.listed().only("slug", "updated_at").order_by("pk")

    def lastmod(self, therapist):
        return therapist.updated_at


SITEMAPS = {"pages": Pages, "approaches": Approaches, "therapists": Therapists}
