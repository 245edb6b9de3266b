// Draws the proposals and hears the keys of the whole page. A key never counts while something is typed, and what a
// focused button or tree needs for itself is left to it.

const STYLE = `
  :host {display: block; font: 15px/1.35 Roboto, Helvetica, Arial, sans-serif; color: #222}
  .facets {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); gap: 8px 20px}
  h2 {font-size: 15px; margin: 0 0 2px; padding-bottom: 2px; border-bottom: 3px solid var(--colour)}
  h2 small {font-weight: 400; color: #555; float: right}
  ol {list-style: none; margin: 0; padding: 0}
  summary {font-size: 13px; color: #444; cursor: pointer} ul {margin: 2px 0; padding-left: 18px; font-size: 13px} ul li {overflow-wrap: anywhere}
  ol li {display: grid; grid-template-columns: 22px 1fr auto auto; gap: 2px 6px; align-items: center; padding: 2px 4px; min-height: 30px;
    border-left: 4px solid transparent}
  ol li.likely {background: color-mix(in srgb, var(--colour) 14%, white); border-left-color: var(--colour)}
  ol li.perhaps {border-left: 4px dotted var(--colour)}
  li.busy {outline: 2px dashed #b26a00; outline-offset: -2px}
  kbd {font: 13px/1.5 ui-monospace, monospace; color: #444; text-align: center; border: 1px solid #999; border-radius: 4px; background: white}
  .path {overflow-wrap: anywhere}
  .path i {color: #595959}
  button {font: inherit; color: inherit; background: none; border: 0; border-radius: 4px; padding: 2px 3px; cursor: pointer}
  .path button {text-align: left}
  button:hover {background: #0001}
  button:focus-visible {outline: 3px solid #0b57d0; outline-offset: 1px}
  li.likely .path button:last-of-type {font-weight: 700}
  li.perhaps .word {font-style: italic; color: #555}
  .word {font-variant-numeric: tabular-nums; white-space: nowrap; font-size: 13px}
  [data-mark=accepted]::before {content: "✓ "; color: #1b5e20; font-weight: 700}
  [data-mark=accepted] {color: #1b5e20}
  [data-mark=rejected] {text-decoration: line-through; color: #6b6b6b}
  .cross {width: 28px; height: 28px; color: #8c1d18; font-size: 18px; line-height: 1}
  p {margin: 4px 0; color: #444; font-size: 13px}
  p.notice {background: #fff4e5; color: #5f2b01; padding: 8px 12px; border-radius: 4px; font-size: 15px}
  .bar {display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px}
  .bar button {border: 1px solid #26424f; color: #26424f; padding: 4px 10px}
  .bar button.main {background: #26424f; color: white}
  dialog {max-width: 560px; border: 0; border-radius: 8px; box-shadow: 0 4px 24px #0006; color: #222}
  dialog table {border-collapse: collapse} dialog td {padding: 3px 12px 3px 0; vertical-align: top}
  .silent {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
  @media (pointer: coarse) {ol li {min-height: 40px} .cross {width: 40px; height: 40px}}`

const KEYS = [["Enter", "take"], ["→ n", "next"], ["← p", "previous"], ["1 … 9", "toggle"], ["0 1", "toggle_more"], ["x 1", "refuse"],
  ["=", "same"], ["u", "undo"], ["r", "redo"], ["/", "search_key"], ["m e", "note_key"], ["o", "undecided_key"], ["w", "why"], ["t", "explore"],
  ["g", "grid"], ["z", "large"], ["a", "add"], ["s", "csv"], ["Esc", "leave"], ["?", "keys"]]

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value)
  }
  made.append(...children.filter(child => child !== undefined))
  return made
}

const FIELD = "input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=button]), textarea, select, [contenteditable=true]"
const PRESSED = "button, a[href], summary, [role=button], [role=option], input[type=checkbox], input[type=file]"

function find(root, selector) {
  const found = root.querySelector(selector)
  if (found) return found
  for (const part of root.querySelectorAll("*")) {
    const inside = part.shadowRoot && find(part.shadowRoot, selector)
    if (inside) return inside
  }
  return null
}

const WHO = "assistant_who", TREES = "assistant_trees"  // cookies, as the server reads them

function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`
}

const within = (event, selector) => event.composedPath().some(part => part.matches?.(selector))

let last = null  // the listeners of a page that was drawn before

export function render({model, el}) {
  last?.abort()
  last = new AbortController()
  const box = make("div"), spoken = make("div", {class: "silent", role: "status"}), keys = make("dialog", {"aria-labelledby": "keys"})
  const word = key => model.words[key] ?? key
  let tens = 0, refusing = false, notice = null, image = null, why = false

  const send = (act, more = {}) => model.send_msg({do: act, image: model.shown.image, ...more})
  const lines = () => model.shown.facets.flatMap(facet => facet.lines.map(line => ({facet: facet.name, ...line})))

  function mark(act, facet, tag, line) {
    line?.classList.add("busy")  // until the server has written it
    send(act, {facet, tag})
  }
  function take() {
    const tags = lines().filter(line => line.likely).flatMap(line => line.parts.map(part => [line.facet, part.tag]))
    send("take", {tags})
  }
  function number(digit) {
    if (digit === 0) {
      tens += 10
      return say(`${refusing ? "x " : ""}${tens / 10}…`)
    }
    const place = tens + digit, line = lines()[place - 1], act = refusing ? "refuse" : "toggle"
    clear()
    if (line) mark(act, line.facet, line.tag, box.querySelectorAll("ol li")[place - 1])
  }
  function say(text) {
    spoken.textContent = text
    const pending = box.querySelector(".pending")
    if (pending) pending.textContent = text
  }
  function clear() {
    tens = 0
    refusing = false
    say("")
  }

  function draw() {
    const {facets, sentence, strange, asking, exploring, image} = model.shown
    let count = 0
    const blocks = facets.map(facet => make("section", {style: `--colour: ${facet.colour}`, "aria-label": facet.title},
      make("h2", {}, facet.title, make("small", {}, facet.promised)),
      make("ol", {}, ...facet.lines.map(line => row(facet, line, ++count))),
      ...(facet.lines.length || asking ? [] : [make("p", {}, word("unsure"))]),
      ...(facet.alike.length ? [make("details", {open: why}, make("summary", {}, word("why")),
        make("ul", {}, ...facet.alike.map(one => make("li", {}, `${one.image}: ${one.tags}`))))] : [])))
    const focused = box.getRootNode().activeElement?.dataset.focus
    const button = (act, key, kind) => make("button", {class: kind, "data-focus": act, onclick: () => keyed[key]()}, word(act === "explore" && exploring ? "fold" : act))
    box.replaceChildren(
      make("p", {class: "notice", role: "alert", hidden: !notice}, notice?.text ?? "", " ", ...(notice?.undecided ?
        [make("button", {class: "main", "data-focus": "undecided", onclick: keyed.o}, word("undecided_key"))] : [])),
      ...(image ? [
        make("p", {hidden: !asking}, word("asking")),
        make("p", {class: "notice", role: "status", hidden: !strange}, word("strange")),
        make("div", {class: "facets"}, ...blocks),
        make("p", {class: "promise"}, sentence),
        make("div", {class: "bar"}, button("take", "Enter", "main"), button("same", "="), button("explore", "t"), button("grid", "g"),
          button("keys", "?"), make("span", {class: "pending"}))] : [make("span", {class: "pending"})]))
    if (focused) box.querySelector(`[data-focus="${focused}"]`)?.focus()
  }
  function row(facet, line, place) {
    const made = make("li", {class: line.likely ? "likely" : "perhaps"})
    const path = make("span", {class: "path"}, ...(line.instead ? [make("i", {}, `${word("or")} `)] : []))
    line.parts.forEach((part, depth) => {
      if (depth) path.append(make("i", {}, " › "))
      path.append(make("button", {"data-mark": part.mark, "aria-pressed": String(part.mark === "accepted"),
        "data-focus": `${place}-${depth}`, onclick: () => mark("toggle", facet.name, part.tag, made)}, part.text))
    })
    const last = line.parts.at(-1)
    made.append(make("kbd", {"aria-hidden": true}, String(place)), path, make("span", {class: "word"}, line.word),
      make("button", {class: "cross", "data-focus": `x${place}`, "aria-label": `${word("reject")}: ${last.text}`, title: word("reject"),
        onclick: () => mark("refuse", facet.name, line.tag, made)}, "×"))
    return made
  }

  const outside = (name, part) => find(document, `.${name}`)?.shadowRoot.querySelector(part)
  const keyed = {
    "Enter": take, "ArrowRight": () => send("go", {step: 1}), "ArrowLeft": () => send("go", {step: -1}),
    "u": () => send("undo"), "r": () => send("redo"), "=": () => send("same"), "o": () => send("undecided"), "t": () => send("explore"),
    "g": () => send("grid"), "z": () => document.dispatchEvent(new Event("assistant-large")),
    "w": () => { why = !why; draw() },
    "x": () => { tens = 0; refusing = true; say("x…") },
    "a": () => find(document, "input[type=file]")?.click(),
    "/": () => outside("search", "input")?.focus(), "m": () => outside("typed-note", "textarea")?.focus(),
    "s": () => outside("save-csv", "button, a")?.click(),
    "?": () => keys.open ? keys.close() : keys.showModal(),
  }
  Object.assign(keyed, {"n": keyed.ArrowRight, "p": keyed.ArrowLeft, "e": keyed.m})

  document.addEventListener("keydown", event => {
    if (!el.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.body.dataset.grid) return
    if (event.key === "Escape") {
      clear()
      notice = null
      draw()
      if (document.activeElement !== document.body) document.activeElement.blur()
      return
    }
    if (within(event, FIELD) || (keys.open && event.key !== "?") || el.querySelector("dialog[open]:not([aria-labelledby])")) return
    if (within(event, "[role=treeitem]")) {
      if (event.key === " " || /^Arrow|^Home$|^End$/.test(event.key)) return
    } else if (within(event, PRESSED) && (event.key === "Enter" || event.key === " ")) return
    const act = /^\d$/.test(event.key) ? () => number(Number(event.key)) : keyed[event.key]
    if (!act || !(model.shown.image || event.key === "?" || event.key === "a")) return
    event.preventDefault()
    event.stopPropagation()
    act()
  }, {capture: true, signal: last.signal})
  document.addEventListener("click", event => {  // with the mouse, so that enter is not for this button again
    if (event.detail) event.composedPath().find(part => part.matches?.(PRESSED))?.blur()
  }, {signal: last.signal})

  function drawKeys() {
    keys.replaceChildren(make("h3", {id: "keys"}, word("keys")), make("table", {}, ...KEYS.map(([key, act]) => make("tr", {},
      make("td", {}, ...key.split(" ").flatMap(part => [make("kbd", {style: "padding: 0 6px"}, part), " "])), make("td", {}, word(act))))),
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
      notice = null
      clear()
    }
    image = model.shown.image
    draw()
  })
  model.on("words", () => { draw(); drawKeys() })
  model.on("msg:custom", message => {
    notice = message
    draw()
    box.querySelector("[data-focus=undecided]")?.focus()
  })
  el.append(make("style", {}, STYLE), spoken, box, keys)
  draw()
  drawKeys()
  if (model.asks) askWho()
}
