// The trees of all facets: the likeliest branches first and open, long rows of siblings behind one row.

const STYLE = `${COLOURS}
  :host {display: block}
  .columns {display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 250px), 1fr)); gap: 12px; align-items: start}
  section {background: white; border: 1px solid #d9d9d6; border-radius: 6px; padding: 0 8px 8px; min-width: 0}
  h2 {font-size: 15px; margin: 0; padding: 6px 0; border-bottom: 3px solid var(--colour); position: sticky; top: 0; background: white; z-index: 1}
  ul {list-style: none; margin: 0; padding: 0}
  ul ul {padding-left: 14px}
  .row {display: grid; grid-template-columns: 20px 20px 1fr auto 28px; align-items: center; min-height: 28px; cursor: pointer; border-left: 4px solid transparent; padding-left: 4px}
  .row:hover {background: #0000000d}
  .row.likely {background: color-mix(in srgb, var(--colour) 18%, white); border-left-color: var(--colour)}
  .row.perhaps {border-left: 4px dotted var(--colour)}
  .row.likely .text {font-weight: 700}
  .row.perhaps .text, .row.perhaps .word {font-style: italic}
  .row.others .text {color: #444}
  .row.rejected {background: none; border-left-color: transparent}
  .text {overflow-wrap: anywhere; padding: 2px 4px}
  .fold {width: 20px; text-align: center}
  .box {accent-color: var(--colour); margin: 0; width: 16px; height: 16px}
  .busy .box {opacity: 0.35}
  .cross {visibility: hidden}
  .row:hover .cross, [role=treeitem]:focus > .row .cross {visibility: visible}
  [role=treeitem]:focus {outline: 0}
  [role=treeitem]:focus-visible > .row {outline: 3px solid #0b57d0; outline-offset: -2px}
  @media (hover: none) {.cross {visibility: visible; opacity: 0.6}}
  @media (pointer: coarse) {.row {min-height: 40px; grid-template-columns: 40px 22px 1fr auto 40px} .fold {width: 40px; height: 40px}}`

const FEW = 5  // the most siblings that are shown along with a shown tag; more are behind one row

export function render({model, el}) {
  const box = make("div", {class: "columns"}), sent = messages(model)
  const word = key => model.words[key] ?? key
  const open = new Set()  // keys of the rows below which is shown
  let seen = {}, image = null, focused = {}  // by facet: what stands first, and the row that tab leads to

  const key = (facet, tag) => `${facet}/${tag}`
  const facetOf = name => model.names.find(({facet}) => facet === name)
  const below = ({parents, order}, tag) => order.filter(one => parents[one] === tag)

  function above(facet, tag) {
    const path = []
    for (let one = facet.parents[tag]; one >= 0; one = facet.parents[one]) path.push(one)
    return path
  }
  function branch(facet, parent) {  // the children to show, and those behind one row
    const known = seen[facet.facet], score = tag => known.get(tag) ?? -1
    const tags = below(facet, parent).sort((one, other) => score(other) - score(one))
    const others = tags.filter(tag => !known.has(tag))
    return others.length <= FEW || others.length === tags.length ? [tags, []] : [tags.filter(tag => known.has(tag)), others]
  }
  function begin() {  // open at what is proposed and decided
    image = model.shown.image
    open.clear()
    focused = {}
    seen = {}
    for (const facet of model.names) {
      const {scores, marks, proposed} = model.shown.facets[facet.facet], known = seen[facet.facet] = new Map()
      const note = (tag, score) => {
        for (const one of [tag, ...above(facet, tag)]) known.set(one, Math.max(score, known.get(one) ?? 0))
      }
      for (const tag of Object.keys(marks)) note(Number(tag), 0)
      for (const tag of proposed) note(tag, scores[tag]?.score ?? 0)
      const accepted = Object.keys(marks).filter(tag => marks[tag] === "accepted").map(Number)
      for (const tag of [...proposed, ...accepted]) for (const one of above(facet, tag)) open.add(key(facet.facet, one))
    }
  }
  function reveal(facet, tag) {
    const path = above(facet, tag)
    for (const one of path) open.add(key(facet.facet, one))
    for (const one of [tag, ...path])
      if (branch(facet, facet.parents[one])[1].includes(one)) open.add(key(facet.facet, `others ${facet.parents[one]}`))
    focused[facet.facet] = key(facet.facet, tag)
    draw()
    box.querySelector(`[data-key="${CSS.escape(focused[facet.facet])}"]`)?.scrollIntoView({block: "nearest"})
  }

  function decide(facet, tag, kind) {
    const name = facet.tags[tag], saved = model.shown.facets[facet.facet].marks[tag] ?? ""
    const now = sent.meant(image, facet.facet, name, saved)
    const wanted = now === kind ? "" : kind
    sent.mark({do: {accepted: "accept", rejected: "reject", "": "withdraw"}[wanted], image, facet: facet.facet, tag: name}, [[facet.facet, name, wanted]])
    draw()
  }
  function turn(at) {
    if (!open.delete(at)) open.add(at)
    draw()
  }

  function items(facet, parent, level) {
    const [tags, others] = branch(facet, parent), rows = tags.map(tag => item(facet, tag, level))
    if (others.length) {
      const at = key(facet.facet, `others ${parent}`), unfolded = open.has(at)
      const text = word("others").replace("{tags}", others.length)
      rows.push(make("li", {role: "treeitem", "data-key": at, "data-facet": facet.facet, "aria-level": level, "aria-expanded": String(unfolded), tabindex: -1},
        make("div", {class: "row others", onclick: () => turn(at)}, fold(unfolded), make("span", {class: "text", style: "grid-column: 2 / -1; padding-left: 0"}, text)),
        ...(unfolded ? [make("ul", {role: "group"}, ...others.map(tag => item(facet, tag, level)))] : [])))
    }
    return rows
  }
  const fold = (unfolded, act) => make("span", {class: "fold", "aria-hidden": true, ...(act ? {onclick: act} : {})}, unfolded ? "▾" : "▸")
  function item(facet, tag, level) {
    const {scores, marks} = model.shown.facets[facet.facet], at = key(facet.facet, tag), name = facet.tags[tag]
    const kind = scores[tag]?.kind ?? "", now = sent.meant(image, facet.facet, name, marks[tag] ?? ""), busy = sent.busy(image, facet.facet, name)
    const children = facet.parents.includes(tag), unfolded = children && open.has(at), text = facet.texts[tag]
    const tick = make("input", {type: "checkbox", class: "box", tabindex: -1, "aria-hidden": true, checked: now === "accepted"})
    return make("li", {role: "treeitem", "data-key": at, "data-facet": facet.facet, "data-tag": tag, "aria-level": level, tabindex: -1, "aria-busy": String(busy),
      "aria-checked": String(now === "accepted"), "aria-expanded": children ? String(unfolded) : undefined},
    make("div", {class: `row ${kind} ${now} ${busy ? "busy" : ""}`, "data-kind": kind, onclick: () => decide(facet, tag, "accepted")},
      children ? fold(unfolded, event => { event.stopPropagation(); turn(at) }) : make("span"), tick,
      make("span", {class: "text", "data-mark": now}, text, ...(now === "rejected" ? [make("span", {class: "silent"}, ` (${word("rejected")})`)] : [])),
      make("span", {class: "word"}, busy ? word("unsaved") : scores[tag]?.word ?? ""),
      make("button", {class: "cross", tabindex: -1, "aria-hidden": true, title: `${word("reject")}: ${text}`,
        onclick: event => { event.stopPropagation(); decide(facet, tag, "rejected") }}, "×")),
    ...(unfolded ? [make("ul", {role: "group"}, ...items(facet, tag, level + 1))] : []))
  }
  function tree(facet) {
    const made = make("ul", {role: "tree", "aria-label": facet.title, "aria-multiselectable": true}, ...items(facet, -1, 1))
    const rows = [...made.querySelectorAll("[role=treeitem]")]
    const first = rows.find(one => one.dataset.key === focused[facet.facet]) ?? rows[0]
    if (first) first.tabIndex = 0
    return make("div", {style: `--colour: ${facet.colour}`}, make("h2", {}, facet.title), made)
  }
  function draw() {
    const held = el.shadowRoot?.activeElement ?? box.getRootNode().activeElement, at = held?.closest?.("[role=treeitem]")?.dataset.key
    if (!model.shown.open) return box.replaceChildren()
    const trees = model.names.map(tree), last = trees.slice(2)
    box.replaceChildren(...[...trees.slice(0, 2).map(one => [one]), last].filter(some => some.length).map(some => make("section", {}, ...some)))
    if (at) box.querySelector(`[data-key="${CSS.escape(at)}"]`)?.focus({preventScroll: true})
  }

  box.addEventListener("focusin", event => {
    const row = event.target.closest("[role=treeitem]")
    if (!row) return
    focused[row.dataset.facet] = row.dataset.key
    for (const one of row.closest("[role=tree]").querySelectorAll("[role=treeitem]")) one.tabIndex = one === row ? 0 : -1
  })
  box.addEventListener("keydown", event => {
    const row = event.target.closest("[role=treeitem]")
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return
    const rows = [...row.closest("[role=tree]").querySelectorAll("[role=treeitem]")], place = rows.indexOf(row)
    const expanded = row.getAttribute("aria-expanded"), {tag, facet} = row.dataset
    const acts = {
      ArrowDown: () => rows[place + 1]?.focus(), ArrowUp: () => rows[place - 1]?.focus(), Home: () => rows[0].focus(), End: () => rows.at(-1).focus(),
      ArrowRight: () => expanded === "false" ? turn(row.dataset.key) : expanded === "true" && rows[place + 1]?.focus(),
      ArrowLeft: () => expanded === "true" ? turn(row.dataset.key) : row.parentElement.closest("[role=treeitem]")?.focus(),
      " ": () => tag === undefined ? turn(row.dataset.key) : decide(facetOf(facet), Number(tag), "accepted"),
      x: () => tag !== undefined && decide(facetOf(facet), Number(tag), "rejected"),
    }
    if (!acts[event.key]) return
    event.preventDefault()
    event.stopPropagation()
    acts[event.key]()
  })

  function show() {
    if (model.shown.open && model.names.length) {
      if (image !== model.shown.image || !Object.keys(seen).length) begin()
    } else {
      image = null
    }
    draw()
  }
  model.on("shown", show)
  model.on("names", show)
  model.on("words", show)
  model.on("answered", show)
  model.on("msg:custom", ({facet, tag}) => { if (model.shown.open) reveal(facetOf(facet), tag) })
  el.append(make("style", {}, STYLE), box)
  show()
}
