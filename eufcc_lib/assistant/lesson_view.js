// The dialog about learning from the session. While it is open, no key is the page's.

const STYLE = `${COLOURS}
  dialog {max-width: min(860px, 92vw); border: 0; border-radius: 8px; box-shadow: 0 4px 24px #0006; color: #222}
  h3 {margin: 0 0 8px}
  p {margin: 6px 0}
  .frame {overflow-x: auto}
  table {border-collapse: collapse; font-size: 14px} th, td {padding: 3px 14px 3px 0; text-align: left; vertical-align: top}
  td.number {font-variant-numeric: tabular-nums}
  [data-clear="1"] {color: #1b5e20; font-weight: 700} [data-clear="-1"] {color: #8c1d18; font-weight: 700}
  .said {color: #8c1d18}
  .bar {display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 10px}
  .bar button {border: 1px solid #26424f; color: #26424f; padding: 4px 12px}
  .bar button.main {background: #26424f; color: white}
  input {font: inherit; padding: 4px 6px}`

let last = null  // the listeners of a page that was drawn before

export function render({model, el}) {
  last?.abort()
  last = new AbortController()
  const word = key => model.words[key] ?? key
  const told = make("div", {role: "status"}), buttons = make("div", {class: "bar"}), title = make("h3", {id: "lessons"})
  const about = make("p"), label = make("label", {for: "keep"}), field = make("input", {id: "keep", maxlength: 40, autocomplete: "off", required: true})
  const submit = make("button", {}), form = make("form", {class: "bar"}, label, field, submit)
  const close = make("button", {type: "button", onclick: () => dialog.close()})
  const dialog = make("dialog", {"aria-labelledby": "lessons", onclose: () => tell("leave")}, title, about, told, form, buttons)
  const tell = (act, more = {}) => model.send_msg({do: act, ...more})

  form.addEventListener("submit", event => {
    event.preventDefault()
    tell("keep", {name: field.value})
  })
  function draw() {
    const {stage, sentences, rows, kept, said} = model.shown, running = stage === "running"
    title.textContent = word("learn")
    about.textContent = word("learn_about")
    label.textContent = word("learn_name")
    submit.textContent = word("learn_keep")
    close.textContent = word("close")
    form.hidden = stage !== "done"
    form.style.display = form.hidden ? "none" : ""
    told.replaceChildren(
      ...(running ? [make("p", {}, word("learn_running"))] : []),
      ...sentences.map(text => make("p", {lang: "en", class: stage === "failed" ? "said" : ""}, text)),
      ...(rows.length ? [make("div", {class: "frame"}, make("table", {},
        make("tr", {}, ...["learn_facet", "learn_metric", "learn_before", "learn_after", "learn_difference", "images"].map(key => make("th", {}, word(key)))),
        ...rows.map(row => make("tr", {}, make("td", {}, row.facet), make("td", {}, row.metric), make("td", {class: "number"}, row.before),
          make("td", {class: "number"}, row.after), make("td", {class: "number", "data-clear": String(row.clear)}, row.difference),
          make("td", {class: "number"}, String(row.images))))))] : []),
      ...kept.map(text => make("p", {class: "kept"}, text)),
      ...(said ? [make("p", {class: "said", role: "alert"}, said)] : []))
    buttons.replaceChildren(...(running ? [] : [make("button", {class: stage === "nothing" ? "main" : "", onclick: () => tell("begin")},
      word(stage === "nothing" ? "learn_begin" : "learn_again"))]), close)
  }
  document.addEventListener("assistant-learn", () => {
    tell("look")
    draw()
    dialog.showModal()
  }, {signal: last.signal})
  window.addEventListener("keydown", event => {
    if (dialog.open) event.stopPropagation()  // what a key does to a field or a button stays
  }, {capture: true, signal: last.signal})
  model.on("shown", draw)
  model.on("words", draw)
  el.append(make("style", {}, STYLE), dialog)
  draw()
}
