// A field that finds any term while one types: enter accepts the chosen one, shift and enter reject it.

const STYLE = `${COLOURS}
  :host {display: block}
  .field {position: relative}
  label {display: block; font-size: 13px; color: #444; margin-bottom: 2px}
  input {font: inherit; width: 100%; box-sizing: border-box; padding: 8px 10px; border: 1px solid #767676; border-radius: 4px; background: white; color: #222}
  ul {list-style: none; margin: 2px 0 0; padding: 0; position: absolute; left: 0; right: 0; z-index: 10; background: white; border: 1px solid #767676;
    border-radius: 4px; max-height: 50vh; overflow-y: auto; box-shadow: 0 4px 16px #0003}
  ul:empty {display: none}
  li {display: grid; grid-template-columns: 1fr auto 28px; gap: 2px 8px; align-items: center; padding: 4px 8px; border-left: 4px solid var(--colour); cursor: pointer}
  li[aria-selected=true] {background: #26424f1f}
  li i {color: #595959; font-style: normal}
  li small {color: #444}
  .text {overflow-wrap: anywhere}
  p {margin: 2px 0 0; font-size: 13px; color: #444; min-height: 1.35em}`

const PAUSE = 60  // milliseconds without a key, then it is searched

export function render({model, el}) {
  const word = key => model.words[key] ?? key, sent = messages(model)
  const list = make("ul", {id: "finds", role: "listbox"}), hint = make("p", {role: "status"})
  const field = make("input", {id: "field", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
    "aria-controls": "finds", "aria-expanded": "false", maxlength: 200})
  const label = make("label", {for: "field"})
  let finds = [], found = "", chosen = 0, wanted = "", timer

  const asked = () => field.value.trim()
  function draw() {
    list.replaceChildren(...finds.map((find, place) => make("li", {id: `find-${place}`, role: "option", "aria-selected": String(place === chosen),
      style: `--colour: ${find.colour}`, onmousedown: event => event.preventDefault(), onclick: () => decide("accepted", place)},
    make("span", {class: "text", "data-mark": find.mark}, make("small", {}, `${find.title}: `),
      ...(find.above ? [make("i", {}, `${find.above} › `)] : []), find.text, ...(find.because ? [make("i", {}, ` (${find.because})`)] : [])),
    make("small", {}, find.source),
    find.rejectable ? make("span", {class: "cross", title: word("reject"), "aria-hidden": true,
      onclick: event => { event.stopPropagation(); decide("rejected", place) }}, "×") : make("span"))))
    field.setAttribute("aria-expanded", String(finds.length > 0))
    if (finds[chosen]) field.setAttribute("aria-activedescendant", `find-${chosen}`)
    else field.removeAttribute("aria-activedescendant")
    list.children[chosen]?.scrollIntoView({block: "nearest"})
    hint.textContent = finds.length ? word("search_keys") : ""
  }
  function forget() {
    clearTimeout(timer)
    finds = []
    found = wanted = ""
    draw()
  }
  function decide(kind, place = chosen) {
    if (asked() !== found) {  // the answer is on its way
      wanted = kind
      return ask()
    }
    const find = finds[place]
    if (!find || (kind === "rejected" && !find.rejectable)) return
    sent.send({do: "term", image: model.shown.image, query: found, place, kind})
    field.value = ""
    forget()
    field.blur()  // so that keys are for the proposals again
  }
  function ask() {
    clearTimeout(timer)
    if (asked()) sent.send({do: "find", image: model.shown.image, query: asked()})
    else forget()
  }
  field.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  })
  field.addEventListener("keydown", event => {
    if (event.isComposing) return
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (step && finds.length) {
      chosen = chosen < 0 ? (step > 0 ? 0 : finds.length - 1) : (chosen + step + finds.length) % finds.length
      draw()
    } else if (event.key === "Enter" && asked()) {
      decide(event.shiftKey ? "rejected" : "accepted")
    } else if (event.key === "Escape") {
      field.value = ""
      return forget()
    } else {
      return
    }
    event.preventDefault()
  })
  field.addEventListener("blur", () => { if (!wanted) forget() })
  field.addEventListener("focus", () => { if (asked()) ask() })
  model.on("msg:custom", message => {
    if (message.query !== asked()) return
    finds = message.finds
    found = message.query
    chosen = finds.some(find => !find.free) ? 0 : -1  // in which facet a free term belongs, is to be said
    const kind = wanted
    wanted = ""
    draw()
    if (kind) decide(kind)
  })
  function say() {
    label.textContent = word("search")
    draw()
  }
  model.on("words", say)
  el.append(make("style", {}, STYLE), label, make("div", {class: "field"}, field, list), hint)
  say()
}
