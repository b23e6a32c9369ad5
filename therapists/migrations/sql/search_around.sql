-- Places where somebody sits know where they are: a search around a point then looks at them alone,
-- not at all that there are, and measures only what lies in its box.
ALTER TABLE therapists_searchat ADD latitude double precision, ADD longitude double precision;
UPDATE therapists_searchat kept SET latitude = place.latitude, longitude = place.longitude
    FROM therapists_place place WHERE place.key = kept.place;

CREATE OR REPLACE FUNCTION therapists_search_settle(slots integer[], places text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchat AS kept (place, slots, latitude, longitude)
        SELECT p.place, array_agg(p.slot), known.latitude, known.longitude
        FROM unnest(slots, places) AS p (slot, place)
        LEFT JOIN therapists_place known ON known.key = p.place GROUP BY 1, 3, 4
        ON CONFLICT (place) DO UPDATE SET slots = kept.slots || excluded.slots
$$;

-- Places with an office at most `radius` miles away. A box narrows them down: as wide as the circle,
-- all the way round where that holds a pole, and continued beyond the 180th meridian.
CREATE FUNCTION therapists_search_around(latitude float8, longitude float8, radius float8)
RETURNS TABLE (place text, miles float8, slots integer[]) LANGUAGE plpgsql STABLE ROWS 500 AS $$
DECLARE
    -- A little wider, so that rounding loses nobody on the edge.
    arc CONSTANT float8 := least(radius / 3958.8, pi()) + 1e-9;
    north CONSTANT float8 := degrees(arc);
    east CONSTANT float8 := CASE
        WHEN abs(radians(latitude)) + arc >= pi() / 2 THEN 360
        ELSE degrees(asin(least(1, sin(arc) / cos(radians(latitude))))) + 1e-7
    END;
BEGIN
    RETURN QUERY
    SELECT near.place, near.miles, near.slots FROM (
        SELECT at.place, at.slots,
            therapists_miles_between($1, $2, at.latitude, at.longitude) AS miles
        FROM therapists_searchat at
        WHERE at.latitude BETWEEN $1 - north AND $1 + north
            AND (abs(at.longitude - $2) <= east OR 360 - abs(at.longitude - $2) <= east)
        OFFSET 0  -- measured once
    ) near
    WHERE near.miles <= radius AND near.slots <> '{}';
END
$$;
DROP FUNCTION therapists_places_within(float8, float8, float8);
