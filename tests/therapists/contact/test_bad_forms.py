"""What cannot be sent comes back with a sentence, and not a word of it is lost."""

import pytest

from tests import factories
from tests.pages import Form, text
from tests.therapists.contact.clients import OURS, WORDS, address, press, send
from therapists.models import ContactTally, Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_wait")]


@pytest.fixture
def tess():
    return factories.TherapistFactory(name="Tess Testwell", slug="tess", email="t@practice.example")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "Write a name to be called by."),
        ({"name": " \u200b\u202e "}, "Write a name to be called by."),
        ({"name": "x" * 85}, "This name is too long, by 5 characters."),
        ({"name": "see www.example.com"}, "Write a name alone"),
        ({"name": "NUL \0"}, "Null characters are not allowed."),
        ({"email": "", "phone": ""}, "Leave an e-mail address or a phone number"),
        ({"email": "ines@"}, "This e-mail address is not complete."),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "This e-mail address is not complete."),
        ({"email": '"pay, here"@b.example'}, "This e-mail address is not complete."),
        ({"email": "root@localhost"}, "This e-mail address is not complete."),
        ({"email": "root@[127.0.0.1]"}, "This e-mail address is not complete."),
        ({"email": "a@b.example\u2028sign.in"}, "This e-mail address is not complete."),
        ({"email": "a@b.\u202eexample"}, "This e-mail address is not complete."),
        ({"email": "a" * 250 + "@b.example"}, "This e-mail address is too long."),
        ({"email": "a\0@b.example"}, "Null characters are not allowed."),
        ({"email": "", "phone": "12"}, "This phone number is not complete."),
        ({"email": "", "phone": "5" * 60}, "too long, by 20 characters"),
        ({"message": " \n "}, "Write a few words."),
        ({"message": "x" * 6234}, "Your message is too long, by 1,234 characters."),
        ({"message": "NUL \0"}, "Null characters are not allowed."),
        (
            {"email": "", "phone": "5555550123", "receipt": "on"},
            "We need your e-mail address for this",
        ),
    ],
)
def test_what_cannot_be_sent_comes_back_with_a_sentence_and_all_words(client, tess, values, said):
    page = send(client, tess, **values)
    assert page.status_code == 400
    assert text(page).count(said) == 2  # above all, and beside the field
    assert "<title>Error: " in page.text
    kept = Form(page, "contact_form")
    sent = {**WORDS, **values}
    assert kept["message"].replace("\r\n", "\n") == sent["message"]
    assert kept["email"].splitlines() == sent["email"].splitlines()
    assert not Message.objects.exists()
    assert not ContactTally.objects.exists()


def test_each_fault_is_told_to_a_screen_reader_with_its_field(client, tess):
    page = send(client, tess, name="", message="")
    assert 'aria-describedby="name-error name-hint"' in page.text
    assert 'id="name-error"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'href="#message"' in page.text


def test_what_was_mended_is_sent_with_the_same_form(client, tess):
    page = send(client, tess, email="")
    mended = Form(page, "contact_form").fill(email="ines@client.example")
    assert press(client, tess, mended).status_code == 200
    assert Message.objects.get().said["text"] == "I can't sleep."


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("梅", "梅"),
        ("عربى", "عربى"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("O'Brien & <b>", "O'Brien & <b>"),
        ("Ines\r\nBcc: x", "Ines Bcc: x"),
        ("\u202eeve", "eve"),
        ("x" * 80, "x" * 80),
    ],
)
def test_a_name_may_be_of_any_script_and_stands_on_one_line(client, tess, name, kept):
    assert send(client, tess, name=name).status_code == 200
    assert Message.objects.get().said["name"] == kept


def test_a_message_may_be_as_long_as_it_says_however_lines_end(client, tess):
    words = "é\r\n" * 2499 + "é\u200f"
    assert send(client, tess, message=words).status_code == 200
    assert Message.objects.get().said["text"] == words.replace("\r\n", "\n")


def test_digits_of_other_scripts_are_digits(client, tess):
    assert send(client, tess, email="", phone="٠١٢٣٤٥٦٧٨٩").status_code == 200


def raw(client, therapist, body, kind="application/x-www-form-urlencoded", **headers):
    return client.post(address(therapist), body, content_type=kind, headers={**OURS, **headers})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("name=%ED%A0%80&message=%FF%FE&token=%00", "application/x-www-form-urlencoded"),
        ("&".join(f"field{n}={n}" for n in range(100)), "application/x-www-form-urlencoded"),
        ("&".join(f"field{n}={n}" for n in range(2000)), "application/x-www-form-urlencoded"),
        ("name=x", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"name=x", "application/x-www-form-urlencoded; charset=latin-1"),
        ("{}", "application/json"),
        ("", ""),
        ("message=" + "x" * 200_000, "application/x-www-form-urlencoded"),
    ],
)
def test_rubbish_is_answered_with_a_sentence(client, tess, body, kind):
    page = raw(client, tess, body, kind)
    assert page.status_code == 400
    assert "It is not sent yet" in text(page)
    assert not Message.objects.exists()


def test_a_book_is_answered_with_a_sentence_and_not_read(client, tess):
    page = raw(client, tess, "message=" + "x" * 1_100_000)
    assert page.status_code == 413
    assert "That was too long to read" in text(page)


def test_a_file_is_not_even_read(client, tess, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a file was taken in")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile.__init__", never)
    monkeypatch.setattr("django.http.request.HttpRequest.parse_file_upload", never)
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
    body = head + b"x" * 900_000 + b"\r\n--b--\r\n"
    page = raw(client, tess, body, "multipart/form-data; boundary=b")
    assert page.status_code == 400
    assert "files cannot be sent with it" in text(page)
