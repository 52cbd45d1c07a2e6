"""The page behind an invitation, in three languages; it needs no script where there is none."""

from __future__ import annotations

from html import escape

SCRIPT = """\
"use strict";
const token = location.hash.slice(1);
if (token) {
  document.getElementById("token").value = token;
  document.getElementById("paste").hidden = true;
  history.replaceState(null, "", location.pathname);
}
"""
"""Takes the token out of the address, so that it does not stay in the browser's history."""

TEXTS = {
    "kk": {
        "title": "Zhoba жүйесіне кіру",
        "words": "Сізді жүйеге шақырды. Сілтеме бір рет қана жарайды.",
        "paste": "Сілтемедегі # белгісінен кейінгі кодты енгізіңіз:",
        "button": "Кіру",
        "done": "Сіз жүйеге кірдіңіз.",
        "go": "Жалғастыру",
    },
    "ru": {
        "title": "Вход в Zhoba",
        "words": "Вас пригласили в систему. Ссылка действует один раз.",
        "paste": "Введите код, который стоит в ссылке после знака #:",
        "button": "Войти",
        "done": "Вы вошли в систему.",
        "go": "Продолжить",
    },
    "en": {
        "title": "Sign in to Zhoba",
        "words": "You were invited. The link is good once.",
        "paste": "Enter the code that stands behind # in the link:",
        "button": "Sign in",
        "done": "You are signed in.",
        "go": "Go on",
    },
}

FRAME = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 sans-serif; max-width: 30rem; margin: 15vh auto; padding: 0 1rem }}
input, button {{ font: inherit; padding: .4rem .8rem }}
input {{ width: 100%; box-sizing: border-box; margin: .3rem 0 1rem }}
strong {{ color: #a00 }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""

FORM = """\
<p>{words}</p>
<form method="post" action="/sign-in" autocomplete="off">
<label id="paste">{paste} <input id="token" name="token" required></label>
<button>{button}</button>
</form>
<script src="/sign-in/page.js"></script>"""


def page(language: str, refusal: str | None = None) -> str:
    """The page with the button; ``refusal`` says why the last try failed."""
    texts = TEXTS[language]
    said = f'<p role="alert"><strong>{escape(refusal)}</strong></p>\n' if refusal else ""
    return framed(language, said + FORM.format(**texts))


def signed_in_page(language: str, home: str) -> str:
    """The page after it."""
    texts = TEXTS[language]
    link = f'<p><a href="{escape(home)}">{texts["go"]}</a></p>'
    return framed(language, f"<p>{texts['done']}</p>\n{link}")


def framed(language: str, body: str) -> str:
    return FRAME.format(language=language, title=TEXTS[language]["title"], body=body)
