/* Starts the slide show once formulas are set; figures are drawn when their slide comes up, since a hidden box has no size. */
addEventListener('load', async () => {
  await window.latentlab.formulas();
  const deck = window.Reveal;
  const arrive = () => window.latentlab.drawFigures(deck.getCurrentSlide() ?? document.body);
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
