"""Chromium without a window: its tree of processes, a page whose script draws, fills a worker and changes the page."""

from case import Case

PACKAGES = ["chromium"]
NEEDS = ["chromium"]

PAGE = """<!doctype html><title>page</title><body><canvas id=c width=64 height=64></canvas><script>
let sum = 0;
for (let i = 0; i < 2000000; i++) sum = (sum * 31 + i) | 0;
const list = [];
for (let i = 0; i < 2000; i++) { const p = document.createElement('p'); p.textContent = 'n' + i; list.push(p); }
document.body.append(...list.slice(0, 20));
const canvas = document.getElementById('c').getContext('2d');
canvas.fillRect(3, 3, 30, 30);
const pixels = Array.from(canvas.getImageData(0, 0, 8, 8).data).reduce((a, b) => a + b);
const b = document.createElement('b');
b.textContent = sum + ' ' + pixels + ' ' + /(x+)+y/.test('xxxxxxxy');
document.body.append(b);
</script>"""


def page(run):
    """What it complains of (no bus, no display) comes with times and is not compared."""
    return {"stdout": run.stdout}


def cases():
    return [Case("page", ["bash", "-c", 'chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" '
                          '--dump-dom "file://$PWD/page.html"'], page, files={"page.html": PAGE},
                 word="brings its own malloc")]
