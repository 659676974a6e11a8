"""Certificates for tests: an authority of our own, and what servers do wrong with it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Give the certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """Give the key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )


def sign(name: str, by: Signed | None, *, authority: bool = False, ended: bool = False) -> Signed:
    """Make a certificate for a name, signed by another or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    until = now - DAY if ended else now + 30 * DAY
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 60 * DAY)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        built = built.add_extension(names, critical=False)
    return Signed(certificate=built.sign(by.key if by else key, hashes.SHA256()), key=key)


def serve_by_name(folder: Path, chains: dict[str, list[Signed]], **more: int) -> ssl.SSLContext:
    """Make a server's context that shows each host its chain, the first of it being its own."""
    contexts: dict[str, ssl.SSLContext] = {}
    for name, chain in chains.items():
        path = folder / f"{name}.pem"
        path.write_bytes(chain[0].key_pem() + b"".join(one.pem() for one in chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        contexts[name] = context
    front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    front.load_cert_chain(folder / f"{next(iter(chains))}.pem")

    def choose(sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        sock.context = contexts.get(name or "", front)

    front.sni_callback = choose  # type: ignore[assignment]  # typeshed wants SSLSocket here
    return front
