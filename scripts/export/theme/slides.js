/* Starts the slide show once formulas are set; figures are drawn when their slide comes up, since a hidden box has no size. */
addEventListener('load', async () => {
  const SMALLEST = 0.66;
  const deck = window.Reveal;

  /** Makes a slide fit: code beside its figure first, then smaller; what is still too long scrolls. */
  function fit(slide) {
    const full = () => slide.scrollHeight > slide.clientHeight + 2;
    if (slide.dataset.fitted) return;
    slide.dataset.fitted = 'true';
    if (!full()) return;
    for (const cell of slide.querySelectorAll('.code-cell')) {
      const picture = cell.querySelector('.lab-figure, .html img');
      if (cell.querySelector(':scope > .code') && picture) cell.classList.add('side');
    }
    const parts = [...slide.children].filter(part => !part.matches('aside'));
    for (let size = 0.95; full() && size >= SMALLEST; size -= 0.05) {
      for (const part of parts) {
        part.classList.add('fit');
        part.style.setProperty('--fit', size.toFixed(2));
      }
    }
  }

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
  deck.on('slidechanged', arrive);
  await deck.initialize({
    hash: true,
    width: 1200,
    height: 760,
    margin: 0.03,
    center: false,
    slideNumber: 'c/t',
    transition: 'none',
    plugins: window.RevealNotes ? [window.RevealNotes] : [],
  });
  await arrive();
  document.documentElement.dataset.ready = 'true';
});
