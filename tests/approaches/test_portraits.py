"""The demo's drawn portraits."""

import hashlib
import io
import os
import subprocess
import sys

import pytest
from PIL import Image

from approaches.demo import portraits
from approaches.demo.portraits import portrait

HINTS = {"gender": ["woman"], "ethnicity": ["black", "caribbean"], "faith": ["muslim", "spiritual"]}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_equal_arguments_draw_equal_bytes_whatever_pythonhashseed_is(hash_seed):
    code = (
        "import hashlib; from approaches.demo.portraits import portrait;"
        "hints = {'gender': {'woman'}, 'ethnicity': {'black', 'caribbean'},"
        " 'faith': {'muslim', 'spiritual'}};"
        "pictures = [portrait(f's{i}', size=96, hints=hints) for i in range(10)];"
        "pictures += [portrait('p', kind='practice', size=96)];"
        "print(hashlib.sha256(b''.join(pictures)).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    here = [portrait(f"s{i}", size=96, hints=HINTS) for i in range(10)]
    here += [portrait("p", kind="practice", size=96)]
    assert other.stdout.strip() == hashlib.sha256(b"".join(here)).hexdigest()


def test_four_hundred_seeds_draw_four_hundred_different_pictures():
    assert len({portrait(f"therapist-{i}", size=64) for i in range(400)}) == 400


def test_forty_practices_draw_forty_different_pictures():
    assert len({portrait(f"practice-{i}", kind="practice", size=64) for i in range(40)}) == 40


@pytest.mark.parametrize("kind", ["person", "practice"])
@pytest.mark.parametrize("size", [64, 480])
def test_a_portrait_is_a_square_webp_of_the_size_asked_for(kind, size):
    picture = opened(portrait("anyone", kind=kind, size=size))
    assert (picture.format, picture.size) == ("WEBP", (size, size))


def test_a_portrait_weighs_at_most_twelve_kilobytes():
    assert max(len(portrait(f"weight-{i}")) for i in range(60)) <= 12_000


def test_a_practice_is_drawn_without_any_part_of_a_person(monkeypatch):
    drawn = set()
    sketch = portraits.Pen.sketch
    monkeypatch.setattr(
        portraits.Pen, "sketch", lambda pen, name: (drawn.add(name), sketch(pen, name))[1]
    )
    for i in range(60):
        portrait(f"practice-{i}", kind="practice", size=16)
    assert drawn & set(portraits.SCENES)
    assert not drawn & {"ears", "neck", "smile", "torso", "eyes-soft", "eyes-glad"}


def test_every_name_that_can_be_drawn_has_a_sketch_in_colours_that_exist():
    names = {*portraits.MOTIFS, *portraits.SCENES, *portraits.GARMENTS, *portraits.WEAR}
    names |= {line for style in portraits.STYLES.values() for line in style[3].split()}
    names |= {ink for steps in portraits.STEPS.values() for how, ink, _ in steps if how == "use"}
    assert names - set(portraits.STEPS) == {"leaves", "none"}  # drawn by code, and not at all


def test_headwear_of_a_faith_is_not_given_to_someone_who_states_another_or_none():
    for faith in (["atheist"], ["catholic"], []):
        hints = {"gender": ["woman"], "ethnicity": ["white"], "faith": faith}
        assert {portraits._choose(f"s{i}", hints)["wear"] for i in range(200)} == {""}


def test_a_sikh_man_mostly_wears_a_turban_and_a_muslim_woman_sometimes_a_headscarf():
    sikh = {"gender": ["man"], "faith": ["sikh"], "ethnicity": ["south-asian"]}
    muslim = {"gender": ["woman"], "faith": "muslim", "ethnicity": ["middle-eastern"]}
    turbans = sum(portraits._choose(f"s{i}", sikh)["wear"] == "turban" for i in range(200))
    scarves = sum(portraits._choose(f"s{i}", muslim)["wear"] == "headscarf" for i in range(200))
    assert turbans > 140
    assert 50 < scarves < 150


def test_a_woman_is_not_drawn_with_a_beard_and_an_elder_is_mostly_grey():
    hints = {"gender": ["woman", "transgender"], "age": "elder"}
    looks = [portraits._choose(f"s{i}", hints) for i in range(200)]
    greys = {portraits.ImageColor.getrgb(grey) for grey in portraits.GREY}
    assert not any(look["beard"] for look in looks)
    assert sum(look["hair"] in greys for look in looks) > 160


def test_the_face_lies_in_the_middle_so_that_a_round_crop_keeps_it():
    for i in range(40):
        skin = portraits._choose(f"s{i}", None)["skin"]
        cheek = opened(portrait(f"s{i}")).convert("RGB").getpixel((240, 240))
        assert portraits._far(cheek, skin) < 90


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no such kind"):
        portrait("anyone", kind="horse")
