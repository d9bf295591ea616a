# ruleid: secrets-credential-in-get-form
FORM = '<form action="/login" method="get"><input name="p" type="password"></form>'
# ruleid: secrets-credential-in-get-form
OTHER = """
<form method="GET" action="/login">
  <input type="password" name="password">
</form>
"""
# ok: secrets-credential-in-get-form
GOOD = '<form action="/login" method="post"><input name="p" type="password"></form>'
# ok: secrets-credential-in-get-form
SEARCH = '<form action="/search" method="get"><input name="q"></form>'
