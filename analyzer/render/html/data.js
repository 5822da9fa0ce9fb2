/*
 * The page's data: what render/html.h describes, decoded, and added up for a range of the run. Nothing here touches
 * the document.
 */
const data = JSON.parse(document.getElementById('data').textContent);
const SMALL = '(small)', UNKNOWN = '<unknown>';

/* base64 of varints, one after the other. */
function columnOf(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  let at = 0;
  function next() {
    let byte = bytes[at++];
    if (byte < 128) return byte;
    let value = byte & 127, scale = 128;
    do {
      byte = bytes[at++];
      value += (byte & 127) * scale; /* not by bits: they are more than 32 */
      scale *= 128;
    } while (byte > 127);
    return value;
  }
  return next;
}

function signed(zigzag) {
  return zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2;
}

function textOf(number) {
  return number ? data.texts[number - 1] : null;
}

function baseOf(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

/* Places: file, function, module and line as the frames have them. */
const places = (function () {
  const next = columnOf(data.places), made = [];
  for (let left = next(); left > 0; left--) {
    const place = {file: textOf(next()), func: textOf(next()), module: textOf(next()), line: next() - 1};
    place.hasLine = place.line >= 0;
    place.where = place.hasLine ? place.file + ':' + place.line : place.file === UNKNOWN || !place.file ? UNKNOWN + ':0' : place.file;
    place.source = place.hasLine ? place.file : place.module ? baseOf(place.module) : UNKNOWN;
    made.push(place);
  }
  made.push({file: SMALL, func: SMALL, module: SMALL, line: -1, hasLine: false, where: SMALL, source: SMALL, small: true});
  return made;
})();
const SMALL_PLACE = places.length - 1;

/* Nodes of paths; a parent stands before its children. Node 0 is all, the last one all that is small. */
const nodes = (function () {
  const next = columnOf(data.nodes), count = next();
  const made = {count: count + 2, parent: new Int32Array(count + 2), place: new Int32Array(count + 2).fill(-1), depth: new Int32Array(count + 2)};
  for (let i = 1; i <= count; i++) {
    made.parent[i] = i - next();
    made.place[i] = next();
    made.depth[i] = made.depth[made.parent[i]] + 1;
  }
  made.place[count + 1] = SMALL_PLACE;
  made.depth[count + 1] = 1;
  return made;
})();

/* Rows with the sums of their changes up to each stop that has one. */
function rowsOf(text, smallNode) {
  const next = columnOf(text), count = next();
  const rows = {count, node: new Int32Array(count), thread: new Int32Array(count), first: new Int32Array(count + 1),
    allocations: new Float64Array(count), allocated: new Float64Array(count), temporary: new Float64Array(count),
    temporaryBytes: new Float64Array(count)};
  let room = 1024, used = 0;
  let stops = new Uint16Array(room), blocks = new Float64Array(room), bytes = new Float64Array(room);
  for (let i = 0; i < count; i++) {
    rows.node[i] = next() || smallNode;
    rows.thread[i] = next();
    const each = next() - 1;
    rows.allocations[i] = next();
    rows.temporary[i] = next();
    rows.allocated[i] = each < 0 ? next() : rows.allocations[i] * each;
    rows.temporaryBytes[i] = each < 0 ? next() : rows.temporary[i] * each;
    let stop = 0, live = 0, held = 0;
    rows.first[i] = used;
    for (let left = next(); left > 0; left--) {
      if (used === room) {
        room *= 2;
        const more = [new Uint16Array(room), new Float64Array(room), new Float64Array(room)];
        more[0].set(stops); more[1].set(blocks); more[2].set(bytes);
        [stops, blocks, bytes] = more;
      }
      stop += next();
      const change = signed(next());
      live += change;
      held += each < 0 ? signed(next()) : change * each;
      stops[used] = stop; blocks[used] = live; bytes[used++] = held;
    }
  }
  rows.first[count] = used;
  return Object.assign(rows, {stops, blocks, bytes});
}
const rows = rowsOf(data.rows, nodes.count - 1);
const sizeRows = rowsOf(data.sizes, 0);

const sliceCount = data.slices.end_ms.length;
const boundMs = [0].concat(data.slices.end_ms); /* bound b is where slice b begins */

/* Where a row's sums of that stop are, or -1: it held nothing up to there. */
function sumAt(from, row, stop) {
  let least = from.first[row], most = from.first[row + 1];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (from.stops[middle] <= stop) least = middle + 1;
    else most = middle;
  }
  return least > from.first[row] ? least - 1 : -1;
}

/* The slice of the range that holds most, its begin included; of several the first. */
function peakSlice(from, to) {
  let best = from;
  for (let k = from; k < to; k++) if (data.slices.peak_bytes[k] > data.slices.peak_bytes[best]) best = k;
  return best;
}

const MEASURES = {
  peak: {name: 'Peak in the range', of: 'held at its peak', states: (from, to) => [2 * peakSlice(from, to)]},
  growth: {name: 'Growth over the range', of: 'more than at its begin', states: (from, to) => [2 * to - 1, 2 * from - 1], isChange: true},
  end: {name: 'Held at its end', of: 'held at its end', states: (from, to) => [2 * to - 1]},
  moment: {name: 'Held', of: 'held', states: () => [0]},
  total: {name: 'Ever allocated', of: 'ever allocated', sums: ['allocated', 'allocations']},
  temporary: {name: 'Temporary', of: 'freed before the same thread allocated again', sums: ['temporaryBytes', 'temporary']},
};

/* What each of the rows comes to. */
function valuesOf(from, measure, range) {
  const about = MEASURES[measure];
  if (about.sums) return {bytes: from[about.sums[0]], blocks: from[about.sums[1]]};
  const bytes = new Float64Array(from.count), blocks = new Float64Array(from.count);
  about.states(range[0], range[1]).forEach((stop, number) => {
    if (stop < 0) return;
    const sign = number ? -1 : 1;
    for (let i = 0; i < from.count; i++) {
      const at = sumAt(from, i, stop);
      if (at < 0) continue;
      bytes[i] += sign * from.bytes[at];
      blocks[i] += sign * from.blocks[at];
    }
  });
  return {bytes, blocks};
}

/* What a table can be by: the key that says which places are one, and how it is written. */
const KINDS = {
  line: {title: 'Line', key: p => p.where, name: p => p.where, more: p => p.func},
  function: {title: 'Function', key: p => p.source + '\0' + (p.func || ''), name: p => p.func || UNKNOWN, more: p => p.source},
  file: {title: 'File', key: p => p.source, name: p => p.source, more: () => null},
  module: {title: 'Module', key: p => p.module || '', name: p => p.module || UNKNOWN, more: () => null},
};
if (data.threads) KINDS.thread = {title: 'Thread'};

function threadEntry(number) {
  const thread = data.threads[number - 1];
  return {name: thread ? thread.name + ':' + thread.tid : UNKNOWN, more: null};
}

/* By place its group, and the groups: made once for each kind. */
const groupings = {};
function groupingOf(kind) {
  if (groupings[kind]) return groupings[kind];
  const about = KINDS[kind], byKey = new Map(), of = new Int32Array(places.length), groups = [];
  if (kind === 'thread') {
    for (let i = 0; i <= data.threads.length; i++) groups.push(threadEntry(i));
  } else {
    places.forEach((place, i) => {
      const key = about.key(place);
      let number = byKey.get(key);
      if (number === undefined) {
        number = groups.length;
        byKey.set(key, number);
        groups.push({name: about.name(place), more: about.more(place), module: place.module});
      }
      of[i] = number;
    });
  }
  return groupings[kind] = {of, groups};
}

/* The table's entries: each group with anything of it. `cumulative`: each frame of a path is charged, once. */
function entriesOf(kind, cumulative, values) {
  const {of, groups} = groupingOf(kind), count = groups.length;
  const sums = ['bytes', 'blocks', 'allocations', 'temporary'].map(() => new Float64Array(count));
  const charged = new Int32Array(count);
  for (let i = 0; i < rows.count; i++) {
    const own = [values.bytes[i], values.blocks[i], rows.allocations[i], rows.temporary[i]];
    for (let node = rows.node[i]; node > 0; node = nodes.parent[node]) {
      const group = kind === 'thread' ? rows.thread[i] : of[nodes.place[node]];
      if (charged[group] !== i + 1) {
        charged[group] = i + 1;
        for (let k = 0; k < 4; k++) sums[k][group] += own[k];
      }
      if (!cumulative || kind === 'thread') break;
    }
  }
  const entries = [];
  for (let i = 0; i < count; i++)
    if (sums[0][i] || sums[1][i])
      entries.push({name: groups[i].name, more: groups[i].more, module: groups[i].module, bytes: sums[0][i], blocks: sums[1][i],
        allocations: sums[2][i], temporary: sums[3][i]});
  return entries;
}

/* By node what it holds with all that it calls; of changes, what there is more of. */
function treeOf(values) {
  const tree = {bytes: new Float64Array(nodes.count), blocks: new Float64Array(nodes.count), lessBytes: 0, lessBlocks: 0};
  for (let i = 0; i < rows.count; i++) {
    if (values.bytes[i] < 0) {
      tree.lessBytes -= values.bytes[i];
      tree.lessBlocks -= values.blocks[i];
      continue;
    }
    tree.bytes[rows.node[i]] += values.bytes[i];
    tree.blocks[rows.node[i]] += values.blocks[i];
  }
  for (let i = nodes.count - 1; i > 0; i--) {
    tree.bytes[nodes.parent[i]] += tree.bytes[i];
    tree.blocks[nodes.parent[i]] += tree.blocks[i];
  }
  return tree;
}

/* As the reports write numbers. Halves go to the even digit, as C has it and toFixed has not. */
function fixed(value, digits) {
  const scale = 10 ** digits, scaled = value * scale, floor = Math.floor(scaled);
  const rounded = scaled - floor === 0.5 ? floor + floor % 2 : Math.round(scaled);
  return (rounded / scale).toFixed(digits);
}

function sizeText(bytes, withSign) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'], sign = bytes < 0 ? '-' : withSign ? '+' : '';
  let value = Math.abs(bytes);
  for (let i = 0; ; i++, value /= 1024) {
    if (value < 100 && i > 0) return sign + fixed(value, 1) + ' ' + units[i];
    if (value < 10240 || i === units.length - 1) return sign + fixed(value, 0) + ' ' + units[i];
  }
}

function countText(count, withSign) {
  return (count < 0 ? '-' : withSign ? '+' : '') + String(Math.abs(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

function blocksText(count, withSign) {
  return countText(count, withSign) + (Math.abs(count) === 1 ? ' block' : ' blocks');
}

function shareText(part, whole) {
  return whole > 0 ? fixed(100 * part / whole, 1) + '\u202f%' : '\u2013';
}

function timeText(ms) {
  return ms < 1000 ? ms + ' ms' : (ms / 1000).toFixed(3) + ' s';
}
