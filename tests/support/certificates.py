"""Authorities and certificates made on the spot, for engines and services under test."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey
_DAY = timedelta(days=1)


class Authority:
    """Signs certificates for 127.0.0.1 and localhost, which end in `days`, as its own does."""

    def __init__(self, name: str, days: int = 1) -> None:
        self._days = days
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        own = self._builder(self._name, self._key)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(usage, critical=True)
        its = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        own = own.add_extension(its, critical=False)
        self._own = own.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self._own.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, also: Sequence[str] = ()) -> tuple[bytes, bytes]:
        """A new certificate for server and client use, and its key, both PEM. It is for the
        addresses `also`, too."""
        key = ec.generate_private_key(ec.SECP256R1())
        addresses = map(ipaddress.ip_address, ("127.0.0.1", *also))
        hosts = [*map(x509.IPAddress, addresses), x509.DNSName("localhost")]
        asked = self._builder(_named(name), key)
        asked = asked.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        asked = asked.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        asked = asked.add_extension(signer, critical=False)
        cert = asked.sign(self._key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cert.public_bytes(serialization.Encoding.PEM), secret

    def write(
        self, folder: Path, name: str, whose: str = "", also: Sequence[str] = ()
    ) -> tuple[Path, Path]:
        """As `issue` for `whose` (`name` by default), in `name.crt` and `name.key`."""
        paths = folder / f"{name}.crt", folder / f"{name}.key"
        for path, content in zip(paths, self.issue(whose or name, also), strict=True):
            replace(path, content)
        return paths

    def _builder(self, subject: x509.Name, key: Key) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + self._days * _DAY)
        )


def replace(path: Path, content: bytes) -> None:
    """Put a new file in the place of the old, as those who renew certificates do."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.replace(path)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
