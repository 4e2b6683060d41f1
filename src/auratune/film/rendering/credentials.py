"""Content credentials (C2PA): a signed statement in a film of what it is and who made it. Runs in child processes.

Needs the extra `c2pa`. The photo is not named in the statement, and no picture of it is put there.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from auratune.core.errors import InvalidSetting, RenderError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_EXTRA = (
    'C2PA_CERTIFICATE needs the extra `c2pa`; install it with `uv sync --extra c2pa` or `pip install "auratune[c2pa]"`.'
)
_EC_ALGORITHMS = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


def sign_film(path: str, title: str, certificate_path: str, private_key_path: str) -> None:
    """Put signed credentials into an MP4, before its index, so that it still starts while it loads.

    Raises `RenderError` when the certificate or the key cannot sign any more; the film is as it was then.
    """
    film = Path(path)
    try:
        signed = _signed(film.read_bytes(), "video/mp4", title, certificate_path, private_key_path)
    except InvalidSetting as error:
        raise RenderError(error.message) from None
    film.write_bytes(signed)


def check_credentials(certificate_path: str, private_key_path: str) -> str:
    """Sign a small picture; one sentence on who signs and until when. Raises `InvalidSetting`."""
    picture = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    _signed(picture, "image/jpeg", "", certificate_path, private_key_path)
    certificate = _certificate(_read(certificate_path, "C2PA_CERTIFICATE"))
    return (
        f"films are signed by {certificate.subject.rfc4514_string()}, until {certificate.not_valid_after_utc:%Y-%m-%d}"
    )


def _signed(data: bytes, content_type: str, title: str, certificate_path: str, private_key_path: str) -> bytes:
    try:
        import c2pa  # an extra
    except ModuleNotFoundError:
        raise InvalidSetting(_EXTRA) from None
    chain, key = _read(certificate_path, "C2PA_CERTIFICATE"), _read(private_key_path, "C2PA_PRIVATE_KEY")
    manifest = {"claim_generator_info": [{"name": "AuraTune", "version": version("auratune")}], "title": title}
    output = io.BytesIO()
    try:
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(_algorithm(chain, key), chain, key, None))
        # A thumbnail would be a frame of the film; nobody asked for one.
        settings = c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}})
        builder = c2pa.Builder(manifest, c2pa.Context(settings=settings))
        builder.set_intent(
            c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
        )
        builder.sign(signer, content_type, io.BytesIO(data), output)
    except c2pa.C2paError as error:
        raise InvalidSetting(
            f"C2PA_CERTIFICATE cannot sign films ({error}); give a certificate for signing, followed by those of its "
            "issuers, without the root."
        ) from None
    return output.getvalue()


def _algorithm(chain: bytes, key: bytes) -> str:
    """How the key signs, in C2PA's words. Raises `InvalidSetting` when it is not the certificate's, or that is over."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    certificate, private_key = _certificate(chain), _private_key(key)
    if private_key.public_key() != certificate.public_key():
        raise InvalidSetting("C2PA_PRIVATE_KEY is not the key of the first certificate in C2PA_CERTIFICATE.")
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise InvalidSetting(
            f"C2PA_CERTIFICATE is valid from {certificate.not_valid_before_utc:%Y-%m-%d} until "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}; get a new one."
        )
    match private_key:
        case EllipticCurvePrivateKey() if private_key.curve.name in _EC_ALGORITHMS:
            return _EC_ALGORITHMS[private_key.curve.name]
        case Ed25519PrivateKey():
            return "ed25519"
        case RSAPrivateKey():
            return "ps256"
    raise InvalidSetting("C2PA_PRIVATE_KEY must be a P-256, P-384, P-521, Ed25519 or RSA key.")


def _certificate(chain: bytes) -> Certificate:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(chain)[0]
    except ValueError:
        raise InvalidSetting("C2PA_CERTIFICATE must name a PEM file: BEGIN CERTIFICATE and so on.") from None


def _private_key(key: bytes) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidSetting(
            "C2PA_PRIVATE_KEY must name a PEM file without a password: BEGIN PRIVATE KEY and so on."
        ) from None


def _read(path: str, setting: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidSetting(f"{setting} names a file that cannot be read ({error.strerror}); give its path.") from None
