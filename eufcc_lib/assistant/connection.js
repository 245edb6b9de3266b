// What differs from what the server has told to be in its session is not saved, and looks so from the first moment on: a
// ticked row, a typed text. After a second without an answer the page says so; after five, or as soon as the connection
// breaks, it is locked. Once the server answers again the page is loaded anew: its address names session and image. What is
// typed stays in the browser until the server says that it is saved, and is sent again when loaded.

const SAYS = 1000, LOCKS = 5000, LOOKS = 500  // milliseconds

const banner = document.createElement("div")
banner.setAttribute("role", "alert")
banner.style.cssText = "position: fixed; bottom: 16px; left: 50%; transform: translateX(-50%); z-index: 2000; width: max-content;" +
  "max-width: 90vw; box-sizing: border-box; padding: 10px 16px; border-radius: 8px; color: white; font: 15px/1.4 sans-serif;" +
  "box-shadow: 0 2px 10px #0006; pointer-events: none"
banner.hidden = true

const waiting = new Set()  // messages without an answer, by number
let socket = null, broken = false, progress = 0, amount = 0, asking = false, words = {}

const unsaved = document.createElement("style")  // by id, as rows come and go while branches are unfolded

const send = WebSocket.prototype.send
WebSocket.prototype.send = function (data) {
  if (this !== socket) {
    socket = this
    socket.addEventListener("message", hear)
    socket.addEventListener("close", () => { broken = true; look() })
  }
  const number = first(data, /^\{"msgid":\s*"([^"]+)"/)
  if (number) {
    progress = waiting.size ? progress : Date.now()
    waiting.add(number)
  }
  return send.call(this, data)
}

function hear(event) {
  progress = Date.now()
  waiting.delete(first(event.data, /^\{"msgid":.*"reqid":\s*"([^"]+)"/))
}

function first(data, pattern) {
  return typeof data === "string" ? data.match(pattern)?.[1] : undefined
}

function state() {
  if (socket && socket.bufferedAmount !== amount) {  // a large file is on its way
    amount = socket.bufferedAmount
    progress = Date.now()
  }
  const silent = waiting.size ? Date.now() - progress : 0
  return broken || silent > LOCKS ? "lost" : silent > SAYS ? "saving" : ""
}

async function look() {
  const now = state()
  banner.hidden = !now
  banner.style.background = now === "lost" ? "#8c1d18" : "#444"
  if (now && banner.textContent !== words[now]) banner.textContent = words[now]
  for (const part of document.body.children)
    if (part !== banner) {
      part.inert = now === "lost"
      part.style.opacity = now === "lost" ? 0.5 : ""
    }
  if (now !== "lost" || asking) return
  asking = true
  const address = location.pathname.replace(/\/?$/, "/metadata")  // which begins no session
  const answers = await fetch(address, {cache: "no-store", signal: AbortSignal.timeout(LOCKS)})
    .then(answer => answer.ok, () => false)
  if (answers && !broken) await new Promise(go => setTimeout(go, 2 * LOOKS))  // was it only slow?
  asking = answers && state() === "lost"
  if (asking) {
    sessionStorage.setItem("back", "yes")
    location.reload()
  }
}

setInterval(look, LOOKS)

const EDGE = "2px dashed #b26a00"

function showUnsaved(tags) {
  const items = tags.map(tag => `[id$="-${tag}"]`), rows = items.map(item => `${item} > [data-color]`)
  unsaved.textContent = rows.length ? `
    :is(${rows}) {outline: ${EDGE}; outline-offset: -2px; border-radius: 4px}
    :is(${rows}) .MuiCheckbox-root svg, [role=treeitem]:has(:is(${rows})) > [data-color] .MuiCheckbox-indeterminate svg {opacity: 0.35}
    :is(${rows})::after {content: ${JSON.stringify(words.unsaved)}; position: absolute; right: 30px; padding: 0 4px;
      font: italic 12px sans-serif; color: #7a4800; background: #fff8ec; animation: later 0.4s}
    @keyframes later {from, 99% {opacity: 0}}` : ""  // most are saved before one could read it
  for (const item of document.querySelectorAll("[role=treeitem]")) {
    if (items.length && item.matches(items)) item.ariaBusy = "true"
    else item.removeAttribute("aria-busy")
  }
}

function afterDrawing(act) {  // which React does in several tasks; Safari cannot tell when it is idle
  if (window.requestIdleCallback) requestIdleCallback(act, {timeout: SAYS})
  else setTimeout(act, 100)
}

export function render({model}) {
  words = model.words
  model.on("words", () => { words = model.words })
  document.body.append(banner)
  document.head.append(unsaved)

  // From the moment a hand touches a tree, what is ticked there is compared with the session, until the server has written.
  // What the server itself ticks, it has written before.
  const unkept = new Map()  // whether it is ticked, by tag
  let touched = false

  function compare() {
    for (const box of document.querySelectorAll("[role=treeitem] > [data-color] input[type=checkbox]")) {
      const tag = box.closest("[role=treeitem]").id.match(/[A-Za-z]+-\d+$/)?.[0]
      if (tag) unkept.set(tag, box.checked)
    }
    settle()
  }
  function settle() {
    for (const [tag, checked] of unkept)
      if (checked === model.accepted.tags.includes(tag)) unkept.delete(tag)
    showUnsaved([...unkept.keys()])
  }
  for (const kind of ["click", "keydown"])
    document.addEventListener(kind, event => { touched ||= Boolean(event.target.closest?.("[role=treeitem]")) }, true)
  new MutationObserver(() => { if (touched) compare() })
    .observe(document.body, {subtree: true, childList: true, attributeFilter: ["class"]})
  model.on("accepted", () => {
    model.seen = model.accepted.change
    settle()
    touched = unkept.size > 0
  })

  model.on("image", () => {
    unkept.clear()
    touched = false
    settle()
    for (const name in fields) showTyped(name)
    const address = new URL(location)
    address.searchParams.set("image", model.image)
    history.replaceState(history.state, "", address)
  })

  const mine = `assistant ${model.session} `
  const place = (field, image) => `${mine}${field} ${image}`
  const edited = event => ["note", "provider"].find(name =>
    event.composedPath().some(part => part.classList?.contains(`typed-${name}`)))
  let base = ""  // what the field held when it was last saved
  const fields = {}  // by name, once they were edited
  const here = new Set()  // places of what was typed on this page, not in another tab

  function showTyped(name) {
    const typed = place(name, model.image) in localStorage
    fields[name].ariaBusy = typed ? "true" : "false"
    Object.assign(fields[name].closest("div").style, {outline: typed ? EDGE : "", outlineOffset: "-7px"})
  }
  document.addEventListener("focusin", event => {
    if (edited(event)) base = event.composedPath()[0].value
  })
  document.addEventListener("input", event => {
    const field = edited(event)
    if (!field) return
    const at = place(field, model.image), typed = {field, image: model.image, base}
    if (at in localStorage) typed.base = JSON.parse(localStorage[at]).base
    fields[field] = event.composedPath()[0]
    localStorage[at] = JSON.stringify({...typed, text: fields[field].value.toWellFormed()})
    here.add(at)
    showTyped(field)
  })
  model.on("msg:custom", ({field, image, text}) => {
    const at = place(field, image)
    if (at in localStorage && JSON.parse(localStorage[at]).text === text) {
      localStorage.removeItem(at)
      base = text
    }
    if (field in fields) showTyped(field)
  })

  const texts = () => Object.keys(localStorage).filter(at => at.startsWith(mine)).map(at => JSON.parse(localStorage[at]))
  model.on("page", () => {
    const page = model.page
    afterDrawing(() => {  // until then what is ticked is ticked on the page before
      model.send_msg({page, back: false, typed: texts().filter(({field, image}) => here.has(place(field, image)))})
      document.body.dataset.told = page  // from here on the server takes what is ticked for this page's
    })
  })
  model.send_msg({page: model.page, back: sessionStorage.getItem("back") === "yes", typed: texts()})
  sessionStorage.removeItem("back")
}
