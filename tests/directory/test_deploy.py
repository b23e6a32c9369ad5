"""What lies in deploy/ is taken by the programs that it is for, and keeps what it promises."""

import os
import re
import shutil
import subprocess

import pytest

from tests.processes import KEYS, ROOT, free_port, status, wait_until

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def tool(name):
    """The path of a program; the test is skipped where it is not installed."""
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin") or pytest.skip(
        f"{name} is not installed"
    )


def ran(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def replaced(text, replacements):
    for there, here in replacements.items():
        assert there in text, there
        text = text.replace(there, here)
    return text


# --- nginx ---------------------------------------------------------------------------------------


@pytest.fixture
def nginx(tmp_path):
    """Starts deploy/nginx.conf without TLS on a free port, before the site at `upstream`."""
    program, started = tool("nginx"), []

    def nginx(upstream):
        port = free_port()
        site = replaced(
            (DEPLOY / "nginx.conf").read_text(),
            {
                "listen 80;": f"listen 127.0.0.1:{free_port()};",
                "listen [::]:80;": "",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
                "listen [::]:443 ssl http2;": "",
                "/var/log/nginx/attune.log": str(tmp_path / "attune.log"),
                "127.0.0.1:8000": upstream,
                "/srv/attune/var": str(tmp_path),
            },
        )
        site = re.sub(r"ssl_\w+ .*;", "", site)
        whole = tmp_path / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {tmp_path / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole.write_text(
            f"daemon off; master_process off; pid {tmp_path / 'pid'};"
            f"error_log {tmp_path / 'error.log'}; events {{}}"
            f"http {{ access_log {tmp_path / 'access.log'}; {temporary} {site} }}"
        )
        command = [program, "-e", str(tmp_path / "early.log"), "-c", str(whole)]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: status(address))
        return address

    yield nginx
    for one in started:
        one.terminate()
        one.wait(15)


def logged(folder):
    return "".join(path.read_text() for path in folder.glob("*.log"))


def test_nginx_writes_down_no_request_even_while_the_site_is_away(nginx, tmp_path):
    address = nginx(f"127.0.0.1:{free_port()}")  # nobody is there
    assert status(f"{address}/therapists/?q=quagmire") == 503
    big = subprocess.run(
        ["curl", "-s", "-d", f"@{__file__}", "-H", "Content-Length: 2000000", "-m", "5",
         f"{address}/match/?q=quagmire"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "far too much" in big.stdout
    assert "quagmire" not in logged(tmp_path)
    assert "127.0.0.1" not in logged(tmp_path)


# --- the others ----------------------------------------------------------------------------------


def test_caddy_takes_its_configuration():
    caddy = tool("caddy")
    version = ran(caddy, "version").stdout
    text = (DEPLOY / "Caddyfile").read_text()
    assert "exclude http.log.access http.log.error http.handlers.reverse_proxy" in text
    if re.match(r"v?2\.[0-6]\.", version):  # as the file itself says
        line = "\t\trequest_buffers 11MB"
        text = text.replace(line, "\t\tbuffer_requests\n\t\tmax_buffer_size 11MB")
    adapted = subprocess.run(
        [caddy, "adapt", "--adapter", "caddyfile", "--config", "/dev/stdin"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert adapted.returncode == 0, adapted.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_knows_every_line_of_the_units(unit, tmp_path):
    program = tool("systemd-analyze")
    copy = tmp_path / unit.name
    python = "ExecStart=/srv/attune/.venv/bin/python"  # not there on this machine
    copy.write_text(unit.read_text().replace(python, "ExecStart=/bin/true"))
    checked = ran(program, "verify", str(copy))
    assert (checked.returncode, checked.stderr) == (0, "")


def names_in(path):
    return re.findall(r"^(\w+)=", path.read_text(), re.M)


def test_every_setting_of_the_example_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    names = names_in(DEPLOY / "attune.env")
    assert "SECRET_KEY" in names
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_a_command_of_cron_gets_the_settings_of_the_service(tmp_path):
    file = tmp_path / "attune.env"
    lines = {**KEYS, "DATABASE_URL": "postgres://a:$b;c@localhost/d", "VAR_DIR": tmp_path}
    file.write_text("".join(f"{name}='{value}'\n" for name, value in lines.items()))
    asked = "from django.conf import settings; print(settings.DATABASES['default']['PASSWORD'])"
    command = [DEPLOY / "manage", "shell", "-v0", "-c", asked]
    env = {"PATH": os.environ["PATH"], "SETTINGS": str(file)}
    told = subprocess.run(
        command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=60
    )
    assert (told.returncode, told.stdout) == (0, "$b;c\n"), told.stderr


def test_every_command_of_cron_is_one():
    there = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | {"clearsessions"}
    named = re.findall(r"deploy/manage (\w+)", (DEPLOY / "attune.cron").read_text())
    assert named
    assert set(named) <= there
