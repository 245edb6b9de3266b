"""The annotation assistant: a page on which a cataloguer accepts or rejects what the models suggest for photographs.

`predictor` asks the trained models, `promised` says what is promised of their suggestions, `likeness` which training
photographs these rest on, `evidence` how those look, and `batch` whether a batch keeps what was promised. `session` says
what can be done to a batch, `store` keeps it on disk and `state` reads it, `uploads` takes images in, `sources` finds those
of a folder or a IIIF manifest, `ahead` looks at the next ones, `exports` writes the work down for others. `lessons` learns
from a session while it goes on, and `lesson_view` shows that.

On the page, `lines` says what is proposed, `any_term` finds every term there is, `shown` makes both plain data for the
browser, `deeds` makes messages of the browser events of the session, and `wording` has the words. Its parts are
`proposals`, `term_search`, `explorer`, `grid` and `picture`, each with a script of its own, and `widgets`; `connection` is
what it does without its server, `app` gives it its behaviour, `serve` opens it to a browser, and `chapter` is for the book.

`rows` is what the models say for other programs, `items` finds images, `suggest` goes through many of them, and `api`
answers other programs.
"""
