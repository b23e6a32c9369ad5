"""What gunicorn serves: `gunicorn directory.wsgi`. `make dev` serves it, too."""

import os

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from directory.timeouts import limit_statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directory.settings")

# Here alone, so that commands and migrations take the time that they need.
connection_created.connect(limit_statements)

application = get_wsgi_application()
