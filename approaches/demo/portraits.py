"""Drawn portraits for the demo's fictional therapists: flat, nearly faceless, plainly not photos.

Lengths are in hundredths of the picture's side ("field units", x to the right, y down). A head has
units of its own, in which the face reaches from -100 to 100 both ways, so that one set of outlines
fits narrow and wide faces. What can be drawn is data (sketches.txt); the code chooses and paints.
"""

import hashlib
import io
import math
import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]

OVERSAMPLE = 3
INK, PAPER, GOLD, WARM = "#22302f", "#fbf8f3", "#e9c46a", "#7a2e1f"
# (background, the simple shape upon it)
FIELDS = (
    ("#f6e7c1", "#f0d58c"), ("#dfe7da", "#9bb59a"), ("#d5e0e6", "#8fa6bd"), ("#f6dfcd", "#e8a06f"),
    ("#e3d5bd", "#f4ead8"), ("#e6dae2", "#b79ab0"), ("#9bb59a", "#c8d8c2"), ("#6f8aa6", "#a9bccd"),
    ("#1f5f5b", "#3f827b"), ("#6b4a63", "#92708a"), ("#e8a06f", "#f0d58c"), ("#b4552d", "#d98a5c"),
    ("#f0d58c", "#f8eabf"), ("#c9dcd8", "#5f948d"), ("#efe4d0", "#d9c6a5"), ("#a9bccd", "#e3e9ee"),
)  # fmt: skip
SCENES = ("cottage", "townhouse", "door-tall", "door-panels", "armchair", "picture")
MOTIFS = ("sun", "moon", "disc", "hill", "arch", "rainbow", "waves", "leaves")
CLOTH = (
    "#1f5f5b", "#e8a06f", "#b4552d", "#9bb59a", "#dcc9a8", "#6f8aa6", "#6b4a63", "#f0d58c",
    "#f3ebdc", "#34474f", "#c98a86", "#4d6b52",
)  # fmt: skip
SKIN = (
    "#f8dcc8", "#f3cdb1", "#eabf9f", "#dfae8a", "#d19c76", "#c08a63", "#ac7650", "#956341",
    "#7e5135", "#68412b", "#573728", "#47301f",
)  # fmt: skip
DARK = ("#1f1a1a", "#2b211e", "#3a2a22")
BROWN = ("#4a3223", "#65432b", "#7d5433")
FAIR = ("#93452a", "#b8673a", "#a98352", "#d0ab6c", "#e2c88f")
GREY = ("#8d8f92", "#b9babb", "#dcdad5", "#efece5")
DYED = ("#7d4f73", "#2f7771", "#c96f74", "#5d7fa3")

# Where in SKIN a stated ethnicity may lie (first, last): broad and overlapping, as people are.
TONES = {
    "white": (0, 3), "jewish": (0, 5), "middle-eastern": (1, 6), "latine": (1, 8),
    "east-asian": (0, 4), "southeast-asian": (2, 7), "south-asian": (3, 9), "indigenous": (3, 7),
    "pacific-islander": (4, 8), "multiracial": (2, 8), "caribbean": (4, 11), "black": (5, 11),
    "african": (7, 11),
}  # fmt: skip
BLACK = {"black", "african", "caribbean"}
STRAIGHT = {"east-asian", "southeast-asian", "indigenous"}
BROWN_HAIRED = {"latine", "middle-eastern", "multiracial", "jewish", "white"}

# Hair: how common among women and men; for which hair ("s"traight, "l"oose curls, "c"oily); lines.
STYLES = {
    "crop": (0.5, 3, "slc", "soft high"), "parted": (0.4, 3, "sl", "side"),
    "quiff": (0.5, 2.5, "slc", "quiff"), "pixie": (1.3, 0, "sl", "side fringe"),
    "bob": (2, 0, "sl", "side fringe centre"), "long": (2, 0.15, "sl", "side fringe centre"),
    "wavy": (1.8, 0.2, "lc", "side centre"), "shoulder": (1.2, 0.7, "sl", "side centre"),
    "curls": (1.6, 1.2, "lc", "curly"), "afro": (1.4, 1, "c", "cloud"),
    "puffs": (0.8, 0, "c", "rows"), "locs": (1.3, 1, "c", "rows centre"),
    "braids": (1.1, 0.2, "slc", "rows centre side"), "plait": (0.9, 0, "slc", "side fringe"),
    "topbun": (1.1, 0.6, "slc", "soft rows"), "lowbun": (1.1, 0, "slc", "side centre"),
    "balding": (0, 0.9, "slc", "sides"), "bald": (0.12, 1, "slc", "none"),
}  # fmt: skip
# Headwear: the faith it goes with, and how often a woman and a man of that faith is drawn in it.
WEAR = {
    "headscarf": ("muslim", 0.5, 0), "kufi": ("muslim", 0, 0.3), "turban": ("sikh", 0.2, 0.85),
    "kippah": ("jewish", 0, 0.5), "wrap": ("jewish", 0.12, 0),
}  # fmt: skip
GARMENTS = (
    "round", "stripes", "vee", "collar", "band", "cardigan", "jacket", "roll", "scarf", "wrap-top",
)  # fmt: skip
# The outer edge of a head of hair, left to right; a "cap" step adds the hairline back to the left.
CAP = "-106,5 -112,-50 -74,-108 0,-125 74,-108 112,-50 106,5"

# What can be drawn, by name; the file says how it is written.
SKETCHES = (Path(__file__).parent / "sketches.txt").read_text(encoding="utf-8")


def portrait(
    seed: str, *, kind: str = "person", size: int = 480, hints: Mapping | None = None
) -> bytes:
    """Return a `drawing` as a WebP; equal arguments give equal bytes."""
    out = io.BytesIO()
    drawing(seed, kind=kind, size=size, hints=hints).save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def drawing(
    seed: str, *, kind: str = "person", size: int = 480, hints: Mapping | None = None
) -> Image.Image:
    """Return a square drawing, `size` pixels wide; equal arguments give equal pixels.

    `kind` is "person" or "practice". `hints` may hold "gender", "ethnicity" and "faith" (slugs of
    the vocabularies) and "age" ("elder"), each a string or several: a drawing does not contradict
    what they state. A practice's drawing has no use for them.
    """
    if kind not in ("person", "practice"):
        raise ValueError(f"no such kind of portrait: {kind!r}")
    # A large drawing needs less of it for smooth edges.
    oversample = OVERSAMPLE if size < 600 else 2
    side = size * oversample
    image = Image.new("RGB", (side, side))
    pen = Pen(ImageDraw.Draw(image), side / 100, {}, origin=(50, 0))
    if kind == "practice":
        _draw_practice(pen, seed)
    else:
        _draw_person(pen, seed, **_choose(seed, hints))
    return image.reduce(oversample)


class Pen:
    """Paints in a frame whose zero is at `origin` and whose unit spans `unit` (both field units).

    `scale` is pixels per field unit, `inks` the colours that a sketch's words stand for, `turn`
    an angle in radians.
    """

    def __init__(self, draw, scale: float, inks: dict, *, origin, unit=(1, 1), turn=0.0, flip=1):
        self.draw, self.scale, self.inks, self.origin, self.unit = draw, scale, inks, origin, unit
        self.turn, self.flip = turn, flip

    def placed(self, points: Iterable) -> Points:
        """The frame's points in pixels."""
        cos, sin, pixels = math.cos(self.turn), math.sin(self.turn), []
        for x, y in points:
            x, y = x * self.unit[0] * self.flip, y * self.unit[1]
            x, y = x * cos - y * sin + self.origin[0], x * sin + y * cos + self.origin[1]
            pixels.append((x * self.scale, y * self.scale))
        return pixels

    def mirrored(self) -> "Pen":
        """A pen that paints left what this one paints right."""
        more = {"origin": self.origin, "unit": self.unit, "turn": self.turn, "flip": -self.flip}
        return Pen(self.draw, self.scale, self.inks, **more)

    def sketch(self, name: str) -> None:
        """Paint one of SKETCHES; a name that is not there is nothing to paint."""
        for how, ink, points in STEPS.get(name, ()):
            if how == "use":
                self.sketch(ink)
                continue
            self.paint(how.removeprefix("2"), ink, points)
            if how.startswith("2"):
                self.mirrored().paint(how[1:], ink, points)

    def paint(self, how: str, ink: str, points: Points) -> None:
        """Paint one step of a sketch."""
        ink, _, width = ink.partition("/")
        colour, width = self.inks.get(ink, ink), float(width or 0) * self.scale
        if how == "cap":
            points = CAP_POINTS + points
        elif how == "half":
            points = points + [(-x, y) for x, y in reversed(points) if x]
        elif how == "oval":
            (x, y), (rx, ry) = points
            turns = (i * math.tau / 48 for i in range(48))
            points = [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns]
        if how == "line":
            path = self.placed(_curve(points))
            self.draw.line(path, colour, round(width), joint="curve")
        elif how != "dot":
            edge = points if how in ("poly", "oval") else _curve(points, closed=True)
            self.draw.polygon(self.placed(edge), colour)
        if width:  # circles: a dot has one at each point, a line round ends
            r = width / 2 if how == "line" else width
            for x, y in (path[0], path[-1]) if how == "line" else self.placed(points):
                self.draw.ellipse((x - r, y - r, x + r, y + r), colour)


def _curve(points: Points, *, closed=False, steps=7) -> Points:
    """A Catmull-Rom spline through the points."""
    around = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    path = []
    for a, b, c, d in zip(around, around[1:], around[2:], around[3:], strict=False):
        for t in (i / steps for i in range(steps)):
            p, q = t * (t * (2 - t) - 1) / 2, (t * t * (3 * t - 5) + 2) / 2
            r, s = t * (t * (4 - 3 * t) + 1) / 2, t * t * (t - 1) / 2
            path.append(tuple(p * a[i] + q * b[i] + r * c[i] + s * d[i] for i in (0, 1)))
    return path if closed else [*path, points[-1]]


def _points(text: str) -> Points:
    return [tuple(map(float, pair.split(","))) for pair in text.split()]


def _steps(text: str) -> dict[str, list]:
    """SKETCHES as {name: [(how, ink, points)]}; lines that begin with # are for people."""
    text = re.sub(r"(?m)^#.*\n", "", text)
    sketches = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        name, _, steps = entry.partition(":")
        words = (step.split(maxsplit=2) for step in steps.split(";") if step.strip())
        sketches[name] = [(how, ink, _points("".join(rest))) for how, ink, *rest in words]
    return sketches


CAP_POINTS, STEPS = _points(CAP), _steps(SKETCHES)


def _mix(one, other, share: float) -> Colour:
    """`share` of the other colour in the one."""
    pair = (ImageColor.getrgb(c) if isinstance(c, str) else c for c in (one, other))
    return tuple(round(a + (b - a) * share) for a, b in zip(*pair, strict=True))


def _far(one, other) -> float:
    """How unlike two colours look, 0 to 765; green weighs most, as it does to the eye."""
    pairs = zip(_mix(one, one, 0), _mix(other, other, 0), (2, 4, 3), strict=True)
    return math.sqrt(sum(weight * (a - b) ** 2 for a, b, weight in pairs))


def _dice(seed: str, about: str) -> random.Random:
    """Chance for one aspect, so that a hint on one does not reshuffle the others."""
    return random.Random(int.from_bytes(hashlib.sha256(f"{about}:{seed}".encode()).digest()[:8]))


def _choose(seed: str, hints: Mapping | None) -> dict:
    """Skin, hair, style, headwear ("wear"), beard and who it is ("feel"), in keeping with hints."""
    said = {k: {v} if isinstance(v, str) else set(v) for k, v in (hints or {}).items() if v}
    gender, origins = said.get("gender", set()), said.get("ethnicity", set())
    feel = _dice(seed, "gender").choice(["woman", "man", "woman", "man", "either"])
    if gender:
        plain = gender - {"transgender"}
        feel = plain.pop() if plain in ({"woman"}, {"man"}) else "either"
    share = {"woman": (1, 0), "man": (0, 1)}.get(feel, (0.5, 0.5))
    dice = _dice(seed, "skin")
    ranges = [TONES[o] for o in sorted(origins) if o in TONES] or [(0, len(SKIN) - 1)]
    tone = sum(dice.uniform(*span) for span in ranges) / len(ranges)
    skin = _mix(SKIN[int(tone)], SKIN[min(int(tone) + 1, len(SKIN) - 1)], tone % 1)
    skin = _mix(skin, dice.choice(["#d98a6a", "#b59a4a", "#c98a5a"]), dice.uniform(0, 0.1))
    wear = _headwear(_dice(seed, "wear"), share, said.get("faith", set()), origins, not said)
    dice = _dice(seed, "style")
    texture = _texture(dice, tone, origins)
    names = [name for name in STYLES if texture in STYLES[name][2]]
    weights = [share[0] * STYLES[n][0] + share[1] * STYLES[n][1] for n in names]
    style = dice.choices(names, weights)[0]
    if wear == "kufi" or (wear == "kippah" and style.startswith("bald")):
        style = "crop"  # other hair would lift a cap off the head
    beard = ""
    if feel == "man" and wear == "turban":
        beard = "full"
    elif dice.random() < {"man": 0.5, "woman": 0}.get(feel, 0.1):
        beard = dice.choice(["full", "short", "short", "goatee"])
    elder = bool(said.get("age", set()) & {"elder", "elders"})
    dyed = not (beard or wear or style == "balding")
    hair = _hair_colour(_dice(seed, "hair"), tone, origins, elder, dyed)
    return {"skin": skin, "hair": hair, "style": style, "wear": wear, "beard": beard, "feel": feel}


def _headwear(dice, share: tuple, faith: set, origins: set, anything: bool) -> str:
    """What covers the head, if anything: of a faith only where it is stated (or nothing is)."""
    for wear, (tradition, woman, man) in WEAR.items():
        chance = share[0] * woman + share[1] * man
        chance *= 1 if tradition in faith else 0.1 if anything else 0
        if wear == "wrap" and origins & BLACK:  # worn with or without a faith
            chance = 0.15 * share[0]
        if dice.random() < chance:
            return wear
    return ""


def _hair_colour(dice, tone: float, origins: set, elder: bool, dyed: bool) -> Colour:
    """A natural colour that may go with the skin; grey for elders; now and then a dyed one."""
    fair = tone < 3.5 and (not origins or "white" in origins)
    brown = tone < 7.5 and (not origins or bool(origins & BROWN_HAIRED))
    colours = DARK + BROWN * brown + FAIR * fair
    if dice.random() < (0.92 if elder else 0.15):
        colours = GREY
    elif dice.random() < 0.08 and dyed:
        colours = DYED
    return ImageColor.getrgb(dice.choice(colours))


def _texture(dice, tone: float, origins: set) -> str:
    """Straight, loosely curled or coily; a letter as in STYLES."""
    if origins & BLACK or (not origins and tone > 6.5):
        return dice.choices("slc", (1, 1, 8))[0]
    if origins & STRAIGHT:
        return dice.choices("sl", (8, 1))[0]
    return dice.choices("slc", (5, 4, 1 if "multiracial" in origins else 0))[0]


def _inks(dice, skin: Colour, hair: Colour, beard: str) -> dict:
    """The colours for a person's sketches, each to be seen against what it lies on."""
    fits = [f for f in FIELDS if min(_far(c, o) for c in f for o in (skin, hair)) > 85]
    field, shape = dice.choice(fits or FIELDS)
    cloths = [c for c in CLOTH if min(_far(c, skin), _far(c, field)) > 130]
    cloth, accent = dice.sample(cloths, 2)
    # Ink is lost on the darkest skins: there a warm light draws eyes and mouth.
    line = INK if _far(skin, INK) > 200 else _mix(skin, "#e8a06f", 0.6)
    frames = [c for c in (INK, "#b4552d", "#1f5f5b", "#6b4a63", GOLD) if _far(c, skin) > 190]
    return {
        "field": field, "shape": shape, "mid": _mix(field, shape, 0.5), "leaf": shape,
        "skin": skin, "shade": _mix(skin, WARM, 0.22), "blush": _mix(skin, "#c8503c", 0.2),
        "line": line, "mouth": _mix(skin, PAPER, 0.5) if beard == "full" else line,
        "hair": hair, "stubble": _mix(hair, skin, 0.3), "fade": _mix(hair, skin, 0.45),
        "tint": _mix(hair, "#a58a7c", 0.28) if sum(hair) < 200 else _mix(hair, INK, 0.2),
        "cloth": cloth, "fold": _mix(cloth, INK, 0.16), "pale": _mix(cloth, PAPER, 0.3),
        "accent": accent, "deep": _mix(accent, INK, 0.17), "light": _mix(accent, PAPER, 0.2),
        "inner": CLOTH[8] if cloth != CLOTH[8] else accent, "frame": dice.choice(frames),
        "jewel": dice.choice([GOLD, PAPER, accent]),
    }  # fmt: skip


def _draw_person(pen: Pen, seed: str, *, skin, hair, style, wear, beard, feel) -> None:
    """The whole bust, from the back to the front."""
    dice = _dice(seed, "pose")
    pen.inks = _inks(dice, skin, hair, beard)
    _draw_field(pen, dice)
    near = pen.scale * 1.13  # drawn larger than the field, so that a face shows at 64 pixels
    stretch = dice.uniform(0.87, 1.13)
    body = Pen(pen.draw, near, pen.inks, origin=(44.25, -5.5), unit=(stretch, 1))
    unit = (0.075 + 0.075 * stretch + dice.uniform(-0.006, 0.006), dice.uniform(0.172, 0.19))
    turn, flip = math.radians(dice.uniform(-5, 5)), dice.choice([-1, 1])
    head = Pen(pen.draw, near, pen.inks, origin=(44.25, 39.5), unit=unit, turn=turn, flip=flip)
    covered = wear in ("headscarf", "turban", "wrap")
    if not covered:
        head.sketch(f"{style}-behind")
    styles = [g for g in GARMENTS if (g, feel) != ("wrap-top", "man")]
    body.sketch(dice.choice(styles))
    if wear == "headscarf":
        body.sketch("drape")
        head.sketch("headscarf-behind")
    elif not covered:
        sides = [head, head.mirrored()]
        for side in sides if style == "braids" else sides[: dice.choice([1, 2])]:
            side.sketch(f"{style}-strand")
            if style == "plait":
                break
    _draw_face(head, dice, beard)
    if not covered:
        head.sketch(dice.choice(STYLES[style][3].split()))
    head.sketch(wear)
    if dice.random() < {"woman": 0.5, "man": 0.07}.get(feel, 0.35) and wear != "headscarf":
        head.sketch(dice.choice(["hoop", "stud", "drop"]))
    if dice.random() < 0.36:
        head.sketch(dice.choice(["glasses-round", "glasses-square", "glasses-wing"]))


def _draw_face(head: Pen, dice, beard: str) -> None:
    """A face with closed eyes and a small smile: nobody's in particular."""
    jaw = dice.uniform(60, 76)
    head.sketch("ears")
    face = [(0, -100), (56, -90), (92, -52), (100, -5), (93, 38), (jaw, 76), (34, 97), (0, 102)]
    head.paint("half", "skin", face)
    head.sketch("blush")
    head.sketch(f"beard-{beard}")
    head.sketch(dice.choice(["eyes-soft", "eyes-soft", "eyes-glad"]))
    head.sketch("smile")


def _draw_field(pen: Pen, dice) -> None:
    """The background with one simple shape."""
    pen.paint("poly", "field", [(-51, -1), (51, -1), (51, 101), (-51, 101)])
    motif = dice.choice(MOTIFS)
    (pen if dice.random() < 0.5 else pen.mirrored()).sketch(motif)
    if motif == "leaves":
        for x, tall in ((-33, dice.uniform(0.5, 0.72)), (33, dice.uniform(0.5, 0.72))):
            leaf = {"origin": (50 + x, 98), "unit": (0.72, tall)}
            Pen(pen.draw, pen.scale, pen.inks, **leaf).sketch("leaf")


def _draw_practice(pen: Pen, seed: str) -> None:
    """A still life without people: a house, a front door or an armchair, with plants."""
    dice = _dice(seed, "practice")
    field, shape = dice.choice(FIELDS)
    cloths = [c for c in CLOTH if min(_far(c, field), _far(c, shape)) > 110]
    cloth, accent, ground = dice.sample(cloths, 3)
    pen.inks = {
        "field": field, "shape": shape, "mid": _mix(field, shape, 0.5), "leaf": shape,
        "ground": ground, "cloth": cloth, "fold": _mix(cloth, INK, 0.18), "pale": "#f3ebdc",
        "cushion": _mix(cloth, PAPER, 0.12), "accent": accent, "deep": _mix(accent, INK, 0.2),
        "light": _mix(accent, PAPER, 0.6), "stone": "#d5d3cc",
        "lit": dice.choice(["#f0d58c", "#f6e7c1"]),
    }  # fmt: skip
    _draw_field(pen, dice)
    pen.paint("poly", "ground", [(-51, 84), (51, 84), (51, 101), (-51, 101)])
    unit, flip = (dice.uniform(0.9, 1.1), dice.uniform(0.94, 1.12)), dice.choice([-1, 1])
    scene = Pen(pen.draw, pen.scale, pen.inks, origin=(50, 86), unit=unit, flip=flip)
    scene.sketch(dice.choice(SCENES))
    green = {"leaf": dice.choice(["#4d6b52", "#5f8a63", "#7f9c6a"])}
    for x in dice.choice([(-33,), (33,), (-33, 34), (-34, 33)]):
        plant = {"origin": (50 + x, 80), "unit": (0.36, dice.uniform(0.14, 0.34))}
        Pen(pen.draw, pen.scale, green, **plant).sketch("leaf")
        Pen(pen.draw, pen.scale, green, origin=(50 + x, 84)).sketch("pot")
