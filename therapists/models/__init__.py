"""Therapists, where they sit, what they are licensed for, and the words they are found by."""

from therapists.models.consent import Consent
from therapists.models.contact import ContactTally, Delivery, HoldRule, Message
from therapists.models.counters import DirectoryDay, ProfileDay
from therapists.models.desk import Finding, ImportConflict, Note, Report
from therapists.models.freshness import AvailabilityLetter
from therapists.models.leaving import Departure
from therapists.models.practice import STATE_CHOICES, Compact, Licence, Office
from therapists.models.review import Proposal, SendBackReason
from therapists.models.search import SearchEntry
from therapists.models.therapist import INVENTED, MyProfile, Therapist
from therapists.models.vocabularies import (
    RESERVED_PARAMETERS,
    Term,
    TermAlias,
    Vocabulary,
    not_reserved,
)
from therapists.places import Place

__all__ = [
    "INVENTED",
    "RESERVED_PARAMETERS",
    "STATE_CHOICES",
    "AvailabilityLetter",
    "Compact",
    "Consent",
    "ContactTally",
    "Delivery",
    "DirectoryDay",
    "Departure",
    "Finding",
    "HoldRule",
    "ImportConflict",
    "Licence",
    "Message",
    "MyProfile",
    "Note",
    "Office",
    "Place",
    "ProfileDay",
    "Proposal",
    "Report",
    "SearchEntry",
    "SendBackReason",
    "Term",
    "TermAlias",
    "Therapist",
    "Vocabulary",
    "not_reserved",
]
