/*
 * The curve, and the range that is chosen on it: two sliders, which are dragged or moved by keys, between bounds of
 * slices. Tells `changed` of each new range. Hooks: #range-from and #range-to with aria-valuenow, a bound's number.
 */
const SVG = 'http://www.w3.org/2000/svg';

function svg(parent, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

/* Steps of 1, 2 or 5 times a power of ten, and `least` at the least; of sizes, of powers of two. */
function ticksOf(most, wanted, binary, least) {
  if (!(most > 0)) return [0];
  let step = binary ? 2 ** Math.ceil(Math.log2(most / wanted)) : 10 ** Math.floor(Math.log10(most / wanted));
  if (!binary) step *= [1, 2, 5, 10].find(factor => most / (step * factor) <= wanted) || 10;
  if (step < least) step = least;
  const ticks = [];
  for (let at = 0; at <= most; at += step) ticks.push(at);
  return ticks;
}

/* What ticks of a run of that many milliseconds are told in. */
function unitOf(most) {
  const units = [{name: 'ms', ms: 1, below: 1000}, {name: 's', ms: 1000, below: 120e3}, {name: 'min', ms: 60e3, below: 7200e3},
    {name: 'h', ms: 3600e3, below: 48 * 3600e3}, {name: 'd', ms: 24 * 3600e3, below: Infinity}];
  return units.find(unit => most < unit.below);
}

function makeCurve(parent, changed) {
  const HEIGHT = 240, LEFT = 76, RIGHT = 18, TOP = 22, BOTTOM = 28;
  const last = Math.max(boundMs[sliceCount], 1);
  const peak = peakSlice(0, sliceCount), most = Math.max(data.slices.peak_bytes[peak], 1) * 1.06;
  let range = [0, sliceCount], width = 0, picture, overlay, handles, anchor = null;

  const x = ms => LEFT + (width - LEFT - RIGHT) * ms / last;
  const y = bytes => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * bytes / most;

  function line() {
    const points = [[x(0), y(0)]];
    for (let k = 0; k < sliceCount; k++) {
      points.push([x(data.slices.peak_ms[k]), y(data.slices.peak_bytes[k])]);
      points.push([x(data.slices.end_ms[k]), y(data.slices.end_bytes[k])]);
    }
    return points.map(p => p[0].toFixed(1) + ' ' + p[1].toFixed(1)).join('L');
  }

  function draw() {
    parent.replaceChildren();
    width = Math.max(parent.clientWidth, 280);
    picture = svg(parent, 'svg', {width, height: HEIGHT, viewBox: '0 0 ' + width + ' ' + HEIGHT, role: 'group', 'aria-label': 'Live bytes over time'});
    for (const tick of ticksOf(most, 5, true, 1)) {
      svg(picture, 'line', {class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick)});
      svg(picture, 'text', {class: 'tick', x: LEFT - 8, y: y(tick) + 4, 'text-anchor': 'end'}, sizeText(tick));
    }
    const unit = unitOf(last);
    for (const step of ticksOf(last / unit.ms, Math.max(2, Math.floor(width / 130)), false, 1 / unit.ms)) {
      const tick = step * unit.ms;
      svg(picture, 'line', {class: 'grid', x1: x(tick), x2: x(tick), y1: TOP, y2: HEIGHT - BOTTOM});
      svg(picture, 'text', {class: 'tick', x: x(tick), y: HEIGHT - 10, 'text-anchor': x(tick) > width - 40 ? 'end' : 'middle'}, +step.toFixed(3) + ' ' + unit.name);
    }
    const path = line();
    svg(picture, 'path', {class: 'area', d: 'M' + path + 'L' + x(last) + ' ' + y(0) + 'L' + x(0) + ' ' + y(0) + 'Z'});
    svg(picture, 'path', {class: 'line', d: 'M' + path});
    const peakX = x(data.slices.peak_ms[peak]), peakY = y(data.slices.peak_bytes[peak]);
    svg(picture, 'path', {class: 'cross', d: 'M' + peakX + ' ' + TOP + 'V' + (HEIGHT - BOTTOM) + 'M' + LEFT + ' ' + peakY + 'H' + (width - RIGHT)});
    const right = peakX > width - 220;
    svg(picture, 'text', {class: 'mark', x: peakX + (right ? -6 : 6), y: TOP - 8, 'text-anchor': right ? 'end' : 'start'},
      'peak ' + sizeText(data.slices.peak_bytes[peak]) + ' at ' + timeText(data.slices.peak_ms[peak]));
    overlay = [svg(picture, 'rect', {class: 'outside', y: TOP, height: HEIGHT - TOP - BOTTOM}), svg(picture, 'rect', {class: 'outside', y: TOP, height: HEIGHT - TOP - BOTTOM})];
    handles = ['from', 'to'].map((name, which) => {
      const handle = svg(picture, 'g', {id: 'range-' + name, class: 'handle', role: 'slider', tabindex: 0, 'aria-label': which ? 'End of the range' : 'Begin of the range',
        'aria-valuemin': 0, 'aria-valuemax': sliceCount, 'aria-orientation': 'horizontal'});
      svg(handle, 'rect', {class: 'reach', x: -11, width: 22, y: TOP, height: HEIGHT - TOP - BOTTOM});
      svg(handle, 'line', {x1: 0, x2: 0, y1: TOP, y2: HEIGHT - BOTTOM});
      svg(handle, 'rect', {class: 'knob', x: -4, width: 8, y: (HEIGHT - BOTTOM + TOP) / 2 - 16, height: 32, rx: 3});
      handle.addEventListener('keydown', event => key(event, which));
      handle.addEventListener('pointerdown', event => {
        anchor = range[1 - which];
        picture.setPointerCapture(event.pointerId);
        event.stopPropagation();
        event.preventDefault();
        handle.focus();
      });
      return handle;
    });
    picture.addEventListener('pointerdown', event => {
      if (event.button) return;
      anchor = boundAt(event);
      picture.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    picture.addEventListener('pointermove', event => { if (anchor !== null) choose(anchor, boundAt(event)); });
    for (const end of ['pointerup', 'pointercancel']) picture.addEventListener(end, () => { anchor = null; });
    picture.addEventListener('dblclick', () => choose(0, sliceCount));
    place();
  }

  /* The bound that is nearest to the pointer. */
  function boundAt(event) {
    const at = event.clientX - picture.getBoundingClientRect().left;
    let best = 0;
    for (let b = 1; b <= sliceCount; b++) if (Math.abs(x(boundMs[b]) - at) < Math.abs(x(boundMs[best]) - at)) best = b;
    return best;
  }

  function key(event, which) {
    const steps = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -sliceCount, End: sliceCount};
    if (!(event.key in steps)) return;
    event.preventDefault();
    const moved = range.slice();
    moved[which] += steps[event.key];
    moved[0] = Math.max(0, Math.min(moved[0], which ? sliceCount : range[1] - 1));
    moved[1] = Math.min(sliceCount, Math.max(moved[1], moved[0] + 1));
    choose(moved[0], moved[1]);
  }

  function choose(one, other) {
    const from = Math.max(0, Math.min(one, other, sliceCount - 1)), to = Math.min(sliceCount, Math.max(one, other, from + 1));
    if (from === range[0] && to === range[1]) return;
    range = [from, to];
    place();
    changed(range);
  }

  function place() {
    const from = x(boundMs[range[0]]), to = x(boundMs[range[1]]);
    overlay[0].setAttribute('x', LEFT - 2);
    overlay[0].setAttribute('width', Math.max(0, from - LEFT + 2));
    overlay[1].setAttribute('x', to);
    overlay[1].setAttribute('width', Math.max(0, width - RIGHT - to + 2));
    handles.forEach((handle, which) => {
      handle.setAttribute('transform', 'translate(' + (which ? to : from) + ' 0)');
      handle.setAttribute('aria-valuenow', range[which]);
      handle.setAttribute('aria-valuetext', timeText(boundMs[range[which]]));
    });
  }

  new ResizeObserver(() => {
    if (Math.max(parent.clientWidth, 280) === width) return;
    const focused = document.activeElement && document.activeElement.id;
    draw();
    if (focused === 'range-from' || focused === 'range-to') document.getElementById(focused).focus();
  }).observe(parent);
  draw();
  return {choose, range: () => range};
}
