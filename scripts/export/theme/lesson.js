/* Makes an exported page live: figures, formulas, light and dark. Everything it needs lies in this folder. */
(() => {
  const root = document.documentElement;
  const printing = /[?&]print\b/.test(location.search);

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;

  function chooseTheme(theme) {
    root.dataset.theme = theme;
    try {
      localStorage.setItem('latentlab-theme', theme);
    } catch {
      // Pages opened from a disk may have no storage: the choice then lasts for this page.
    }
  }

  /** Vega's tooltip: the fields of the point under the mouse, in a box that follows it. */
  function tooltip(_handler, event, _item, value) {
    let box = document.getElementById('lab-tooltip');
    if (!box) {
      box = document.body.appendChild(document.createElement('div'));
      box.id = 'lab-tooltip';
    }
    box.hidden = value === null || value === undefined || value === '';
    if (box.hidden) return;
    const rows = typeof value === 'object' ? Object.entries(value) : [['', value]];
    box.replaceChildren(
      ...rows.map(([name, text]) => {
        const line = document.createElement('div');
        line.textContent = name ? `${name}: ${text}` : String(text);
        return line;
      }),
    );
    const left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
    box.style.left = `${left}px`;
    box.style.top = `${event.clientY + 14}px`;
  }

  /** A chart that names no colours stands on paper as all figures do: Vega's own greys are made for white. */
  const ON_PAPER = { background: '#ffffff', axis: { gridColor: 'rgba(128,128,128,0.25)' } };

  async function drawVega(box, spec, kind) {
    const compiled = kind === 'vegalite' ? window.vegaLite.compile(spec, { config: ON_PAPER }).spec : spec;
    const view = new window.vega.View(window.vega.parse(compiled), { renderer: 'svg', container: box, hover: true });
    await view.tooltip(tooltip).runAsync();
  }

  function drawPlotly(box, figure) {
    const layout = { ...figure.layout };
    if (layout.width > box.clientWidth && box.clientWidth > 0) layout.width = box.clientWidth;
    const { locale, locales } = figure.config ?? {}; // the words of the buttons
    const options = { displaylogo: false, responsive: !layout.width, ...(locale ? { locale, locales } : {}) };
    return window.Plotly.newPlot(box, { data: figure.data, layout, frames: figure.frames, config: options });
  }

  /** Draws one figure; where that fails its still picture stays. */
  async function draw(figure) {
    const box = figure.querySelector('.lab-live');
    if (!box || box.dataset.state) return;
    if (printing && figure.querySelector('.lab-still')) return;
    box.dataset.state = 'drawing';
    try {
      const spec = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      figure.classList.add('is-live');
      if (box.dataset.kind === 'plotly') await drawPlotly(box, spec);
      else await drawVega(box, spec, box.dataset.kind);
      box.classList.add('drawn');
      box.dataset.state = 'drawn';
    } catch (error) {
      figure.classList.remove('is-live');
      box.dataset.state = 'failed';
      console.error('a figure could not be drawn', error);
    }
  }

  /** Draws the figures inside an element, one after the other; those that are folded away have no size yet. */
  async function drawFigures(parent) {
    for (const figure of parent.querySelectorAll('.lab-figure'))
      if (!figure.closest('.lab-answer:not([open])')) await draw(figure);
  }

  /** Outputs that answer a prediction open when a choice is made, or by their own line; their figures are drawn then. */
  function openAnswers() {
    let answers = [];
    let asking = false;
    for (const part of document.querySelectorAll('.lab-choice, .lab-answer')) {
      const asks = part.matches('.lab-choice');
      if (asks && !asking) answers = []; // the next prediction
      asking = asks;
      if (!asks) answers.push(part);
      const opens = asks ? answers : [];
      part.addEventListener('toggle', () => {
        if (!part.open) return;
        for (const answer of opens) answer.open = true;
        if (!asks) drawFigures(part);
      });
    }
  }
  openAnswers();
  addEventListener('beforeprint', () => {
    for (const answer of document.querySelectorAll('.lab-answer')) answer.open = true;
  });

  /** Paper cannot scroll sideways: tables wider than the page are set smaller, down to half. */
  function shrinkTables() {
    for (const table of document.querySelectorAll('.text-cell table, .html table')) {
      const room = table.parentElement.clientWidth;
      if (room && table.scrollWidth > room) table.style.zoom = Math.max(0.5, room / (table.scrollWidth + 2)).toFixed(3);
    }
  }

  /** Resolves when every formula of the page is set. */
  function formulas() {
    if (!document.querySelector('script[src*="MathJax.js"]')) return Promise.resolve();
    return new Promise(resolve => {
      const wait = () => (window.MathJax?.Hub?.Queue ? window.MathJax.Hub.Queue(resolve) : setTimeout(wait, 30));
      wait();
    });
  }

  /** Resolves when every widget is drawn (widgets.js begins when the page is loaded). */
  async function widgets() {
    const places = document.querySelectorAll('.lab-widget > div');
    const drawn = place => place.querySelector('.widget-subarea > *');
    for (let i = 0; i < 200 && !Array.from(places).every(drawn); i++) await new Promise(r => setTimeout(r, 50));
  }

  /** ipywidgets give a slider's handle no name, and a check box without a hint the hint "null". */
  function nameControls() {
    for (const handle of document.querySelectorAll('.noUi-handle:not([aria-label])')) {
      const label = handle.closest('.jupyter-widgets')?.querySelector('.widget-label')?.textContent.trim();
      if (label) handle.setAttribute('aria-label', label);
    }
    for (const control of document.querySelectorAll('.jupyter-widgets[title="null"]')) control.removeAttribute('title');
  }
  new MutationObserver(nameControls).observe(document.body, { childList: true, subtree: true });

  // A table's cell is as wide as its formula only when that is set: formulas are measured by the column of text
  // instead, or p(x | z) would be torn apart in a narrow column of a table.
  const column = document.querySelector('main')?.clientWidth ?? 900;

  window.MathJax = {
    messageStyle: 'none',
    skipStartupTypeset: false,
    tex2jax: {
      inlineMath: [
        ['$', '$'],
        ['\\(', '\\)'],
      ],
      displayMath: [
        ['$$', '$$'],
        ['\\[', '\\]'],
      ],
      processEscapes: true,
      ignoreClass: 'code|output-stream|lab-text|tex2jax_ignore',
    },
    TeX: { extensions: ['AMSmath.js', 'AMSsymbols.js', 'noErrors.js', 'noUndefined.js'] },
    SVG: { linebreaks: { automatic: true, width: `${column}px` }, scale: 96 },
    menuSettings: { inTabOrder: false },
    displayAlign: 'center',
  };

  // The widgets' code takes these settings for MathJax itself, where a page has no formula to load it for.
  addEventListener('DOMContentLoaded', () => {
    if (!document.querySelector('script[src*="MathJax.js"]')) delete window.MathJax;
  });

  window.latentlab = { drawFigures, formulas, openAnswers };
  document.querySelector('button.theme')?.addEventListener('click', () => chooseTheme(isDark() ? 'light' : 'dark'));
  if (document.body.classList.contains('deck')) return; // slides.js goes on from here
  addEventListener('load', async () => {
    await Promise.all([drawFigures(document), formulas(), widgets()]);
    if (printing) shrinkTables();
    root.dataset.ready = 'true';
  });
})();
