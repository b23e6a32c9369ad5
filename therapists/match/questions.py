"""What is asked, and what was answered. Every question can be skipped."""

import re
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter

from django.http import QueryDict
from django.utils.functional import cached_property

from therapists import fields, places
from therapists.filters import FORMATS
from therapists.match.ways import WAYS
from therapists.models import Term
from therapists.states import state_code
from therapists.wordings import speaks_of_danger

# Lists that staff keep, by the question in which they are asked. All others are asked in
# "what matters to you in a therapist", but for these, which say nothing of a person.
WHAT, WHO, COST = ("issue",), ("age", "client"), ("insurance",)
NOT_ASKED = ("credential", "contact")
QUESTIONS = ("what", "who", "where", "cost", "matters", "way")
TYPED = ("words", "near", "fee")


class OwnWordsField(fields.WordsField):
    """What somebody tells of themselves: a whole sentence, where a search has a few words."""

    def understand(self, value):
        return fields.printable(value or "")[: fields.MAX_WORDS_LENGTH].strip(), []


class PlaceOrStateField(fields.PlaceField):
    """A ZIP code, a town, or a state: whoever lives far from any town has only that to say."""

    def understand(self, value):
        text = fields.printable(value or "")[: places.LONGEST_QUESTION]
        return (text, []) if places.is_state(text) else super().understand(value)


@dataclass(frozen=True)
class Ticks:
    """Tick boxes: choices of one list, as pairs of value and label."""

    name: str
    label: str
    explanation: str
    choices: list
    may_be_unstated: bool
    vocabulary: int | None = None

    kind = "ticks"


@dataclass(frozen=True)
class Question:
    """One question. `names` are the fields that it asks, in order."""

    slug: str
    title: str
    hint: str
    names: list = field(default_factory=list)
    before: str = ""
    next: str = ""


class Answers:
    """What somebody answered: `data` is the body of a POST, or None before anything is answered.

    Nothing is refused: what cannot be understood is in `unknown` and the rest holds.
    """

    def __init__(self, data=None):
        terms = [term for term in Term.objects.for_filters() if not term.retired_on]
        self.lists = {}
        self.terms = {}  # {(list, slug): number of the term}
        for _, group in groupby(terms, key=attrgetter("vocabulary")):
            self._take(list(group))
        understood = {
            name: field.understand(field.widget.value_from_datadict(data or QueryDict(), {}, name))
            for name, field in _fields(self.lists.values()).items()
        }
        self.given = {name: value for name, (value, _) in understood.items()}
        self.not_understood = {name: unknown for name, (_, unknown) in understood.items()}

    def _take(self, terms):
        first = terms[0]
        slug = first.vocabulary__slug
        if slug in NOT_ASKED:
            return
        self.lists[slug] = Ticks(
            name=slug,
            label=first.vocabulary__question,
            explanation=first.vocabulary__explanation,
            choices=[(term.slug, term.name) for term in terms],
            may_be_unstated=first.vocabulary__may_be_unstated,
            vocabulary=first.vocabulary,
        )
        self.terms |= {(slug, term.slug): term.pk for term in terms}

    def but(self, **given):
        """The same answers, with other ones to some fields."""
        other = copy(self)
        for name in ("place", "issues_in_words"):  # told from what was given
            other.__dict__.pop(name, None)
        other.given = self.given | given
        other.not_understood = self.not_understood | dict.fromkeys(given, [])
        return other

    # --- what is asked ---

    @property
    def questions(self):
        """The questions that have anything to ask, each with its fields."""
        others = [name for name in self.lists if name not in WHAT + WHO + COST]
        asked = [
            Question("what", "What brings you?", "", ["words", *self._held(WHAT)]),
            Question("who", "Who is it for?", "", self._held(WHO)),
            Question("where", "Where, and how?", "", ["near", "how"]),
            Question("cost", "What may it cost?", "", [*self._held(COST), "fee", "cost-must"]),
            Question(
                "matters",
                "What matters to you in a therapist?",
                "These are wishes: nobody is left out for not having said.",
                others,
            ),
            Question("way", "How would you like to work?", "", ["way"]),
        ]
        asked = [question for question in asked if question.names]
        slugs = ["", *(question.slug for question in asked), ""]
        return [
            replace(question, before=slugs[place], next=slugs[place + 2])
            for place, question in enumerate(asked)
        ]

    def _held(self, names):
        return [name for name in names if name in self.lists]

    def of(self, name):
        """What was answered to a field: a list, a text or a number; [] or None for nothing."""
        return self.given.get(name, [])

    # --- what was answered ---

    @cached_property
    def issues_in_words(self):
        """Slugs of the issues that the reader's own words name, by name or synonym."""
        return [term.slug for term in issues_named_in(self.of("words") or "")]

    @property
    def issues(self):
        """Slugs of all issues, ticked or named in the reader's own words."""
        return list(dict.fromkeys([*self.of("issue"), *self.issues_in_words]))

    @property
    def state(self):
        """The code of the state that was given in place of a town, or ""."""
        return state_code((self.of("near") or "").replace(".", "")) if self._is_state else ""

    @property
    def _is_state(self):
        return bool(self.of("near")) and places.is_state(self.of("near"))

    @cached_property
    def place(self):
        """The town or ZIP code that was meant, a `places.Place`; None if none is known."""
        asked = None if self._is_state else places.parse(self.of("near") or "")
        return places.understood(asked) if asked else None

    @property
    def unknown(self):
        """Sentences on what could not be understood."""
        said = []
        if self.of("words") and "issue" in self.lists and not self.issues_in_words:
            said.append(
                f"“{_short(self.of('words'))}” names nothing on our list, so it is left out. "
                "“Change” leads to the list: choose what comes closest."
            )
        near = self.not_understood["near"] or ([self.of("near")] if self.of("near") else [])
        if near and not (self.place or self.state):
            said.append(f"We do not know the place “{_short(near[0])}”, so it is left out.")
        if self.not_understood["fee"]:
            fee = _short(self.not_understood["fee"][0])
            said.append(f"“{fee}” is no number of dollars, so it is left out.")
        return said

    @property
    def speak_of_danger(self):
        """Whether help should stand above the result."""
        return speaks_of_danger(" ".join([self.of("words") or "", *self.of("issue")]))

    @property
    def pairs(self):
        """[(field, value)] of all that was answered, as a form would send it again."""
        pairs = []
        for name in self.given:
            value = self.written(name)
            values = value if isinstance(value, list) else [value]
            pairs += [(name, one) for one in values if one not in (None, "", False)]
        return pairs

    def written(self, name):
        """The same as `of`; what was not understood as it was typed, so that it can be mended."""
        value, unknown = self.of(name), self.not_understood.get(name)
        return unknown[0] if name in TYPED and unknown else value


def issues_named_in(text):
    """The `Term`s of the issues that a text names, by name or synonym; retired ones are not."""
    words = f" {_folded(text)} "
    if not words.strip():
        return []
    # All names are read and looked for here: the words themselves are told to no database.
    issues = Term.objects.offered().filter(vocabulary__slug__in=WHAT)
    return [
        term
        for term in issues.order_by("position", "name", "pk")
        if any(f" {_folded(name)} " in words for name in [term.name, *term.synonyms] if name)
    ]


def _fields(lists):
    """{name: field} of all that is asked; tick boxes of `lists`."""
    declared = {
        "words": OwnWordsField(),
        "near": PlaceOrStateField(),
        "how": fields.KnownChoicesField(choices=FORMATS),
        "fee": fields.DollarsField(),
        "unsure": fields.KnownChoicesField(choices=[(slug, slug) for slug in QUESTIONS]),
        "cost-must": fields.KnownChoicesField(choices=[("yes", "yes")]),
        "way": fields.KnownChoicesField(choices=WAYS),
    }
    return declared | {one.name: fields.KnownChoicesField(choices=one.choices) for one in lists}


def _folded(text):
    """Lower-case words with single blanks: letters and digits alone, and one attack as attacks."""
    return " ".join(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in re.findall(r"[^\W_]+", text.casefold())
    )


def _short(text):
    return text if len(text) <= 60 else f"{text[:59]}…"
