"""The model field for a photo, and what an upload becomes in it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models.fields.files import ImageFieldFile

from therapists.photos.pictures import encoded, square
from therapists.photos.storing import LARGEST, photo_path, store


class Photo(SimpleUploadedFile):
    """An upload that was checked and cut: all files of it, in memory, for a row to keep."""

    def __init__(self, files):
        super().__init__(LARGEST, files[LARGEST], "image/webp")
        self.files = files

    @classmethod
    def of(cls, upload, crop=None):
        """Take an upload in; raises ValidationError with a sentence where it cannot be."""
        return cls(encoded(square(upload, crop)))


class PhotoFile(ImageFieldFile):
    """Keeps a `Photo` in all sizes, and anything else as the one file that it is."""

    def save(self, name, content, save=True):
        if not isinstance(content, Photo):
            super().save(name, content, save)
            return
        self.name = store(content.files)
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()


class PhotoField(models.ImageField):
    """The name of a photo; in forms, an upload with a square to choose."""

    attr_class = PhotoFile

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("upload_to", photo_path)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs):
        from therapists.forms import PhotoField, PhotoInput

        # Whatever an admin has for files in general: only these two can take a photo in.
        return super().formfield(**{**kwargs, "form_class": PhotoField, "widget": PhotoInput})
