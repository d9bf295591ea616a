import re
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

FILENAME = re.compile(r"[A-Za-z0-9_-]{1,40}\.csv")


class DownloadHandler(BaseHTTPRequestHandler):
    """Serve the monthly report under a name that the client picks."""

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        filename = query.get("filename", ["report.csv"])[0]
        if not FILENAME.fullmatch(filename):
            self.send_error(400)
            return
        body = b"month,total\n2024-01,100\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Disposition", "attachment; filename=" + filename)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
