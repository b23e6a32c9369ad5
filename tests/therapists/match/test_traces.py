"""A whole match against a real server, and nothing of its answers is left anywhere.

Also where something goes wrong while answers are on the line: a database that is away, slow or
broken, a body that cannot be read, is too long, or brings files.
"""

import contextlib
import http.client
import os
import signal
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from tests.processes import Site, directory_in, wait_until
from tests.traces import database_of, traces_of

# Words that stand nowhere before somebody types them.
TYPED = [
    "quagmirish", "zebrafishy", "limpetlike", "barnacled", "halibutted", "saltmarshy",
    "hedgehoggish", "turmericky", "cuttlefishy", "lobstered", "aardvarkian", "nautiloid",
    "bumblebeeish",
]  # fmt: skip
# What is chosen stands in the directory's own lists, so it may stand there and nowhere else.
CHOSEN = {
    "xanthic-dread": ("issue", "Xanthic Dread"),
    "umberfolk": ("age", "Umberfolk"),
    "vermilion-plan": ("insurance", "Vermilion Plan"),
    "cerulean-rite": ("faith", "Cerulean Rite"),
}
PLACE = "Truth or Consequences, NM"

SOMEBODY = f"""
from tests import factories as f
terms = [
    f.TermFactory(vocabulary=f.VocabularyFactory(slug=vocabulary), slug=slug, name=name)
    for slug, (vocabulary, name) in {CHOSEN}.items()
]
way = f.ApproachFactory(ways=["body"])
f.SpecialistFactory(therapist__name="Ada Found", therapist__terms=terms, therapist__online=True,
    therapist__office=False, approach=way)
f.LicenceFactory(therapist=f.Therapist.objects.get(), state="NM")
"""

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def site(tmp_path_factory, laid_out):
    """gunicorn as the directory runs it, with database, files and temporary folder of its own."""
    tmp_path = tmp_path_factory.mktemp("traces")
    (tmp_path / "tmp").mkdir()
    env = directory_in(
        tmp_path, like=laid_out, people=SOMEBODY, TMPDIR=tmp_path / "tmp", STATEMENT_TIMEOUT=1,
        COUNTS_WRITTEN_EVERY=1, DJANGO_SETTINGS_MODULE="directory.settings",
    )  # fmt: skip
    arguments = ["-m", "gunicorn", "directory.wsgi", "--log-level", "debug"]
    with Site(*arguments, env=env, log=tmp_path / "said.txt") as site:
        site.var, site.tmp = tmp_path / "var", tmp_path / "tmp"
        yield site.wait("/healthz")


def answers(word, number=7319):
    """All six questions answered; `word` stands in what is typed."""
    chosen = [(vocabulary, slug) for slug, (vocabulary, _) in CHOSEN.items()]
    others = {"near": PLACE, "how": "online", "fee": number, "cost-must": "yes", "way": "body"}
    return [("words", f"My {word} neighbor"), *chosen, *others.items()]


def post(site, body, kind=FORM):
    """(status, words of the page)."""
    line = http.client.HTTPConnection("127.0.0.1", int(site.port), timeout=20)
    with contextlib.closing(line):
        # It may have answered before it has read everything.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.request("POST", "/match/", body, {"Content-Type": kind})
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def in_parts(*pairs, file=None):
    """A multipart body of fields, and perhaps a file."""
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in pairs]
    if file:
        parts.append(f'name="words"; filename="{file[:40]}.txt"\r\n\r\n{file}')
    parts = [f"--edge\r\nContent-Disposition: form-data; {part}\r\n" for part in parts]
    return "".join([*parts, "--edge--\r\n"])


def through_the_browser(chromium, site):
    """All six questions, a profile, and back."""
    context = chromium.new_context(
        base_url=site.address(""), viewport={"width": 360, "height": 780}
    )
    with contextlib.closing(context):
        page = context.new_page()
        page.goto("/match/")
        page.get_by_label("In your own words").fill("something bumblebeeish")
        for question in ["what", "who", "where", "cost", "matters", "way"]:
            step = page.locator(f"#q-{question}")
            for box in step.get_by_role("checkbox").all():
                box.check()
            if question == "where":
                page.get_by_label("Where are you?").fill(PLACE)
            if question == "cost":
                page.get_by_label("I can pay").fill("7319")
            if question == "way":
                step.get_by_role("button", name="See who fits").click()
            else:
                step.get_by_role("link", name="Continue").click()
        expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
        page.get_by_role("link", name="Ada Found").click()
        page.get_by_role("heading", level=1, name="Ada Found").wait_for()
        page.go_back()
        assert context.cookies() == []


def while_something_is_wrong(site):
    """Answers on the line while a statement is cut, the database is killed, and a table broken."""
    with database_of(site) as other:
        other.execute("BEGIN; LOCK TABLE therapists_term")
        status, page = post(site, urlencode(answers("limpetlike")))
        assert status == 503
        assert "That search took too long" in page
        other.execute("ROLLBACK")
    postmaster = int((site.var / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert post(site, urlencode(answers("barnacled")))[0] in (200, 503)
    wait_until(lambda: post(site, urlencode(answers("barnacled")))[0] == 200)
    with database_of(site) as other:
        other.execute("ALTER TABLE therapists_searchkey RENAME COLUMN facet TO gone")
        assert post(site, urlencode(answers("halibutted")))[0] == 500
        other.execute("ALTER TABLE therapists_searchkey RENAME COLUMN gone TO facet")


def unreadable(site):
    """Bodies that are no form, are too long, or bring files."""
    parts = "multipart/form-data; boundary=edge"
    assert post(site, urlencode(answers("saltmarshy")), f"{FORM}; charset=utf-16")[0] == 400
    assert post(site, in_parts(*answers("hedgehoggish")), "multipart/form-data")[0] == 400
    assert post(site, "&turmericky" * 2000)[0] == 400
    assert post(site, "turmericky" * 300_000)[0] == 413
    assert post(site, in_parts(*answers("cuttlefishy")), parts)[0] == 200
    assert post(site, in_parts(*answers("lobstered"), file="aardvarkian " * 500), parts)[0] == 200
    assert post(site, in_parts(file="aardvarkian" * 400_000), parts)[0] == 413
    assert post(site, urlencode([("near", "Nautiloid"), ("fee", "nautiloid")]))[0] == 200
    assert post(site, urlencode([("page", "nautiloid"), ("day", "nautiloid")]))[0] == 404
    assert post(site, b"words=\xff\xfe%00nautiloid")[0] == 200


@pytest.mark.browser
def test_after_a_whole_match_nothing_is_found_of_its_answers(site, chromium):
    held = traces_of(CHOSEN, site=site)  # their own rows, and the search index that knows them
    untouched = site.tmp.stat().st_mtime_ns

    status, page = post(site, urlencode(answers("quagmirish")))
    assert status == 200
    for shown in ("1 therapist to look at", "quagmirish", "7319", "works with Xanthic Dread"):
        assert shown in page
    assert "zebrafishy" in post(site, urlencode([*answers("zebrafishy"), ("change", "what")]))[1]
    while_something_is_wrong(site)
    unreadable(site)
    through_the_browser(chromium, site)

    # Nothing was written there for a moment either: a file that comes and goes changes its folder.
    assert site.tmp.stat().st_mtime_ns == untouched
    assert traces_of([*TYPED, PLACE], site=site) == {}
    assert in_tables(traces_of(CHOSEN, site=site)) == in_tables(held)
    for word, places in traces_of(CHOSEN, site=site).items():
        assert all("postgres/data" in one or one.startswith("table ") for one in places), word
    assert "Error at match/" in site.said  # the log was on


def in_tables(found):
    """Without the cluster's files: their WAL holds whole pages of what was only read."""
    return {
        word: [one for one in places if one.startswith("table ")] for word, places in found.items()
    }


def test_the_search_for_traces_finds_what_is_there(site):
    """Else it would say nothing of a match."""
    with database_of(site) as database:
        database.execute("CREATE TABLE kept (words text, bytes bytea)")
        database.execute("INSERT INTO kept VALUES ('Ottermouth', convert_to('weaselly', 'UTF8'))")
        database.execute("CREATE TABLE emptied AS SELECT 'stoatish'::text AS words")
        database.execute("DELETE FROM emptied")
    (site.var / "a file").write_text("it+was+a+badgerlike%20one")
    found = traces_of(
        ["ottermouth", "weaselly", "stoatish", "a badgerlike one", "moley"], site=site
    )
    assert "table kept" in found["ottermouth"]
    assert "table kept" in found["weaselly"]
    assert any("postgres/data" in one for one in found["stoatish"])
    assert "moley" not in found


def test_a_file_is_read_past_and_never_written_down(client, settings, tmp_path, db):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    untouched = tmp_path.stat().st_mtime_ns
    file = SimpleUploadedFile("words.txt", b"quagmirish" * 1000)
    page = client.post("/match/", {"words": "kept in the form", "near": file, "a": file})
    assert page.status_code == 200
    assert "kept in the form" in page.text
    assert tmp_path.stat().st_mtime_ns == untouched
