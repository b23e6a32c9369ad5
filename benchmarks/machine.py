"""What a run was made on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def facts(root):
    """{what: text} of the day, the code in the folder `root`, and the machine."""
    git = ["git", "-C", str(root)]
    commit = output([*git, "rev-parse", "--short=12", "HEAD"]) or "unknown"
    changes = output([*git, "status", "--porcelain", "--", ".", ":!benchmarks/results.md"])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "Date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "Commit": commit + (", with changes" if changes else ""),
        "Machine": f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GB of memory",
        "System": f"{platform.system()} {platform.release()}",
        "Load before": f"{os.getloadavg()[0]:.1f} processes at work",
        "Python": platform.python_version(),
    }


def processor():
    """Its own name, where the system tells it."""
    listing = Path("/proc/cpuinfo")
    names = listing.read_text().splitlines() if listing.exists() else []
    found = [line.partition(":")[2].strip() for line in names if line.startswith("model name")]
    return found[0] if found else platform.machine()


def output(command):
    """What a command prints; "" where there is no such command, or it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
