-- The search index. therapists/search/__init__.py tells the shapes; this is how it is kept.
--
-- Triggers follow every write in its own transaction, whoever makes it: the admin, an import,
-- `.update()`, `bulk_create` or psql. Functions that read the approaches' tables are plpgsql, which
-- looks for a table when it runs: those tables come later than these functions.

-- What can be asked of a therapist, each with a number. Terms and published approaches carry their
-- names, so that a word may name them.
CREATE TABLE therapists_searchkey (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facet text NOT NULL,
    value text NOT NULL,
    counted boolean NOT NULL,
    slug text NOT NULL DEFAULT '',
    label text NOT NULL DEFAULT '',
    words text[] NOT NULL DEFAULT '{}',
    document tsvector NOT NULL DEFAULT '',
    UNIQUE (facet, value)
);

-- Who has a key: a bit for each slot of a block. Those that are counted on every page lie apart.
-- PLAIN, or PostgreSQL would unpack each string on every page: half of the time went there.
CREATE TABLE therapists_searchbits (
    key integer NOT NULL,
    block integer NOT NULL,
    counted boolean NOT NULL,
    count integer NOT NULL GENERATED ALWAYS AS (bit_count(bits)) STORED,
    bits bit(16384) NOT NULL,
    PRIMARY KEY (key, block, counted)
) PARTITION BY LIST (counted);
-- Not where the column is named: that needs PostgreSQL 16. The partitions below inherit it.
ALTER TABLE therapists_searchbits ALTER COLUMN bits SET STORAGE PLAIN;
CREATE TABLE therapists_searchbits_counted PARTITION OF therapists_searchbits FOR VALUES IN (true);
-- Counts of everyone come from here without a look at the strings.
CREATE INDEX therapists_searchbits_counts ON therapists_searchbits_counted (key, count);
CREATE TABLE therapists_searchbits_other PARTITION OF therapists_searchbits FOR VALUES IN (false);

-- Who has an office at a place (a key of therapists_place).
CREATE TABLE therapists_searchat (place text COLLATE "C" PRIMARY KEY, slots integer[] NOT NULL);

-- The order of days that were asked for: slots by rank, in 4096 buckets by the rank's first digits.
CREATE TABLE therapists_searchorder (
    day date NOT NULL,
    bucket integer NOT NULL,
    slots integer[] NOT NULL,
    PRIMARY KEY (day, bucket)
);

-- Words of names, under every spelling that lacks a letter of them.
CREATE TABLE therapists_searchspelling (
    near text COLLATE "C" NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (near, word)
);

-- Therapists that a great write has touched: the index follows all of it at its end.
CREATE TABLE therapists_searchlater (therapist bigint PRIMARY KEY);

-- The day that the index stands at. Whoever comes first on a new day takes it on.
CREATE TABLE therapists_searchday (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    day date NOT NULL,
    hidden_after integer NOT NULL
);
INSERT INTO therapists_searchday (day, hidden_after) VALUES ('2026-01-01', 180);

-- One writer at a time, until its transaction ends, and before it touches a row: two that change
-- bits of the same rows in another order would wait for each other for ever.
CREATE FUNCTION therapists_search_lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('therapists_search'))
$$;


-- --- What an entry should say -------------------------------------------------------------------

CREATE FUNCTION therapists_search_is_counted(facet text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT facet IN (
        'term', 'approach', 'state', 'licence', 'format', 'availability', 'sliding', 'free-call'
    )
$$;

-- What a term or a published approach is called; all empty for what has no name.
CREATE FUNCTION therapists_search_name(facet text, value text)
RETURNS TABLE (slug text, label text, words text[], document tsvector) LANGUAGE plpgsql STABLE AS $$
DECLARE
    synonyms text;
BEGIN
    IF facet = 'term' THEN
        SELECT t.slug, t.name, array_to_string(t.synonyms, ' ') INTO slug, label, synonyms
            FROM therapists_term t WHERE t.id = value::bigint;
    ELSIF facet = 'approach' THEN
        SELECT a.slug, a.name, array_to_string(a.synonyms, ' ') INTO slug, label, synonyms
            FROM approaches_approach a WHERE a.id = value::bigint AND a.status = 'published';
    END IF;
    slug := coalesce(slug, '');
    label := coalesce(label, '');
    words := tsvector_to_array(therapists_search_name_vector(concat_ws(' ', label, synonyms)));
    document := therapists_search_name_vector(concat_ws(' ', label, synonyms))
        || to_tsvector('english', therapists_search_plain(concat_ws(' ', label, synonyms)));
    RETURN NEXT;
END
$$;

-- A town that only offices know, however it is written; a name in another script is kept as it is.
CREATE FUNCTION therapists_search_town(city text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(therapists_place_fold(city), ''), lower(btrim(city)))
$$;

-- Text as PostgreSQL's parser tells words apart: it takes "grief/loss" for a file, "loss.Grief" for a
-- host, "self-harm" for one word more, and typographic marks, spaces and pictures for letters.
CREATE FUNCTION therapists_search_plain(words text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(words) = length(words) THEN translate(words, '-./\@', '     ')
        ELSE regexp_replace(
            translate(words, '’‘ʼ-./\@', '''''''' || repeat(' ', 5)),
            U&'[\00A0-\00A9\00AB-\00B4\00B6-\00B9\00BB-\00BF\00D7\00F7\2000-\200B\200E-\2070\20A0-\20CF\2100-\2BFF\3000-\303F\FE00-\FE2F\FEFF\FF01-\FF0F\FF1A-\FF20\+01F000-\+01FAFF]',
            ' ', 'g')
        END
$$;

-- The same without accents; '' where there are none.
CREATE FUNCTION therapists_search_unaccented(words text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(words) > length(words) THEN
        regexp_replace(normalize(therapists_search_plain(words), NFD), U&'[\0300-\036F]', '', 'g')
        ELSE '' END
$$;
-- The words of a name, with and without accents.
CREATE FUNCTION therapists_search_name_vector(name text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', therapists_search_plain(name))
        || to_tsvector('simple', therapists_search_unaccented(name))
$$;

-- The keys of those of these therapists who are listed, as (therapist, facet, value).
CREATE FUNCTION therapists_search_facets(ids bigint[])
RETURNS TABLE (therapist bigint, facet text, value text)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    today date;
    hidden_before date;
BEGIN
    SELECT d.day, d.day - d.hidden_after INTO today, hidden_before FROM therapists_searchday d;
    RETURN QUERY
    WITH listed AS MATERIALIZED (
        SELECT t.* FROM unnest(ids) AS one JOIN therapists_therapist t ON t.id = one
        WHERE t.status = 'published' AND t.availability_confirmed_on >= hidden_before
    ), stated AS (
        SELECT l.id, t.id AS term, t.vocabulary_id AS vocabulary
        FROM listed l
        JOIN therapists_therapist_terms s ON s.therapist_id = l.id
        JOIN therapists_term t ON t.id = s.term_id
    ), practised AS (
        SELECT l.id, s.approach_id, s.training, s.state, s.statement, a.status
        FROM listed l
        JOIN approaches_specialist s ON s.therapist_id = l.id
        JOIN approaches_approach a ON a.id = s.approach_id
    ), placed AS (
        SELECT l.id, o.city, o.state, therapists_place_key(o.city, o.state, o.postal_code) AS place
        FROM listed l JOIN therapists_office o ON o.therapist_id = l.id
    ), licensed AS (
        SELECT l.id, i.state::text AS own, c.states AS by_compact
        FROM listed l
        JOIN therapists_licence i ON i.therapist_id = l.id
        -- A compact lets therapists see people online.
        LEFT JOIN therapists_compact c ON c.id = i.compact_id AND c.operates AND l.online
        WHERE i.expires_on IS NULL OR i.expires_on >= today
    )
    SELECT id, 'term', term::text FROM stated
    UNION ALL
    SELECT id, 'approach', approach_id::text FROM practised
    UNION ALL
    SELECT id, 'quoted', approach_id::text FROM practised WHERE state = 'approved'
    UNION ALL
    -- Who left the training out has the key that ends in a colon.
    SELECT id, 'training', approach_id || ':' || training FROM practised
    UNION ALL (
        SELECT id, 'training', 'any:' || training FROM practised WHERE status = 'published'
        UNION
        SELECT id, 'stated', vocabulary::text FROM stated
        UNION
        SELECT id, 'state', state::text FROM placed WHERE state <> ''
        UNION
        SELECT id, 'town', therapists_search_town(city) || '|' || state
            FROM placed WHERE place IS NULL AND city <> ''
        UNION
        SELECT id, 'unplaced', state::text FROM placed WHERE place IS NULL AND state <> ''
        UNION
        SELECT id, 'licence', own FROM licensed
        UNION
        SELECT id, 'licence', unnest(by_compact)::text FROM licensed
    )
    UNION ALL
    SELECT l.id, f.facet, f.value FROM listed l CROSS JOIN LATERAL (
        SELECT 'listed', '' UNION ALL
        SELECT 'format', 'in-person' WHERE l.in_person UNION ALL
        SELECT 'format', 'online' WHERE l.online UNION ALL
        SELECT 'availability', l.availability::text WHERE l.availability <> '' UNION ALL
        SELECT 'stated', 'availability' WHERE l.availability <> '' UNION ALL
        SELECT 'sliding', 'yes' WHERE l.sliding_scale UNION ALL
        SELECT 'stated', 'sliding' WHERE l.sliding_scale IS NOT NULL UNION ALL
        SELECT 'free-call', 'yes' WHERE l.free_first_call UNION ALL
        SELECT 'stated', 'free-call' WHERE l.free_first_call IS NOT NULL UNION ALL
        -- The fee lies here digit by binary digit: "at most" is then a few steps.
        SELECT 'fee', digit::text FROM generate_series(0, 13) digit
            WHERE l.fee_from IS NOT NULL AND least(l.fee_from, 16383) >> digit & 1 = 1 UNION ALL
        SELECT 'stated', 'fee' WHERE l.fee_from IS NOT NULL
    ) AS f (facet, value);
END
$$;

-- The entries that these therapists should have: one for each who is published, and empty for those
-- whom nobody sees because their word is too old. They keep their slot for the day they come back.
CREATE FUNCTION therapists_search_wanted(ids bigint[])
RETURNS TABLE (
    therapist bigint, slug varchar, keys integer[], places text[], names text[], document tsvector,
    changes_on date
) LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 10000 AS $$
DECLARE
    today date;
    days integer;
BEGIN
    SELECT d.day, d.hidden_after INTO today, days FROM therapists_searchday d;
    RETURN QUERY
    WITH published AS MATERIALIZED (
        SELECT t.*, coalesce(t.availability_confirmed_on >= today - days, false) AS is_listed
        FROM unnest(ids) AS one JOIN therapists_therapist t ON t.id = one
        WHERE t.status = 'published'
    ), seated AS (
        SELECT o.therapist_id AS id, string_agg(DISTINCT o.city, ' ') AS cities,
            array_agg(DISTINCT p.place) FILTER (WHERE p.place IS NOT NULL) AS places
        FROM published t JOIN therapists_office o ON o.therapist_id = t.id
        CROSS JOIN LATERAL therapists_place_key(o.city, o.state, o.postal_code) AS p (place)
        WHERE t.is_listed GROUP BY 1
    ), spoken AS (
        SELECT s.therapist_id AS id, string_agg(s.statement, ' ' ORDER BY s.id) AS statements
        FROM published t JOIN approaches_specialist s ON s.therapist_id = t.id
        JOIN approaches_approach a ON a.id = s.approach_id
        WHERE t.is_listed AND s.state = 'approved' AND a.status = 'published' GROUP BY 1
    ), worded AS MATERIALIZED (
        SELECT t.id, t.slug, seated.places,
            CASE WHEN t.is_listed THEN
                tsvector_to_array(therapists_search_name_vector(t.name)) END AS names,
            -- Their own words that the public may read. Names twice: "An" and "Will" are no words to
            -- a reader of English.
            CASE WHEN t.is_listed THEN therapists_search_name_vector(t.name)
                -- PostgreSQL takes a million bytes of words and no more.
                || to_tsvector('english', left(therapists_search_plain(concat_ws(' ', t.name,
                    t.post_nominals, t.title, seated.cities, t.about, spoken.statements)), 100000))
                END AS document,
            CASE WHEN t.is_listed THEN least(t.availability_confirmed_on + days + 1, (
                SELECT min(i.expires_on) + 1 FROM therapists_licence i
                WHERE i.therapist_id = t.id AND i.expires_on >= today
            )) END AS changes_on
        FROM published t LEFT JOIN seated ON seated.id = t.id LEFT JOIN spoken ON spoken.id = t.id
    ), keyed AS (
        SELECT f.therapist AS id, array_agg(k.id ORDER BY k.id) AS keys
        FROM (
            SELECT * FROM therapists_search_facets(ids)
            UNION ALL
            -- Words that many use are keys as well.
            SELECT w.id, 'word', lexeme FROM worded w
                CROSS JOIN LATERAL unnest(tsvector_to_array(w.document)) AS lexeme
        ) f
        JOIN therapists_searchkey k ON k.facet = f.facet AND k.value = f.value
        GROUP BY 1
    )
    SELECT w.id, w.slug, coalesce(k.keys, '{}'), coalesce(w.places, '{}'), coalesce(w.names, '{}'),
        coalesce(w.document, ''), w.changes_on
    FROM worded w LEFT JOIN keyed k ON k.id = w.id;
END
$$;

CREATE FUNCTION therapists_search_make_keys(facets text[], "values" text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    learned text[];
BEGIN
    WITH made AS (
        INSERT INTO therapists_searchkey (facet, value, counted, slug, label, words, document)
        SELECT f.facet, f.value, therapists_search_is_counted(f.facet), n.*
        FROM (SELECT DISTINCT facet, value FROM unnest(facets, "values") AS f (facet, value)) f
        CROSS JOIN LATERAL therapists_search_name(f.facet, f.value) n
        WHERE NOT EXISTS (
            SELECT FROM therapists_searchkey k WHERE k.facet = f.facet AND k.value = f.value
        )
        RETURNING words
    )
    SELECT array_agg(DISTINCT word) INTO learned FROM made CROSS JOIN LATERAL unnest(words) AS word;
    PERFORM therapists_search_learn(learned, 2);
END
$$;

-- Make keys of the words that at least one in so many therapists uses, by a sample: a key more or less
-- changes no result. For an index that is being built; entries that are there do not learn of it.
CREATE FUNCTION therapists_search_promote(sample integer, one_in integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(id) INTO ids FROM (
        SELECT id FROM therapists_therapist
        WHERE status = 'published' ORDER BY md5(id::text) LIMIT sample
    ) t;
    PERFORM therapists_search_make_keys(array_agg('word'::text), array_agg(word))
        FROM ts_stat(format('SELECT document FROM therapists_search_wanted(%L)', ids))
        WHERE ndoc >= cardinality(ids) / one_in;
END
$$;

-- Bring the entries of these therapists up to date.
CREATE FUNCTION therapists_search_refresh(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF ids IS NULL THEN
        RETURN;
    END IF;
    PERFORM therapists_search_lock();
    PERFORM therapists_search_make_keys(array_agg(facet), array_agg(value))
        FROM (SELECT DISTINCT facet, value FROM therapists_search_facets(ids)) f;
    WITH now AS MATERIALIZED (
        SELECT * FROM therapists_search_wanted(ids)
    ), gone AS (
        DELETE FROM therapists_searchentry entry USING unnest(ids) AS one
        WHERE entry.therapist_id = one AND NOT EXISTS (SELECT FROM now WHERE therapist = one)
    ), changed AS (
        UPDATE therapists_searchentry entry
        SET slug = now.slug, keys = now.keys, places = now.places, names = now.names,
            document = now.document, changes_on = now.changes_on
        FROM now
        WHERE entry.therapist_id = now.therapist
            AND (entry.slug, entry.keys, entry.places, entry.names, entry.document, entry.changes_on)
                IS DISTINCT FROM
                (now.slug, now.keys, now.places, now.names, now.document, now.changes_on)
    )
    -- Not ON CONFLICT, which uses up a slot at each attempt.
    INSERT INTO therapists_searchentry
        (therapist_id, slug, keys, places, names, document, changes_on)
    SELECT now.* FROM now
    WHERE NOT EXISTS (SELECT FROM therapists_searchentry e WHERE e.therapist_id = now.therapist)
    ORDER BY now.therapist;
END
$$;

-- Whether the index stands at an earlier day, or at another rule of when the silent are hidden.
CREATE FUNCTION therapists_search_is_behind(today date, days integer)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT d.day < today OR d.hidden_after <> days
            OR EXISTS (SELECT FROM therapists_searchentry WHERE changes_on <= today)
        FROM therapists_searchday d
$$;

-- Take the index on to a new day, or to another rule of when the silent are hidden.
CREATE FUNCTION therapists_search_begin(new_day date, days integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old therapists_searchday;
    ids bigint[];
BEGIN
    PERFORM therapists_search_lock();
    SELECT * INTO old FROM therapists_searchday;
    UPDATE therapists_searchday SET day = greatest(day, new_day), hidden_after = days;
    IF days <> old.hidden_after THEN
        SELECT array_agg(therapist_id) INTO ids FROM therapists_searchentry;
    ELSE
        SELECT array_agg(therapist_id) INTO ids
            FROM therapists_searchentry WHERE changes_on <= new_day;
    END IF;
    PERFORM therapists_search_refresh(ids);
END
$$;


-- --- What follows the entries -------------------------------------------------------------------

-- The bits of these pairs of slot and key, a string for each key and block.
CREATE FUNCTION therapists_search_strings(slots integer[], keys integer[])
RETURNS TABLE (key integer, block integer, bits bit(16384)) LANGUAGE plpgsql STABLE AS $$
DECLARE
    -- A constant, or it would be made anew for every bit.
    nobody CONSTANT bit(16384) := repeat('0', 16384);
BEGIN
    RETURN QUERY
        SELECT p.key, p.slot >> 14, bit_or(set_bit(nobody, p.slot & 16383, 1))
        FROM unnest(slots, keys) AS p (slot, key) GROUP BY 1, 2;
END
$$;
CREATE FUNCTION therapists_search_set(slots integer[], keys integer[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchbits AS kept (key, block, counted, bits)
        SELECT fresh.key, fresh.block, k.counted, fresh.bits
        FROM therapists_search_strings(slots, keys) fresh
        JOIN therapists_searchkey k ON k.id = fresh.key
        ON CONFLICT (key, block, counted) DO UPDATE SET bits = kept.bits | excluded.bits
$$;
CREATE FUNCTION therapists_search_clear(slots integer[], keys integer[])
RETURNS void LANGUAGE sql AS $$
    UPDATE therapists_searchbits kept SET bits = kept.bits & ~gone.bits
    FROM therapists_search_strings(slots, keys) gone
    WHERE kept.key = gone.key AND kept.block = gone.block
$$;

-- Note somebody at places, or take them away.
CREATE FUNCTION therapists_search_settle(slots integer[], places text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchat AS kept (place, slots)
        SELECT p.place, array_agg(p.slot) FROM unnest(slots, places) AS p (slot, place) GROUP BY 1
        ON CONFLICT (place) DO UPDATE SET slots = kept.slots || excluded.slots
$$;
CREATE FUNCTION therapists_search_unsettle(gone integer[], places text[])
RETURNS void LANGUAGE sql AS $$
    UPDATE therapists_searchat kept SET slots = ARRAY(
        SELECT slot FROM unnest(kept.slots) AS slot EXCEPT ALL SELECT unnest(leaving.slots)
    )
    FROM (
        SELECT p.place, array_agg(p.slot) AS slots
        FROM unnest(gone, places) AS p (slot, place) GROUP BY 1
    ) leaving
    WHERE kept.place = leaving.place
$$;

-- Every spelling of a word that lacks at most so many of its letters, and the word itself.
CREATE FUNCTION therapists_search_deletions(word text, most integer)
RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    WITH RECURSIVE shorter (spelling, gone) AS (
        SELECT word, 0
        UNION
        SELECT overlay(spelling PLACING '' FROM place FOR 1), gone + 1
        FROM shorter, generate_series(1, length(spelling)) place WHERE gone < most
    )
    SELECT DISTINCT spelling FROM shorter
$$;
-- Two wrong letters are forgiven in the long words of terms and approaches, one elsewhere.
CREATE FUNCTION therapists_search_learn(words text[], most integer)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchspelling (near, word)
        SELECT near, word FROM unnest(words) AS word CROSS JOIN LATERAL
            therapists_search_deletions(word, CASE WHEN length(word) >= 8 THEN most ELSE 1 END) near
        WHERE length(word) BETWEEN 2 AND 40
        ON CONFLICT DO NOTHING
$$;
-- Forget those of these words that nobody and nothing is called any more.
CREATE FUNCTION therapists_search_forget(words text[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM therapists_searchspelling s USING (
        SELECT DISTINCT word FROM unnest(words) AS word
        WHERE NOT EXISTS (SELECT FROM therapists_searchentry WHERE names @> ARRAY[word])
            AND NOT EXISTS (SELECT FROM therapists_searchkey k WHERE k.words @> ARRAY[word])
    ) gone
    WHERE s.near IN (SELECT therapists_search_deletions(gone.word, 2)) AND s.word = gone.word
$$;

CREATE FUNCTION therapists_search_rank(day date, slug varchar)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT md5(to_char(day, 'YYYY-MM-DD') || ' ' || slug) $$;
CREATE FUNCTION therapists_search_bucket(rank text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || left(rank, 3))::bit(12)::integer
$$;
-- Put newcomers in their place in the days that lie ready. Those who leave stay in them: their slot
-- is never used again, and no set holds it.
CREATE FUNCTION therapists_search_queue(newcomers integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO therapists_searchorder AS kept (day, bucket, slots)
        SELECT days.day, therapists_search_bucket(therapists_search_rank(days.day, e.slug)),
            array_agg(e.slot ORDER BY therapists_search_rank(days.day, e.slug), e.slug)
        FROM unnest(newcomers) AS one JOIN therapists_searchentry e ON e.slot = one
        CROSS JOIN (SELECT DISTINCT day FROM therapists_searchorder) days
        GROUP BY 1, 2
        ON CONFLICT (day, bucket) DO UPDATE SET slots = (
            SELECT array_agg(e.slot ORDER BY therapists_search_rank(kept.day, e.slug), e.slug)
            FROM unnest(kept.slots || excluded.slots) AS one
            JOIN therapists_searchentry e ON e.slot = one
        )
$$;
-- Lay a day's order ready. The newest eight days are kept.
CREATE FUNCTION therapists_search_lay(asked date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_lock();
    DELETE FROM therapists_searchorder kept WHERE kept.day NOT IN (
        SELECT DISTINCT o.day FROM therapists_searchorder o ORDER BY o.day DESC LIMIT 7
    );
    INSERT INTO therapists_searchorder (day, bucket, slots)
        SELECT asked, therapists_search_bucket(rank), array_agg(slot ORDER BY rank, slug)
        FROM (
            SELECT slot, slug, therapists_search_rank(asked, slug) AS rank
            FROM therapists_searchentry
        ) ranked
        GROUP BY 2
        ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION therapists_search_entries_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_set(array_agg(slot), array_agg(key))
        FROM (SELECT slot, unnest(keys) AS key FROM fresh) p;
    PERFORM therapists_search_settle(array_agg(slot), array_agg(place))
        FROM (SELECT slot, unnest(places) AS place FROM fresh) p;
    PERFORM therapists_search_learn(array_agg(DISTINCT name), 1)
        FROM (SELECT unnest(names) AS name FROM fresh) p;
    PERFORM therapists_search_queue(array_agg(slot)) FROM fresh;
    RETURN NULL;
END
$$;
CREATE FUNCTION therapists_search_entries_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_clear(array_agg(slot), array_agg(key))
        FROM (SELECT slot, unnest(keys) AS key FROM stale) p;
    PERFORM therapists_search_unsettle(array_agg(slot), array_agg(place))
        FROM (SELECT slot, unnest(places) AS place FROM stale) p;
    PERFORM therapists_search_forget(array_agg(DISTINCT name))
        FROM (SELECT unnest(names) AS name FROM stale) p;
    RETURN NULL;
END
$$;
-- Only what differs is touched: a change of availability should not rewrite eighty strings.
CREATE FUNCTION therapists_search_entries_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_clear(array_agg(slot), array_agg(key)) FROM (
        SELECT slot, unnest(keys) AS key FROM stale EXCEPT SELECT slot, unnest(keys) FROM fresh
    ) p;
    PERFORM therapists_search_set(array_agg(slot), array_agg(key)) FROM (
        SELECT slot, unnest(keys) AS key FROM fresh EXCEPT SELECT slot, unnest(keys) FROM stale
    ) p;
    PERFORM therapists_search_unsettle(array_agg(slot), array_agg(place)) FROM (
        SELECT slot, unnest(places) AS place FROM stale EXCEPT SELECT slot, unnest(places) FROM fresh
    ) p;
    PERFORM therapists_search_settle(array_agg(slot), array_agg(place)) FROM (
        SELECT slot, unnest(places) AS place FROM fresh EXCEPT SELECT slot, unnest(places) FROM stale
    ) p;
    PERFORM therapists_search_learn(array_agg(name), 1) FROM (
        SELECT unnest(names) AS name FROM fresh EXCEPT SELECT unnest(names) FROM stale
    ) p;
    PERFORM therapists_search_forget(array_agg(name)) FROM (
        SELECT unnest(names) AS name FROM stale EXCEPT SELECT unnest(names) FROM fresh
    ) p;
    -- Somebody with a new slug stands elsewhere in every day that lies ready.
    UPDATE therapists_searchorder kept SET slots = ARRAY(
        SELECT slot FROM unnest(kept.slots) WITH ORDINALITY AS s (slot, place)
        WHERE slot <> ALL (moved.slots) ORDER BY place
    )
    FROM (
        SELECT days.day, therapists_search_bucket(therapists_search_rank(days.day, stale.slug))
            AS bucket, array_agg(slot) AS slots
        FROM stale JOIN fresh USING (slot)
        CROSS JOIN (SELECT DISTINCT day FROM therapists_searchorder) days
        WHERE stale.slug <> fresh.slug GROUP BY 1, 2
    ) moved
    WHERE kept.day = moved.day AND kept.bucket = moved.bucket;
    PERFORM therapists_search_queue(array_agg(slot))
        FROM stale JOIN fresh USING (slot) WHERE stale.slug <> fresh.slug;
    RETURN NULL;
END
$$;
CREATE FUNCTION therapists_search_entries_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE therapists_searchkey, therapists_searchbits, therapists_searchorder,
        therapists_searchat, therapists_searchspelling;
    RETURN NULL;
END
$$;
CREATE TRIGGER entries_in AFTER INSERT ON therapists_searchentry
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_entries_in();
CREATE TRIGGER entries_changed AFTER UPDATE ON therapists_searchentry
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_entries_changed();
CREATE TRIGGER entries_out AFTER DELETE ON therapists_searchentry
    REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_entries_out();
CREATE TRIGGER entries_truncated AFTER TRUNCATE ON therapists_searchentry
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_entries_truncated();


-- --- What the entries follow --------------------------------------------------------------------

CREATE FUNCTION therapists_search_lock_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_lock();
    RETURN NULL;
END
$$;

-- Bring the entries of these therapists up to date now, or at the end of a great write.
CREATE FUNCTION therapists_search_touch(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('therapists.search_later', true) = 'yes' THEN
        INSERT INTO therapists_searchlater SELECT unnest(ids) ON CONFLICT DO NOTHING;
    ELSE
        PERFORM therapists_search_refresh(ids);
    END IF;
END
$$;
-- Follow at once what a great write has put off.
CREATE FUNCTION therapists_search_follow_put_off() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    WITH put_off AS (DELETE FROM therapists_searchlater RETURNING therapist)
        SELECT array_agg(therapist) INTO ids FROM put_off;
    PERFORM therapists_search_refresh(ids);
END
$$;

-- A row that is a therapist's: the argument names the column that holds the therapist.
CREATE FUNCTION therapists_search_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    rows text;
BEGIN
    rows := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT %1$I AS id FROM fresh'
        WHEN 'DELETE' THEN 'SELECT %1$I AS id FROM stale'
        ELSE 'SELECT %1$I AS id FROM fresh UNION SELECT %1$I FROM stale'
    END;
    EXECUTE format('SELECT array_agg(DISTINCT id) FROM (' || rows || ') AS touched', TG_ARGV[0])
        INTO ids;
    PERFORM therapists_search_touch(ids);
    RETURN NULL;
END
$$;
-- A term or an approach has another name: words find it by the new one.
CREATE FUNCTION therapists_search_rename(named text, ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    old_words text[];
BEGIN
    PERFORM therapists_search_lock();
    PERFORM therapists_search_make_keys(array_agg(named), array_agg(one::text))
        FROM unnest(ids) AS one;
    SELECT array_agg(word) INTO old_words FROM unnest(ids) AS one
        JOIN therapists_searchkey k ON k.facet = named AND k.value = one::text
        CROSS JOIN LATERAL unnest(k.words) AS word;
    UPDATE therapists_searchkey k
        SET slug = n.slug, label = n.label, words = n.words, document = n.document
        FROM unnest(ids) AS one CROSS JOIN LATERAL therapists_search_name(named, one::text) n
        WHERE k.facet = named AND k.value = one::text;
    PERFORM therapists_search_learn(array_agg(DISTINCT word), 2)
        FROM unnest(ids) AS one
        JOIN therapists_searchkey k ON k.facet = named AND k.value = one::text
        CROSS JOIN LATERAL unnest(k.words) AS word;
    PERFORM therapists_search_forget(old_words);
END
$$;
-- Every key that anybody might have, so that an index can be built without asking each therapist first.
CREATE FUNCTION therapists_search_make_all_keys() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM therapists_search_make_keys(array_agg(facet), array_agg(value)) FROM (
        SELECT 'term' AS facet, id::text AS value FROM therapists_term
        UNION ALL
        SELECT 'stated', id::text FROM therapists_vocabulary
        UNION ALL
        SELECT facet, id::text FROM approaches_approach
            CROSS JOIN unnest(ARRAY['approach', 'quoted']) AS facet
        UNION ALL
        SELECT 'training', which || ':' || training
            FROM (SELECT id::text AS which FROM approaches_approach UNION SELECT 'any') a
            CROSS JOIN (SELECT DISTINCT training FROM approaches_specialist) t
        UNION ALL
        SELECT DISTINCT facet, state::text FROM therapists_office
            CROSS JOIN unnest(ARRAY['state', 'unplaced']) AS facet WHERE state <> ''
        UNION ALL
        SELECT 'town', therapists_search_town(city) || '|' || state
            FROM (SELECT DISTINCT city, state, postal_code FROM therapists_office WHERE city <> '') o
            WHERE therapists_place_key(city, state, postal_code) IS NULL
        UNION ALL
        SELECT 'licence', state::text FROM (
            SELECT DISTINCT state FROM therapists_licence
            UNION SELECT unnest(states) FROM therapists_compact
        ) i
        UNION ALL
        SELECT 'availability', availability
            FROM (SELECT DISTINCT availability FROM therapists_therapist WHERE availability <> '') t
        UNION ALL
        SELECT 'fee', digit::text FROM generate_series(0, 13) digit
        UNION ALL
        VALUES ('listed', ''), ('format', 'in-person'), ('format', 'online'), ('sliding', 'yes'),
            ('free-call', 'yes'), ('stated', 'availability'), ('stated', 'sliding'),
            ('stated', 'free-call'), ('stated', 'fee')
    ) keys;
END
$$;
-- A row that therapists hold by name. The arguments: its facet, the column that decides what is found
-- of its holders, and the table and column by which they hold it.
CREATE FUNCTION therapists_search_follow_named() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM therapists_search_rename(TG_ARGV[0], array_agg(id)) FROM stale;
        RETURN NULL;
    END IF;
    PERFORM therapists_search_rename(TG_ARGV[0], array_agg(id)) FROM fresh;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format(
            'SELECT array_agg(DISTINCT held.therapist_id)
                FROM fresh JOIN stale USING (id) JOIN %I held ON held.%I = fresh.id
                WHERE fresh.%I <> stale.%3$I',
            TG_ARGV[2], TG_ARGV[3], TG_ARGV[1]
        ) INTO ids;
        PERFORM therapists_search_touch(ids);
    END IF;
    RETURN NULL;
END
$$;
-- A compact begins to operate, or gains a state. Nobody holds one that comes or goes.
CREATE FUNCTION therapists_search_follow_compacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM therapists_search_touch(array_agg(DISTINCT i.therapist_id))
            FROM fresh JOIN therapists_licence i ON i.compact_id = fresh.id;
    END IF;
    RETURN NULL;
END
$$;

-- Follow every write to a table by one of these functions.
CREATE FUNCTION therapists_search_watch(followed text, follower text, VARIADIC arguments text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    given text := (SELECT string_agg(quote_literal(one), ', ') FROM unnest(arguments) AS one);
BEGIN
    EXECUTE format($trigger$
        CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON %1$I
            FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
        CREATE TRIGGER search_follows_insert AFTER INSERT ON %1$I
            REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION %2$I(%3$s);
        CREATE TRIGGER search_follows_update AFTER UPDATE ON %1$I
            REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION %2$I(%3$s);
        CREATE TRIGGER search_follows_delete AFTER DELETE ON %1$I
            REFERENCING OLD TABLE AS stale
            FOR EACH STATEMENT EXECUTE FUNCTION %2$I(%3$s);
    $trigger$, followed, follower, given);
END
$$;
CREATE FUNCTION therapists_search_unwatch(followed text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($trigger$
        DROP TRIGGER search_locks ON %1$I;
        DROP TRIGGER search_follows_insert ON %1$I;
        DROP TRIGGER search_follows_update ON %1$I;
        DROP TRIGGER search_follows_delete ON %1$I;
    $trigger$, followed);
END
$$;
SELECT therapists_search_watch('therapists_therapist', 'therapists_search_follow', 'id');
SELECT therapists_search_watch(held, 'therapists_search_follow', 'therapist_id') FROM unnest(ARRAY[
    'therapists_therapist_terms', 'therapists_office', 'therapists_licence'
]) AS held;
SELECT therapists_search_watch('therapists_term', 'therapists_search_follow_named',
    'term', 'vocabulary_id', 'therapists_therapist_terms', 'term_id');
SELECT therapists_search_watch('therapists_compact', 'therapists_search_follow_compacts', '');


-- --- Words --------------------------------------------------------------------------------------

-- How many letters differ: one too many, one missing, one wrong, or two exchanged.
CREATE FUNCTION therapists_search_distance(a text, b text)
RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    before integer[];
    last integer[];
    now integer[];
BEGIN
    last := ARRAY(SELECT generate_series(0, length(b)));
    FOR i IN 1..length(a) LOOP
        now := ARRAY[i];
        FOR j IN 1..length(b) LOOP
            now[j + 1] := least(
                now[j] + 1, last[j + 1] + 1,
                last[j] + (substr(a, i, 1) <> substr(b, j, 1))::integer
            );
            IF i > 1 AND j > 1 AND substr(a, i, 1) = substr(b, j - 1, 1)
                AND substr(a, i - 1, 1) = substr(b, j, 1) THEN
                now[j + 1] := least(now[j + 1], before[j - 1] + 1);
            END IF;
        END LOOP;
        before := last;
        last := now;
    END LOOP;
    RETURN last[length(b) + 1];
END
$$;

-- Words of names that a reader may have meant by one that nobody has: the nearest, or those that
-- begin so.
CREATE FUNCTION therapists_search_spelled(word text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    may CONSTANT integer := CASE WHEN length(word) >= 8 THEN 2 WHEN length(word) >= 4 THEN 1 END;
    meant text[];
BEGIN
    -- It is the name of a term or an approach that nobody has at present: no error.
    IF EXISTS (SELECT FROM therapists_searchspelling s WHERE s.near = $1 AND s.word = $1) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(nearest.word ORDER BY nearest.word) INTO meant FROM (
        SELECT near.word, distance, min(distance) OVER () AS least FROM (
            SELECT c.word, therapists_search_distance(c.word, $1) AS distance FROM (
                SELECT DISTINCT s.word FROM therapists_searchspelling s
                WHERE s.near IN (SELECT therapists_search_deletions($1, may)) LIMIT 100
            ) c
        ) near
        WHERE distance <= may
    ) nearest
    WHERE distance = least;
    IF meant IS NULL AND length(word) >= 3 THEN
        SELECT array_agg(begun.word ORDER BY begun.word) INTO meant FROM (
            SELECT DISTINCT s.word FROM therapists_searchspelling s
            WHERE s.near ^@ $1 AND s.near = s.word LIMIT 20
        ) begun;
    END IF;
    RETURN meant;
END
$$;

-- How one word is looked for: as a key, where so many use it that it is one, or among the documents;
-- and by the keys of the terms and approaches that it names.
CREATE FUNCTION therapists_search_word(word text)
RETURNS TABLE (query tsquery, key integer) LANGUAGE sql STABLE AS $$
    WITH forms AS (
        SELECT plainto_tsquery('english', therapists_search_plain(word)) AS query
        UNION
        SELECT plainto_tsquery('simple', therapists_search_plain(word))
        UNION
        SELECT plainto_tsquery('simple', therapists_search_unaccented(word))
    ), asked AS (
        SELECT f.query, CASE WHEN numnode(f.query) = 1 THEN btrim(f.query::text, '''') END AS lexeme
        FROM forms f WHERE numnode(f.query) > 0
    )
    SELECT CASE WHEN k.id IS NULL THEN a.query END, k.id
        FROM asked a LEFT JOIN therapists_searchkey k ON k.facet = 'word' AND k.value = a.lexeme
    UNION
    SELECT NULL, k.id FROM asked a JOIN therapists_searchkey k ON k.document @@ a.query
$$;
-- The same for each of several words, each with a label: the keys, and packed slots of those who have it
-- where it is no key. A word that finds nobody gives way to those that it may be a misspelling of
-- (`meant`). `is_hollow`: it says nothing, like "and".
CREATE FUNCTION therapists_search_words(labels integer[], words text[])
RETURNS TABLE (label integer, key integer, slots bytea, meant text[], is_hollow boolean)
LANGUAGE plpgsql STABLE ROWS 10 SET enable_seqscan = off AS $$
DECLARE
    asked record;
    one text;
    is_found boolean;
BEGIN
    FOR asked IN SELECT a.label, lower(a.word) AS word FROM unnest(labels, words) AS a (label, word)
    LOOP
        label := asked.label;
        is_hollow := numnode(plainto_tsquery('english', therapists_search_plain(asked.word))) = 0;
        meant := NULL;
        is_found := false;
        FOR attempt IN 1..2 LOOP
            FOREACH one IN ARRAY coalesce(meant, ARRAY[asked.word]) LOOP
                FOR key, slots IN
                    SELECT w.key, CASE WHEN w.query IS NOT NULL THEN (
                        SELECT string_agg(int4send(e.slot), NULL)
                        FROM therapists_searchentry e WHERE e.document @@ w.query
                    ) END
                    FROM therapists_search_word(one) w
                LOOP
                    is_found := is_found OR slots IS NOT NULL
                        OR EXISTS (SELECT FROM therapists_searchbits b WHERE b.key = therapists_search_words.key AND b.count > 0);
                    RETURN NEXT;
                END LOOP;
            END LOOP;
            EXIT WHEN is_found OR is_hollow OR attempt = 2;
            meant := therapists_search_spelled(asked.word);
            EXIT WHEN meant IS NULL;
        END LOOP;
        key := NULL;
        slots := NULL;
        RETURN NEXT;
    END LOOP;
END
$$;
