// One tag over many photographs. What is planned for each is kept here until enter writes all of the page as one step.

const STYLE = `${COLOURS}
  :host {display: block; padding: 8px}
  .beside {display: contents}
  .head:not([hidden]) {display: flex; flex-wrap: wrap; gap: 8px; align-items: center}
  select, button.act {font: inherit; padding: 4px 10px; border: 1px solid #26424f; border-radius: 4px; background: white; color: #26424f; max-width: 100%}
  button.main {background: #26424f; color: white}
  p {margin: 6px 0; color: #444; font-size: 13px}
  ul {list-style: none; margin: 8px 0; align-items: stretch; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 8px}
  .tile {position: relative; width: 100%; padding: 0; border: 4px solid #d5d5d5; border-radius: 6px; background: #f4f4f2; font: inherit; cursor: pointer; text-align: left}
  .tile img {width: 100%; height: 120px; object-fit: contain; display: block}
  .tile > span {display: block; padding: 2px 6px; font-size: 13px; background: white; color: #222; overflow-wrap: anywhere}
  .tile[data-plan=accepted] {border-color: #2e7d32} .tile[data-plan=rejected] {border-color: #8c1d18}
  .tile[data-plan=rejected] img {opacity: 0.45}
  .tile b {position: absolute; top: 4px; right: 4px; padding: 0 6px; border-radius: 10px; background: white; font-size: 15px}
  .tile[data-plan=accepted] b {color: #1b5e20} .tile[data-plan=rejected] b {color: #8c1d18}
  .tile.kept b::after {content: " •"}
  button:focus-visible, select:focus-visible {outline-offset: 2px}`

const SIGNS = {accepted: "✓", rejected: "×"}

let last = null

export function render({model, el}) {
  last?.abort()
  last = new AbortController()
  const box = make("div"), word = key => model.words[key] ?? key
  const thumbs = new Map(), plans = new Map()
  const select = make("select", {onchange: () => choose(select.value, 0)}), beside = make("span", {class: "beside"})
  const head = make("div", {class: "head", hidden: true}, select, beside)  // never drawn anew, for that takes the focus away
  let list = "", place = 0, listed = "", where = "", drawn = []

  const open = () => model.shown.open
  const tiles = () => [...box.querySelectorAll(".tile")]
  const plan = tile => plans.get(tile.image) ?? (tile.mark || (tile.likely ? "accepted" : ""))
  const choose = (choice, page) => model.send_msg({do: "choose", choice, page})
  const turn = step => {
    const page = model.shown.page + step
    if (page >= 0 && page < model.shown.pages) choose(model.shown.choice, page)
  }
  function write() {
    const marks = model.shown.tiles.map(tile => ({image: tile.image, tags: tile.tags, before: tile.mark, mark: plan(tile)}))
    model.send_msg({do: "write", choice: model.shown.choice, page: model.shown.page, marks: marks.filter(({before, mark}) => before !== mark)})
  }
  function cycle(tile) {
    const order = tile.likely ? ["accepted", "rejected", ""] : ["", "accepted", "rejected"]
    set(tile, order[(order.indexOf(plan(tile)) + 1) % 3])
  }
  function set(tile, mark) {
    plans.set(tile.image, mark)
    draw()
  }
  function all(mark) {
    for (const tile of model.shown.tiles) if (!tile.mark) plans.set(tile.image, mark)
    draw()
  }

  function draw() {
    if (open()) document.body.dataset.grid = "open"
    else delete document.body.dataset.grid
    head.hidden = !open()
    if (!open()) return box.replaceChildren()
    const {choices, choice, page, pages, images, sentence, asking} = model.shown
    const now = `${choice} ${page} ${model.shown.tiles.map(tile => tile.image).join("/")}`
    const focused = box.getRootNode().activeElement
    const held = focused?.classList.contains("tile") || (now !== list && focused !== select)
    if (now !== list) {  // other photographs, perhaps more of the same choice: what is planned for those that stay, stays
      list = now
      const images = model.shown.tiles.map(tile => tile.image)
      place = where === `${choice} ${page}` ? Math.max(0, images.indexOf(drawn[place])) : 0
      if (where !== `${choice} ${page}`) plans.clear()
      where = `${choice} ${page}`
      drawn = images
      for (const image of plans.keys()) if (!images.includes(image)) plans.delete(image)
    }
    const all_choices = JSON.stringify([choices, word("grid_choose")])
    if (listed !== all_choices) {  // else it would forget the letters that are being typed
      listed = all_choices
      select.ariaLabel = word("grid_choose")
      select.replaceChildren(...choices.map(group => make("optgroup", {label: group.title}, ...group.tags.map(tag =>
        make("option", {value: tag.key}, `${tag.text} · ${tag.images}`)))))
    }
    select.value = choice
    const button = (key, act, kind = "") => make("button", {class: `act ${kind}`, onclick: act}, word(key))
    beside.replaceChildren(button("grid_write", write, "main"), button("grid_all", () => all("accepted")),
        button("undo", () => model.send_msg({do: "undo"})), button("grid_close", () => model.send_msg({do: "close"})),
        make("span", {role: "status"}, `${images} ${word("images").toLowerCase()}${pages > 1 ? ` · ${page + 1}/${pages}` : ""}`))
    box.replaceChildren(make("p", {}, sentence), ...(asking ? [make("p", {role: "status"}, asking)] : []),
      make("p", {}, word("grid_keys")),
      make("ul", {"aria-label": word("grid")}, ...model.shown.tiles.map((tile, number) => {
        const kind = plan(tile)
        return make("li", {}, make("button", {class: `tile ${tile.mark && tile.mark === kind ? "kept" : ""}`, "data-plan": kind, title: tile.image,
          tabindex: number === place ? 0 : -1, "aria-label": `${tile.image}: ${tile.text} ${tile.word}, ${word(kind ? `grid_${kind}` : "grid_open")}`,
          onclick: event => { place = number; cycle(tile); event.preventDefault() }},
        make("img", {src: thumbs.get(tile.image) ?? "data:,", alt: ""}), make("b", {}, SIGNS[kind] ?? ""),
        make("span", {}, tile.text ? `${tile.text} · ` : "", make("span", {class: "word"}, tile.word))))
      })))
    if (held) tiles()[place]?.focus()
  }
  function move(step) {
    place = Math.min(Math.max(place + step, 0), tiles().length - 1)
    tiles().forEach((tile, number) => { tile.tabIndex = number === place ? 0 : -1 })
    tiles()[place]?.focus()
  }
  const across = () => {
    const [first, ...others] = tiles().map(tile => tile.getBoundingClientRect().top)
    return 1 + others.filter(top => top === first).length
  }
  const keyed = {
    "ArrowRight": () => move(1), "ArrowLeft": () => move(-1), "ArrowDown": () => move(across()), "ArrowUp": () => move(-across()),
    " ": () => cycle(model.shown.tiles[place]), "x": () => set(model.shown.tiles[place], "rejected"), "a": () => all("accepted"), "Enter": write,
    "n": () => turn(1), "p": () => turn(-1), "/": () => select.focus(), "u": () => model.send_msg({do: "undo"}),
    "r": () => model.send_msg({do: "redo"}), "o": () => model.send_msg({do: "open", image: model.shown.tiles[place]?.image}),
    "g": () => model.send_msg({do: "close"}),
  }
  Object.assign(keyed, {"PageDown": keyed.n, "PageUp": keyed.p, "Escape": keyed.g})
  document.addEventListener("keydown", event => {
    if (!el.isConnected || !open() || event.ctrlKey || event.metaKey || event.altKey || !keyed[event.key]) return
    const target = event.composedPath()[0]
    if (target === select) {
      if (event.key === "Enter" || event.key === "Escape") {  // back to the photographs of the tag
        tiles()[place]?.focus()
        if (!tiles().length) select.blur()
        event.preventDefault()
      }
      return event.stopPropagation()
    }
    if (target.matches?.("input, textarea")) return
    if (!target.matches?.(".tile") && within(event, PRESSED) && (event.key === "Enter" || event.key === " ")) return
    if (event.repeat && !event.key.startsWith("Arrow")) return event.preventDefault()  // nobody has seen what comes next
    event.preventDefault()
    event.stopPropagation()
    if (model.shown.tiles.length || !["x", " ", "o"].includes(event.key)) keyed[event.key]()
  }, {capture: true, signal: last.signal})
  model.on("shown", draw)
  model.on("words", draw)
  model.on("msg:custom", found => {
    for (const [image, address] of Object.entries(found)) thumbs.set(image, address)
    model.shown.tiles.forEach((tile, number) => {
      const shown = tiles()[number]?.querySelector("img")
      if (shown && tile.image in found) shown.src = found[tile.image]
    })
  })
  el.append(make("style", {}, STYLE), head, box)
  draw()
}
