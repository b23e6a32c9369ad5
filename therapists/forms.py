"""Form fields that both admins use."""

from itertools import groupby

from django import forms
from django.db import models
from django.db.models.functions import Lower
from django.forms.models import ModelChoiceIterator

from therapists.photos import check_photo, cleaned_photo

# For `formfield_overrides`: what people type as “example.org” is https://example.org.
LINKS = {models.URLField: {"assume_scheme": "https"}}


class PhotoField(forms.ImageField):
    """Takes a photo in: checked by size and content, turned upright, without its metadata."""

    def to_python(self, data):
        upload = super().to_python(data)
        if upload is None:
            return None
        check_photo(upload)
        return cleaned_photo(upload)


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
