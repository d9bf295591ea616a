"""What people call licences, in the terms of SPDX.

Covers: Trove classifiers and the usual short names. Does not cover: licence texts (`licence_text`).
Source: https://pypi.org/classifiers/ and https://spdx.org/licenses/.
"""

from __future__ import annotations

import re

from ncg_ray.analyse.licence_policy import known, parse

CLASSIFIERS = {
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License (GPL)": "GPL-1.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.0-or-later",
    "GNU Free Documentation License (FDL)": "GFDL-1.1-or-later",
    "Academic Free License (AFL)": "AFL-3.0", "Apache Software License": "Apache-2.0", "Artistic License": "Artistic-2.0",
    "BSD License": "BSD-3-Clause", "Blue Oak Model License (BlueOak-1.0.0)": "BlueOak-1.0.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)": "CECILL-2.1",
    "Common Development and Distribution License 1.0 (CDDL-1.0)": "CDDL-1.0",
    "Common Public License": "CPL-1.0", "Eclipse Public License 1.0 (EPL-1.0)": "EPL-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0", "European Union Public Licence 1.1 (EUPL 1.1)": "EUPL-1.1",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2", "Free For Educational Use": "LicenseRef-Non-Commercial",
    "Free for non-commercial use": "LicenseRef-Non-Commercial", "Free To Use But Restricted": "LicenseRef-Proprietary",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND", "ISC License (ISCL)": "ISC", "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0", "Mozilla Public License 1.0 (MPL)": "MPL-1.0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mulan Permissive Software License v2 (MulanPSL-2.0)": "MulanPSL-2.0", "Open Software License 3.0 (OSL-3.0)": "OSL-3.0",
    "Other/Proprietary License": "LicenseRef-Proprietary", "PostgreSQL License": "PostgreSQL",
    "Public Domain": "LicenseRef-Public-Domain", "Python License (CNRI Python License)": "CNRI-Python",
    "Python Software Foundation License": "PSF-2.0", "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
    "The Unlicense (Unlicense)": "Unlicense", "Universal Permissive License (UPL)": "UPL-1.0",
    "University of Illinois/NCSA Open Source License": "NCSA", "W3C License": "W3C", "Zero-Clause BSD (0BSD)": "0BSD",
    "Zope Public License": "ZPL-2.1", "zlib/libpng License": "Zlib",
}
"""The last part of a classifier. Where it leaves the version open: any version for the GNU licences, as they say
themselves; the commonest one for the permissive ones, which a policy hardly tells apart."""

_NAMES = {
    "apache": "Apache-2.0", "apache 2": "Apache-2.0", "apache2": "Apache-2.0", "apache software": "Apache-2.0",
    "apache software 2": "Apache-2.0", "asl 2": "Apache-2.0", "bsd": "BSD-3-Clause", "bsd style": "BSD-3-Clause",
    "bsd 2 clause": "BSD-2-Clause", "2 clause bsd": "BSD-2-Clause", "simplified bsd": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause", "3 clause bsd": "BSD-3-Clause", "new bsd": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause", "boost": "BSL-1.0", "expat": "MIT", "mit": "MIT", "x11": "X11", "mit x11": "MIT",
    "isc": "ISC", "psf": "PSF-2.0", "python": "PSF-2.0", "mpl 2": "MPL-2.0", "mozilla public 2": "MPL-2.0",
    "gpl": "GPL-1.0-or-later", "gnu gpl": "GPL-1.0-or-later", "gplv2": "GPL-2.0-only", "gpl v2": "GPL-2.0-only",
    "gnu gplv2": "GPL-2.0-only", "gplv2+": "GPL-2.0-or-later", "gplv3": "GPL-3.0-only", "gpl v3": "GPL-3.0-only",
    "gnu gplv3": "GPL-3.0-only", "gnu gpl v3": "GPL-3.0-only", "gplv3+": "GPL-3.0-or-later", "lgpl": "LGPL-2.0-or-later",
    "gnu lgpl": "LGPL-2.0-or-later", "lgplv2": "LGPL-2.0-only", "lgplv2+": "LGPL-2.0-or-later", "lgplv3": "LGPL-3.0-only",
    "lgplv3+": "LGPL-3.0-or-later", "agplv3": "AGPL-3.0-only", "agplv3+": "AGPL-3.0-or-later",
    "agpl": "AGPL-3.0-or-later", "public domain": "LicenseRef-Public-Domain", "proprietary": "LicenseRef-Proprietary",
    "zlib": "Zlib", "unlicense": "Unlicense",
}


def of_classifier(value: str) -> str:
    """The SPDX id of a classifier such as `License :: OSI Approved :: MIT License`; empty where it names none."""
    parts = [part.strip() for part in value.split("::")]
    if parts[0] != "License" or len(parts) < 2 or parts[-1] in ("OSI Approved", "DFSG approved"):
        return ""
    name = parts[-1]
    if name in CLASSIFIERS:
        return CLASSIFIERS[name]
    inside = re.search(r"\(([A-Za-z0-9.+-]+)\)$", name)
    return inside[1] if inside else of_free_text(name) or f"LicenseRef-{re.sub(r'[^A-Za-z0-9.]+', '-', name).strip('-')}"


def of_free_text(text: str) -> str:
    """The SPDX expression that a short text is or names (`Apache License, Version 2.0`); empty where it is neither.

    Example:
        >>> of_free_text("BSD-2-Clause"), of_free_text("The MIT License"), of_free_text("see the file")
        ('BSD-2-Clause', 'MIT', '')
    """
    text = " ".join(text.split())
    if not text or len(text) > 200:
        return ""
    if "::" in text:
        return of_classifier(text if text.startswith("License") else f"License :: {text}")
    words = re.sub(r"\b(the|licen[sc]ed?|under|version|v\.?(?= ?\d\.))|[,;()\"'/-]", " ", text.lower())
    short = " ".join(dict.fromkeys(re.sub(r"\b(\d)\.0\b", r"\1", words).split()))
    if short in _NAMES:
        return _NAMES[short]
    tree = parse(text)
    if tree is None or not all(part.key in known() or part.key.startswith("LicenseRef-")
                               for symbol in tree.symbols for part in symbol.decompose()):
        return ""
    return str(tree.render())
