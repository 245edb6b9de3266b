// What the parts of the page share. A tag that was clicked looks as it is meant at once, and unsaved until the server has
// answered; then it looks as the session has it.

const COLOURS = `
  :host {font: 15px/1.35 Roboto, Helvetica, Arial, sans-serif; color: #222}
  button {font: inherit; color: inherit; background: none; border: 0; border-radius: 4px; padding: 2px 3px; cursor: pointer}
  button:hover {background: #0001}
  :focus-visible {outline: 3px solid #0b57d0; outline-offset: 1px}
  kbd {font: 13px/1.5 ui-monospace, monospace; color: #444; text-align: center; border: 1px solid #999; border-radius: 4px; background: white}
  .busy {outline: 2px dashed #b26a00; outline-offset: -2px; border-radius: 4px}
  .cross {width: 28px; height: 28px; color: #8c1d18; font-size: 18px; line-height: 28px; text-align: center; padding: 0}
  .word {font-variant-numeric: tabular-nums; white-space: nowrap; font-size: 13px}
  .silent {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
  [data-mark=accepted] {color: #1b5e20}
  [data-mark=rejected] {text-decoration: line-through; color: #6b6b6b}
  @media (pointer: coarse) {.cross {width: 40px; height: 40px}}`

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (name.startsWith("aria-") && value !== undefined) made.setAttribute(name, value)
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value)
  }
  made.append(...children.filter(child => child !== undefined))
  return made
}

const FIELD = "input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=button]), textarea, select, [contenteditable=true]"
const PRESSED = "button, a[href], summary, [role=button], [role=option], input[type=checkbox], input[type=file]"

const within = (event, selector) => event.composedPath().some(part => part.matches?.(selector))

function find(root, selector) {  // also inside the parts of the page
  const found = root.querySelector(selector)
  if (found) return found
  for (const part of root.querySelectorAll("*")) {
    const inside = part.shadowRoot && find(part.shadowRoot, selector)
    if (inside) return inside
  }
  return null
}

// Sends messages, and knows which marks of tags are on their way.
export function messages(model) {
  let sent = model.answered
  const waiting = new Map()
  const key = (image, facet, tag) => JSON.stringify([image, facet, tag])
  return {
    send(message) { model.send_msg({...message, number: ++sent}) },
    mark(message, marks) {  // `marks`: what the tags are meant to be, as [facet, tag, mark]
      this.send(message)
      for (const [facet, tag, mark] of marks) waiting.set(key(message.image, facet, tag), {number: sent, mark})
    },
    busy: (image, facet, tag) => (waiting.get(key(image, facet, tag))?.number ?? 0) > model.answered,
    meant(image, facet, tag, mark) { return this.busy(image, facet, tag) ? waiting.get(key(image, facet, tag)).mark : mark },
  }
}
