/**
 * A program for the browser: the contrast of every text with what lies behind it, as `{ texts, problems }`.
 * @param root selector of the part of the page that is measured
 */
export const measureTexts = (root = 'body'): string => `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parsed = new Map();
  // Any CSS colour as [r, g, b, alpha].
  const colour = text => {
    if (!parsed.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      parsed.set(text, [r, g, b, a / 255]);
    }
    return parsed.get(text);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
  const channel = v => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = element => {
    if (!element) return [255, 255, 255];
    return over(colour(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  };
  const faded = element => (element ? Number(getComputedStyle(element).opacity) * faded(element.parentElement) : 1);
  for (const details of document.querySelectorAll('details')) details.open = true;
  const walker = document.createTreeWalker(document.querySelector('${root}'), NodeFilter.SHOW_TEXT);
  const problems = new Set();
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.textContent.trim();
    const element = node.parentElement;
    if (!words || element.closest('script, style, option, title, desc, [hidden]')) continue;
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || element.getClientRects().length === 0) continue;
    texts++;
    const ground = behind(element);
    const ink = colour(element.closest('svg') ? style.fill : style.color).slice();
    ink[3] *= faded(element);
    const ratio = contrast(over(ink, ground), ground);
    const from = element.closest('[data-from]')?.dataset.from ?? '';
    if (ratio < 4.5) problems.add(from + ": '" + words.slice(0, 40) + "' " + style.color + ' on ' + ground.map(Math.round) + ': ' + ratio.toFixed(2));
  }
  return { texts, problems: [...problems] };
})()`;

/** A program for the browser: every chart's smallest text as it is drawn, as `[{ size, words, width }]` in CSS pixels. */
export const SMALLEST_TEXTS = `(() => {
  const found = [];
  const note = (size, words, element) => found.push({ size: Math.round(size * 100) / 100, words, at: element.closest('.cell')?.id ?? '' });
  const smallest = (texts, sizeOf, element) => {
    const shown = texts.filter(text => text.textContent.trim());
    if (shown.length === 0) return;
    const sizes = shown.map(sizeOf);
    const i = sizes.indexOf(Math.min(...sizes));
    note(sizes[i], shown[i].textContent.trim().slice(0, 30), element);
  };
  for (const svg of document.querySelectorAll('.lab-live svg, .html svg')) {
    if (svg.getClientRects().length === 0) continue;
    smallest([...svg.querySelectorAll('text')], text => {
      const matrix = text.getScreenCTM();
      return Number.parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix.a, matrix.b);
    }, svg);
  }
  for (const image of document.querySelectorAll('.outputs img[src^="data:image/svg"]')) {
    if (image.clientWidth === 0) continue;
    const [, coding, text] = /^data:image\\/svg\\+xml([^,]*),([\\s\\S]*)$/.exec(image.src);
    const source = coding.includes('base64') ? new TextDecoder().decode(Uint8Array.from(atob(text), c => c.charCodeAt(0))) : decodeURIComponent(text);
    const svg = new DOMParser().parseFromString(source, 'image/svg+xml').documentElement;
    const scale = image.clientWidth / image.naturalWidth;
    const sizeOf = text => {
      for (let e = text; e?.getAttribute; e = e.parentNode) {
        const size = /font-size:\\s*([\\d.]+)/.exec(e.getAttribute('style') ?? '')?.[1] ?? e.getAttribute('font-size');
        if (size) return Number.parseFloat(size) * scale;
        const short = /font:[^;]*?([\\d.]+)px/.exec(e.getAttribute('style') ?? '')?.[1] ?? /([\\d.]+)px/.exec(e.getAttribute('font') ?? '')?.[1];
        if (short) return Number.parseFloat(short) * scale;
      }
      return 16 * scale;
    };
    smallest([...svg.querySelectorAll('text')], sizeOf, image);
  }
  return found;
})()`;
