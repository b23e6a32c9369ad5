"""Settings come from the environment alone; what is missing or mistyped stops with a sentence."""

import re

import pytest

from tests.processes import KEYS, environment, manage

SERVER = "postgres://attune@db.example/attune"
PRODUCTION = {**KEYS, "DATABASE_URL": SERVER, "ALLOWED_HOSTS": "attune.example"}


def check(tmp_path, *flags, **variables):
    """`manage.py check` with nothing set but these, and no file of settings."""
    return manage("check", *flags, env=environment(tmp_path / "var", **variables))


def test_production_values_pass_the_deployment_check(tmp_path):
    ran = check(tmp_path, "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert ran.returncode == 0, ran.stdout
    assert "no issues" in ran.stdout


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": None},
         "SECRET_KEY is not set. Set it to 50 or more random characters"),
        ({"SECRET_KEY": "  "}, "SECRET_KEY is not set."),
        ({"MESSAGE_KEYS": None},
         "MESSAGE_KEYS is not set. Set it to 50 or more random characters"),
        ({"MESSAGE_KEYS": f"{'x' * 50},short"}, "MESSAGE_KEYS holds a key of fewer than 32"),
        ({"MESSAGES_KEPT_FOR": "0"},
         "MESSAGES_KEPT_FOR is “0”: write a whole number from 1 to 3650."),
        ({"THERAPISTS_PER_PAGE": "0"},
         "THERAPISTS_PER_PAGE is “0”: write a whole number of 1 or more."),
        ({"BOUNCES_TO": "bounces"}, "BOUNCES_TO is “bounces”: write an address"),
        ({"BOUNCES_TO": "b+c@directory.example"}, "BOUNCES_TO"),
        ({"DATABASE_URL": None},
         "DATABASE_URL is not set. Set it to your PostgreSQL server, postgres://"),
        ({"DATABASE_URL": "sqlite:///here.db"}, "DATABASE_URL must name a PostgreSQL server"),
        ({"DATABASE_URL": "mysql://u:p@db.example/x"}, "DATABASE_URL must name a PostgreSQL"),
        ({"DEBUG": "yes"}, "DEBUG is “yes”: write true or false."),
        ({"DEBUG": "1"}, "DEBUG is “1”: write true or false."),
        ({"DANGER_WORDS": "die|("}, "DANGER_WORDS is no regular expression:"),
        ({"AVAILABILITY_ASKED_AFTER": "90"}, "each must be more days than the one before."),
        ({"AVAILABILITY_ASKED_AFTER": "0"}, "AVAILABILITY_ASKED_AFTER is “0”:"),
        ({"AVAILABILITY_HIDDEN_AFTER": "80"}, "AVAILABILITY_HIDDEN_AFTER 80:"),
        ({"HTTPS": "off"}, "HTTPS is “off”: write true or false."),
        ({"PHOTOS_ACCEL": "kept"}, "PHOTOS_ACCEL is “kept”: write a path"),
        ({"STAFF_SECOND_FACTOR": "no"}, "STAFF_SECOND_FACTOR is “no”: write true or false."),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES is “-1”: write a whole number from 0 to 9."),
        ({"TRUSTED_PROXIES": "10.0.0.1"}, "TRUSTED_PROXIES is “10.0.0.1”: write a whole number"),
        ({"INVITATION_DAYS": "0"}, "INVITATION_DAYS is “0”: write a whole number from 1 to 365."),
        ({"SITE_IS_DEMO": "si"}, "SITE_IS_DEMO is “si”: write true or false."),
    ],
)  # fmt: skip
def test_what_is_missing_or_mistyped_stops_the_start_with_a_sentence(tmp_path, variables, sentence):
    given = {name: value for name, value in (PRODUCTION | variables).items() if value is not None}
    ran = check(tmp_path, **given)
    assert ran.returncode != 0
    assert sentence in ran.stdout.splitlines()[-1]


def test_a_short_secret_does_not_pass_for_production(tmp_path):
    ran = check(
        tmp_path, "--deploy", "--fail-level", "WARNING", **(PRODUCTION | {"SECRET_KEY": "short"})
    )
    assert ran.returncode != 0
    assert "security.W009" in ran.stdout


@pytest.mark.parametrize(
    ("written", "debug"),
    [("true", "True"), ("TRUE", "True"), (" false ", "False"), (None, "False")],
)
def test_debug_is_on_only_where_it_says_true(tmp_path, written, debug):
    given = PRODUCTION | ({} if written is None else {"DEBUG": written})
    env = environment(tmp_path / "var", **given)
    shown = manage("diffsettings", "--all", env=env).stdout.splitlines()
    assert any(line.split()[-3:] == ["DEBUG", "=", debug] for line in shown)


def test_the_environment_wins_over_the_file_of_the_first_run(tmp_path):
    lines = [*(f"{name}={value}" for name, value in KEYS.items()), "SITE_NAME=From the file"]
    (tmp_path / "settings.env").write_text("\n".join(lines))
    env = environment(tmp_path, DATABASE_URL=SERVER)
    assert "SITE_NAME = 'From the file'" in manage("diffsettings", "--all", env=env).stdout
    env |= {"SITE_NAME": "From outside"}
    assert "SITE_NAME = 'From outside'" in manage("diffsettings", "--all", env=env).stdout


@pytest.mark.parametrize("https", ["true", "false"])
def test_over_https_no_other_site_of_the_domain_can_set_our_cookies(tmp_path, https):
    env = environment(tmp_path, **PRODUCTION, HTTPS=https)
    shown = manage("diffsettings", "--all", env=env).stdout
    kept = {
        name: re.search(rf"^(?:### )?{name} = '?(.*?)'?$", shown, re.M)[1]
        for name in (
            f"{cookie}_COOKIE_{what}"
            for cookie in ("SESSION", "CSRF")
            for what in ("NAME", "SECURE", "PATH", "DOMAIN")
        )
    }
    for one in ("SESSION", "CSRF"):  # elsewhere browsers would not take them
        assert kept[f"{one}_COOKIE_NAME"].startswith("__Host-") is (https == "true")
    # What browsers ask of cookies with that prefix.
    secure = str(https == "true")
    assert {kept[f"{one}_COOKIE_SECURE"] for one in ("SESSION", "CSRF")} == {secure}
    assert {kept[f"{one}_COOKIE_PATH"] for one in ("SESSION", "CSRF")} == {"/"}
    assert {kept[f"{one}_COOKIE_DOMAIN"] for one in ("SESSION", "CSRF")} == {"None"}
