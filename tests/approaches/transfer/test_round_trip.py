"""What is exported can be imported, and then nothing has changed."""

from random import Random

import pytest
from django.core.management import CommandError, call_command

from approaches.models import Specialist
from approaches.transfer.columns import UnknownColumns, all_columns
from approaches.transfer.files import read_sheet
from approaches.transfer.run import guide, import_sheet
from tests import factories
from tests.approaches.transfer.sheets import bring_in, csv_of, exported
from tests.approaches.transfer.test_storing import everything
from therapists.models import Therapist

pytestmark = pytest.mark.django_db

WORDS = [
    "",
    "=cmd|x",
    "+1 503",
    "  two  blanks ",
    "a;b",
    'say "hi"',
    "line\r\n\r\nline",
    "ÄÖ",
    "'x",
    "@y",
]


def random_directory(chance):
    """A few therapists with anything that a profile may hold."""
    terms = [factories.TermFactory(name=f"Term {n}", vocabulary__slug=slug)
             for n, slug in enumerate(["issue", "issue", "phone", "language"])]  # fmt: skip
    approaches = [factories.ApproachFactory(slug=f"way-{n}") for n in range(2)]
    compact = factories.CompactFactory()
    for number in range(6):
        therapist = factories.TherapistFactory(
            office=False, name=f"Tess {chance.choice(WORDS)} {number}", slug=f"tess-{number}",
            about=chance.choice(WORDS), pronouns=chance.choice(WORDS),
            phone=chance.choice(["", "+1 503"]),
            fee_from=chance.choice([None, 0, 90]), sliding_scale=chance.choice([None, True, False]),
            online=chance.choice([True, False]), kind=chance.choice(["person", "practice"]),
            availability=chance.choice(["", "open", "waiting-list", "full"]),
            status=chance.choice(["draft", "published", "withdrawn"]),
            owner=chance.choice([None, factories.UserFactory()]),
            email=chance.choice(["", "shared@example.org"]),
            terms=chance.sample(terms, chance.randrange(4)),
        )  # fmt: skip
        for place in range(chance.randrange(4)):
            factories.OfficeFactory(
                therapist=therapist, city=chance.choice(["", "Bend"]), position=place,
                postal_code=chance.choice(["", "02139"]), street=chance.choice(WORDS).strip(),
            )  # fmt: skip
        for _ in range(chance.randrange(4)):
            factories.LicenceFactory(therapist=therapist, compact=chance.choice([None, compact]))
        for approach in chance.sample(approaches, chance.randrange(3)):
            state = chance.choice([Specialist.State.DRAFT, Specialist.State.APPROVED])
            factories.SpecialistFactory(
                therapist=therapist, approach=approach, state=state,
                statement=chance.choice(WORDS if state == "draft" else WORDS[1:]),
                training=chance.choice(["", "formal"]), training_year=chance.choice([None, 2001]),
            )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("seed", range(6))
def test_importing_an_export_changes_nothing(seed, kind):
    random_directory(Random(seed))
    before = everything()
    outcome = import_sheet(read_sheet(exported(kind)), by=None, publish=False, dry_run=False)
    assert outcome.faults == []
    assert outcome.summary == "0 new, 0 changed, 6 as they are"
    assert everything() == before


def test_an_export_asks_the_database_as_often_for_ten_as_for_one(django_assert_num_queries):
    factories.SpecialistFactory()
    with django_assert_num_queries(12) as asked:
        exported()
    for _ in range(9):
        factories.SpecialistFactory(approach=Specialist.objects.first().approach)
    with django_assert_num_queries(len(asked)):
        exported()


def test_an_unknown_column_is_named_with_the_nearest():
    factories.ApproachFactory(slug="emdr")
    with pytest.raises(UnknownColumns) as caught:
        bring_in({"nmae": "Wren", "approach:emdrr": "x", "zzz": "y", "city": "Bend"})
    assert caught.value.sentences == [
        "We know no column “nmae”: did you mean “name”?",
        "We know no column “approach:emdrr”: did you mean “approach:emdr”?",
        "We know no column “zzz”.",
        "We know no column “city”: did you mean “office_1_city”?",
    ]
    assert not Therapist.objects.exists()


def test_a_vocabulary_that_is_called_like_a_column_has_one_of_its_own():
    factories.TermFactory(vocabulary__slug="phone", name="Text")
    assert "list:phone" in all_columns()
    bring_in({"name": "Wren", "phone": "555", "list:phone": "text"})
    wren = Therapist.objects.get()
    assert (wren.phone, wren.terms.get().name) == ("555", "Text")


def test_every_column_is_explained():
    factories.SpecialistFactory(), factories.TermFactory()
    assert all(about.strip() for _, about in guide(all_columns()))


def test_the_commands_write_a_file_and_read_it(tmp_path, capsys):
    specialist = factories.SpecialistFactory(therapist__slug="tess")
    file = tmp_path / "all.xlsx"
    call_command("export_therapists", file)
    Therapist.objects.update(phone="555 2")
    call_command("import_therapists", file, dry_run=True)
    assert "0 new, 0 changed, 1 as they are." in capsys.readouterr().out
    file.write_bytes(csv_of({"slug": "tess", "phone": "555 3"}))
    call_command("import_therapists", file)
    specialist.therapist.refresh_from_db()
    assert specialist.therapist.phone == "555 3"
    call_command("export_therapists", tmp_path / "empty.csv", template=True)
    with pytest.raises(CommandError, match="no row below it. Nothing was imported"):
        call_command("import_therapists", tmp_path / "empty.csv")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"nmae\nx\n", "did you mean “name”"),
        (b"name,fee_from\nx,y\n", "row 2, fee_from: “y” is not a whole number"),
        (b"", "is empty"),
    ],
)
def test_a_command_that_fails_says_why_and_writes_nothing(tmp_path, content, sentence):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_therapists", tmp_path / "bad.csv", publish=True)
    with pytest.raises(CommandError, match="no file"):
        call_command("import_therapists", tmp_path)
    assert not Therapist.objects.exists()
