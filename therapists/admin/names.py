"""Names for the fields in tables, which Django writes into the head of the column alone.

Whoever listens to a page, or sees a part of it much enlarged, meets the field without its column.
"""


class NamedInList:
    """For an admin whose list can be edited."""

    def get_changelist_formset(self, request, **kwargs):
        formset = super().get_changelist_formset(request, **kwargs)
        _name_fields(formset.form.base_fields)
        return formset


class NamedInTable:
    """For a `TabularInline`."""

    def get_formset(self, request, obj=None, **kwargs):
        class Named(super().get_formset(request, obj, **kwargs)):
            def add_fields(self, form, index):
                super().add_fields(form, index)
                _name_fields(form.fields)

        return Named


def _name_fields(fields):
    for field in fields.values():
        if field.label:
            field.widget.attrs.setdefault("aria-label", field.label)
