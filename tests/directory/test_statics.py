"""Scripts travel without comments, do the same, and a page's weigh no more than they may."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.templatetags.static import static

from directory.statics import Storage, as_it_travels
from tests import factories

SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
MOST_SCRIPTS, MOST_STYLE = 6_000, 12_000  # bytes, gzip


@pytest.fixture
def collected(settings, tmp_path):
    """Our own static files as `make run` lays them out."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "directory.statics.Storage"}
    }
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_line_of_a_text_looks_like_a_comment(path):
    """It would be lost on the way."""
    is_in_text = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        assert not (is_in_text and line.strip().startswith("//")), f"line {number}"
        assert "/*" not in line, f"line {number}"
        is_in_text ^= line.count("`") % 2 == 1


def test_what_travels_has_every_line_of_the_program():
    script = b'// why\n(() => {\n  // why not\n\n  const a = "// no"; // this stays\n})();\n'
    assert as_it_travels(script) == b'(() => {\nconst a = "// no"; // this stays\n})();\n'


def test_other_peoples_scripts_are_left_alone(collected):
    script = b"// by others\n  here();\n"
    for name in ("admin/js/theirs.js", "js/ours.js"):
        Storage(location=collected).save(name, ContentFile(script))
    assert (collected / "admin/js/theirs.js").read_bytes() == script
    assert (collected / "js/ours.js").read_bytes() == b"here();\n"


@pytest.mark.django_db
def test_the_scripts_of_a_page_and_its_styles_are_small(client, collected):
    specialist = factories.SpecialistFactory(therapist__email="tess@practice.example")
    for page in (
        "/", "/therapists/", "/match/", "/shortlist/", "/shortlist/?keep=a",
        specialist.therapist.get_absolute_url(), specialist.approach.get_absolute_url(),
        f"{specialist.therapist.get_absolute_url()}contact/",
    ):  # fmt: skip
        html = client.get(page).text
        for pattern, most in (
            (r'src="([^"]+\.js)"', MOST_SCRIPTS),
            (r'"([^"]+\.css)"', MOST_STYLE),
        ):
            names = re.findall(pattern, html)
            files = [Path(collected, name.removeprefix(settings.STATIC_URL)) for name in names]
            weight = sum(len(gzip.compress(file.read_bytes())) for file in files)
            assert 0 < weight <= most, f"{page}: {weight} bytes of {names}"


def test_what_pages_name_is_the_program(collected):
    for source in SCRIPTS:
        named = collected / static(f"js/{source.name}").removeprefix(settings.STATIC_URL)
        assert named.name != source.name
        assert named.read_bytes() == as_it_travels(source.read_bytes())
        assert len(named.read_bytes()) > 300
