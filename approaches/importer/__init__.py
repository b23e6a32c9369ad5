"""Import of approach pages from plain text: `reading` makes sense of a file, `storing` keeps it."""
