/*
 * Tables that are sorted by their heads and have as many rows in the document as can be seen. Hooks: .row with
 * data-name and data-COLUMN, the exact number; .head button with data-column; aria-sort on the sorted column.
 */
function makeTable(parent, columns, first) {
  const ROW = 27, OVER = 8;
  let entries = [], order = first, down = true, from = -1, to = -1;
  const head = document.createElement('div'), scroll = document.createElement('div'), body = document.createElement('div');
  head.className = 'head';
  head.setAttribute('role', 'row');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'rowgroup');
  body.className = 'body';
  scroll.append(body);
  parent.append(head, scroll);

  const template = columns.map(column => column.width).join(' ');
  const heads = columns.map(column => {
    const cell = document.createElement('div'), button = document.createElement('button');
    cell.setAttribute('role', 'columnheader');
    cell.className = column.text ? 'text' : 'number';
    button.type = 'button';
    button.textContent = column.title;
    button.dataset.column = column.key;
    if (column.about) button.title = column.about;
    button.addEventListener('click', () => {
      down = order === column.key ? !down : !column.text;
      order = column.key;
      sort();
    });
    cell.append(button);
    head.append(cell);
    return cell;
  });
  head.style.gridTemplateColumns = template;

  function sort() {
    const column = columns.find(c => c.key === order), sign = down ? -1 : 1;
    const value = column.sort || (entry => entry[column.key]);
    entries.sort((a, b) => {
      const left = value(a), right = value(b);
      if (left !== right) return (left < right ? -1 : 1) * sign;
      return a.name < b.name ? -sign : a.name > b.name ? sign : 0;
    });
    heads.forEach((cell, i) => cell.setAttribute('aria-sort', columns[i].key !== order ? 'none' : down ? 'descending' : 'ascending'));
    from = to = -1;
    scroll.scrollTop = 0;
    draw();
  }

  function rowOf(entry, number) {
    const row = document.createElement('div');
    row.className = 'row';
    row.setAttribute('role', 'row');
    row.setAttribute('aria-rowindex', number + 2);
    row.dataset.name = entry.name;
    row.style.top = number * ROW + 'px';
    row.style.gridTemplateColumns = template;
    for (const column of columns) {
      const cell = document.createElement('div');
      cell.setAttribute('role', 'cell');
      cell.className = column.text ? 'text' : 'number';
      if (column.text) {
        const name = document.createElement('span'), more = document.createElement('span');
        name.className = 'name';
        name.textContent = entry.name;
        more.className = 'name more';
        more.textContent = entry.more || '';
        cell.append(name, more);
        cell.title = entry.name + (entry.more ? '\n' + entry.more : '') + (entry.module ? '\n' + entry.module : '');
      } else {
        row.dataset[column.key] = entry[column.key];
        cell.textContent = column.show(entry);
        if (column.bar) cell.style.setProperty('--bar', (100 * column.bar(entry)).toFixed(1) + '%');
      }
      row.append(cell);
    }
    return row;
  }

  function draw() {
    const top = Math.max(0, Math.floor(scroll.scrollTop / ROW) - OVER);
    const bottom = Math.min(entries.length, Math.ceil((scroll.scrollTop + scroll.clientHeight) / ROW) + OVER);
    if (top === from && bottom === to) return;
    [from, to] = [top, bottom];
    body.style.height = entries.length * ROW + 'px';
    const fragment = document.createDocumentFragment();
    for (let i = top; i < bottom; i++) fragment.append(rowOf(entries[i], i));
    body.replaceChildren(fragment);
  }

  scroll.addEventListener('scroll', draw);
  new ResizeObserver(draw).observe(scroll);
  return {
    show(list) {
      entries = list;
      parent.setAttribute('aria-rowcount', list.length + 1);
      scroll.style.height = Math.min(16, Math.max(3, list.length)) * ROW + 'px';
      sort();
    },
    setHead(key, title) {
      heads[columns.findIndex(c => c.key === key)].querySelector('button').textContent = title;
    },
  };
}

/* Bars, one beside each name: for histograms. */
function drawBars(parent, bars, most) {
  parent.replaceChildren();
  for (const bar of bars) {
    const row = document.createElement('div');
    row.className = 'bars';
    for (const key in bar.data) row.dataset[key] = bar.data[key];
    for (const [kind, text] of [['label', bar.label], ['bar', ''], ['value', bar.text]]) {
      const cell = document.createElement('span');
      cell.className = kind;
      cell.textContent = text;
      if (kind === 'bar') {
        const fill = document.createElement('span');
        fill.style.width = (most > 0 ? 100 * Math.abs(bar.value) / most : 0).toFixed(2) + '%';
        if (bar.value < 0) fill.className = 'less';
        cell.append(fill);
      }
      row.append(cell);
    }
    parent.append(row);
  }
}
