"""Where places are and how far apart: what PostgreSQL decides, asked of it and worked out again."""

import math

from therapists.places import Place

EARTH_RADIUS = 3958.8  # miles


def understood(asked):
    """The places that somebody may have meant, best first, at most 8."""
    return list(
        Place.objects.raw(
            "SELECT * FROM therapists_places_understood(%s, %s, %s)",
            [asked.zip_code, asked.town, asked.state],
        )
    )


def miles_between(latitude1, longitude1, latitude2, longitude2):
    """Great-circle distance (haversine): the rule of `therapists_miles_between` in Python."""
    north, south = math.radians(latitude1), math.radians(latitude2)
    across = math.radians(longitude2 - longitude1)
    half = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1, half)))
