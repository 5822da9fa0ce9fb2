/*
 * The page: what stands where, and what changes together. Hooks: body data-ready (milliseconds from the begin of the
 * load), data-from and data-to (bounds of the range); #measure and #by with radio inputs; [data-total] in #summary.
 */
function element(id) {
  return document.getElementById(id);
}

function make(parent, name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

const isMoment = data.moment !== null;
let range = [0, sliceCount], measure = isMoment ? 'moment' : 'peak', by = 'line';

function writeHead() {
  const process = data.process, program = baseOf(process.exe || data.trace);
  element('title').textContent = data.title || program;
  document.title = (data.title || program) + ' \u2013 memtrace';
  const parts = [];
  if (data.command) parts.push(data.command);
  parts.push('pid ' + process.pid, data.ending);
  if (process.started) parts.push('started ' + process.started.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'));
  parts.forEach((part, i) => make(element('about'), 'span', i === 0 && data.command ? 'name command' : '', part));
}

function writeSummary() {
  const totals = data.totals, tiles = [
    ['Peak', 'peak_bytes', sizeText(totals.peak_bytes), 'at ' + timeText(Math.round(totals.peak_time_s * 1000))],
    ['Never freed', 'leaked_bytes', sizeText(totals.leaked_bytes), blocksText(totals.leaked_blocks)],
    ['Allocated in all', 'allocated_bytes', sizeText(totals.allocated_bytes), countText(totals.allocations) + ' allocations'],
    ['Temporary', 'temporary', shareText(totals.temporary, totals.allocations), countText(totals.temporary) + ' allocations'],
    ['Peak resident set', 'peak_rss_bytes', totals.peak_rss_bytes ? sizeText(totals.peak_rss_bytes) : '\u2013', 'of the process'],
    ['Ran for', 'duration_s', timeText(Math.round(totals.duration_s * 1000)), countText(totals.frees) + ' frees'],
  ];
  for (const [name, key, value, more] of tiles) {
    const tile = make(element('summary'), 'div', 'tile');
    make(tile, 'dt', '', name);
    const cell = make(tile, 'dd', '', value);
    cell.dataset.total = key;
    cell.dataset.value = totals[key];
    make(tile, 'dd', 'faint small', more);
  }
}

function writeNotes() {
  const notes = [], left = data.left_out, totals = data.totals;
  if (isMoment) notes.push('One moment alone, ' + data.moment.name + (data.moment.ms ? ' (' + timeText(data.moment.ms) + ')' : '') + ': there is no curve, and no range to choose.');
  if (data.damage) notes.push('The trace is damaged in ' + countText(data.damage) + (data.damage === 1 ? ' place' : ' places') + ': what is lost there is in no figure.');
  if (totals.lost) notes.push(countText(totals.lost) + ' events were lost while tracing.');
  if (data.unseen) notes.push(data.unseen);
  if (data.many_threads) notes.push('There are too many threads to tell apart on a page.');
  if (left.stacks) notes.push('Left out for size: ' + countText(left.stacks) + ' small stacks, which together never held more than ' + sizeText(left.bytes) + ', are one entry, ' + SMALL + '. All sums are exact all the same.');
  if (left.slices < left.slices_wanted) notes.push('For size, a range can be chosen to a part in ' + left.slices + ' of the run, not in ' + left.slices_wanted + '.');
  if (data.selection.domains) notes.push('All of it is the memory of ' + data.selection.domains.join(', ') + '.');
  if (data.selection.globs.length) notes.push('Only what matches ' + data.selection.globs.join(', ') + ' is shown below the curve.');
  for (const note of notes) make(element('notes'), 'li', '', note);
}

/* Buttons of which one is chosen. */
function choices(parent, name, list, chosen, change) {
  for (const [value, title] of list) {
    const label = make(parent, 'label'), input = make(label, 'input');
    input.type = 'radio';
    input.name = name;
    input.value = value;
    input.checked = value === chosen;
    input.addEventListener('change', () => change(value));
    make(label, 'span', '', title);
  }
}

const isShare = () => !MEASURES[measure].isChange;
let allBytes = 0, mostBytes = 0;

const columns = [
  {key: 'bytes', title: 'Size', width: '8.5em', sort: entry => MEASURES[measure].isChange ? Math.abs(entry.bytes) : entry.bytes,
    show: entry => sizeText(entry.bytes, MEASURES[measure].isChange), bar: entry => mostBytes ? Math.abs(entry.bytes) / mostBytes : 0},
  {key: 'share', title: 'Share', width: '5.5em', show: entry => isShare() ? shareText(entry.bytes, allBytes) : ''},
  {key: 'blocks', title: 'Blocks', width: '7em', show: entry => countText(entry.blocks, MEASURES[measure].isChange)},
  {key: 'average', title: 'Average', width: '6.5em', show: entry => entry.blocks ? sizeText(entry.average) : '\u2013'},
  {key: 'allocations', title: 'Allocations', width: '7.5em', about: 'Calls in the whole run that returned a block', show: entry => countText(entry.allocations)},
  {key: 'temporary', title: 'Temporary', width: '7em', about: 'Of them, freed before the same thread allocated again; in the whole run', show: entry => countText(entry.temporary)},
  {key: 'name', title: 'Line', width: 'minmax(12em, 1fr)', text: true},
];

const flame = makeFlame({flame: element('flame'), details: element('flame-details'), left: element('flame-left'), reset: element('flame-reset'),
  search: element('flame-search'), matched: element('flame-matched')});
const table = makeTable(element('table'), columns, 'bytes');

function writeTable(values) {
  const cumulative = element('cumulative').checked && by !== 'thread', pattern = patternOf(element('filter'));
  const all = entriesOf(by, cumulative, values);
  const entries = pattern ? all.filter(e => pattern.test(e.name + ' ' + (e.more || '') + ' ' + (e.module || ''))) : all;
  mostBytes = 0;
  for (const entry of entries) {
    entry.average = entry.blocks ? entry.bytes / entry.blocks : 0;
    entry.share = allBytes ? entry.bytes / allBytes : 0;
    mostBytes = Math.max(mostBytes, Math.abs(entry.bytes));
  }
  element('cumulative').disabled = by === 'thread';
  element('table-count').textContent = pattern ? countText(entries.length) + ' of ' + countText(all.length) : countText(all.length) + ' in all';
  element('table-count').dataset.count = entries.length;
  table.setHead('name', KINDS[by].title);
  table.show(entries);
}

function writeSizes() {
  const change = MEASURES[measure].isChange, values = valuesOf(sizeRows, measure, range), bars = [];
  let most = 0;
  for (let i = 0; i < sizeRows.count; i++) {
    if (!sizeRows.allocations[i] && !values.blocks[i]) continue;
    const bits = sizeRows.node[i] - 1, least = bits ? 2 ** (bits - 1) : 0;
    most = Math.max(most, Math.abs(values.bytes[i]));
    bars.push({label: bits ? sizeText(least) + ' \u2013 ' + sizeText(2 * least - 1) : '0 B', value: values.bytes[i],
      text: sizeText(values.bytes[i], change) + ' in ' + countText(values.blocks[i], change),
      data: {least, bytes: values.bytes[i], blocks: values.blocks[i]}});
  }
  drawBars(element('sizes'), bars, most);
}

function rangeWords() {
  return range[0] === 0 && range[1] === sliceCount ? 'the whole run' : timeText(boundMs[range[0]]) + ' to ' + timeText(boundMs[range[1]]);
}

/* Who wants to see the same in a terminal. */
function writeTerminal() {
  const from = boundMs[range[0]], to = boundMs[range[1]], trace = /^[\w./+-]+$/.test(data.trace) ? data.trace : 'TRACE';
  const commands = {
    peak: range[0] === 0 && range[1] === sliceCount ? 'memtrace report ' + trace : null,
    growth: 'memtrace diff ' + trace + '@' + from + 'ms ' + trace + '@' + to + 'ms',
    end: 'memtrace report ' + trace + '@' + to + 'ms',
    total: 'memtrace report --cost total ' + trace,
    temporary: 'memtrace report --cost temporary ' + trace,
  };
  element('terminal').textContent = commands[measure] ? 'The same in a terminal: ' + commands[measure] : '';
}

function update() {
  const about = MEASURES[measure], values = valuesOf(rows, measure, range);
  let blocks = 0;
  allBytes = 0;
  for (let i = 0; i < rows.count; i++) {
    allBytes += values.bytes[i];
    blocks += values.blocks[i];
  }
  const where = isMoment ? '' : about.sums ? 'In the whole run: ' : 'In ' + rangeWords() + ': ';
  const peak = measure === 'peak' ? ', at ' + timeText(data.slices.peak_ms[peakSlice(range[0], range[1])]) : '';
  element('measure-sum').textContent = where + sizeText(allBytes, about.isChange) + ' in ' + blocksText(blocks, about.isChange) + ', ' + about.of + peak + '.';
  Object.assign(element('measure-sum').dataset, {bytes: allBytes, blocks});
  if (!isMoment) {
    element('range-text').textContent = 'Range: ' + rangeWords() + (sliceCount > 1 ? ', to the nearest of ' + sliceCount + ' slices' : ', all in one slice');
    element('range-all').disabled = range[0] === 0 && range[1] === sliceCount;
  }
  Object.assign(document.body.dataset, {from: range[0], to: range[1], fromMs: boundMs[range[0]], toMs: boundMs[range[1]], measure, by});
  flame.show(values, about.isChange);
  writeTable(values);
  writeSizes();
  writeTerminal();
}

function writeLifetimes() {
  const lives = data.lifetimes, parent = element('lifetimes');
  if (!lives) {
    make(parent, 'p', 'faint', isMoment ? 'They are known of whole runs alone.' : data.selection.globs.length ? 'They are not known by thread.' : 'This trace does not tell how long blocks lived.');
    return;
  }
  /* Ages are classed by quarters of an octave; a bar is an octave. */
  const octaves = new Map();
  for (const [least, , frees] of lives.classes) {
    const octave = least < 1 ? 0 : 2 ** Math.floor(Math.log2(least));
    octaves.set(octave, (octaves.get(octave) || 0) + frees);
  }
  const bars = [...octaves].map(([least, frees]) => ({label: least ? timeText(least) + ' \u2013 ' + timeText(2 * least) : 'less than 1 ms', value: frees,
    text: countText(frees), data: {least, frees}}));
  bars.push({label: 'never freed', value: lives.total.never_freed, text: countText(lives.total.never_freed), data: {least: 'never', frees: lives.total.never_freed}});
  drawBars(make(parent, 'div'), bars, Math.max(...bars.map(bar => bar.value)));
  const below = value => value === null ? '\u2013' : '<' + timeText(value);
  const columnsOfLives = [
    {key: 'frees', title: 'Frees', width: '6.5em', show: entry => countText(entry.frees)},
    {key: 'never', title: 'Never', width: '5.5em', show: entry => countText(entry.never)},
    {key: 'mean', title: 'Mean', width: '6.5em', show: entry => entry.mean === null ? '\u2013' : entry.mean < 1 ? '<1 ms' : timeText(+entry.mean.toFixed(entry.mean < 1000 ? 1 : 0))},
    {key: 'median', title: 'Half', width: '6.5em', about: 'Half of them lived less than that', show: entry => below(entry.median)},
    {key: 'name', title: 'Line', width: 'minmax(10em, 1fr)', text: true},
  ];
  const entries = lives.entries.map(entry => ({name: entry.line === null ? entry.file === UNKNOWN ? UNKNOWN + ':0' : entry.file : entry.file + ':' + entry.line,
    more: entry.function, module: entry.module, frees: entry.frees, never: entry.never_freed, mean: entry.mean_ms, median: entry.p50_below_ms}));
  if (lives.places > entries.length) make(parent, 'p', 'faint small', 'The ' + entries.length + ' of ' + countText(lives.places) + ' lines that free most; memtrace lifetimes tells all.');
  const table = make(parent, 'div', 'table');
  table.setAttribute('role', 'table');
  table.setAttribute('aria-label', 'Lifetimes by line');
  makeTable(table, columnsOfLives, 'frees').show(entries);
}

writeHead();
writeNotes();
writeSummary();
const kinds = Object.keys(KINDS).map(kind => [kind, KINDS[kind].title]);
choices(element('by'), 'by', kinds, by, value => { by = value; update(); });
if (isMoment) {
  element('time').hidden = true;
  element('measures').querySelector('.choices').hidden = true;
} else {
  choices(element('measure'), 'measure', ['peak', 'growth', 'end', 'total', 'temporary'].map(key => [key, MEASURES[key].name]), measure, value => {
    measure = value;
    update();
  });
}
let pending = false;
const curve = isMoment ? null : makeCurve(element('curve'), chosen => {
  range = chosen;
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; update(); });
});
element('range-all').addEventListener('click', () => curve.choose(0, sliceCount));
element('cumulative').addEventListener('change', update);
element('filter').addEventListener('input', update);
writeLifetimes();
update();
element('made').textContent = 'Made by memtrace from ' + data.trace + '. Sizes are what the program asked for; all figures are exact.';
document.body.dataset.ready = Math.round(performance.now());
