DROP FUNCTION therapists_search_around(float8, float8, float8);
CREATE OR REPLACE FUNCTION therapists_search_settle(slots integer[], places text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchat AS kept (place, slots)
        SELECT p.place, array_agg(p.slot) FROM unnest(slots, places) AS p (slot, place) GROUP BY 1
        ON CONFLICT (place) DO UPDATE SET slots = kept.slots || excluded.slots
$$;
ALTER TABLE therapists_searchat DROP latitude, DROP longitude;
CREATE FUNCTION therapists_places_within(latitude float8, longitude float8, radius float8)
RETURNS TABLE (key text, miles float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH circle AS (
        -- A little wider, so that rounding loses nobody on the edge.
        SELECT least(radius / 3958.8, pi()) + 1e-9 AS arc, radians($1) AS latitude
    ),
    -- Materialized: worked out once, not again for each place.
    box AS MATERIALIZED (
        SELECT
            degrees(arc) AS north,
            CASE
                WHEN abs(circle.latitude) + arc >= pi() / 2 THEN 360
                ELSE degrees(asin(least(1, sin(arc) / cos(circle.latitude)))) + 1e-7
            END AS east
        FROM circle
    )
    SELECT near.key, near.miles
    FROM box, LATERAL (
        SELECT place.key,
            therapists_miles_between($1, $2, place.latitude, place.longitude) AS miles
        FROM therapists_place place
        WHERE place.latitude BETWEEN $1 - box.north AND $1 + box.north
            AND (abs(place.longitude - $2) <= box.east
                OR 360 - abs(place.longitude - $2) <= box.east)
    ) near
    WHERE near.miles <= radius;
END;
