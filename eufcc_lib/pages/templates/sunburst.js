// Draws the sunbursts of a page from the rows of their tables, as large as the page allows. A tag that is clicked or
// entered becomes the centre; the rings are a tree for those who read the page by keyboard or by ear.
for (const page of document.querySelectorAll("div.eufcc-sunburst:not([data-ready])")) {
  page.dataset.ready = "";
  const svg = page.querySelector("svg"), [tree, names] = svg.querySelectorAll("g"), marks = svg.querySelectorAll(".halo, .mark");
  const body = page.querySelector("tbody"), here = page.querySelector(".here"), pen = document.createElement("canvas").getContext("2d");

  const title = here.textContent;

  // The nodes, each after its parent: their part of the circle is start and span, 0 to 1.
  const whole = { name: body.dataset.title, level: 0, children: [], start: 0, span: 1, used: 0 };
  const nodes = [...body.rows].map((row) => {
    const [name, level, images, ends, share] = [...row.cells].map((cell) => cell.textContent.trim());
    return { name, images, ends, share, level: +level, weight: +row.dataset.weight, above: +row.dataset.parent, children: [], used: 0,
             fill: row.dataset.fill, ink: row.dataset.ink };
  });
  const total = nodes.reduce((sum, node) => sum + (node.above < 0 ? node.weight : 0), 0);
  Object.assign(whole, { fill: body.dataset.fill, ink: body.dataset.ink });
  for (const node of nodes) {
    node.parent = node.above < 0 ? whole : nodes[node.above];
    Object.assign(node, { start: node.parent.start + node.parent.used, span: total ? node.weight / total : 0 });
    node.parent.used += node.span;
    node.parent.children.push(node);
  }
  let centre = whole, current = whole, shown = new Map();

  const depth = (node) => node.children.length ? 1 + Math.max(...node.children.map(depth)) : 0;
  const path = (node) => node.parent && node.parent !== whole ? [...path(node.parent), node.name] : [node.name];
  function tell(node) {
    const ends = node.ends !== "0" && node.ends !== node.images ? `, ${node.ends} of them with nothing narrower` : "";
    const text = node === whole ? title : `${path(node).join(" › ")}: ${node.images} images${ends}, ${node.share} of the circle`;
    if (here.textContent !== text) here.textContent = text;
    for (const mark of marks) mark.setAttribute("d", shown.get(node)?.getAttribute("d") ?? "");
  }
  function sector(inner, outer, from, span) {
    const at = (radius, turn) => `${(radius * Math.sin(turn)).toFixed(2)} ${(-radius * Math.cos(turn)).toFixed(2)}`;
    const arc = (radius, start, end, sweep) => `A${radius} ${radius} 0 ${Math.abs(end - start) > Math.PI ? 1 : 0} ${sweep} ${at(radius, end)}`;
    if (span > 2 * Math.PI - 1e-4) {  // an arc that ends where it starts would be nothing
      const circle = (radius, sweep) => `M${at(radius, 0)}A${radius} ${radius} 0 1 ${sweep} ${at(radius, Math.PI)}A${radius} ${radius} 0 1 ${sweep} ${at(radius, 0)}Z`;
      return circle(outer, 1) + (inner ? circle(inner, 0) : "");
    }
    return `M${at(inner, from)}L${at(outer, from)}${arc(outer, from, from + span, 1)}L${at(inner, from + span)}${arc(inner, from + span, from, 0)}Z`;
  }
  // Where a name fits into its sector: bent to no curve, on one line or two, along the ring or along the radius.
  function write(node, inner, outer, from, span) {
    const words = node.name.split(" "), middle = from + span / 2, free = 4;
    const halves = words.slice(1).map((_, at) => [words.slice(0, at + 1).join(" "), words.slice(at + 1).join(" ")]);
    const longest = (lines) => Math.max(...lines.map((line) => line.length));
    const choices = [[node.name], ...(halves.length ? [halves.sort((a, b) => longest(a) - longest(b))[0]] : [])];
    for (const size of [13, 12]) for (const lines of choices) {
      pen.font = `${size}px ${getComputedStyle(svg).fontFamily}`;
      const wide = Math.max(...lines.map((line) => pen.measureText(line).width)) / 2 + free / 2, high = lines.length * size * 0.6 + free / 2;
      const side = (radius) => span >= Math.PI ? Infinity : radius * Math.tan(span / 2);
      const radius = inner ? (inner + outer) / 2 : 0;
      let turn = null;
      if (!inner ? Math.hypot(wide, high) <= outer : high <= radius - inner && wide <= side(radius - high) && Math.hypot(radius + high, wide) <= outer)
        turn = inner && Math.cos(middle) < -1e-6 ? middle + Math.PI : inner ? middle : 0;
      else if (inner && wide <= radius - inner && high <= side(radius - wide) && Math.hypot(radius + wide, high) <= outer)
        turn = middle - Math.PI / 2 + (Math.sin(middle) < 0 ? Math.PI : 0);
      if (turn === null) continue;
      const text = names.appendChild(document.createElementNS(svg.namespaceURI, "text"));
      text.setAttribute("transform", `translate(${radius * Math.sin(middle)} ${-radius * Math.cos(middle)}) rotate(${turn * 180 / Math.PI})`);
      text.setAttribute("font-size", size);
      text.setAttribute("fill", node.ink);
      lines.forEach((line, number) => {
        const part = text.appendChild(document.createElementNS(svg.namespaceURI, "tspan"));
        part.setAttribute("x", 0);
        part.setAttribute("y", (number - (lines.length - 1) / 2) * size * 1.2);
        part.textContent = line;
      });
      return;
    }
  }
  function draw() {
    const width = Math.min(page.clientWidth, 660), end = width / 2 - 4;
    if (end < 40) return;
    // A phone has room for two rings with names.
    const rings = Math.max(1, Math.min(+page.dataset.levels, depth(centre), width < 480 ? 2 : Infinity));
    const hole = end * (rings > 1 ? 0.26 : 0.36), ring = (end - hole) / rings;
    svg.removeAttribute("hidden");
    page.querySelector(".keys").hidden = false;
    svg.setAttribute("viewBox", `${-width / 2} ${-width / 2} ${width} ${width}`);
    tree.replaceChildren();
    names.replaceChildren();
    shown = new Map();
    const place = (node, level) => {
      const from = 2 * Math.PI * (node.start - centre.start) / centre.span, span = level ? 2 * Math.PI * node.span / centre.span : 2 * Math.PI;
      const [inner, outer] = level ? [hole + (level - 1) * ring, hole + level * ring] : [0, hole];
      const piece = tree.appendChild(document.createElementNS(svg.namespaceURI, "path"));
      piece.setAttribute("d", sector(inner, outer, from, span));
      piece.setAttribute("fill", node.fill);
      const siblings = node.parent?.children ?? [node];
      for (const [key, value] of Object.entries({ role: "treeitem", tabindex: -1, "aria-label": node.name, "aria-level": node.level + 1,
                                                  "aria-posinset": siblings.indexOf(node) + 1, "aria-setsize": siblings.length }))
        piece.setAttribute(key, value);
      if (node.children.length) piece.setAttribute("aria-expanded", level < rings);
      if (span * inner < 3 && level) piece.classList.add("fine");
      piece.onfocus = () => { current = node; tell(node); enter(); };
      piece.onmouseenter = () => tell(node);
      piece.onclick = () => node === centre ? zoom(centre.parent, centre) : zoom(node, node);
      shown.set(node, piece);
      write(node, inner, outer, from, span);
      if (level < rings) node.children.filter((child) => child.span > 0).forEach((child) => place(child, level + 1));
    };
    place(centre, 0);
    if (!shown.has(current)) current = centre;
    enter();
    tell(current);
    if (!svg.contains(document.activeElement)) for (const mark of marks) mark.setAttribute("d", "");
  }
  // One piece alone is reached by Tab: the one where the reader was last.
  function enter() {
    for (const [node, piece] of shown) piece.setAttribute("tabindex", node === current ? 0 : -1);
  }
  function zoom(to, focus) {
    if (!to || !to.children.length) return tell(current);
    [centre, current] = [to, focus];
    draw();
    shown.get(current).focus();
  }
  const go = {
    Enter: (node) => node === centre ? zoom(centre.parent, centre) : zoom(node, node),
    Escape: () => zoom(centre.parent, centre),
    ArrowUp: (node) => node === centre ? zoom(centre.parent, centre.parent) : shown.get(node.parent).focus(),
    ArrowDown: (node) => node.children.length && (shown.has(node.children[0]) ? shown.get(node.children[0]).focus() : zoom(node, node.children[0])),
    ArrowRight: (node) => beside(node, 1),
    ArrowLeft: (node) => beside(node, -1),
  };
  go[" "] = go.Enter;
  function beside(node, step) {
    if (node === centre) return;
    const siblings = node.parent.children.filter((child) => shown.has(child));
    shown.get(siblings[(siblings.indexOf(node) + step + siblings.length) % siblings.length]).focus();
  }
  tree.addEventListener("keydown", (event) => {
    if (!go[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    go[event.key](current);
  });
  svg.onmouseleave = () => {
    tell(current);
    if (!svg.contains(document.activeElement)) for (const mark of marks) mark.setAttribute("d", "");
  };
  tree.addEventListener("focusout", () => { for (const mark of marks) mark.setAttribute("d", ""); });
  draw();
  let before = page.clientWidth;
  new ResizeObserver(() => {
    if (page.clientWidth === before) return;
    before = page.clientWidth;
    const held = svg.contains(document.activeElement);
    draw();
    if (held) shown.get(current).focus();
  }).observe(page);
}
