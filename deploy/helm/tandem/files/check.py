"""Asks each service what it offers, and whether it keeps strangers out: SERVICE=URL ..."""

import json
import sys
import time
import urllib.error
import urllib.request

TRIES, PAUSE_SECONDS, ANSWER_SECONDS = 10, 3, 10


def get(url):
    """Status and body, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - http
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wrong(service, url):
    """What is wrong with a service; empty when nothing is."""
    status, body = get(f"{url}/{service}/openapi.json")
    if status != 200:
        return f"{url}/{service}/openapi.json answers {status}"
    paths = json.loads(body)["paths"]
    lists = [path for path, told in paths.items() if "get" in told and "{" not in path]
    for path in lists[:1]:
        status, _ = get(f"{url}{path}")
        if status != 401:
            return f"{url}{path} answers {status} to a stranger, not 401"
    return ""


def tried(service, url):
    for _ in range(TRIES):
        try:
            found = wrong(service, url)
        except (OSError, ValueError, KeyError) as error:
            found = f"{url}: {error}"
        if not found:
            return ""
        time.sleep(PAUSE_SECONDS)
    return found


def main(arguments):
    failed = 0
    for service, _, url in (each.partition("=") for each in arguments):
        found = tried(service, url)
        sys.stdout.write(f"{service:<14}{found or 'right'}\n")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
