// The wheel enlarges the picture where the mouse is, dragging moves it, a double click shows it whole again.

const STYLE = `
  :host {display: block}
  div {position: relative; width: 100%; height: var(--picture, 372px); overflow: hidden; background: #f4f4f2; touch-action: pan-y}
  div.large {position: fixed; inset: 0; width: 100vw; height: 100vh; max-width: none; border: 0; padding: 0; background: #111}
  img {width: 100%; height: 100%; object-fit: contain; transform-origin: 0 0; display: block; cursor: grab; user-select: none}
  img[src=""] {visibility: hidden}`

export function render({model, el}) {
  const style = document.createElement("style"), frame = document.createElement("div"), image = document.createElement("img")
  style.textContent = STYLE
  image.draggable = false
  frame.append(image)
  let size = 1, x = 0, y = 0

  function place() {
    x = Math.min(0, Math.max(frame.clientWidth * (1 - size), x))
    y = Math.min(0, Math.max(frame.clientHeight * (1 - size), y))
    image.style.transform = `translate(${x}px, ${y}px) scale(${size})`
  }
  function whole() {
    size = 1
    place()
  }
  function show() {
    image.src = model.source
    image.alt = model.label
    whole()
  }
  frame.addEventListener("wheel", event => {
    event.preventDefault()
    const before = size, box = frame.getBoundingClientRect()
    size = Math.min(12, Math.max(1, size * Math.exp(-event.deltaY / 400)))
    x = event.clientX - box.x - (event.clientX - box.x - x) * size / before
    y = event.clientY - box.y - (event.clientY - box.y - y) * size / before
    place()
  }, {passive: false})
  image.addEventListener("pointerdown", event => image.setPointerCapture(event.pointerId))
  image.addEventListener("pointermove", event => {
    if (!image.hasPointerCapture(event.pointerId) || size === 1) return
    x += event.movementX
    y += event.movementY
    place()
  })
  frame.addEventListener("dblclick", whole)
  function enlarge(large) {  // above all else of the page, and without its keys
    if (!frame.isConnected || large === frame.classList.contains("large")) return
    frame.classList.toggle("large", large)
    frame.popover = large ? "manual" : null
    if (large) frame.showPopover()
    document.body.dataset.large = large ? "yes" : ""
    whole()
  }
  document.addEventListener("assistant-large", () => enlarge(!frame.classList.contains("large")))
  document.addEventListener("keydown", event => { if (event.key === "Escape") enlarge(false) }, true)
  model.on("source", show)
  model.on("label", show)
  show()
  el.append(style, frame)
}
