"""Form fields that both admins use."""

from itertools import groupby

from django import forms
from django.db import models
from django.db.models.functions import Lower
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string

from therapists.models import Term
from therapists.photos.field import Photo
from therapists.photos.pictures import FORMATS, Crop
from therapists.photos.storing import address

# For `formfield_overrides`: what people type as “example.org” is https://example.org.
LINKS = {models.URLField: {"assume_scheme": "https"}}


class PhotoInput(forms.ClearableFileInput):
    """A file to choose, and where scripts run, the square of it that is shown.

    Without a script no square is sent, and the middle of the photo is taken.
    """

    PARTS = ("x", "y", "side")
    template_name = "widgets/photo.html"

    class Media:
        js = [forms.Script("js/crop.js", defer=True)]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"]["accept"] = ",".join(f"image/{form.lower()}" for form in FORMATS)
        widget["crop"] = [(part, f"{name}-{part}") for part in self.PARTS]
        if widget["is_initial"]:
            widget["shown"] = address(value.name, 320)
        return context

    def _render(self, template_name, context, renderer=None):
        # Beside the site's own templates, which Django's renderer of forms does not know.
        return render_to_string(template_name, context)

    def value_from_datadict(self, data, files, name):
        upload = super().value_from_datadict(data, files, name)
        if upload:
            upload.crop = [data.get(f"{name}-{part}", "") for part in self.PARTS]
        return upload


class PhotoField(forms.FileField):
    """Takes a photo in: checked by content and size, upright, a square, and nothing but pixels."""

    widget = PhotoInput
    default_error_messages = {"empty": "This file is empty. Choose another one."}

    def __init__(self, *, max_length=None, **kwargs):
        # The name of an upload is not kept, so it may be as long as it is.
        super().__init__(**kwargs)

    def to_python(self, data):
        upload = super().to_python(data)
        if upload is None:
            return None
        crop = getattr(upload, "crop", None)
        return Photo.of(upload, Crop.parse(*crop) if crop else None)


class _ByVocabulary(ModelChoiceIterator):
    """Terms under the name of their vocabulary."""

    def __iter__(self):
        terms = self.queryset.select_related("vocabulary").order_by(
            "vocabulary__position", "vocabulary__name", "position", Lower("name"), "pk"
        )
        for vocabulary, group in groupby(terms, key=lambda term: term.vocabulary):
            yield vocabulary.name, [self.choice(term) for term in group]


class TermsField(forms.ModelMultipleChoiceField):
    """All terms of all vocabularies, as tick boxes in groups."""

    iterator = _ByVocabulary
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, term):
        return f"{term} (retired)" if term.retired_on else str(term)


class OffersTerms:
    """For a ModelForm: offers no retired term, but to a row that has it already."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if getattr(getattr(field, "queryset", None), "model", None) is Term:
                has = getattr(self.instance, name).values("pk") if self.instance.pk else ()
                field.queryset = field.queryset.offered(beside=has)
