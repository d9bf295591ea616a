import io
import xml.sax
from xml.sax.handler import ContentHandler, feature_external_ges


class TitleHandler(ContentHandler):
    def __init__(self):
        super().__init__()
        self.titles = []
        self._inside = False

    def startElement(self, name, attrs):
        self._inside = name == "title"

    def characters(self, content):
        if self._inside:
            self.titles.append(content)

    def endElement(self, name):
        self._inside = False


def feed_titles(document: bytes) -> list[str]:
    """Return the titles of a feed that a user submitted."""
    handler = TitleHandler()
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)
    parser.setContentHandler(handler)
    parser.parse(io.BytesIO(document))
    return handler.titles
