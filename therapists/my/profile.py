"""The form in which therapists keep their own profile.

Its parts stand in the order of the public page. What a field does when it is saved is said beside
it: everyday things go live at once, words and photo once staff have read them, and who somebody is
changes on request. Registered in `approaches.my`, with the inline of what they practise.
"""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from therapists import licences, publishing, review
from therapists.forms import LINKS, PhotoField, TermsField
from therapists.lost_updates import TellsOfLostUpdates
from therapists.models import Licence, Proposal, Term
from therapists.my.inlines import MyLicences, MyOffices
from therapists.my.pages import ProfilePages
from therapists.my.versions import (
    AT_ONCE,
    ON_REQUEST,
    Version,
    WordsField,
    say_when,
    show_version,
)
from therapists.my.widgets import TermBoxes
from therapists.photos.pictures import ACCEPTED
from therapists.writing import doubts

Part = Proposal.Part
MAX_ABOUT = 2_000


class MyProfileForm(forms.ModelForm):
    """The everyday fields of a profile, and the words and the photo that wait for review.

    `about_words` and `photo_file` are no columns: no way of saving this form writes the published
    ones.
    """

    reviewed = {"about_words", "photo_file"}
    words = "about_words"

    about_words = WordsField(
        label="about you",
        limit=MAX_ABOUT,
        rows=12,
        help_text="In your own words, as you would speak to somebody who thinks of calling you. "
        "Plain text; an empty line begins a paragraph.",
    )
    photo_file = PhotoField(
        label="photo",
        required=False,
        help_text=f"{ACCEPTED} A face that looks at the reader is best.",
    )

    class Meta:
        labels = {
            "in_person": "I see people in person",
            "online": "I see people online",
            "availability": "room for new people",
            "fee_from": "lowest usual fee",
            "fee_to": "highest usual fee",
            "free_first_call": "the first call is free",
            "terms": "what people find you by",
        }
        help_texts = {
            "availability": "People complain most of lists where nobody has room.",
            "availability_confirmed_on": "The day on which you last said that this is true.",
            "pronouns": "If you like: she/her, he/him, they/them.",
            "phone": "Shown to everybody. How you like to be reached first is ticked above, "
            "under “first contact”.",
            "fee_from": "US dollars for one session. 0 if it costs nothing.",
            "fee_to": "Leave it empty if there is only one fee.",
            "terms": "Tick what is true. Leave a group empty for “not stated”.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.about, self.photo = own_versions(self.instance)
        here = requests_page(self.instance)
        self.doubts = [] if self.is_bound else doubts(self.about.text, therapist=self.instance)
        say_when(self, AT_ONCE, self.fields.keys() - self.reviewed)
        show_version(self, "about_words", self.about, where=here, doubts=self.doubts)
        show_version(self, "photo_file", self.photo, where=here)

    def save_versions(self, *, by):
        """Hand in the new words and the new photo. Returns what waits by that."""
        saved = [
            self.about.save_text(self.cleaned_data["about_words"], by=by),
            self.photo.save_photo(self._new_photo(), by=by),
        ]
        return [proposal for proposal in saved if proposal]

    def _new_photo(self):
        return self.cleaned_data["photo_file"] if "photo_file" in self.changed_data else None


def all_rows(inlines):
    """The forms of the rows of these inlines, those that were just added among them."""
    return [row for inline in inlines for row in inline.formset.forms]


def faulty_fields(rows):
    """(label, id in the page, sentence) of each field to be mended: the form is many screens long.

    Other than Django's list, which names no field and leads to none.
    """
    return [
        (row[name].label, row[name].id_for_label, " ".join(errors))
        for row in rows
        for name, errors in row.errors.items()
        if name in row.fields
    ]


def own_versions(profile):
    """The versions on hand of the words about somebody, and of their photo."""
    on_hand = review.all_on_hand(profile)
    return [
        Version(profile, part, getattr(profile, review.COLUMNS[part]), on_hand.get((part, None)))
        for part in (Part.ABOUT, Part.PHOTO)
    ]


def requests_page(profile):
    """The address of the page where changes are asked for and versions are taken back."""
    return reverse("my:therapists_myprofile_requests", args=[profile.pk])


class MyProfileAdmin(TellsOfLostUpdates, ProfilePages, admin.ModelAdmin):
    """Own rows alone, and an allow-list of fields."""

    actions = None
    form = MyProfileForm
    formfield_overrides = LINKS
    list_display = ["name", "availability", "availability_confirmed_on"]
    readonly_fields = ["signed_as", "availability_confirmed_on"]
    inlines = [MyOffices, MyLicences]
    # {part: (title, fields, description)}, in the order of the public page.
    parts = {
        "you": ("You", ["signed_as", "pronouns", "photo_file"], ""),
        "availability": (
            "Availability",
            ["availability", "availability_confirmed_on"],
            "Saving this page says that your availability is true today. Profiles that nobody "
            "confirms are flagged, and hidden later.",
        ),
        "about": ("In your own words", ["about_words"], ""),
        "terms": ("What people find you by", ["terms"], ""),
        "contact": (
            "Contact",
            ["phone", "website", "booking_url"],
            "Everybody can read these. Your e-mail address is not among them: people write to you "
            "by a form, unless you tick other ways of first contact and neither e-mail nor form.",
        ),
        "fees": ("Fees", [("fee_from", "fee_to"), ("sliding_scale", "free_first_call")], ""),
        "where": ("Where", [("in_person", "online")], ""),
        "license": ("", [], ""),
    }

    class Media:
        js = ["js/my.js"]

    def get_fieldsets(self, request, obj=None):
        return [
            (title, {"fields": fields, "description": description})
            for title, fields, description in self.parts.values()
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        given = {key: kwargs[key] for key in ("label", "help_text") if key in kwargs}
        return TermsField(Term.objects.all(), required=False, widget=TermBoxes, **given)

    # --- whose it is ---

    def get_queryset(self, request):
        return super().get_queryset(request).owned_by(request.user)

    def _is_mine(self, request, obj):
        return obj is None or obj.owner_id == request.user.pk

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return self._is_mine(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._is_mine(request, obj)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request=None):
        """No filter by address: `?email__startswith=` would tell what is not shown."""
        return False

    def view_on_site(self, obj):
        """The public page itself, where there is one: never by way of a content type."""
        return obj.get_absolute_url() if obj.is_listed else None

    def history_view(self, request, object_id, extra_context=None):
        """The history names staff."""
        raise PermissionDenied

    def changelist_view(self, request, extra_context=None):
        """Straight to the profile where there is only one, as there nearly always is."""
        mine = list(self.get_queryset(request)[:2])
        if len(mine) == 1 and request.method == "GET":
            url = reverse("my:therapists_myprofile_change", args=[mine[0].pk])
            return HttpResponseRedirect(url)
        return super().changelist_view(request, extra_context)

    # --- the page ---

    @admin.display(description="name and title")
    def signed_as(self, profile):
        letters = f", {profile.post_nominals}" if profile.post_nominals else ""
        return format_html(
            '<strong>{}{}</strong>{}<br>{} <a href="{}">Ask for a change</a>',
            profile.name,
            letters,
            profile.byline.credit,
            ON_REQUEST,
            requests_page(profile),
        )

    def render_change_form(self, request, context, *args, **kwargs):
        """The parts of the form, each with the rows that stand after it."""
        if request.FILES:  # the form was sent, and is shown again
            messages.warning(request, "Choose your photo once more: it could not be kept here.")
        inlines = context["inline_admin_formsets"]
        context["sections"] = [
            (key, fieldset, [one for one in inlines if one.opts.stands_after == key])
            for key, fieldset in zip(self.parts, context["adminform"], strict=True)
        ]
        context.update(self.panel(context["original"]))
        rows = [row for inline in inlines for row in inline.formset.initial_forms]
        context["doubted"] = [
            (getattr(row, "heading", "Your own words"), row.auto_id % row.add_prefix(row.words))
            for row in [context["adminform"].form, *rows]
            if getattr(row, "doubts", None)
        ]
        context["faults"] = faulty_fields([context["adminform"].form, *all_rows(inlines)])
        context["subtitle"] = None
        context["title"] = "Your profile"
        return super().render_change_form(request, context, *args, **kwargs)

    def also_seen(self, request, obj):
        return {"versions": ["", {one.part: one.seen() for one in own_versions(obj)}]}

    def name_of_other(self, request, user):
        """No names of staff here."""
        return "the people who run this directory"

    # --- saving ---

    def save_model(self, request, obj, form, change):
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[*columns.intersection(form.fields), "updated_at"])
        request.handed_in = form.save_versions(by=request.user)

    def save_formset(self, request, form, formset, change):
        if formset.model is Licence:
            for row in formset.forms:  # a mended license is looked for again
                licences.after_edit(row.instance, row.changed_data, by=request.user)
        super().save_formset(request, form, formset, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        publishing.confirm_availability(form.instance, by=request.user)

    def response_change(self, request, obj):
        said = "Saved."
        if obj.availability:  # of those who say nothing of it there is nothing to confirm
            said += " Your availability counts as confirmed today."
        if request.handed_in:
            said += " We'll read your new words and let you know."
            if any(proposal.part == Part.PHOTO for proposal in request.handed_in):
                said = said.replace("your new words", "what is new")
        messages.success(request, said)
        if "_preview" in request.POST:
            return HttpResponseRedirect(reverse("my:therapists_myprofile_preview", args=[obj.pk]))
        return HttpResponseRedirect(request.path)
