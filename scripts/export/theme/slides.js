/*
 * Starts the slide show once formulas are set. No slide scrolls: what is too long becomes two slides, and what cannot be
 * cut (a figure) is made smaller. Figures are drawn when their slide comes up, since a hidden box has no size.
 */
addEventListener('load', async () => {
  const HEIGHT = 760;
  /** Text is made smaller down to this before a slide is cut in two; only what cannot be cut gets smaller still. */
  const SMALL = 0.8;
  /** Code beside its figure may get this small; longer code stands above it again, on slides of its own. */
  const BESIDE = 0.65;
  const SMALLEST = 0.3;
  const deck = window.Reveal;

  const partsOf = slide => [...slide.children].filter(part => !part.matches('aside'));
  function scale(slide, size) {
    for (const part of partsOf(slide)) {
      part.classList.toggle('fit', size < 1);
      part.style.setProperty('--fit', size.toFixed(2));
    }
  }

  /** Makes a slide smaller, step by step, until `full` no longer holds; true where it did. */
  function shrink(slide, full, smallest) {
    for (let size = Number(slide.dataset.fit ?? 1); full(); size -= 0.05) {
      if (size < smallest) return false;
      slide.dataset.fit = size;
      scale(slide, size);
    }
    return true;
  }

  /** Code beside its figure instead of above it; true where there is such code. */
  function putBeside(slide) {
    for (const cell of slide.querySelectorAll('.code-cell')) {
      const picture = cell.querySelector('.lab-figure, .html img');
      if (cell.querySelector(':scope > .code') && picture) cell.classList.add('side');
    }
    return slide.querySelector('.side') !== null;
  }

  /** Boxes whose children may go to different slides; everything else stays whole, but for lines of code. */
  const CONTAINERS =
    'section, .cell, .outputs, .output, .html, .html > div, .html > section, .text-cell > div, .code, .highlight, ul, ol, details, table, tbody';

  /** What of `box` lies below `limit`, taken out of it into a copy of the box; undefined where nothing could be taken. */
  function cut(box, limit) {
    if (box.matches('pre')) return cutLines(box, limit);
    if (!box.matches(CONTAINERS) || box.matches('.side')) return undefined;
    const children = [...box.children].filter(child => !child.matches('aside, thead, summary, script'));
    const at = children.findIndex(child => child.getBoundingClientRect().bottom > limit);
    if (at < 0) return undefined;
    const rest = cut(children[at], limit);
    const isHeading = child => child?.matches('h1, h2, h3, h4');
    const first = rest || at === 0 || !isHeading(children[at - 1]) ? at : at - 1; // a heading goes with what it announces
    if (!rest && (first === 0 || children.slice(0, first).every(isHeading))) return undefined;
    if (box.matches('.lab-answer')) box.dataset.answer ??= box.closest('.cell')?.id ?? '';
    const copy = box.cloneNode(false);
    copy.removeAttribute('id');
    const head = box.querySelector(':scope > :is(thead, summary)');
    if (head) copy.append(head.cloneNode(true));
    if (box.matches('ol')) copy.start = (box.start || 1) + first + (rest ? 1 : 0);
    if (rest) copy.append(rest);
    copy.append(...children.slice(rest ? first + 1 : first));
    return copy;
  }

  /** Lines of code or output from the first one below `limit` on. */
  function cutLines(pre, limit) {
    const lines = pre.textContent.replace(/\n$/, '').split('\n').length;
    const { top, bottom } = pre.getBoundingClientRect();
    const keep = Math.floor((lines * (limit - top)) / (bottom - top)) - 1;
    if (keep < 4 || lines - keep < 2) return undefined;
    const range = document.createRange();
    range.selectNodeContents(pre);
    const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
    let left = keep;
    for (let node = walker.nextNode(); node && left > 0; node = walker.nextNode()) {
      for (let i = node.data.indexOf('\n'); i >= 0 && left > 0; i = node.data.indexOf('\n', i + 1)) {
        if (--left === 0) range.setStart(node, i + 1);
      }
    }
    const copy = pre.cloneNode(false);
    copy.append(range.extractContents());
    return copy;
  }

  /** Cuts a slide in two, three … until each fits; they stand below each other in the show. */
  function paginate(slide) {
    const full = () => slide.offsetHeight > HEIGHT;
    if (!full()) return;
    if (putBeside(slide)) {
      if (shrink(slide, full, BESIDE)) return;
      for (const cell of slide.querySelectorAll('.side')) cell.classList.remove('side');
      delete slide.dataset.fit;
      scale(slide, 1);
    }
    if (shrink(slide, full, SMALL)) return;
    const padding = Number.parseFloat(getComputedStyle(slide).paddingBottom);
    const rest = cut(slide, slide.getBoundingClientRect().top + HEIGHT - padding);
    if (!rest) {
      shrink(slide, full, SMALLEST);
      return;
    }
    slide.after(rest);
    shrink(slide, full, SMALLEST);
    delete rest.dataset.fit;
    scale(rest, 1);
    paginate(rest);
  }

  /** Before the show, while all slides lie open below each other and can be measured. */
  function paginateAll() {
    const show = document.querySelector('.reveal');
    show.classList.add('measuring');
    for (const answer of show.querySelectorAll('.lab-answer')) answer.open = true; // there must be room for it
    for (const slide of show.querySelectorAll('section:not(:has(> section))')) paginate(slide);
    for (const answer of show.querySelectorAll('.lab-answer')) answer.open = false;
    show.classList.remove('measuring');
  }

  /** A figure may be larger alive than its still picture was. */
  const fit = slide => shrink(slide, () => slide.scrollHeight > slide.clientHeight, SMALLEST);

  /** Sets a slide's formulas once more: while it was hidden, Chinese words in them had no width and lay on each other. */
  function formulasOf(slide) {
    if (slide.dataset.set || !slide.querySelector('.MathJax_SVG text')) return Promise.resolve();
    slide.dataset.set = 'true';
    return new Promise(resolve => window.MathJax.Hub.Queue(['Rerender', window.MathJax.Hub, slide], resolve));
  }

  async function arrive() {
    const slide = deck.getCurrentSlide();
    if (!slide) return;
    await formulasOf(slide);
    await window.latentlab.drawFigures(slide);
    fit(slide);
  }

  await window.latentlab.formulas();
  paginateAll();
  // What is unfolded is drawn and given room; an answer that was cut in two opens as a whole.
  addEventListener(
    'toggle',
    ({ target }) => {
      const { answer } = target.dataset ?? {};
      if (answer)
        for (const part of document.querySelectorAll(`.lab-answer[data-answer="${answer}"]`)) part.open = target.open;
      if (target.closest?.('section') === deck.getCurrentSlide()) arrive();
    },
    true,
  );
  deck.on('slidechanged', arrive);
  await deck.initialize({
    hash: true,
    width: 1200,
    height: HEIGHT,
    margin: 0.03,
    center: false,
    slideNumber: 'c/t',
    transition: 'none',
    plugins: window.RevealNotes ? [window.RevealNotes] : [],
  });
  if (document.documentElement.lang.startsWith('zh')) {
    const said = { left: '向左', right: '向右', up: '向上', down: '向下' };
    for (const [side, words] of Object.entries(said))
      document.querySelector(`.navigate-${side}`)?.setAttribute('aria-label', words);
  }
  await arrive();
  document.documentElement.dataset.ready = 'true';
});
