"""Choosing the square of a photo in the staff's admin, as a person does."""

import io

import pytest
from PIL import Image

from tests import factories
from tests.browser.reading import sign_in
from therapists.models import Therapist
from therapists.photos import take_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


def stripes():
    """A photo three times as wide as high: a red, a green and a blue square."""
    image = Image.new("RGB", (1200, 400))
    for place, colour in enumerate(COLOURS):
        image.paste(colour, (400 * place, 0, 400 * place + 400, 400))
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"name": "stripes.png", "mimeType": "image/png", "buffer": file.getvalue()}


@pytest.fixture
def form(visit, staff_user, live_server):
    """Opens the form of a therapist, signed in as staff, with a photo chosen."""

    def form(width=1280, **options):
        tess = factories.TherapistFactory()
        page = sign_in(visit(width, 900, **options), staff_user, live_server)
        page.set_default_timeout(8000)
        page.goto(f"/admin/therapists/therapist/{tess.pk}/change/")
        page.locator("input[type=file]").set_input_files(stripes())
        return page

    return form


def kept(page):
    """The colours at the left, in the middle and at the right of the photo that is stored."""
    page.locator("[name=_continue]").first.click()
    page.wait_for_selector(".photo-now")
    tess = Therapist.objects.get()
    with tess.photo.open() as file:
        image = Image.open(file).convert("RGB")
    return [nearest(image.getpixel((x, 320))) for x in (10, 320, 630)]


def nearest(pixel):
    return min(
        COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], pixel, strict=True))
    )


def test_the_middle_is_taken_until_another_square_is_chosen(form):
    page = form()
    page.locator(".crop canvas").wait_for()
    assert kept(page) == ["lime", "lime", "lime"]


def test_dragging_to_the_right_shows_what_lies_left(form):
    page = form()
    canvas = page.locator(".crop canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + 20, box["y"] + 100
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 2, y)
    page.mouse.up()
    assert kept(page) == ["red", "lime", "lime"]


def test_arrow_keys_and_plus_choose_without_a_mouse(form):
    page = form()
    canvas = page.locator(".crop canvas")
    canvas.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    for _ in range(3):
        page.keyboard.press("+")
    assert float(page.locator("[data-part=side]").input_value()) < 1
    assert kept(page) == ["blue", "blue", "blue"]


def test_two_fingers_bring_the_photo_closer(form):
    page = form(360, has_touch=True)
    canvas = page.locator(".crop canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind, apart):
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 30)
    for apart in (40, 50, 60):
        fingers("touchMove", apart)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert 0.4 < float(page.locator("[data-part=side]").input_value()) < 0.7


def test_a_file_that_is_no_photo_shows_no_square_and_is_refused_in_words(form):
    page = form()
    page.locator(".crop canvas").wait_for()
    rubbish = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    page.locator("input[type=file]").set_input_files(rubbish)
    page.locator(".crop").wait_for(state="detached")
    page.locator("[name=_continue]").first.click()
    page.get_by_text("This is not a photo that we can read.").wait_for()
    assert not Therapist.objects.get().photo


def test_without_scripts_the_middle_is_taken(form):
    page = form(java_script_enabled=False)
    assert page.locator(".crop").count() == 0
    assert kept(page) == ["lime", "lime", "lime"]


def test_nothing_of_it_breaks_the_sites_rules_for_scripts(form):
    said = []
    page = form()
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    page.locator("input[type=file]").set_input_files(stripes())
    page.locator(".crop canvas").wait_for()
    assert said == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_circle_stands_beside_the_name_on_every_page(visit, width):
    """Also where the photo comes in several formats, which brings elements of its own."""
    file = io.BytesIO(stripes()["buffer"])
    file.size = len(file.getvalue())
    tess = factories.TherapistFactory(photo=take_in(file))
    factories.SpecialistFactory(therapist=tess, approach__slug="a-way")
    page = visit(width, 900)
    for address in ("/therapists/", tess.get_absolute_url(), "/approaches/a-way/"):
        page.goto(address)
        circle = page.locator("main .portrait").first
        circle.scroll_into_view_if_needed()
        box = circle.bounding_box()
        assert abs(box["width"] - box["height"]) < 1, address
        assert 40 <= box["width"] <= 144, address
        assert box["x"] < 0.4 * width, address
        page.wait_for_function("i => i.complete && i.naturalWidth", arg=circle.element_handle())
        assert circle.evaluate("i => i.currentSrc").endswith(".avif")
