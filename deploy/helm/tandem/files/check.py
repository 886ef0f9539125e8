"""Asks each service what it offers, and whether it keeps strangers out: SERVICE=URL ...

Where CHECK_TOKEN holds a person's token, roster is asked who that is, too.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

TRIES, PAUSE_SECONDS, ANSWER_SECONDS = 10, 3, 10


def get(url, token=""):
    """Status and body, whatever the status."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(asked, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - http
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


def refused(url, token):
    """Why a token is nobody's who works here; empty when it is somebody's. Never the token."""
    if not token.isascii() or not token.isprintable() or " " in token:
        return "what tests.token names is no token"
    status, body = get(f"{url}/roster/v1/me", token)
    if status == 200:
        return ""
    said = json.loads(body)
    return f"{url}/roster/v1/me answers {status} to the token of tests.token: {said['detail']}"


def tried(url, ask):
    for _ in range(TRIES):
        try:
            found = ask()
        except (OSError, ValueError, KeyError) as error:
            found = f"{url}: {error}"
        if not found:
            return ""
        time.sleep(PAUSE_SECONDS)
    return found


def main(arguments):
    asked = dict(each.split("=", 1) for each in arguments)
    answers = {
        service: tried(url, lambda of=service, at=url: wrong(of, at))
        for service, url in asked.items()
    }
    token = os.environ.get("CHECK_TOKEN", "").strip()
    if token:
        answers["a token"] = tried(asked["roster"], lambda: refused(asked["roster"], token))
    for what, found in answers.items():
        sys.stdout.write(f"{what:<14}{found or 'right'}\n")
    return 1 if any(answers.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
