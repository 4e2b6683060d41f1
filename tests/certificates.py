"""A certificate that signs films, made for a test: a root of its own and what it issued."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auratune.core.film import SigningFiles

if TYPE_CHECKING:
    from pathlib import Path

PEM = serialization.Encoding.PEM


def signing_files(folder: Path, *, valid_days: int = 30, is_authority: bool = False) -> tuple[SigningFiles, str]:
    """The files that films are signed with, and the root (PEM) that vouches for them."""
    root_key, key = new_key(), new_key()
    root = _certificate("Test root", root_key, "Test root", root_key, valid_days, is_authority=True)
    leaf = _certificate("Test films", key, "Test root", root_key, valid_days, is_authority=is_authority)
    certificate, private_key = folder / "certificate.pem", folder / "private-key.pem"
    certificate.write_bytes(leaf.public_bytes(PEM))
    private_key.write_bytes(pem_of(key))
    files = SigningFiles(certificate=str(certificate), private_key=str(private_key))
    return files, root.public_bytes(PEM).decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    valid_days: int,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(not is_authority, False, False, False, False, is_authority, is_authority, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=valid_days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _name(common: str) -> x509.Name:
    names = ((NameOID.ORGANIZATION_NAME, "Test"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in names])
