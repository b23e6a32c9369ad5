"""The lists in which staff work: what waits stands first, and the title says what they hold."""

from django.contrib import admin


class WorkFilter(admin.SimpleListFilter):
    """A filter without a choice begins with what waits, and not with all there is."""

    waits = ""  # the name of this first choice

    def choices(self, changelist):
        first, *others = super().choices(changelist)
        return [{**first, "display": self.waits}, *others]


class StateFilter(WorkFilter):
    """By the state of a row. Rows of `waiting` wait for staff."""

    title = parameter_name = "state"
    waiting = None  # a member of the field's choices

    @property
    def waits(self):
        return self.waiting.label

    def lookups(self, request, model_admin):
        others = (choice for choice in type(self.waiting).choices if choice[0] != self.waiting)
        return [*others, ("all", "All")]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        known = self.value() in type(self.waiting).values
        return queryset.filter(state=self.value() if known else self.waiting)


class TitledList:
    """For a ModelAdmin: its list is not called “Select ... to change”."""

    list_title = ""  # else the name of the rows

    def changelist_view(self, request, extra_context=None):
        title = self.list_title or self.opts.verbose_name_plural.capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})
