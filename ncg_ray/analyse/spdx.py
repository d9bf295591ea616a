"""An inventory of the scanned code as SPDX 2.3: its files, and the distributions that it imports.

Covers: what the files import and is installed here, or is pinned in the manifests; modules of neither as packages of unknown
version. Licences are those that the distributions declare. What is not known is NOASSERTION.
Does not cover: dependencies of dependencies, licence texts, copyright.
"""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ncg_ray import __version__
from ncg_ray.analyse import distributions, licence_declared
from ncg_ray.analyse.inventory import Dependency, dependencies
from ncg_ray.analyse.known_packages import LICENCES
from ncg_ray.analyse.scan import Report
from ncg_ray.errors import InfrastructureError

if TYPE_CHECKING:
    from license_expression import LicenseExpression
    from spdx_tools.spdx.model import Document, Package, SpdxNoAssertion


def text(report: Report) -> str:
    """The SPDX document as JSON. Raises InfrastructureError where the library's validator refuses what we made."""
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    from spdx_tools.spdx.writer.json.json_writer import write_document_to_stream

    made = document(report)
    if problems := validate_full_spdx_document(made):
        raise InfrastructureError(f"the SPDX document is not valid: {problems[0].validation_message} (and "
                                  f"{len(problems) - 1} more); this is a defect of ncg")
    stream = io.StringIO()
    write_document_to_stream(made, stream, validate=False)
    return stream.getvalue() + "\n"


def document(report: Report) -> Document:
    """The SPDX document, before it is validated."""
    from spdx_tools.spdx.model import (
        Actor,
        ActorType,
        Checksum,
        ChecksumAlgorithm,
        CreationInfo,
        Document,
        ExtractedLicensingInfo,
        File,
        FileType,
        Package,
        Relationship,
        RelationshipType,
        SpdxNoAssertion,
    )
    from spdx_tools.spdx.spdx_element_utils import calculate_package_verification_code

    ours: dict[str, str] = {}
    declared, version, licence = _project(report.root)
    name = declared or _printable(report.root.name) or "root"
    nothing = SpdxNoAssertion()
    files = [File(f"./{_printable(f.path)}", element_id("File", f.path),
                  [Checksum(ChecksumAlgorithm.SHA1, f.sha1), Checksum(ChecksumAlgorithm.SHA256, f.sha256)],
                  [FileType.SOURCE], license_concluded=nothing, license_info_in_file=[nothing], copyright_text=nothing)
             for f in report.scanned]
    project = Package(element_id("Project", name), name, nothing, version=version, files_analyzed=bool(files),
                      license_concluded=nothing, license_declared=_expression(licence, ours), copyright_text=nothing)
    if files:
        project.verification_code = calculate_package_verification_code(files)
        project.license_info_from_files = [nothing]
    packages = [_package(d, ours) for d in dependencies(report, declared)]
    texts = [ExtractedLicensingInfo(key, text) for key, text in sorted(ours.items())]
    creation = CreationInfo("SPDX-2.3", "SPDXRef-DOCUMENT", name, f"https://spdx.org/spdxdocs/{quote(name)}-{uuid.uuid4()}",
                            [Actor(ActorType.TOOL, f"ncg-{__version__}")], datetime.now(UTC).replace(tzinfo=None))
    links = [Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, project.spdx_id),
             *(Relationship(project.spdx_id, RelationshipType.CONTAINS, f.spdx_id) for f in files),
             *(Relationship(project.spdx_id, RelationshipType.DEPENDS_ON, p.spdx_id) for p in packages)]
    return Document(creation, [project, *packages], files, [], [], links, texts)


def element_id(kind: str, name: str) -> str:
    """An SPDX id of letters, digits, `.` and `-` only; names that differ in other characters still have different ids.

    Example:
        >>> element_id("Package", "zope.interface")
        'SPDXRef-Package-zope.interface'
        >>> element_id("File", "a b.py")
        'SPDXRef-File-a-b.py-5d4acf84'
    """
    escaped = re.sub(r"[^A-Za-z0-9.-]", "-", name)
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"SPDXRef-{kind}-{escaped}" if escaped == name else f"SPDXRef-{kind}-{escaped}-{digest}"


def _package(dependency: Dependency, ours: dict[str, str]) -> Package:
    """`ours` is told of licences that are on no list, by id: what is known of their text."""
    from spdx_tools.spdx.model import ExternalPackageRef, ExternalPackageRefCategory, Package, SpdxNoAssertion

    nothing = SpdxNoAssertion()
    declared = licence_declared.of_distribution(dependency.name, distributions.installed())
    if not dependency.installed and dependency.name in LICENCES:
        declared = licence_declared.Declared(LICENCES[dependency.name], "the packaged table", "medium")
    said = _printable(f"by {declared.source}: {declared.expression[:200]}") if declared.expression else None
    version = f"@{quote(dependency.version)}" if dependency.version else ""
    notes = [] if dependency.installed else ["not installed where the scan ran"]
    if dependency.modules:
        notes.append(f"imported as {', '.join(dependency.modules)}")
    package = Package(element_id("Package", dependency.name), dependency.name, nothing, version=dependency.version,
                      supplier=nothing, files_analyzed=False, license_concluded=nothing,
                      license_declared=_expression(declared.expression, ours), license_comment=said,
                      copyright_text=nothing, comment="; ".join(notes) or None)
    if dependency.installed or dependency.version:
        package.external_references = [ExternalPackageRef(
            ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", f"pkg:pypi/{quote(dependency.name)}{version}")]
    return package


def _expression(words: str, ours: dict[str, str]) -> LicenseExpression | SpdxNoAssertion:
    """An SPDX expression of listed licences and `LicenseRef-`s; NOASSERTION where the words are none."""
    from license_expression import ExpressionError
    from spdx_tools.common.spdx_licensing import spdx_licensing
    from spdx_tools.spdx.model import SpdxNoAssertion

    if not words or len(words) > 500 or "\n" in words:
        return SpdxNoAssertion()
    try:
        read = spdx_licensing.parse(words)
        unlisted = set(spdx_licensing.unknown_license_keys(read))
        if not all(re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", key) for key in unlisted):
            return SpdxNoAssertion()
        if not unlisted:
            spdx_licensing.parse(words, validate=True, strict=True)  # an exception in a licence's place, and the like
    except (ExpressionError, ValueError, AttributeError):
        return SpdxNoAssertion()
    ours.update((key, f"declared as {key}; its text was not read") for key in unlisted)
    return read


def _project(root: Path) -> tuple[str, str | None, str]:
    """The name, the version and the licence that `pyproject.toml` declares; without a name the first is empty."""
    try:
        read: Any = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig")).get("project")
    except (OSError, ValueError, RecursionError):
        read = None
    project = read if isinstance(read, dict) else {}
    licence = project.get("license")
    if isinstance(licence, dict):  # as before PEP 639
        licence = licence.get("text")
    name, version, licence = (value if isinstance(value, str) else "" for value in (project.get("name"),
                                                                                    project.get("version"), licence))
    return name, version or None, licence


def _printable(text: str) -> str:
    """Text that holds no half of a surrogate pair, as names that are not UTF-8 do."""
    return text.encode("utf-8", "backslashreplace").decode()
