"""How a client reaches a therapist: the form, the message as it is kept, its way, its answer.

The modules, in the order in which a message passes through:

    forms, views       the page on which it is written, and what becomes of what was sent
    limits             how many may come within an hour
    holding            what holds one back until staff have read it: links, phrases of frauds
    messages           it is taken: the row, under the encryption of `sealing`; and erased again
    moderation         staff hand on what was held, or keep it back
    delivery, queue    each letter has a row that says when it is due; whether letters leave at all
    letters            writes each when it leaves, from what `letter_contexts` gives its template
    smtp, handed_over  hands it to the mail server, and notes that it was taken
    bounces            letters that come back
    answers            what its therapist decides: answered, no room, not a fit, spam
    suggestions        who else may have room, for whom is turned away
    promptness         how soon a therapist usually answers
    links, erasing     the link by which its writer erases it, and the page behind that

What wakes `delivery` is outside: `therapists.tasks`, the jobs, and `therapists.worker`.
"""
