"""Test data. A therapist is listed, with an office in Portland, OR, unless a test says not."""

import datetime
import uuid

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.text import slugify

from approaches.models import Approach, Source, Specialist
from therapists import joining
from therapists.contact.sealing import seal
from therapists.models import (
    Compact,
    Consent,
    Delivery,
    Finding,
    HoldRule,
    ImportConflict,
    Licence,
    Message,
    Office,
    Proposal,
    Report,
    Term,
    Therapist,
    Vocabulary,
)


def today():
    return timezone.localdate()


def days_ago(days):
    return today() - datetime.timedelta(days=days)


def days_ago_at(days):
    """The moment so many days ago."""
    return timezone.now() - datetime.timedelta(days=days)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    password = factory.django.Password("a long enough password")


class VocabularyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Vocabulary
        django_get_or_create = ["slug"]

    slug = "issue"
    name = factory.LazyAttribute(lambda v: v.slug.capitalize())
    question = factory.LazyAttribute(lambda v: f"Which {v.slug}?")


class TermFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Term
        django_get_or_create = ["vocabulary", "slug"]

    vocabulary = factory.SubFactory(VocabularyFactory)
    name = factory.Sequence(lambda n: f"Term {n}")
    slug = factory.LazyAttribute(lambda term: slugify(term.name))


class OfficeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Office

    city = "Portland"
    state = "OR"


class TherapistFactory(factory.django.DjangoModelFactory):
    """`office=False` for none, `office__city="Bend"` for another; `terms=[...]` that they state."""

    class Meta:
        model = Therapist
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(status=Therapist.Status.DRAFT, published_on=None)
        withdrawn = factory.Trait(status=Therapist.Status.WITHDRAWN)
        stale = factory.Trait(availability_confirmed_on=factory.LazyFunction(lambda: days_ago(181)))

    name = factory.Sequence(lambda n: f"Tess Tester {n}")
    slug = factory.LazyAttribute(lambda therapist: slugify(therapist.name))
    title = "Licensed Clinical Social Worker"
    status = Therapist.Status.PUBLISHED
    published_on = factory.LazyFunction(today)
    consent_on = factory.LazyFunction(today)
    consent_basis = "Signed form"
    availability = Therapist.Availability.OPEN
    availability_confirmed_on = factory.LazyFunction(today)

    @factory.post_generation
    def office(self, create, extracted, **parts):
        if extracted is not False:
            OfficeFactory(therapist=self, **parts)

    @factory.post_generation
    def own_consent(self, create, extracted, **kwargs):
        """Whoever keeps their profile has agreed themselves; `own_consent=False`: not yet."""
        if self.owner and extracted is not False:
            ConsentFactory(therapist=self, given_by=self.owner)

    @factory.post_generation
    def terms(self, create, extracted, **kwargs):
        self.terms.set(extracted or [])


class ConsentFactory(factory.django.DjangoModelFactory):
    """To the text of today."""

    class Meta:
        model = Consent

    given_on = factory.LazyFunction(timezone.now)
    text_version = joining.CONSENT_VERSION
    basis = joining.OWN_WORD


class CompactFactory(factory.django.DjangoModelFactory):
    """One that grants authority in Colorado, Utah and Washington."""

    class Meta:
        model = Compact

    name = factory.Sequence(lambda n: f"Compact {n}")
    slug = factory.LazyAttribute(lambda compact: slugify(compact.name))
    states = factory.LazyFunction(lambda: ["CO", "UT", "WA"])
    operates = True


class LicenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Licence

    therapist = factory.SubFactory(TherapistFactory)
    state = "OR"
    kind = "Clinical Social Worker"
    number = factory.Sequence(lambda n: f"L{n}")
    compact = None


class ApproachFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Approach

    name = factory.Sequence(lambda n: f"Approach {n}")
    slug = factory.LazyAttribute(lambda approach: slugify(approach.name))
    summary = "A way of working."
    overview = "What it is, in a few words."
    status = Approach.Status.PUBLISHED
    published_on = factory.LazyFunction(today)


class SourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Source

    approach = factory.SubFactory(ApproachFactory)
    citation = "Tester, T. (2020). A work. A Journal, 1(1), 1-10."


class SpecialistFactory(factory.django.DjangoModelFactory):
    """A listed therapist whose statement on a published approach is approved."""

    class Meta:
        model = Specialist

    therapist = factory.SubFactory(TherapistFactory)
    approach = factory.SubFactory(ApproachFactory)
    statement = factory.Sequence(lambda n: f"Statement {n}, in my own words.")
    state = Specialist.State.APPROVED


class ProposalFactory(factory.django.DjangoModelFactory):
    """A new text about themselves, which waits for review."""

    class Meta:
        model = Proposal

    therapist = factory.SubFactory(TherapistFactory)
    part = Proposal.Part.ABOUT
    text = factory.Sequence(lambda n: f"New words {n}.")


class StatementFactory(ProposalFactory):
    """A new version of a published statement, which waits for review."""

    specialist = factory.SubFactory(SpecialistFactory)
    therapist = factory.SelfAttribute("specialist.therapist")
    part = Proposal.Part.STATEMENT


class ReportFactory(factory.django.DjangoModelFactory):
    """A reader says that the place of a therapist is wrong."""

    class Meta:
        model = Report

    therapist = factory.SubFactory(TherapistFactory)
    reason = Report.Reason.PLACE


class ImportConflictFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImportConflict

    therapist = factory.SubFactory(TherapistFactory)
    words = factory.Sequence(lambda n: f"Signs page {n} as “Drama Therapist”; held as “Counselor”.")


class FindingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Finding

    therapist = factory.SubFactory(TherapistFactory)
    kind = Finding.Kind.CAPITALS
    words = factory.Sequence(lambda n: f"TESS TESTER {n}")


class MessageFactory(factory.django.DjangoModelFactory):
    """Handed on to its therapist. `said={...}` replaces what the client wrote, in part or whole."""

    class Meta:
        model = Message

    class Params:
        said = factory.LazyFunction(dict)
        held = factory.Trait(state=Message.State.HELD, held_for="Any link")
        spam = factory.Trait(state=Message.State.SPAM)

    therapist = factory.SubFactory(TherapistFactory)
    mark = factory.LazyFunction(lambda: uuid.uuid4().hex)
    sealed = factory.LazyAttribute(
        lambda message: seal({**SAID, **message.said}, mark=message.mark)
    )


# What a client writes; `tests` look for these words where they must not be.
SAID = {
    "name": "Ines Quillfeather",
    "email": "ines@client.example",
    "phone": "503 555 0142",
    "text": "I cannot sleep since the zeppelin left.",
}


class DeliveryFactory(factory.django.DjangoModelFactory):
    """The letter to the therapist, on its way."""

    class Meta:
        model = Delivery

    class Params:
        dead = factory.Trait(
            state=Delivery.State.DEAD, attempts=11, fault="The mail server could not be used."
        )

    message = factory.SubFactory(MessageFactory)
    kind = Delivery.Kind.MESSAGE


class HoldRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = HoldRule

    phrase = factory.Sequence(lambda n: f"buy {n} zeppelins")
