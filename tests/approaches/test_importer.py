"""Import of approach pages: what is understood, and what is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from approaches.importer.reading import read_page
from tests.approaches.pages import MEI, OTIS, OVERVIEW, nothing_is_stored, page_of
from therapists.models import Therapist

ROOT = Path(__file__).resolve().parents[2]

# --- what is understood ---


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (page_of(MEI).replace("\n", "\r\n"), "I ask you to stand up."),
        (page_of(MEI).replace("\n", "\r"), "I ask you to stand up."),
        ("\ufeff" + page_of(MEI), "I ask you to stand up."),
        (page_of(MEI.replace("—", "–")), "I ask you to stand up."),
        (page_of(MEI.replace("— ", "-- ")), "I ask you to stand up."),
        (page_of(MEI.replace("\n\n—", "\n—")), "I ask you to stand up."),
        (page_of(MEI).rstrip("\n"), "I ask you to stand up."),
        (page_of(MEI).replace("Meet the specialists", "## Meet The Specialists:"),
         "I ask you to stand up."),
        (page_of(MEI).replace("specialists\n\n", "specialists\n"), "I ask you to stand up."),
        (page_of(MEI.replace("ask you", "ask  you\n   all")), "I ask you all to stand up."),
        (page_of("“Don’t,” I say – or — do." + MEI[22:]), "“Don’t,” I say – or — do."),
        (page_of("One.\n\nTwo,\nthree.\n\n\n\nFour - five." + MEI[22:]),
         "One.\n\nTwo, three.\n\nFour - five."),
    ],
    ids=["CRLF", "CR", "BOM", "en dash", "two hyphens", "signed right below", "no last newline",
         "heading as Markdown", "no line below the heading", "wrapped", "curly quotes and dashes",
         "several paragraphs"],
)  # fmt: skip
def test_a_page_is_understood_however_its_editor_wrote_it(text, statement, tmp_path):
    file = tmp_path / "page.txt"
    file.write_bytes(text.encode())

    page = read_page(file)

    (signed,) = page.signed
    assert (page.title, page.overview) == ("Drama Therapy", OVERVIEW)
    assert signed.statement == statement
    assert str(signed.byline) == "Mei Lanternfield, Drama Therapist in Eugene, OR"


WORD = st.text("abcdefgxyzéß*_#`&<’“", min_size=1, max_size=8)
PARAGRAPH = st.lists(WORD, min_size=1, max_size=12).map(" ".join)
STATEMENT = st.lists(PARAGRAPH, min_size=1, max_size=3).map("\n\n".join)


@given(
    st.lists(STATEMENT, min_size=1, max_size=5),
    st.lists(PARAGRAPH, min_size=1, max_size=3),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["— ", "– ", "-- ", "- ", "—"]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_was_written_is_read_back(tmp_path_factory, statements, overview, newline, dash):
    signed = [
        f"{statement}\n\n{dash}Mei Lanternfield {chr(65 + number)}, Counselor"
        for number, statement in enumerate(statements)
    ]
    file = tmp_path_factory.mktemp("page") / "page.txt"
    text = page_of(*signed, overview="\n\n".join(overview))
    file.write_bytes(text.replace("\n", newline).encode())

    page = read_page(file)

    assert [one.statement for one in page.signed] == statements
    assert page.overview == "\n\n".join(overview)
    assert [text.split("\n")[one.line - 1].lstrip("—–- ") for one in page.signed] == [
        str(one.byline) for one in page.signed
    ]


# --- what is refused ---

BAD = {
    "empty": ("", "the file is empty"),
    "blank lines alone": (" \n\n \t\n", "the file is empty"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff\x00\x01", "line 1: this is not UTF-8 text"),
    "control characters": (page_of(MEI) + "\x07", "line 12: this is not a text file"),
    "Latin-1": (page_of(MEI).replace("I ask", "Ça").encode("latin-1", "replace"),
                "line 9: this is not UTF-8 text"),
    "UTF-16": (page_of(MEI).encode("utf-16"), "line 1: this is not UTF-8 text"),
    "UTF-16 without a mark": (page_of(MEI).replace("—", "-").encode("utf-16-le"),
                              "line 1: this is not a text file"),
    "no statements": (page_of(), "line 7: no statement follows “Meet the specialists”"),
    "no heading": (page_of(MEI).replace("Meet", "Know"), "“Meet the specialists” is missing"),
    "no title": ("Meet the specialists\n\n" + MEI, "line 1: there is no title"),
    "no overview": ("Drama Therapy\n\nMeet the specialists\n\n" + MEI, "line 1: there is no over"),
    "a title in the text": (f"Drama\ntherapy\n\n{page_of(MEI)}", "line 1: the title should stand"),
    "no Latin title": (page_of(MEI, title="演劇療法"), "the title has no letters"),
    "unsigned": (page_of(MEI, "One more thing."), "line 13: this statement is not signed"),
    "signature alone": (page_of(MEI, OTIS[28:]), "line 13: this signature has no statement above"),
    "signature first": (page_of(OTIS[28:], MEI), "line 9: this signature has no statement above"),
    "signature without a name": (page_of("Words.\n\n— , Counselor"), "line 11: the signature has"),
    "text below a signature": (page_of(f"{MEI}\nMore."), "line 11: text goes on right below"),
    "no such state": (page_of(MEI, OTIS.replace("OR", "QX")), "line 15: “QX” is not a state"),
    "twice the same": (page_of(MEI, OTIS, MEI), "Mei Lanternfield has signed already, on line 11"),
    "twice, once without a place": (
        page_of(MEI, "I say more.\n\n— Mei Lanternfield"),
        "line 15: Mei Lanternfield has signed already, on line 11",
    ),
    "a name without end": (page_of(f"Words.\n\n— {'Mei' * 50}, Counselor"), "longer than 120 char"),
    "a signature without end": (page_of("Words.\n\n— Mei" + ", A.B" * 200), "more than 500 char"),
    "turned round": (page_of(MEI.replace("stand", "\u202estand")), "line 9: a character here"),
    "an unseen character": (
        page_of(MEI, OTIS.replace("Otis", "Otis\u200b")),
        "line 15: there is a character here that nobody sees (zero width space)",
    ),
    "ten megabytes": (page_of(MEI, overview="word " * 2_000_000), "10.0 MB is too large"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_a_page_that_does_not_fit_is_refused_with_file_and_line(text, sentence, run):
    with pytest.raises(CommandError) as caught:
        run(text, publish=True)

    assert sentence in str(caught.value)
    assert "page-0.txt" in str(caught.value)
    assert str(caught.value).endswith("Nothing was imported.")
    assert nothing_is_stored()


@pytest.mark.django_db
def test_what_would_never_end_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zeros").symlink_to("/dev/zero")

    for name in ("pipe", "zeros"):
        with pytest.raises(CommandError, match="this is not an ordinary file"):
            call_command("import_approach", str(tmp_path / name))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (page_of("I was signed by somebody.\n\n" + MEI), "is a signature missing between them?"),
        (page_of("I talk.\n\n- with a dash inside"), "the signature has no title; is it one?"),
        (page_of(MEI + ", USA"), "“Drama Therapist in Eugene, OR, USA” a title, or does it hold"),
    ],
    ids=["a lost signature", "a dash in the text", "a country"],
)
def test_what_may_have_been_read_wrongly_is_pointed_at(text, doubt, run):
    assert doubt in run(text, dry_run=True)
    assert "Look at this" not in run(page_of(MEI, OTIS), dry_run=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "sentence"), [("none.txt", "No such file"), (".", "this is a folder; name the files")]
)
def test_a_missing_file_and_a_folder_are_refused(name, sentence, tmp_path):
    with pytest.raises(CommandError, match=sentence) as caught:
        call_command("import_approach", str(tmp_path / name))

    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["unsigned", "no Latin title", "twice, once without a place"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_file_among_three_writes_nothing(bad, place, run):
    texts = [page_of(OTIS, title="Music therapy"), page_of(OTIS, title="Dance therapy")]
    texts.insert(place, BAD[bad][0])

    with pytest.raises(CommandError, match=f"page-{place}.txt"):
        run(*texts, publish=True)

    assert nothing_is_stored()


@pytest.mark.django_db(transaction=True)
def test_the_command_line_ends_with_1_and_a_sentence_and_writes_nothing(tmp_path):
    (tmp_path / "good.txt").write_text(page_of(MEI), encoding="utf-8")
    # What is wrong with it shows only after something was written.
    (tmp_path / "bad.txt").write_text(BAD["twice, once without a place"][0], encoding="utf-8")
    told = connection.settings_dict
    # The settings of the tests, in the database that this test looks into.
    url = f"postgres://{told['USER']}:{told['PASSWORD']}@/{told['NAME']}?host={told['HOST']}"
    environment = os.environ | {"DATABASE_URL": url + f"&port={told['PORT']}" * bool(told["PORT"])}

    def import_files(*names):
        return subprocess.run(
            [sys.executable, "manage.py", "import_approach", *(tmp_path / name for name in names)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    failed = import_files("good.txt", "bad.txt")
    assert (failed.returncode, failed.stdout) == (1, "")
    (line,) = failed.stderr.splitlines()
    assert f"{tmp_path / 'bad.txt'}, line 15: Mei Lanternfield has signed already" in line
    assert line.endswith("Nothing was imported.")
    assert nothing_is_stored()

    done = import_files("good.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert Therapist.objects.get().name == "Mei Lanternfield"
