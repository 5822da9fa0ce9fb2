/*
 * The flame graph: boxes for what is wide enough to be seen, the rest counted. Hooks: #flame .frame with data-node,
 * data-depth, data-bytes, data-blocks; classes: zoomed (the one that fills the width and what stands above it), hit, miss.
 */
function makeFlame(ids) {
  const ROW = 19, LEAST = 2, MOST = 12000;
  let tree = null, zoom = 0, pattern = null, focused = 0, isChange = false, shown = new Map();

  function nameOf(node) {
    if (node === 0) return 'all';
    const place = places[nodes.place[node]];
    return place.func || place.where;
  }

  /* With its line, because each line that calls is a frame of its own. */
  function labelOf(node) {
    const place = places[nodes.place[node]];
    return nameOf(node) + (node && place.func && place.hasLine ? ':' + place.line : '');
  }

  function placeOf(node) {
    const place = places[nodes.place[node]];
    return node === 0 || place.small ? '' : place.func ? place.where : '';
  }

  /* A hue for each module: the program itself warm, others by their name, the unknown grey. */
  const hues = new Map();
  function colorOf(node) {
    if (node === 0) return 'var(--root)';
    const place = places[nodes.place[node]], module = place.module;
    if (!module || place.small) return 'var(--unknown)';
    if (module === data.process.exe) return (nodes.place[node] * 7) % 3 ? 'var(--own-a)' : 'var(--own-b)';
    if (!hues.has(module)) {
      let hash = 7;
      for (const letter of baseOf(module)) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
      hues.set(module, 'var(--lib-' + hash % 4 + ')');
    }
    return hues.get(module);
  }

  /* The children of node n are child[first[n]] up to before child[first[n + 1]]. */
  const first = new Int32Array(nodes.count + 2), child = new Int32Array(nodes.count);
  for (let i = 1; i < nodes.count; i++) first[nodes.parent[i] + 2]++;
  for (let i = 1; i < first.length; i++) first[i] += first[i - 1];
  for (let i = 1; i < nodes.count; i++) child[first[nodes.parent[i] + 1]++] = i;

  /* Those of at least so many bytes, the largest first. */
  function childrenOf(node, least) {
    const found = [];
    for (let i = first[node]; i < first[node + 1]; i++) if (tree.bytes[child[i]] >= least) found.push(child[i]);
    return found.sort((a, b) => tree.bytes[b] - tree.bytes[a] || a - b);
  }

  function hits(node) {
    const place = node ? places[nodes.place[node]] : null;
    return node > 0 && pattern.test((place.func || '') + ' ' + place.where + ' ' + (place.module || ''));
  }

  /* What the matches hold: of nested ones the outermost. */
  function matched() {
    let bytes = 0;
    const under = new Uint8Array(nodes.count);
    for (let i = 1; i < nodes.count; i++) {
      if (under[nodes.parent[i]]) under[i] = 1;
      else if (tree.bytes[i] > 0 && hits(i)) {
        under[i] = 1;
        bytes += tree.bytes[i];
      }
    }
    return bytes;
  }

  function draw() {
    const width = ids.flame.clientWidth, list = [], path = [];
    let left = 0, deepest = 0;
    for (let node = zoom; node > 0; node = nodes.parent[node]) path.unshift(nodes.parent[node]);
    path.forEach((node, depth) => list.push({node, depth, x: 0, width, above: true}));
    const whole = tree.bytes[zoom] || 1, least = Math.max(whole * LEAST / width, 1), stack = [[zoom, path.length, 0]];
    while (stack.length) {
      const [node, depth, x] = stack.pop();
      if (list.length >= MOST) {
        left++;
        continue;
      }
      list.push({node, depth, x, width: width * tree.bytes[node] / whole});
      deepest = Math.max(deepest, depth);
      let at = x;
      const below = childrenOf(node, least).map(below => {
        const box = [below, depth + 1, at];
        at += width * tree.bytes[below] / whole;
        return box;
      });
      for (let i = first[node]; i < first[node + 1]; i++) left += tree.bytes[child[i]] > 0 && tree.bytes[child[i]] < least;
      for (const box of below.reverse()) stack.push(box);
    }
    shown = new Map();
    const fragment = document.createDocumentFragment();
    for (const box of list) {
      const made = document.createElement('div');
      made.className = 'frame' + (box.above ? ' above' : '') + (pattern && box.node ? hits(box.node) ? ' hit' : ' miss' : '');
      made.setAttribute('role', 'treeitem');
      made.setAttribute('aria-level', box.depth + 1);
      made.id = 'f' + box.node;
      made.dataset.node = box.node;
      made.dataset.depth = box.depth;
      made.dataset.bytes = tree.bytes[box.node];
      made.dataset.blocks = tree.blocks[box.node];
      made.style.left = box.x.toFixed(2) + 'px';
      made.style.width = Math.max(1, box.width - 1).toFixed(2) + 'px';
      made.style.top = box.depth * ROW + 'px';
      made.style.setProperty('--hue', colorOf(box.node));
      if (box.width > 18) made.textContent = labelOf(box.node);
      shown.set(box.node, made);
      fragment.append(made);
    }
    ids.flame.replaceChildren(fragment);
    ids.flame.style.height = (deepest + 1) * ROW + 2 + 'px';
    ids.left.textContent = (left ? left + (left === 1 ? ' frame is' : ' frames are') + ' too narrow to be drawn here; zoom in to see more. ' : '') +
      (tree.lessBytes ? 'Not drawn: ' + sizeText(tree.lessBytes) + ' that other stacks hold less than before; the table has them.' : '');
    ids.reset.hidden = zoom === 0;
    if (!shown.has(focused)) focused = zoom;
    focus(focused);
    const share = pattern ? matched() : 0;
    ids.matched.textContent = pattern ? 'matched ' + shareText(share, tree.bytes[0]) + ' (' + sizeText(share) + ')' : '';
    ids.matched.dataset.bytes = pattern ? share : '';
  }

  function details(node) {
    const parent = nodes.parent[node], parts = [nameOf(node)];
    if (placeOf(node)) parts.push(placeOf(node));
    const place = nodes.place[node] >= 0 ? places[nodes.place[node]] : null;
    if (place && place.module && !place.small) parts.push(place.module);
    ids.details.replaceChildren();
    parts.forEach((part, i) => {
      const made = document.createElement(i ? 'span' : 'strong');
      made.className = 'name';
      made.textContent = part;
      ids.details.append(made);
    });
    const sums = document.createElement('span');
    sums.className = 'numbers';
    sums.textContent = sizeText(tree.bytes[node], isChange) + ' in ' + blocksText(tree.blocks[node], isChange) + ', ' + shareText(tree.bytes[node], tree.bytes[0]) +
      ' of all' + (node ? ', ' + shareText(tree.bytes[node], tree.bytes[parent]) + ' of its caller' : '');
    ids.details.append(sums);
  }

  function focus(node) {
    const before = ids.flame.querySelector('.focused');
    if (before) before.classList.remove('focused');
    focused = node;
    if (!shown.has(node)) return;
    shown.get(node).classList.add('focused');
    ids.flame.setAttribute('aria-activedescendant', 'f' + node);
    details(node);
  }

  function zoomTo(node) {
    zoom = node;
    focused = node;
    draw();
  }

  function nodeOf(event) {
    const box = event.target.closest('.frame');
    return box ? +box.dataset.node : -1;
  }

  /* The drawn frame beside, above or below the one in focus. */
  function neighbour(keyName) {
    if (keyName === 'ArrowUp') return focused ? nodes.parent[focused] : 0;
    const below = node => childrenOf(node, 1).filter(child => shown.has(child));
    if (keyName === 'ArrowDown') return below(focused)[0];
    const beside = focused ? below(nodes.parent[focused]) : [0], at = beside.indexOf(focused);
    return beside[at + (keyName === 'ArrowRight' ? 1 : -1)];
  }

  ids.flame.addEventListener('click', event => { if (nodeOf(event) >= 0) zoomTo(nodeOf(event)); });
  ids.flame.addEventListener('pointerover', event => { if (nodeOf(event) >= 0) details(nodeOf(event)); });
  ids.flame.addEventListener('pointerleave', () => details(focused));
  ids.flame.addEventListener('keydown', event => {
    if (event.key.startsWith('Arrow')) {
      const node = neighbour(event.key);
      if (node !== undefined && shown.has(node)) focus(node);
    } else if (event.key === 'Enter' || event.key === ' ') {
      zoomTo(focused);
    } else if (event.key === 'Escape' || event.key === 'Home') {
      zoomTo(0);
    } else {
      return;
    }
    event.preventDefault();
  });
  ids.reset.addEventListener('click', () => { zoomTo(0); ids.flame.focus(); });
  ids.search.addEventListener('input', () => {
    pattern = patternOf(ids.search);
    draw();
  });
  let drawnWidth = ids.flame.clientWidth;
  new ResizeObserver(() => {
    if (tree && ids.flame.clientWidth !== drawnWidth) draw();
    drawnWidth = ids.flame.clientWidth;
  }).observe(ids.flame);

  return {
    show(values, change) {
      tree = treeOf(values);
      isChange = change;
      if (!(tree.bytes[zoom] > 0)) zoom = 0;
      draw();
    },
  };
}

/* The expression of a field, or NULL; one that is wrong is marked, and taken as text. */
function patternOf(field) {
  const text = field.value;
  field.removeAttribute('aria-invalid');
  if (!text) return null;
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    field.setAttribute('aria-invalid', 'true');
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  }
}
