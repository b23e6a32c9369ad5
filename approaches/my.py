"""What therapists practise, in the form of their profile: “Meet the specialists” is made of it."""

from django import forms
from django.contrib import admin

from approaches.models import Approach, Specialist
from approaches.writing import doubts_of_statement
from therapists import review
from therapists.models import MyProfile, Proposal
from therapists.my.inlines import OwnInline, OwnRows
from therapists.my.profile import MyProfileAdmin, requests_page
from therapists.my.site import my_site
from therapists.my.versions import AT_ONCE, Version, WordsField, say_when, show_version

MAX_STATEMENT = 500


class SpecialismForm(forms.ModelForm):
    """One approach of a therapist. The approach stays what it is: its statement is about it."""

    words = "statement_words"

    statement_words = WordsField(
        label="statement",
        limit=MAX_STATEMENT,
        rows=6,
        help_text="How you work with this approach, in your own words. It stands on the approach's "
        "page, signed with your name.",
    )

    class Meta:
        labels = {"training": "how you learned it"}
        help_texts = {"training": "Leave it empty for “not stated”."}

    def __init__(self, *args, version=None, choices=(), own_texts=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.version = version
        approach = self.fields["approach"]
        say_when(self, AT_ONCE, self.fields.keys() - {"statement_words"})
        if version is None:
            approach.queryset = Approach.objects.published()
            approach.choices = choices
            show = Version(None, Proposal.Part.STATEMENT, "")
            show_version(self, "statement_words", show, where="")
            return
        held = self.instance.approach
        approach.queryset = Approach.objects.filter(pk=held.pk)
        approach.choices = [(held.pk, str(held))]
        approach.disabled = True
        self.doubts = [] if self.is_bound else self._doubts(own_texts)
        here = requests_page(version.therapist)
        show_version(self, "statement_words", version, where=here, doubts=self.doubts)

    @property
    def heading(self):
        """What stands over the row: it is about one approach."""
        return self.instance.approach.name

    def _doubts(self, own_texts):
        return doubts_of_statement(
            self.instance,
            self.version.text,
            therapist=self.version.therapist,
            mine=[mine for key, mine in own_texts if key != self.instance.pk],
            is_new=self.version.proposal is not None,
        )


class OwnSpecialisms(OwnRows):
    """The approaches of one profile, each with the version of its statement on hand."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.versions, self.choices, self.own_texts = {}, [], []
        if self.instance.pk is None:
            return
        self.versions = versions_of(self.instance, self.get_queryset())
        self.own_texts = [(pk, version.text) for pk, version in self.versions.items()]
        self.own_texts.append((None, self.instance.about))
        named = Approach.objects.published().values_list("pk", "name")
        self.choices = [("", "Choose an approach"), *named]

    def get_form_kwargs(self, index):
        kwargs = {**super().get_form_kwargs(index), "choices": self.choices}
        if index is None or index >= self.initial_form_count():
            return kwargs
        return {**kwargs, "own_texts": self.own_texts, "version": self._version_at(index)}

    def _version_at(self, index):
        if not self.is_bound:
            return self.versions[self.get_queryset()[index].pk]
        key = self.data.get(f"{self.add_prefix(index)}-id", "")
        return self.versions.get(int(key)) if key.isascii() and key.isdigit() else None


def versions_of(profile, specialists):
    """{key of the specialist: version of the statement}."""
    on_hand = review.all_on_hand(profile)
    part = Proposal.Part.STATEMENT
    return {
        one.pk: Version(
            profile,
            part,
            one.statement,
            on_hand.get((part, one.pk)),
            specialist=one,
            is_public=bool(one.public_statement),
        )
        for one in specialists
    }


class MySpecialisms(OwnInline):
    model = Specialist
    form = SpecialismForm
    formset = OwnSpecialisms
    verbose_name, verbose_name_plural = "approach", "approaches that you work with"
    stands_after = "about"
    fields = ["approach", ("training", "training_body", "training_year"), "statement_words"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("therapist", "approach")


@admin.register(MyProfile, site=my_site)
class MyProfileWithSpecialismsAdmin(MyProfileAdmin):
    """The whole form, with what `therapists` itself knows nothing of."""

    inlines = [MySpecialisms, *MyProfileAdmin.inlines]

    def also_seen(self, request, obj):
        specialists = obj.specialisms.select_related("approach")
        statements = {
            str(pk): version.seen() for pk, version in versions_of(obj, specialists).items()
        }
        return {**super().also_seen(request, obj), "statements": ["", statements]}

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is not Specialist:
            return
        for one in formset.forms:
            if one in formset.deleted_forms or not one.instance.pk:
                continue
            version = one.version or Version(
                form.instance, Proposal.Part.STATEMENT, "", specialist=one.instance
            )
            waits = version.save_text(one.cleaned_data["statement_words"], by=request.user)
            request.handed_in += [waits] if waits else []
