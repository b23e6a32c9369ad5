"""Signing up and signing in, by django-allauth: what of it there is, and how it speaks here."""
