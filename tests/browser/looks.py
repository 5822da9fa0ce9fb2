"""What a page looks like, as numbers: where its text stands, and how it stands out from what is behind it.

Asks a devtools.Page and changes nothing that stays. Coordinates are CSS pixels of the window; only what can be seen
in it counts.
"""

import base64
import json

# Each piece of text that can be seen, but what is disabled: {text, x, y, width, height, colour, size, bold}, cut to the window and to what scrolls.
TEXTS = """(() => {
    const found = [];
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node, number = 0; (node = walker.nextNode()); number++) {
        const element = node.parentElement;
        if (!node.data.trim() || element.closest(":disabled") || !element.checkVisibility({opacityProperty: true, visibilityProperty: true}))
            continue;
        const style = getComputedStyle(element), svg = element instanceof SVGElement;
        let left = 0, top = 0, right = innerWidth, bottom = innerHeight, opacity = 1;
        for (let around = element; around; around = around.parentElement) {
            const its = getComputedStyle(around), box = around.getBoundingClientRect();
            opacity *= its.opacity;
            if (around !== document.documentElement && around !== document.body && its.overflow !== "visible")
                left = Math.max(left, box.left), top = Math.max(top, box.top),
                right = Math.min(right, box.right), bottom = Math.min(bottom, box.bottom);
        }
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
            const x = Math.max(box.left, left), y = Math.max(box.top, top);
            const width = Math.min(box.right, right) - x, height = Math.min(box.bottom, bottom) - y;
            if (width >= 2 && height >= 2)
                found.push({node: number, text: node.data.trim(), x, y, width, height, whole: [box.left, box.top, box.right, box.bottom],
                            colour: svg ? style.fill : style.color, opacity: opacity * (svg ? style.fillOpacity : 1),
                            size: parseFloat(style.fontSize), bold: style.fontWeight >= 600});
        }
    }
    return found;
})()"""

# Text vanishes, and what is behind it stays.
VANISH = """(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { color: transparent !important; -webkit-text-fill-color: transparent !important;" +
                      " text-shadow: none !important; caret-color: transparent !important; transition: none !important }" +
                      " text, text * { fill: transparent !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})()"""
APPEAR = "document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1), null"

# The lowest contrast (WCAG 2's ratio) of each text with any colour that is a tenth of what is behind it or more.
CONTRASTS = """(async (image, texts, scale) => {
    const bitmap = await createImageBitmap(await (await fetch(image)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", {willReadFrequently: true});
    const luminance = rgb => rgb.map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    context.drawImage(bitmap, 0, 0);
    return texts.map(text => {
        const [x, y, width, height] = [text.x, text.y, text.width, text.height].map(value => Math.max(0, Math.floor(value * scale)));
        const data = context.getImageData(x, y, Math.max(1, width), Math.max(1, height)).data;
        const [r, g, b, a = 1] = text.colour.match(/[\\d.]+/g).map(Number);
        const counts = new Map();
        for (let i = 0; i < data.length; i += 4) {
            const key = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
            counts.set(key, (counts.get(key) || 0) + 1);
        }
        let lowest = 21;
        for (const [key, count] of counts) {
            if (count * 40 < data.length)
                continue;
            const behind = [key >> 16, key >> 8 & 255, key & 255], cover = a * text.opacity;
            const [low, high] = [luminance(behind), luminance([r, g, b].map((c, i) => c * cover + behind[i] * (1 - cover)))]
                .sort((p, q) => p - q);
            lowest = Math.min(lowest, (high + 0.05) / (low + 0.05));
        }
        return lowest;
    });
})"""


def texts(page):
    return page.evaluate(TEXTS)


def overlaps(found):
    """Pairs of texts that lie over each other: by more than a pixel across, and a quarter of the lower one's height."""
    found = sorted(found, key=lambda text: text["y"])
    pairs = []
    for at, one in enumerate(found):
        for other in found[at + 1:]:
            if other["y"] >= one["y"] + one["height"]:
                break
            across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
            down = min(one["y"] + one["height"], other["y"] + other["height"]) - other["y"]
            if one["node"] != other["node"] and across > 1 and down > min(one["height"], other["height"]) / 4:
                pairs.append((one["text"], other["text"]))
    return pairs


def cut(found, width, height):
    """Texts that a picture's edge cuts."""
    return [text["text"] for text in found
            if text["whole"][0] < -0.5 or text["whole"][1] < -0.5 or text["whole"][2] > width + 0.5 or text["whole"][3] > height + 0.5]


def contrasts(page, scratch, found):
    """The texts with their contrast; `scratch` is another page, in which the picture is looked at."""
    scale = page.evaluate("devicePixelRatio")
    page.evaluate(VANISH)
    page.settle()
    image = "data:image/png;base64," + base64.b64encode(page.screenshot()).decode()
    page.evaluate(APPEAR)
    page.settle()
    ratios = scratch.evaluate(f"{CONTRASTS}({image!r}, {json.dumps(found)}, {scale})")
    return [dict(text, contrast=ratio) for text, ratio in zip(found, ratios)]


def faint(judged):
    """Texts below WCAG 2's AA: 4.5, and 3 where they are large."""
    return [(text["text"], round(text["contrast"], 2)) for text in judged
            if text["contrast"] < (3 if text["size"] >= 24 or text["bold"] and text["size"] >= 18.66 else 4.5)]
