-- What the cards of a list show of those with these slots, and their opening words if they are asked
-- for: of what they say publicly on published approaches, that on the first one by its name. plpgsql,
-- which looks for a table when it runs: those of the approaches come later.
CREATE FUNCTION therapists_cards(slots integer[], with_words boolean)
RETURNS TABLE (
    slot integer, pk bigint, slug varchar, name varchar, post_nominals varchar, title varchar, city varchar,
    state varchar, pronouns varchar, photo varchar, words text, in_person boolean, online boolean,
    fee_from integer, fee_to integer, sliding_scale boolean, availability varchar,
    confirmed_on date, consent_basis varchar
) LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
    RETURN QUERY
    SELECT e.slot, t.id, t.slug, t.name, t.post_nominals, t.title, office.city, office.state, t.pronouns,
        t.photo, spoken.statement, t.in_person, t.online, t.fee_from, t.fee_to, t.sliding_scale,
        t.availability, t.availability_confirmed_on, t.consent_basis
    FROM therapists_searchentry e JOIN therapists_therapist t ON t.id = e.therapist_id
    LEFT JOIN LATERAL (
        SELECT o.city, o.state FROM therapists_office o WHERE o.therapist_id = t.id
        ORDER BY o.position, o.id LIMIT 1
    ) office ON true
    LEFT JOIN LATERAL (
        SELECT s.statement
        FROM approaches_specialist s JOIN approaches_approach a ON a.id = s.approach_id
        WHERE s.therapist_id = t.id AND s.state = 'approved' AND a.status = 'published'
        ORDER BY a.name COLLATE "C", a.id LIMIT 1
    ) spoken ON with_words
    WHERE e.slot = ANY (slots);
END
$$;
