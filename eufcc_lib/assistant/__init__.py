"""The annotation assistant (paper section 5.5): it suggests tags for an image and keeps what a cataloguer decides.

`predictor` asks the trained models, `promised` says what is promised of their suggestions and `likeness` which training
photographs these rest on. `session` says what can be done to a batch, `store` keeps it on disk and `state` reads it,
`uploads` takes images in, `names`, `trees` and `wording` say what is shown, `any_term` finds every term there is, `exports`
writes the work down for others. `widgets`, `picture` and `styles` are what the page is made of, `connection` is what it does
without its server, `app` gives it its behaviour, `serve` opens it to a browser, and `chapter` is for the book. `rows` is what
the models say for other programs, `items` finds images, `suggest` goes through many of them, and `api` answers other programs.
"""
