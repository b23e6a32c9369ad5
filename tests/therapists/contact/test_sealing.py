"""What clients write is kept so that the database alone tells nobody anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from therapists.contact.sealing import UnreadableError, seal, sealed_anew, unseal
from therapists.models import Message

OLD, NEW = "an old key of more than thirty-two characters", "a new key of more than thirty-two"
SAID = {"name": "Ines", "email": "ines@client.example", "phone": "", "text": "I can't sleep."}


@given(said=st.dictionaries(st.text(), st.text()).filter(lambda said: "mark" not in said))
def test_whatever_is_sealed_opens_as_it_was(said):
    assert unseal(seal(said, mark="m1"), mark="m1") == said


def test_nothing_of_it_can_be_read_where_it_lies():
    sealed = seal(SAID, mark="m1")
    assert not any(word.encode() in sealed for word in ("Ines", "client", "sleep"))
    assert sealed != seal(SAID, mark="m1")  # equal words do not look equal


def test_words_that_are_moved_to_another_row_do_not_open():
    with pytest.raises(UnreadableError, match="another message"):
        unseal(seal(SAID, mark="m1"), mark="m2")


def test_words_that_are_changed_do_not_open():
    sealed = bytearray(seal(SAID, mark="m1"))
    sealed[40] ^= 1
    with pytest.raises(UnreadableError, match="No key"):
        unseal(bytes(sealed), mark="m1")


def test_keys_are_changed_without_losing_a_word(settings):
    settings.MESSAGE_KEYS = [OLD]
    sealed = seal(SAID, mark="m1")
    settings.MESSAGE_KEYS = [NEW, OLD]
    assert unseal(sealed, mark="m1") == SAID
    anew = sealed_anew(sealed)
    settings.MESSAGE_KEYS = [NEW]
    assert unseal(anew, mark="m1") == SAID
    with pytest.raises(UnreadableError):
        unseal(sealed, mark="m1")


@pytest.mark.django_db
def test_a_row_opens_what_it_sealed():
    message = Message(therapist=factories.TherapistFactory(), mark="m1")
    message.seal(SAID)
    message.save()
    assert Message.objects.get(pk=message.pk).said == SAID
