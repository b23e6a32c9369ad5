import re

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def addresses(client, path):
    return re.findall(r"<loc>http://testserver(.*?)</loc>", client.get(path).text)


def test_the_sitemap_names_what_is_public_and_nothing_else(client):
    approach = factories.ApproachFactory(name="EMDR")
    factories.ApproachFactory(name="Secret", status="draft")
    listed = factories.TherapistFactory(name="Wren Word")
    factories.TherapistFactory(name="Not Yet", draft=True)
    factories.TherapistFactory(name="Long Silent", stale=True)

    sections = addresses(client, "/sitemap.xml")
    named = [address for section in sections for address in addresses(client, section)]

    assert sorted(named) == sorted(
        ["/", "/approaches/", "/therapists/", "/how-we-order/", "/join/"]
        + [approach.get_absolute_url(), listed.get_absolute_url()]
    )
    assert [client.get(address).status_code for address in named] == [200] * 7


def test_robots_may_read_what_is_public_and_find_the_sitemap(client):
    text = client.get("/robots.txt").text

    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /admin/" in text
    assert "Disallow: /therapists/" not in text
