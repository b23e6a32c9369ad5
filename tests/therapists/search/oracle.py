"""What the listing should say, in plain Python: slow, and short enough to be read.

Written from the published rules, over the rows that `people` reads.
"""

import hashlib
from dataclasses import dataclass, field

from django.utils.functional import cached_property

from tests.therapists.geography import miles_between
from tests.therapists.search.people import own_town, stems, tokens
from therapists.places import parse
from therapists.states import STATES

RADII = (5, 10, 25, 50, 100)
AVAILABILITIES = ("open", "waiting-list", "full")
TRAININGS = ("certified", "formal")

# --- words ----------------------------------------------------------------------------------------


def distance(a, b):
    """Letters too many, missing, wrong, or two that were exchanged."""
    rows = [list(range(len(b) + 1))]
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other)))
            if i > 1 and j > 1 and (letter, a[i - 2]) == (b[j - 2], other):
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


class Words:
    """How words find people: by their own, and by what their terms and approaches are called."""

    def __init__(self, directory):
        self.people = directory.people
        self._called = [
            (kind, pk, stems(text) | set(tokens(text))) for kind, pk, text in directory.called
        ]
        self.spelled = {token for _, _, text in directory.called for token in tokens(text)}
        for person in self.people:
            self.spelled |= person.name
        self._instead = {}

    @staticmethod
    def is_hollow(word):
        return not stems(word)

    def instead(self, word):
        """What is looked for: the word itself, or those it may be a misspelling of."""
        if word not in self._instead:
            found = any(self._has(person, word) for person in self.people)
            self._instead[word] = [word] if found else self._meant(word)
        return self._instead[word]

    def has(self, person, word):
        return any(self._has(person, one) for one in self.instead(word))

    def has_called(self, person, word):
        """Whether a term or an approach of theirs is called so."""
        return any(self._has_called(person, one) for one in self.instead(word))

    def _has(self, person, word):
        own = word in person.name or bool(stems(word) & person.stems)
        return own or self._has_called(person, word)

    def _has_called(self, person, word):
        own = {"term": person.terms, "approach": person.trained}
        forms = stems(word) | {word}
        return any(forms & words and pk in own[kind] for kind, pk, words in self._called)

    def _meant(self, word):
        """The nearest words by spelling, else those that begin so, else the word itself."""
        if word in self.spelled or self.is_hollow(word):
            return [word]
        may = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
        distances = {one: distance(word, one) for one in self.spelled} if may else {}
        nearest = min(distances.values(), default=99)
        if nearest <= may:
            return sorted(one for one, far in distances.items() if far == nearest)
        begun = sorted(one for one in self.spelled if one.startswith(word) and len(word) >= 3)
        return begun or [word]


# --- the rules ------------------------------------------------------------------------------------


@dataclass
class Question:
    """One group: who fits a choice, who fits those chosen (None: not narrowed), who is silent."""

    options: dict = field(default_factory=dict)
    chosen: object = None
    silent: object = None
    or_silent: bool = False

    def lets_in(self, person):
        return self.chosen(person) or bool(self.or_silent and self.silent and self.silent(person))


class Answer:
    """What an address of the listing shows: `choices` is {parameter: [values]}.

    `practising` is the number of the approach whose page the list stands on, if it stands on one.
    """

    def __init__(self, directory, choices, practising=None, words=None):
        self.directory, self.choices, self.practising = directory, choices, practising
        self.words = words or Words(directory)
        self.questions = self._questions()
        for name in choices.get("unstated", []):
            if name in self.questions and self.questions[name].silent:
                self.questions[name].or_silent = True

    def but(self, **changes):
        """The answer to other choices: `issue=["grief"]`, or `issue=[]` for none."""
        choices = {name: values for name, values in (self.choices | changes).items() if values}
        return Answer(self.directory, choices, self.practising, self.words)

    # --- how many ---

    @property
    def narrowing(self):
        return {name for name, question in self.questions.items() if question.chosen}

    @cached_property
    def fitting(self):
        questions = [question for question in self.questions.values() if question.chosen]
        people = self.directory.people
        return [one for one in people if all(question.lets_in(one) for question in questions)]

    @property
    def total(self):
        return len(self.fitting)

    def counts(self):
        """{(group, value): how many fit it as the only choice in its group, without the silent}."""
        counts = {}
        for name, question in self.questions.items():
            others = self if name not in self.narrowing else self._without(name)
            for value, fits in question.options.items():
                if name in ("approach", "training"):  # a training is one in the chosen approaches
                    changes = {name: [value], "unstated": self._unstated_but(name)}
                    counts[name, value] = self.but(**changes).total
                else:
                    counts[name, value] = sum(map(fits, others.fitting))
        return counts

    def silent(self, name):
        """How many more fit if those who have not said count in this group."""
        others = self._unstated_but(name)
        return self.but(unstated=[*others, name]).total - self.but(unstated=others).total

    def _unstated_but(self, name):
        return [one for one in self.choices.get("unstated", []) if one != name]

    def total_without(self, name):
        return self._without(name).total

    def _without(self, name):
        if name != "practising":
            return self.but(**{name: []})
        answer = self.but()
        answer.questions[name].chosen = None
        return answer

    def nearest_beyond(self):
        """Miles to the nearest who fit all but the place; None if there are none."""
        points = [point for one in self._without("near").fitting for point in one.points]
        return min(map(self._miles, points), default=None)

    # --- in which order ---

    def order(self, by, day):
        """Slugs, first to last."""

        def place(person):
            line = f"{day.isoformat()} {person.slug}"
            return self._tier(by, person), hashlib.md5(line.encode()).hexdigest(), person.slug

        return [person.slug for person in sorted(self.fitting, key=place)]

    def _tier(self, by, person):
        if by == "nearest" and self.place:
            nearest = self._nearest(person)
            return nearest if nearest <= RADII[-1] else RADII[-1] + 1
        if by == "fee":
            return 99_999 if person.fee is None else min(person.fee, 16_383)
        if by == "words":
            return self._word_tier(person)
        return 0

    def _word_tier(self, person):
        """Whose name holds all words that say anything; whose terms and approaches do; others."""
        words = self._telling
        if all(word in person.name for word in words):
            return 0
        named = [word in person.name or self.words.has_called(person, word) for word in words]
        return 1 if all(named) else 2

    @property
    def meant(self):
        """{word that nobody has: [those looked for instead]}."""
        meant = {word: self.words.instead(word) for word in self._telling}
        return {word: instead for word, instead in meant.items() if instead != [word]}

    # --- questions ---

    def _questions(self):
        questions = {
            "q": self._of_words(),
            "approach": self._of_approaches(),
            "training": self._of_training(),
            "near": self._of_place(),
            "state": self._of("state", list(STATES), lambda person: person.states),
            "format": self._of(
                "format",
                ["in-person", "online"],
                lambda person: person.formats,
                lambda person: not person.formats,
            ),
            "licence": self._of("licence", list(STATES), lambda person: person.licences),
            "availability": self._of(
                "availability",
                AVAILABILITIES,
                lambda person: {person.availability},
                lambda person: not person.availability,
            ),
            "fee": self._of_fee(),
            "sliding": self._of_yes("sliding", lambda person: person.sliding),
            "free-call": self._of_yes("free-call", lambda person: person.free_call),
        }
        if self.practising is not None:
            del questions["approach"]
            is_theirs = self._practises(self.practising)
            questions["practising"] = Question({"this": is_theirs}, is_theirs)
        return questions | {v.slug: self._of_vocabulary(v) for v in self.directory.vocabularies}

    def _asked(self, name):
        return self.choices.get(name, [])

    def _of(self, name, values, said, silent=None):
        """A question whose choices are values that a person has said."""
        options = {value: lambda person, value=value: value in said(person) for value in values}
        return self._any_of(name, options, silent)

    def _of_yes(self, name, said):
        options = {"yes": lambda person: said(person) is True}
        return self._any_of(name, options, lambda person: said(person) is None)

    def _any_of(self, name, options, silent=None):
        known = [options[value] for value in self._asked(name) if value in options]
        chosen = (lambda person: any(fits(person) for fits in known)) if known else None
        return Question(options, chosen, silent)

    def _of_vocabulary(self, vocabulary):
        terms = [term for term in self.directory.terms if term.vocabulary_id == vocabulary.pk]
        options = {term.slug: lambda person, pk=term.pk: pk in person.terms for term in terms}
        silent = None
        if vocabulary.may_be_unstated:
            silent = lambda person: vocabulary.pk not in person.vocabularies  # noqa: E731
        return self._any_of(vocabulary.slug, options, silent)

    @staticmethod
    def _practises(approach):
        return lambda person: approach in person.trained

    def _of_approaches(self):
        directory = self.directory
        options = {directory.approaches[pk].slug: self._practises(pk) for pk in directory.published}
        return self._any_of("approach", options)

    def _of_training(self):
        """In the approaches that are chosen, else in any that has a page."""
        directory = self.directory
        chosen = [directory.number_of(slug) for slug in self._asked("approach")]
        approaches = {pk for pk in chosen if pk} or directory.published
        if self.practising is not None:
            approaches = {self.practising}

        def trained(training):
            return lambda person: any(person.trained.get(pk) == training for pk in approaches)

        options = {training: trained(training) for training in TRAININGS}
        return self._any_of("training", options, trained(""))

    def _of_fee(self):
        dollars = next((int(value) for value in self._asked("fee")), None)
        if dollars is None:
            return Question(silent=lambda person: person.fee is None)
        return Question(
            chosen=lambda person: person.fee is not None and person.fee <= dollars,
            silent=lambda person: person.fee is None,
        )

    def _of_words(self):
        text = next(iter(self._asked("q")), "")
        asked = list(dict.fromkeys(text.lower().split()))
        # "and", "the": skipped, unless there is nothing else.
        self._telling = [word for word in asked if not self.words.is_hollow(word)] or asked
        words = self._telling
        if not words:
            return Question()
        return Question(chosen=lambda person: all(self.words.has(person, word) for word in words))

    # --- place ---

    def _of_place(self):
        asked = parse(next(iter(self._asked("near")), ""))
        self.place = self.directory.understood(asked) if asked else None
        nobody = dict.fromkeys(map(str, RADII), lambda person: False)
        if not asked:
            return Question(nobody)
        if not self.place:
            return self._of_unknown_town(asked, nobody)
        radius = next((int(miles) for miles in self._asked("within")), 25)
        return Question(
            {str(miles): self._within(miles) for miles in RADII},
            self._within(radius),
            lambda person: self.place.state in person.unplaced,
        )

    def _of_unknown_town(self, asked, nobody):
        """A town without coordinates: those who sit in a town of that name."""

        def is_there(person):
            return any(
                town == own_town(asked.town) and state == (asked.state or state)
                for town, state in person.towns
            )

        if not asked.town or not any(map(is_there, self.directory.people)):
            return Question(nobody)
        return Question(dict.fromkeys(nobody, is_there), is_there)

    def _within(self, miles):
        return lambda person: self._nearest(person) <= miles

    def _nearest(self, person):
        return min(map(self._miles, person.points), default=99_999)

    def _miles(self, point):
        return miles_between(self.place.latitude, self.place.longitude, *point)
