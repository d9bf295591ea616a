import io
import xml.sax
from xml.sax.handler import ContentHandler, feature_external_ges


class Titles(ContentHandler):
    def __init__(self):
        super().__init__()
        self.text = ""

    def characters(self, content):
        self.text += content


def feed_text(data: bytes) -> str:
    """Return the text of a feed that a user has sent."""
    handler = Titles()
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)
    parser.setContentHandler(handler)
    source = xml.sax.InputSource()
    source.setByteStream(io.BytesIO(data))
    parser.parse(source)
    return handler.text
