"""`tandem privacy policy`: the data-use policy is proposed, signed on the signer's own machine, and
checked. A private key never leaves it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from services.ctl import console
from services.ctl.commands.relationships import administrator
from services.ctl.exits import Exit, Stop
from services.ctl.roster_things import DryRun, all_of, read, send
from services.ctl.target import Json, Token, Url, addresses, token_for

app = typer.Typer(
    help="By what rules a district uses its data, as it and its teachers have signed them.",
    no_args_is_help=True,
)
NEWER = "a newer build has written what this one cannot read"
NO_POLICY = "what was answered is no policy"
District = Annotated[str, typer.Option(help="Whose policy it is.")]


@app.callback()
def _group() -> None: ...


@app.command()
def keygen(
    file: Annotated[
        Path, typer.Argument(help="Where to write the private key; there is none yet.")
    ],
) -> None:
    """Make a key of Ed25519. What is printed is its public half, for the districts file."""
    from services.chassis.ed25519 import new_key, public_key

    private = new_key()
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Stop(Exit.USAGE, f"{file}: {error.strerror}") from None
    with os.fdopen(made, "w") as key:
        key.write(f"{private}\n")
    console.data(public_key(private))


@app.command()
def propose(
    file: Annotated[Path, typer.Argument(help="The terms, as JSON: see docs/data-use-policy.md.")],
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Propose the next version, as an administrator of the district."""
    try:
        body = json.loads(file.read_text())
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{file}: {error.strerror}") from None
    except ValueError:
        raise Stop(Exit.USAGE, f"{file}: it is no JSON") from None
    by = _token(district, token)
    asked = send(addresses(url), by, district, "/policies", body, of="privacy")
    _tell(asyncio.run(asked), as_json)


@app.command()
def show(
    district: District,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show all versions, the newest first, with who has signed each."""
    found = asyncio.run(_all(addresses(url), _token(district, token), district, {}))
    if as_json:
        console.as_json({"district": district, "policies": found})
        return
    for each in found:
        _lines(each)
    if not found:
        console.data("none")


@app.command()
def sign(
    number: Annotated[int, typer.Argument(min=1, help="Which version.")],
    key: Annotated[Path, typer.Option(help="The file of your private key.")],
    district: District,
    document: Annotated[
        str, typer.Option(help="The hash of what you have read, as --dry-run says it.")
    ] = "",
    dry_run: DryRun = False,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Sign a proposed version with your key, here; only the signature is sent.

    Read it and its statement with --dry-run, which ends with the hash of the document; with that as
    --document you sign what you have read, and nothing else. What is signed is made of what the
    service shows, and checked first: that it is of this district, follows the version before, says
    by itself what it allows more than that, and that its statement has these words.
    """
    from services.chassis import ed25519
    from services.ctl.key_files import key_pair
    from services.ctl.policies import MALFORMED, NotKnown

    if bool(document) == dry_run:
        told = "read it with --dry-run, then sign it with --document and the hash that it tells"
        raise Stop(Exit.USAGE, told)
    private, public = key_pair(key)
    services, by = addresses(url), _token(district, token)
    policy, statement = asyncio.run(_proposal(services, by, district, number))
    try:
        raw, hash_ = _checked(policy, statement, district)
    except NotKnown:
        raise Stop(Exit.REFUSED, NEWER) from None
    except MALFORMED:
        raise Stop(Exit.REFUSED, NO_POLICY) from None
    if dry_run:
        _tell({**policy, "document_sha256": hash_}, as_json)
        if not as_json:
            console.data(f"  {statement['title']}: {statement['text']}\n  document: {hash_}")
        return
    if hash_ != document:
        raise Stop(Exit.REFUSED, f"it is another document than what you have read: {hash_}")
    signature = ed25519.sign(raw, private)
    body = {"document_sha256": hash_, "key": public, "signature": signature}
    path = f"/policies/{policy['policy_id']}/sign"
    _tell(asyncio.run(send(services, by, district, path, body, of="privacy")), as_json)


@app.command()
def verify(
    district: District,
    district_key: Annotated[
        list[str] | None,
        typer.Option(help="A public key of the district that you trust.", show_default=False),
    ] = None,
    representative_key: Annotated[
        list[str] | None,
        typer.Option(help="One of a representative that you trust.", show_default=False),
    ] = None,
    url: Url = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Check every enacted version: its signatures, and that it follows the one before (exit code
    7).

    Once you name a key, only keys that you name count, each for whom you name it. Without any, this
    believes the service which key is whose.
    """
    from services.ctl.policies import MALFORMED, NotKnown, document, named_keys, wrong_in
    from services.privacy.policy.outline import digest

    try:
        named = named_keys(district_key or (), representative_key or ())
    except ValueError as error:
        raise Stop(Exit.USAGE, str(error)) from None
    params = {"state": "enacted"}
    found = asyncio.run(_all(addresses(url), _token(district, token), district, params))
    wrong = ""
    try:
        found.sort(key=lambda each: int(each["number"]))
        wrong = wrong_in(found, district, named)
        end = f"{len(found)}:{digest(document(found[-1]))}" if found else ""
    except NotKnown:
        wrong, end = NEWER, ""
    except MALFORMED:
        wrong, end = wrong or NO_POLICY, ""
    if as_json:
        told = {"district": district, "versions": len(found), "end": end, "wrong": wrong}
        console.as_json({**told, "named_keys": len(named)})
    elif wrong:
        console.data(f"broken: {wrong}")
    else:
        by = "signed" if named else "signed by keys that nobody named here"
        console.data(f"{len(found)} versions, {by}, in force {end or 'nothing'}")
    if wrong:
        raise typer.Exit(Exit.PROBLEMS)


async def _all(
    services: Mapping[str, str], token: str, district: str, params: dict[str, str]
) -> list[Any]:
    return await all_of(services, token, district, "policies", params, "privacy")


async def _proposal(
    services: Mapping[str, str], token: str, district: str, number: int
) -> tuple[Any, Any]:
    """A version with the one before beside it (`previous`) and all before (`earlier`), and its
    statement."""
    known = {each["number"]: each for each in await _all(services, token, district, {})}
    if number not in known:
        raise Stop(Exit.NOT_FOUND, f"there is no version {number}")
    earlier = [known[each] for each in known if each < number]
    policy = {**known[number], "previous": known.get(number - 1), "earlier": earlier}
    path = f"/statements/{policy['statement_id']}"
    return policy, await read(services, token, district, path, "privacy")


def _checked(
    policy: Mapping[str, Any], statement: Mapping[str, Any], district: str
) -> tuple[bytes, str]:
    """The document and its hash. Raises Stop REFUSED where it is not what it says."""
    from services.ctl.policies import document, is_represented, loosened_in, needed_by, words
    from services.privacy.policy.outline import digest

    previous, raw = policy["previous"], document(policy)
    if any(each["district_id"] != district for each in (policy, previous) if each):
        raise Stop(Exit.REFUSED, "it is another district's")
    if policy["number"] > 1 and not previous:
        raise Stop(Exit.REFUSED, "the version before is not shown, which it follows")
    before = digest(document(previous)) if previous else ""
    if policy["before"] != before:
        raise Stop(Exit.REFUSED, "it does not follow the version before")
    if policy["statement_sha256"] != words(statement):
        raise Stop(Exit.REFUSED, "its statement has other words")
    needed = needed_by(policy, previous, represented=is_represented(policy["earlier"]))
    loosened = loosened_in(policy, previous)
    if sorted(policy["loosened"]) != sorted(loosened) or policy["representatives_needed"] < needed:
        told = f"it needs {needed} representatives, being looser in {_text([*loosened])}"
        raise Stop(Exit.REFUSED, f"the service says less than is true: {told}")
    return raw, digest(raw)


def _tell(policy: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        beside = ("previous", "earlier")
        console.as_json({name: value for name, value in policy.items() if name not in beside})
    else:
        _lines(policy)


def _lines(policy: Mapping[str, Any]) -> None:
    who = [each["name"] or each["signer"] for each in policy["signatures"]]
    signed = f"signed by {', '.join(who)}" if who else "signed by nobody"
    needed = f"needs the district and {policy['representatives_needed']} representatives"
    console.data(f"version {policy['number']}: {policy['state']}, {signed}, {needed}")
    for name in ("purposes", "audiences", "acknowledge_before_sharing", "leaders_see"):
        console.data(f"  {name}: {_text(policy[name])}")
    kept = [f"{each['record']} {each['days']} days" for each in policy["retention"]]
    console.data(f"  retention: {_text(kept)}")
    for name in ("teacher_first_hours", "recording", "representatives_sign"):
        console.data(f"  {name}: {_text(policy[name])}")
    if policy["loosened"]:
        console.data(f"  looser than the one before: {_text(policy['loosened'])}")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _token(district: str, token: str) -> str:
    return token_for(district, token or administrator(district))
