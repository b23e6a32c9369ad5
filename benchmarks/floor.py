"""The site as gunicorn serves it and, in the same workers, the least that a page could cost.

`/floor/<therapists>/<bytes>/` asks for 20 rows by primary key and sends so many bytes. What a page
takes beyond that is ours to answer for.
"""

# ruff: noqa: S311 - which rows is no secret

from random import sample

from django.db import connection

from directory.wsgi import application as site


def application(environ, start_response):
    if not environ["PATH_INFO"].startswith("/floor/"):
        return site(environ, start_response)
    therapists, length = map(int, environ["PATH_INFO"].split("/")[2:4])
    keys = sample(range(1, therapists + 1), 20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM therapists_therapist WHERE id = ANY (%s)", [keys])
        rows = cursor.fetchall()
    assert len(rows) == 20
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(length))]
    start_response("200 OK", headers)
    return [bytes(length)]
