// Draws the proposals and hears the keys of the whole page. A key never counts while something is typed, and what a
// focused button or tree needs for itself is left to it.

const STYLE = `${COLOURS}
  :host {display: block; position: relative}
  .facets {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 250px), 1fr)); gap: 8px 20px; align-items: start}
  .facets > div section + section {margin-top: 8px}
  h2 {font-size: 15px; margin: 0 0 2px; padding-bottom: 2px; border-bottom: 3px solid var(--colour); display: flex; justify-content: space-between; align-items: baseline; gap: 8px}
  h2 small {font-weight: 400; color: #555}
  ol {list-style: none; margin: 0; padding: 0}
  summary {font-size: 13px; color: #444; cursor: pointer}
  ul {margin: 4px 0; padding: 0; list-style: none; display: flex; gap: 8px; font-size: 13px} ul li {overflow-wrap: anywhere; flex: 1 1 0}
  ul img {display: block; max-width: 100%; max-height: 130px; margin-bottom: 2px} ul small {color: #595959} ul b {color: #1b5e20}
  h2 small .broken {color: #8c1d18; font-weight: 700}
  ol li {display: grid; grid-template-columns: 24px 1fr auto auto; gap: 2px 6px; align-items: center; padding: 2px 4px; min-height: 30px;
    border-left: 4px solid transparent}
  ol li.likely {background: color-mix(in srgb, var(--colour) 14%, white); border-left-color: var(--colour)}
  ol li.perhaps {border-left: 4px dotted var(--colour)}
  .path {overflow-wrap: anywhere}
  .path i {color: #595959}
  .path button {text-align: left}
  li.likely .path button:last-of-type {font-weight: 700}
  li.perhaps .word {font-style: italic; color: #555}
  [data-mark=accepted]::before {content: "✓ "; font-weight: 700}
  p {margin: 4px 0; color: #444; font-size: 13px}
  p.notice {background: #fff4e5; color: #5f2b01; padding: 8px 12px; border-radius: 4px; font-size: 15px}
  .pending {position: absolute; right: 8px; top: 0; z-index: 5; background: #26424f; color: white; padding: 2px 10px; border-radius: 4px}
  .pending:empty {display: none}
  .bar {display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px}
  .bar kbd {margin-left: 8px; padding: 0 5px}
  .bar .main kbd {background: none; color: white}
  .bar button {border: 1px solid #26424f; color: #26424f; padding: 4px 10px}
  .bar button.main {background: #26424f; color: white}
  dialog {max-width: 560px; border: 0; border-radius: 8px; box-shadow: 0 4px 24px #0006; color: #222}
  dialog table {border-collapse: collapse} dialog td {padding: 3px 12px 3px 0; vertical-align: top}
  dialog h3 {margin: 0 0 8px}
  dialog p button {border: 1px solid #26424f; color: #26424f; padding: 4px 12px}
  @media (pointer: coarse) {ol li {min-height: 40px; grid-template-columns: 1fr auto auto} kbd {display: none}}
  .first {float: left; margin: 4px 6px 0 0}
  @media (max-width: 900px) {.first {float: none; margin: 0; position: sticky; bottom: 0; background: white; padding: 6px 0; z-index: 4} .first button {flex: 1}}`

const KEYS = [["Enter", "take"], ["→|n", "next"], ["←|p", "previous"], ["1–9", "toggle"], ["0 1", "toggle_more"], ["x 1", "refuse"],
  ["=", "same"], ["u", "undo"], ["r", "redo"], ["l", "learn"], ["/", "search_key"], ["m|e", "note_key"], ["o", "undecided_key"], ["w", "why"], ["t", "explore"],
  ["g", "grid"], ["z", "large"], ["a", "add"], ["s", "csv"], ["Esc", "leave"], ["?", "keys"]]  // `|` is or, a space is then

const WHO = "assistant_who", TREES = "assistant_trees"  // cookies, as the server reads them

function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`
}

let last = null  // the listeners of a page that was drawn before

export function render({model, el}) {
  last?.abort()
  last = new AbortController()
  const box = make("div"), spoken = make("div", {class: "silent", role: "status"}), keys = make("dialog", {"aria-labelledby": "keys"})
  const word = key => model.words[key] ?? key
  let nines = 0, refusing = false, notice = null, image = null, asked = null
  const unfolded = new Set(), pictures = new Map()  // the facets whose evidence is open, and its pictures

  const sent = messages(model), send = (act, more = {}) => sent.send({do: act, image: model.shown.image, ...more})
  const lines = () => model.shown.facets.flatMap(facet => facet.lines.map(line => ({facet: facet.name, ...line})))

  const meant = (facet, {tag, mark}) => sent.meant(model.shown.image, facet, tag, mark)
  function decide(facet, part, kind) {  // a second time takes it back, with what is above it and nothing else needs
    const wanted = meant(facet, part) === kind ? "" : kind, tag = part.tag
    const act = wanted ? {accepted: "accept", rejected: "reject"}[wanted] : kind === "accepted" ? "take back" : "withdraw"
    sent.mark({do: act, image: model.shown.image, facet, tag}, [[facet, tag, wanted]])
    draw()
  }
  function take() {
    const tags = lines().filter(line => line.kind === "likely").flatMap(line => line.parts.map(part => [line.facet, part.tag]))
    send("take", {tags})
  }
  function number(digit) {
    if (digit === 0) {  // each leads nine lines on
      nines += 1
      return say(`${refusing ? "x " : ""}${"0".repeat(nines)}…`)
    }
    const line = lines()[9 * nines + digit - 1], kind = refusing ? "rejected" : "accepted"
    clear()
    if (line) decide(line.facet, line.parts.at(-1), kind)
  }
  function say(text) {
    spoken.textContent = text
    const pending = box.querySelector(".pending")
    if (pending) pending.textContent = text
  }
  function clear() {
    nines = 0
    refusing = false
    say("")
  }

  function draw() {
    const {facets, sentence, strange, batch, asking, exploring, image} = model.shown
    let count = 0
    const blocks = facets.map(facet => make("section", {style: `--colour: ${facet.colour}`, "aria-label": facet.title},
      make("h2", {}, facet.title, make("small", {}, facet.promised,
        ...(facet.kept ? [" · ", make("span", {class: facet.broken ? "broken" : "kept"}, facet.kept)] : []))),
      make("ol", {}, ...facet.lines.map(line => row(facet, line, ++count))),
      ...(facet.lines.length || asking ? [] : [make("p", {}, word("unsure"))]),
      ...(facet.alike.length ? [make("details", {open: unfolded.has(facet.name), ontoggle: event => fold(facet.name, event.target.open)},
        make("summary", {}, word("why")), make("ul", {}, ...facet.alike.map(evidence)))] : [])))
    const focused = box.getRootNode().activeElement?.dataset.focus
    const button = (act, key, kind) => make("button", {class: kind, "data-focus": act, onclick: () => keyed[key]()}, word(act === "explore" && exploring ? "fold" : act), make("kbd", {"aria-hidden": true}, key))
    box.replaceChildren(
      make("p", {class: "notice", role: "alert", hidden: !notice}, notice?.text ?? "", " ", ...(notice?.undecided ?
        [make("button", {class: "main", "data-focus": "undecided", onclick: keyed.o}, word("undecided_key"))] : [])),
      make("span", {class: "pending"}),
      make("p", {role: "status", hidden: !asking}, word("asking")),
      ...(image ? [
        make("p", {class: "notice", role: "status", hidden: !strange}, word("strange")),
        make("p", {class: "batch", hidden: !batch}, batch ?? ""),
        make("div", {class: "facets"}, ...blocks.slice(0, 2), make("div", {}, ...blocks.slice(2))),
        make("p", {class: "promise"}, sentence),
        make("div", {class: "bar first"}, button("take", "Enter", "main")),
        make("div", {class: "bar"}, button("same", "="), button("explore", "t"), button("grid", "g"), button("learn", "l"),
          button("keys", "?"))] : []))
    if (focused) box.querySelector(`[data-focus="${focused}"]`)?.focus()
  }
  function evidence(one) {
    const tags = one.tags.flatMap((tag, place) => [...(place ? [", "] : []), make(tag.agrees ? "b" : "span", {}, tag.text)])
    return make("li", {}, ...(pictures.has(one.image) ? [make("img", {src: pictures.get(one.image), alt: ""})] : []), ...tags,
      make("br"), make("small", {}, one.image))
  }
  function fold(facet, open) {
    if (open) unfolded.add(facet)
    else unfolded.delete(facet)
    askEvidence()
  }
  function askEvidence() {  // once for each image, and only if somebody looks
    const {facets, image} = model.shown
    if (asked === image || !facets.some(facet => unfolded.has(facet.name) && facet.alike.length)) return
    asked = image
    send("evidence")
  }
  function row(facet, line, place) {
    const last = line.parts.at(-1), busy = line.parts.some(part => sent.busy(model.shown.image, facet.name, part.tag))
    const path = make("span", {class: "path"}, ...(line.instead ? [make("i", {}, `${word("or")} `)] : []))
    line.parts.forEach((part, depth) => {
      const mark = meant(facet.name, part)
      if (depth) path.append(make("i", {}, " › "))
      path.append(make("button", {"data-mark": mark, "aria-pressed": String(mark === "accepted"), "data-focus": `${place}-${depth}`,
        onclick: () => decide(facet.name, part, "accepted")}, part.text,
      ...(mark === "rejected" ? [make("span", {class: "silent"}, ` (${word("rejected")})`)] : [])))
    })
    return make("li", {class: `${line.kind} ${busy ? "busy" : ""}`, "aria-busy": String(busy)}, make("kbd", {"aria-hidden": true}, "0".repeat(Math.floor((place - 1) / 9)) + ((place - 1) % 9 + 1)), path,
      make("span", {class: "word"}, busy ? word("unsaved") : line.word),
      make("button", {class: "cross", "data-focus": `x${place}`, "aria-label": `${word("reject")}: ${last.text}`, title: word("reject"),
        onclick: () => decide(facet.name, last, "rejected")}, "×"))
  }

  const outside = (name, part) => find(document, `.${name}`)?.shadowRoot.querySelector(part)
  const keyed = {
    "Enter": take, "ArrowRight": () => send("go", {step: 1}), "ArrowLeft": () => send("go", {step: -1}),
    "u": () => send("undo"), "r": () => send("redo"), "=": () => send("same"), "o": () => send("undecided"), "t": () => send("explore"),
    "g": () => send("grid"), "z": () => document.dispatchEvent(new Event("assistant-large")),
    "w": () => {
      const open = !unfolded.size
      for (const {name} of model.shown.facets) open ? unfolded.add(name) : unfolded.delete(name)
      askEvidence()
      draw()
    },
    "l": () => document.dispatchEvent(new Event("assistant-learn")),
    "x": () => { nines = 0; refusing = true; say("x…") },
    "a": () => find(document, "input[type=file]")?.click(),
    "/": () => outside("part-terms", "input")?.focus(), "m": () => outside("typed-note", "textarea")?.focus(),
    "s": () => outside("save-csv", "button, a")?.click(),
    "?": () => keys.open ? keys.close() : keys.showModal(),
  }
  Object.assign(keyed, {"n": keyed.ArrowRight, "p": keyed.ArrowLeft, "e": keyed.m})

  document.addEventListener("keydown", event => {
    if (!el.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.body.dataset.grid) return
    if (document.body.dataset.large && event.key !== "z" && event.key !== "Escape") return
    if (event.key === "Escape") {
      clear()
      notice = null
      draw()
      if (document.activeElement !== document.body) document.activeElement.blur()
      return
    }
    if (within(event, FIELD) || (keys.open && event.key !== "?") || el.querySelector("dialog[open]:not([aria-labelledby])")) return
    if (within(event, "[role=treeitem]")) {
      if (event.key === " " || event.key === "x" || /^Arrow|^Home$|^End$/.test(event.key)) return
    } else if (within(event, PRESSED) && (event.key === "Enter" || event.key === " ")) return
    const act = /^\d$/.test(event.key) ? () => number(Number(event.key)) : keyed[event.key]
    if (!act || !(model.shown.image || event.key === "?" || event.key === "a")) return
    event.preventDefault()
    if (event.repeat && !event.key.startsWith("Arrow")) return event.stopPropagation()  // nobody has seen what comes next
    event.stopPropagation()
    act()
  }, {capture: true, signal: last.signal})
  document.addEventListener("click", event => {  // with the mouse, so that enter is not for this button again
    if (event.detail) event.composedPath().find(part => part.matches?.(PRESSED))?.blur()
  }, {signal: last.signal})

  function drawKeys() {
    keys.replaceChildren(make("h3", {id: "keys"}, word("keys")), make("table", {}, ...KEYS.map(([key, act]) => make("tr", {},
      make("td", {}, ...key.split(/([|– ])/).map(part => ({"|": ` ${word("or")} `, " ": ` ${word("then")} `, "–": " – "})[part] ??
        make("kbd", {style: "padding: 0 6px"}, part))), make("td", {}, word(act))))),
    make("p", {}, make("button", {onclick: () => keys.close()}, word("close"))))
  }
  function askWho() {
    const field = make("input", {id: "who", maxlength: 40, autocomplete: "name", required: true, style: "font: inherit; padding: 6px"})
    const form = make("form", {method: "dialog"}, make("p", {}, make("label", {for: "who"}, word("who"))), field, " ",
      make("button", {style: "border: 1px solid; padding: 6px 12px"}, word("go_on")))
    const asking = make("dialog", {"aria-label": word("who"), onclose: () => asking.remove()}, form)
    form.addEventListener("submit", () => {
      keep(WHO, encodeURIComponent(field.value.trim()))
      send("who", {name: field.value})
    })
    el.append(asking)
    asking.showModal()
  }
  model.on("shown", () => {
    keep(TREES, model.shown.exploring ? "yes" : "")
    if (image !== model.shown.image) {
      if (pictures.size > 200) pictures.clear()
      notice = null
      clear()
    }
    image = model.shown.image
    draw()
    askEvidence()
  })
  model.on("answered", draw)
  model.on("words", () => { draw(); drawKeys() })
  model.on("msg:custom", message => {
    if (message.pictures) {
      for (const [name, address] of Object.entries(message.pictures)) pictures.set(name, address)
      return draw()
    }
    notice = message
    draw()
    box.querySelector("[data-focus=undecided]")?.focus()
  })
  el.append(make("style", {}, STYLE), spoken, box, keys)
  draw()
  drawKeys()
  if (model.asks) askWho()
}
