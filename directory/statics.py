"""Static files as they travel: named by content, compressed, and our scripts without comments."""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Lines that are a comment, and the space before others. That no line of a text looks like one is
# tested (tests/directory/test_statics.py).
_FOR_READERS = re.compile(rb"^[ \t]*(?://.*\n|\n)|^[ \t]+", re.MULTILINE)

OURS = "js/"  # other people's scripts lie in folders of their own


class Storage(CompressedManifestStaticFilesStorage):
    """Comments are a quarter of a script, and a page's scripts may weigh 6 kB."""

    def _save(self, name, content):
        if name.replace("\\", "/").startswith(OURS) and name.endswith(".js"):
            # Not read(): who hashed the file has left it at its end.
            content = ContentFile(as_it_travels(b"".join(content.chunks())))
        return super()._save(name, content)


def as_it_travels(script):
    """The bytes of a script without what is only for those who read it."""
    return _FOR_READERS.sub(b"", script)
