// After a second without an answer of the server the page says so; after five, or as soon as the connection breaks, it is
// locked. Once the server answers again the page is loaded anew: its address names session and image. What is typed stays
// in the browser, and looks unsaved, until the server says that it is saved; when the page is loaded it is sent again.

const SAYS = 1000, LOCKS = 5000, LOOKS = 500  // milliseconds

const banner = document.createElement("div")
banner.setAttribute("role", "alert")
banner.style.cssText = "position: fixed; bottom: 16px; left: 50%; transform: translateX(-50%); z-index: 2000; width: max-content;" +
  "max-width: 90vw; box-sizing: border-box; padding: 10px 16px; border-radius: 8px; color: white; font: 15px/1.4 sans-serif;" +
  "box-shadow: 0 2px 10px #0006; pointer-events: none"
banner.hidden = true

const waiting = new Set()  // messages without an answer, by number
let socket = null, broken = false, progress = 0, amount = 0, asking = false, words = {}

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

function afterDrawing(act) {  // which React does in several tasks; Safari cannot tell when it is idle
  if (window.requestIdleCallback) requestIdleCallback(act, {timeout: SAYS})
  else setTimeout(act, 100)
}

export function render({model}) {
  words = model.words
  model.on("words", () => { words = model.words })
  document.body.append(banner)

  model.on("image", () => {
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
    })
  })
  model.send_msg({page: model.page, back: sessionStorage.getItem("back") === "yes", typed: texts()})
  sessionStorage.removeItem("back")
}
