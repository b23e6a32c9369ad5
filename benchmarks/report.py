"""`results.md`: what was measured, on what, and which bars it reached."""

COLUMNS = (
    "request", "finds", "first ms", "requests/s", "p50 ms", "p95 ms", "p99 ms", "queries",
    "raw kB", "gzip kB", "memory MB", "floor/s", "of the floor",
    "8 clients: requests/s", "floor/s", "of the floor",
)  # fmt: skip
OTHER_PAGE = "approach page"  # shows more than the listing: its queries are counted apart

INTRODUCTION = """# How fast the directory is

`make bench` wrote this. It serves invented directories with gunicorn (2 workers of 4 threads) and
asks for twelve pages, one client at a time, then eight at once. The floor is served by the same
workers: one query for 20 rows by primary key, and as many bytes as the page has. Pages are sent as
they are; a proxy in front compresses (gzip -6 here). Memory is that of both workers. "First" is the
very first answer, with a redirect where there is one. Client, workers and PostgreSQL share the
machine.
"""

STAFF = """### Staff's lists

Every list of /admin/ as it opens, and what is asked of the longest. The median, in the process that
makes the page.
"""


def report(about, sizes):
    """The whole text: `about` the run {what: text}, and each size's figures from the harness."""
    about = about | {"PostgreSQL": sizes[0]["postgresql"]}
    parts = [INTRODUCTION, table(("", ""), about.items()), "## The bars\n", bars_table(sizes)]
    for figures in sizes:
        parts += [f"## {figures['size']:,} therapists\n", about_the_size(figures)]
        parts += [table(COLUMNS, map(line, figures["rows"]))]
        parts += [STAFF, table(("list", "ms", "queries"), map(staff_line, figures["staff"]))]
    paths = [(row["name"], f"`{row['path']}`") for row in sizes[-1]["rows"]]
    parts += ["## The twelve\n", table(("request", "address"), paths)]
    return "\n".join(parts)


def staff_line(row):
    """A line of the staff's lists."""
    return [row["name"], f"{row['ms']:,.0f}", row["queries"]]


def about_the_size(figures):
    index = figures["index_seconds"]
    return (
        f"Loaded in {figures['load_seconds']} s; search index "
        f"{'not built in this run' if index is None else f'built in {index:.1f} s'}; "
        f"{figures['bytes'] / 1e6:,.0f} MB on disk, {figures['people_bytes'] / 1e6:,.0f} of them "
        f"without the index. Saving one therapist takes {figures['save']:.1f} ms (median), a match "
        f"{figures['match']['p50']:.1f} ms (median; p95 {figures['match']['p95']:.1f}).\n"
    )


def line(row):
    """A line of a size's table."""
    name = row["name"]
    if "status" in row:
        return [name, f"status {row['status']}", *[""] * (len(COLUMNS) - 2)]
    if row["lost"]:
        name += f" (without {', '.join(row['lost'])}: no such filter)"
    if row["failed"]:
        name += f" ({row['failed']} failed with 8 clients)"
    return [
        name,
        f"{row['finds']:,}",
        f"{row['first']:,.0f}",
        *(f"{row[key]:,.1f}" for key in ("rate", "p50", "p95", "p99")),
        row["queries"],
        *(f"{row[key] / 1000:,.1f}" for key in ("raw", "gzip")),
        f"{row['memory'] / 1e6:,.0f}",
        f"{row['floor_rate']:,.0f}",
        f"{row['rate'] / row['floor_rate']:.1%}",
        f"{row['together']:,.1f}",
        f"{row['floor_together']:,.0f}",
        f"{row['together'] / row['floor_together']:.1%}",
    ]


# --- The bars


def bars_table(sizes):
    found = bars({figures["size"]: figures for figures in sizes})
    return table(("what", "bar", "figure", ""), [verdict(*bar) for bar in found])


def verdict(what, bar, unit, figure, page=""):
    """A line of the table; a unit that ends in "or more" makes the bar a least one."""
    wanted = f"{bar} {unit}".strip()
    if figure is None:
        return what, wanted, "not measured", ""
    told = f"{figure:,.2f}" + (f" ({page})" if page else "")
    least = unit.endswith("or more")
    if figure >= bar if least else figure <= bar:
        return what, wanted, told, "reached"
    times = f": {max(bar / figure, figure / bar):.1f} times off" if bar and figure else ""
    return what, wanted, told, f"not reached{times}"


def bars(by_size):
    """(what, bar, unit, figure, page): the worst page's figure; None where it was not measured."""
    empty = {"rows": []}
    small, large, million = (by_size.get(size, empty) for size in (10_000, 100_000, 1_000_000))
    before = {row["name"]: row["p95"] for row in small["rows"] if "p95" in row}
    yield "p95 at 1,000,000, one client", 150, "ms", *worst(million, lambda row: row["p95"])
    growth = worst(million, lambda row: row["p95"] / before[row["name"]])
    yield "p95 at 1,000,000 against 10,000", 3, "times", *growth
    yield "p95 at 100,000, one client", 60, "ms", *worst(large, lambda row: row["p95"])
    unit = "% of the floor or more"
    share = worst(small, lambda row: 100 * row["rate"] / row["floor_rate"], min)
    yield "requests/s at 10,000, one client", 20, unit, *share
    share = worst(small, lambda row: 100 * row["together"] / row["floor_together"], min)
    yield "requests/s at 10,000, eight clients", 20, unit, *share
    both = "save" in million and 1_000 in by_size
    dearer = million["save"] - by_size[1_000]["save"] if both else None
    yield "saving one at 1,000,000 rather than 1,000", 50, "ms more", dearer
    yield "p95 of a match at 1,000,000", 200, "ms", million.get("match", {}).get("p95")
    yield "building the index for 1,000,000", 180, "s", million.get("index_seconds")
    rows = [row for figures in by_size.values() for row in figures["rows"]]
    listing = {"rows": [row for row in rows if row["name"] != OTHER_PAGE]}
    most, page = worst(listing, lambda row: row["queries"])
    least, _ = worst(listing, lambda row: row["queries"], min)
    lists = {"rows": large.get("staff", [])}
    yield "a list of staff at 100,000", 200, "ms", *worst(lists, lambda row: row["ms"])
    yield "queries of a list of staff", 9, "", *worst(lists, lambda row: row["queries"])
    yield "queries of a listing page", 8, "", most, page
    yield "difference in queries between them", 0, "", None if most is None else most - least


def worst(figures, of, pick=max):
    """(figure, page) where it is worst; (None, "") without pages, or where one has no figure."""
    try:
        return pick((of(row), row["name"]) for row in figures["rows"])
    except (KeyError, ValueError):
        return None, ""


# --- Words


def table(head, lines):
    """A table in Markdown; figures stand to the right."""
    ruler = ["---", *["---:"] * (len(head) - 1)] if len(head) > 4 else ["---"] * len(head)
    cells = [head, ruler, *lines]
    return "".join(f"| {' | '.join(map(str, one))} |\n" for one in cells)
