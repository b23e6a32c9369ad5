-- Places with coordinates, and the questions that are asked of them. Reference data: Django does not
-- manage the table, so that its flush leaves it alone.
--
-- Bodies of functions are parsed when they are made (RETURN, BEGIN ATOMIC): they go on working under
-- another search_path, as pg_restore has.

CREATE TABLE therapists_place (
    key text PRIMARY KEY,  -- '97214', or 'portland|OR': the name as therapists_place_fold() leaves it
    name text NOT NULL,
    state text NOT NULL,
    zip_code text NOT NULL,  -- '' for towns
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    size integer NOT NULL  -- towns: how many ZIP codes bear the name; ZIP codes: 1
);

CREATE INDEX therapists_place_where ON therapists_place (latitude, longitude);
CREATE INDEX therapists_place_name ON therapists_place (split_part(key, '|', 1) text_pattern_ops);


-- "  Coeur d’Alène." -> 'coeur d alene': Latin letters and digits, one space between words. The data
-- write "O Fallon" and "Lees Summit", so an apostrophe parts after o and d and vanishes elsewhere.
CREATE FUNCTION therapists_place_plain(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(regexp_replace(
    replace(replace(replace(
        translate(
            ' ' || lower(words),
            'áàâäãåéèêëíìîïóòôöõúùûüñçÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇ’‘`',
            'aaaaaaeeeeiiiiooooouuuuncaaaaaaeeeeiiiiooooouuuunc'''''''
        ),
        ' o''', ' o '), ' d''', ' d '), '''', ''),
    '[^a-z0-9]+', ' ', 'g'));

-- 'St. Louis' -> 'saint louis': what names of one town have in common, whoever writes them.
CREATE FUNCTION therapists_place_fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(replace(replace(replace(replace(replace(
    ' ' || therapists_place_plain(words) || ' ',
    ' st ', ' saint '), ' ste ', ' sainte '), ' ft ', ' fort '), ' mt ', ' mount '), ' mc ', ' mc'));


-- The place of an office: its ZIP code's key if that is known, else its town's, else NULL.
CREATE FUNCTION therapists_place_key(city text, state text, postal_code text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
    (SELECT place.key FROM therapists_place place WHERE place.key = left(btrim(postal_code), 5)),
    (SELECT place.key FROM therapists_place place
     WHERE place.key = therapists_place_fold(city) || '|' || upper(btrim($2))));


-- What a reader may have meant, best first: the ZIP code, else towns of that name (in that state).
-- An empty text is not given.
CREATE FUNCTION therapists_places_understood(zip text, town text, state text)
RETURNS SETOF therapists_place
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH by_zip AS (SELECT place.* FROM therapists_place place WHERE place.key = zip),
    by_town AS (
        SELECT place.* FROM therapists_place place
        WHERE split_part(place.key, '|', 1) = therapists_place_fold(town)
            AND place.zip_code = ''
            AND place.state = coalesce(nullif(upper($3), ''), place.state)
            AND NOT EXISTS (SELECT FROM by_zip)
    )
    SELECT found.* FROM (SELECT * FROM by_zip UNION ALL SELECT * FROM by_town) found
    ORDER BY found.size DESC, found.state
    LIMIT 8;
END;


-- Great-circle distance in miles (haversine).
CREATE FUNCTION therapists_miles_between(
    latitude1 float8, longitude1 float8, latitude2 float8, longitude2 float8
) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2 * 3958.8 * asin(sqrt(least(1,
    sin(radians(latitude2 - latitude1) / 2) ^ 2
    + cos(radians(latitude1)) * cos(radians(latitude2))
    * sin(radians(longitude2 - longitude1) / 2) ^ 2)));


-- Places at most `radius` miles away. A box narrows them down by the index: as wide as the circle,
-- all the way round where that holds a pole, and continued beyond the 180th meridian.
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
