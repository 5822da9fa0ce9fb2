/*
 * Flame graphs that answer: hover, zoom, search and keyboard. Written into each SVG, which it finds by itself; in
 * a page of another kind it defines `memtraceFlame` and does nothing.
 *
 * A frame is an object: parent (index; the root, which is the first, has 0), depth, width (what it is as wide as),
 * size, count, label, place (where it is, in lines), about (the same and its figures), and `rest` where it stands for
 * frames that are left out. A list of frames is in preorder. What these functions are given is data: it reaches the
 * document as text alone.
 *
 * What a test may hold on to:
 *   g.flame                the graph; data-unit: bytes or blocks; data-inverted: 0 or 1; data-zoom: the frame's number
 *   g.frame#fN             frame N; data-parent, data-depth, data-size, data-count, data-width (where it is neither
 *                          of the two), data-earlier-size and data-earlier-count in a difference, data-left on what
 *                          stands for frames left out; classes: hidden (zoomed away), past (under the zoomed
 *                          one), hit and miss (while searching)
 *   .details               text: the frame under the pointer or in focus
 *   input.search           the regular expression; aria-invalid while it is none
 *   .matched               text: what it matched, "matched 12.50 % (1.2 MiB in 34 blocks), 5 frames"; data-share,
 *                          data-size, data-count, data-frames
 *   .reset                 the button that ends a zoom; hidden where there is none
 *   .ring                  around the frame in focus
 */
(function () {
'use strict';

const SVG = 'http://www.w3.org/2000/svg', XHTML = 'http://www.w3.org/1999/xhtml';
const PAD = 4, ROOM_LEAST = 16;

/* As the reports write sizes. */
function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  for (let i = 0; ; i++, bytes /= 1024) {
    const small = Math.abs(bytes) < 100 && i > 0;
    if (small || Math.abs(bytes) < 10240 || i === units.length - 1)
      return bytes.toFixed(small ? 1 : 0) + ' ' + units[i];
  }
}

/* As much of the text as is no wider than `room`; `measure` tells the width of a text. */
function fit(text, room, measure) {
  if (room < ROOM_LEAST) return '';
  if (measure(text) <= room) return text;
  const letters = Array.from(text);
  let least = 0, most = letters.length;
  while (least < most) {
    const middle = (least + most + 1) >> 1;
    if (measure(letters.slice(0, middle).join('') + '\u2026') <= room) least = middle;
    else most = middle - 1;
  }
  return least > 1 ? letters.slice(0, least).join('') + '\u2026' : '';
}

/* The number behind the last frame above each one. */
function ends(frames) {
  const found = new Array(frames.length).fill(frames.length), open = [];
  frames.forEach((frame, i) => {
    while (open.length && frames[open[open.length - 1]].depth >= frame.depth) found[open.pop()] = i;
    open.push(i);
  });
  return found;
}

/* Where frames stand when one of them is as wide as all: {left, width} in shares, `past` where under it; null: away. */
function layout(frames, zoom, found) {
  const start = new Float64Array(frames.length), next = new Float64Array(frames.length);
  frames.forEach((frame, i) => {
    if (i > 0) {
      start[i] = next[frame.parent];
      next[frame.parent] += frame.width;
    }
    next[i] = start[i];
  });
  const past = new Set();
  for (let i = zoom; i > 0;) past.add(i = frames[i].parent);
  const end = (found || ends(frames))[zoom], whole = frames[zoom].width || 1;
  return frames.map((frame, i) => {
    if (past.has(i)) return {left: 0, width: 1, past: true};
    if (i < zoom || i >= end) return null;
    return {left: (start[i] - start[zoom]) / whole, width: frame.width / whole, past: false};
  });
}

/* An expression as people type it: without capitals it is of either case; ^ and $ are
   the ends of a name, a place or a module. Throws where it is none. */
function expression(text) {
  return new RegExp(text, text === text.toLowerCase() ? 'im' : 'm');
}

/* Which frames match, and what they hold: a stack counts once, however many of its frames do. */
function search(frames, wanted, found) {
  const end = found || ends(frames), sum = {hits: [], frames: 0, width: 0, size: 0, count: 0};
  let covered = 0;
  frames.forEach((frame, i) => {
    const hit = i > 0 && !frame.rest && wanted.test(frame.label + '\n' + frame.place);
    sum.hits.push(hit);
    if (!hit) return;
    sum.frames++;
    if (i < covered) return;
    covered = end[i];
    sum.width += frame.width;
    sum.size += frame.size;
    sum.count += frame.count;
  });
  sum.share = frames[0].width ? sum.width / frames[0].width : 0;
  return sum;
}

function matched(sum) {
  return 'matched ' + (sum.share * 100).toFixed(2) + ' % (' + size(sum.size) + ' in ' + sum.count +
    (sum.count === 1 ? ' block' : ' blocks') + '), ' + sum.frames + (sum.frames === 1 ? ' frame' : ' frames');
}

function make(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (parent) parent.appendChild(made);
  return made;
}

/* What the document says of its frames. */
function read(graph) {
  const by = graph.dataset.unit === 'blocks' ? 'count' : 'size';
  return Array.from(graph.querySelectorAll('.frame'), element => {
    const data = element.dataset, title = element.querySelector('title').textContent.split('\n');
    const figures = title.findIndex((line, i) => i > 0 && / in \d+ blocks?$/.test(line));
    return {
      element, rect: element.querySelector('rect'), text: element.querySelector('text'),
      parent: +data.parent, depth: +data.depth, size: +data.size, count: +data.count,
      width: +(data.width === undefined ? data[by] : data.width), rest: data.left !== undefined,
      label: title[0], place: title.slice(1, figures).join('\n'), about: title.slice(1).join('\n'),
    };
  });
}

function measurer(graph) {
  const pen = document.createElementNS(XHTML, 'canvas').getContext('2d');
  const style = getComputedStyle(graph.querySelector('.frame text') || graph);
  pen.font = style.fontSize + ' ' + style.fontFamily;
  return text => pen.measureText(text).width;
}

function attach(svg) {
  const graph = svg.querySelector('.flame'), frames = read(graph), found = ends(frames), measure = measurer(graph);
  const details = graph.querySelector('.details'), note = details.textContent, panel = graph.querySelector('.panel');
  const box = frames[0].rect, left = +box.getAttribute('x'), across = +box.getAttribute('width');
  const up = graph.dataset.inverted === '1' ? -1 : 1;
  let places = [], zoom = 0, focus = 0;

  const tree = graph.querySelector('.frames');
  const ring = make('rect', {class: 'ring hidden'}, graph);
  const matches = make('text', {class: 'matched', x: left + across, y: panel.dataset.second, 'text-anchor': 'end',
    role: 'status', 'aria-live': 'polite'}, panel);
  const reset = make('g', {class: 'reset hidden', role: 'button', tabindex: 0, 'aria-label': 'reset zoom'}, panel);
  make('rect', {x: left + across - 310, y: panel.dataset.first - 15, width: 90, height: 20, rx: 3}, reset);
  make('text', {x: left + across - 265, y: panel.dataset.first, 'text-anchor': 'middle'}, reset).textContent = 'reset zoom';
  const holder = make('foreignObject', {x: left + across - 210, y: panel.dataset.first - 16, width: 210, height: 22}, panel);
  const input = document.createElementNS(XHTML, 'input');
  for (const [key, value] of [['class', 'search'], ['type', 'text'], ['placeholder', 'search: regular expression'],
    ['aria-label', 'search frames by regular expression'], ['spellcheck', 'false'], ['autocomplete', 'off']])
    input.setAttribute(key, value);
  holder.appendChild(input);

  function mark() {
    const place = places[focus], rect = frames[focus].rect, here = document.activeElement === frames[focus].element;
    ring.classList.toggle('hidden', !here || !place);
    for (const key of ['x', 'y', 'width', 'height']) ring.setAttribute(key, rect.getAttribute(key));
  }

  function draw() {
    places = layout(frames, zoom, found);
    frames.forEach((frame, i) => {
      const place = places[i], classes = frame.element.classList;
      classes.toggle('hidden', !place);
      if (!place) return;
      classes.toggle('past', place.past);
      const x = left + place.left * across, width = place.width * across;
      frame.rect.setAttribute('x', x.toFixed(2));
      frame.rect.setAttribute('width', width.toFixed(2));
      const label = fit(frame.label, width - 2 * PAD, measure);
      if (!frame.text && label) {
        frame.text = make('text', {y: +frame.rect.getAttribute('y') + +tree.dataset.baseline}, frame.element);
      }
      if (!frame.text) return;
      frame.text.setAttribute('x', (x + PAD).toFixed(2));
      frame.text.textContent = label;
    });
    graph.dataset.zoom = zoom;
    reset.classList.toggle('hidden', zoom === 0);
    mark();
  }

  function tell(i) {
    const frame = frames[i];
    details.textContent = frame ? fit((frame.label + '\n' + frame.about).split('\n').join('  \u00b7  '), across, measure) : note;
  }

  function focusOn(i) {
    frames[focus].element.setAttribute('tabindex', -1);
    focus = i;
    frames[i].element.setAttribute('tabindex', 0);
    frames[i].element.focus();
  }

  function zoomTo(i) {
    if (frames[i].rest) return;
    zoom = i;
    draw();
    if (!places[focus]) focusOn(i);
  }

  function find() {
    let wanted = null;
    input.removeAttribute('aria-invalid');
    try {
      wanted = input.value ? expression(input.value) : null;
    } catch (wrong) {
      input.setAttribute('aria-invalid', 'true');
    }
    const sum = wanted ? search(frames, wanted, found) : null;
    frames.forEach((frame, i) => {
      frame.element.classList.toggle('hit', !!sum && sum.hits[i]);
      frame.element.classList.toggle('miss', !!sum && !sum.hits[i]);
    });
    for (const key of ['share', 'size', 'count', 'frames'])
      if (sum) matches.dataset[key] = sum[key];
      else delete matches.dataset[key];
    matches.textContent = sum ? matched(sum) : input.value ? 'not a regular expression' : '';
  }

  /* The next frame that is there on the same level; one that stands on this. */
  function beside(i, step) {
    for (let k = i + step; k > 0 && k < frames.length; k += step)
      if (places[k] && frames[k].depth === frames[i].depth) return k;
    return i;
  }
  function above(i) {
    return places[i].past ? beforeZoom(i) : i + 1 < found[i] ? i + 1 : i;
  }
  function beforeZoom(i) {
    let k = zoom;
    while (k > 0 && frames[k].parent !== i) k = frames[k].parent;
    return k;
  }

  const numbers = new Map(frames.map((frame, i) => [frame.element, i]));
  const number = event => {
    const element = event.target.closest('.frame');
    return element ? numbers.get(element) : -1;
  };
  frames.forEach((frame, i) => {
    const set = (name, value) => frame.element.setAttribute(name, value);
    set('role', 'treeitem');
    set('aria-level', frame.depth + 1);
    set('aria-label', (frame.label + '\n' + frame.about).split('\n').join(', '));
    set('tabindex', i === 0 ? 0 : -1);
  });
  svg.setAttribute('role', 'group');
  tree.setAttribute('role', 'tree');
  tree.setAttribute('aria-label', svg.querySelector('title').textContent);
  tree.addEventListener('mouseover', event => tell(number(event)));
  tree.addEventListener('click', event => {
    const i = number(event);
    if (i < 0) return;
    focusOn(i);
    zoomTo(i);
  });
  /* What listens for the focus can have it in Chromium; Tab shall pass over it. */
  tree.setAttribute('tabindex', -1);
  tree.addEventListener('focusin', event => {
    if (number(event) < 0) return;
    focus = number(event);
    tell(focus);
    mark();
  });
  tree.addEventListener('focusout', () => ring.classList.add('hidden'));
  tree.addEventListener('mouseleave', () => tell(document.activeElement === frames[focus].element ? focus : -1));
  tree.addEventListener('keydown', event => {
    const i = number(event);
    if (i < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    let to = i;
    switch (event.key) {
    case 'ArrowUp': to = up > 0 ? above(i) : frames[i].parent; break;
    case 'ArrowDown': to = up > 0 ? frames[i].parent : above(i); break;
    case 'ArrowLeft': to = beside(i, -1); break;
    case 'ArrowRight': to = beside(i, 1); break;
    case 'Home': to = 0; break;
    case 'Enter': case ' ': zoomTo(i); break;
    case 'Escape': zoom > 0 ? zoomTo(0) : (input.value = '', find()); break;
    case '/': input.focus(); break;
    default: return;
    }
    event.preventDefault();
    if (to !== i && places[to]) focusOn(to);
  });
  input.addEventListener('input', find);
  input.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    input.value = '';
    find();
    focusOn(focus);
  });
  reset.addEventListener('click', () => { zoomTo(0); focusOn(0); });
  reset.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    zoomTo(0);
    focusOn(0);
  });
  draw();
  if (up > 0 && document.documentElement === svg) window.scrollTo(0, document.documentElement.scrollHeight);
}

window.memtraceFlame = {size, fit, ends, layout, expression, search, matched, attach};
const own = document.currentScript && document.currentScript.closest('svg');
if (own) attach(own);
})();
