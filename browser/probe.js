// What the tests ask of a page: window.probe. The answers are plain data, for Python to judge.
window.probe = (() => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const THUMBNAIL = ".sphx-glr-thumbcontainer";

  // The canvas reads every notation of a colour that the browser knows.
  function rgba(color) {
    if (!known.has(color)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = color;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
      known.set(color, [red, green, blue, alpha / 255]);
    }
    return known.get(color);
  }

  function over([red, green, blue, alpha], below) {
    return [red, green, blue].map((value, i) => alpha * value + (1 - alpha) * below[i]);
  }

  function luminance(color) {
    const [red, green, blue] = color.map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function contrast(text, ground) {
    const [low, high] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function lineage(element) {
    const line = [];
    for (let one = element; one; one = one.parentElement) line.unshift(one);
    return line;
  }

  function name(element) {
    const classes = [...element.classList].slice(0, 2).map(one => "." + one).join("");
    const words = element.textContent.trim().replace(/\s+/g, " ").slice(0, 30);
    return `<${element.localName}${classes}> "${words}"`;
  }

  // Visible text, as pairs of an element and a node of text that it holds.
  function texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      const shown = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      if (node.data.trim() && shown) found.push([element, node]);
    }
    return found;
  }

  const withText = () => [...new Set(texts().map(([element]) => element))];

  function boxOf(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  }

  // Colour of the last shape drawn that a text lies on as a whole.
  function fillBelow(text, shapes) {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return shapes.findLast(({ box }) => box.left <= left + 2 && box.right >= right - 2 &&
      box.top <= top + 2 && box.bottom >= bottom - 2)?.fill;
  }

  function shapesOf(svg) {
    return [...svg.querySelectorAll(":not(defs) > path, use, rect")]
      .filter(one => !one.closest("defs, clipPath"))
      .map(one => ({ fill: getComputedStyle(one).fill, box: one.getBoundingClientRect() }))
      .filter(one => one.fill.startsWith("rgb") && rgba(one.fill)[3] > 0);
  }

  function groundOf(element) {
    const colors = lineage(element).map(one => rgba(getComputedStyle(one).backgroundColor));
    return colors.reduce((below, color) => over(color, below), [255, 255, 255]);
  }

  function faint() {
    const shapes = new Map();
    return withText().flatMap(element => {
      const style = getComputedStyle(element);
      const svg = element.closest("svg");
      let ground = groundOf(svg ?? element);
      if (svg && !shapes.has(svg)) shapes.set(svg, shapesOf(svg));
      const fill = svg && fillBelow(element, shapes.get(svg));
      if (fill) ground = over(rgba(fill), ground);
      const ink = over(rgba(svg ? style.fill : style.color), ground);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      const ratio = contrast(ink, ground);
      const colors = `${ratio.toFixed(2)}, rgb ${ink.map(Math.round)} on ${ground.map(Math.round)}`;
      return ratio < (large ? 3 : 4.5) ? [{ name: name(element), colors }] : [];
    });
  }

  function small(least) {
    return withText()
      .filter(one => !one.closest("svg, math") && parseFloat(getComputedStyle(one).fontSize) < least)
      .map(one => `${name(one)} has ${getComputedStyle(one).fontSize}`);
  }

  // A box that scrolls sideways is no excuse if it holds the page's title: then the page scrolls.
  function boxed(element) {
    const scrolls = one => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
    const box = lineage(element).findLast(scrolls);
    return box && !box.querySelector("h1");
  }

  function wide() {
    const { scrollWidth } = document.scrollingElement;
    const page = scrollWidth > innerWidth + 1 ? [`it is ${scrollWidth} pixels wide`] : [];
    const beyond = texts().filter(([one, node]) =>
      boxOf(node).right > innerWidth + 1 && !one.closest("svg, .ellipsis") && !boxed(one));
    return [...page, ...beyond.map(([one]) => `${name(one)} goes beyond the edge`)];
  }

  function focus() {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const shown = box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
    return { name: name(one), useful: one.matches("a[href], button, input, summary") && shown };
  }

  // An empty `alt` is right only where the same link or card says in words what is shown.
  function nameless() {
    const told = one => one.alt.trim() || (one.hasAttribute("alt") && one.closest(THUMBNAIL));
    const images = [...document.images].filter(one => !told(one)).map(one => one.src);
    const drawings = [...document.querySelectorAll("svg[role=img]:not([aria-hidden=true])")];
    return [...images, ...drawings.filter(one => !one.ariaLabel).map(name)];
  }

  // A page hears of another colour scheme with the next frame; then it may fade.
  async function settled() {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    document.getAnimations().forEach(one => one.finish());
  }

  const after = answer => async () => (await settled(), answer());

  return {
    contents: () => ({
      links: [...document.querySelectorAll("a[href]")].map(one => one.href),
      ids: [...document.querySelectorAll("[id], a[name]")].map(one => one.id || one.name),
      nameless: nameless(),
    }),
    colors: after(() => ({ ground: luminance(groundOf(document.body)), faint: faint() })),
    phone: () => ({ wide: wide(), small: small(12) }),
    focus: after(focus),
  };
})();
