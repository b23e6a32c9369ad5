"""How a client reaches a therapist: the form, the message as it is kept, its way, its answer."""
