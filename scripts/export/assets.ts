/** The files that all pages share, copied from node_modules once into site/assets: nothing is fetched when a page is read. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../notebooks/notebook';

const MODULES = path.join(ROOT, 'node_modules');
const THEME = path.join(ROOT, 'scripts', 'export', 'theme');

/** Site path → source path. Of MathJax (73 MB) only what TeX input and SVG output can ask for (4 MB). */
const ASSETS: Record<string, string> = {
  'vega.min.js': 'vega/build/vega.min.js',
  'vega-lite.min.js': 'vega-lite/build/vega-lite.min.js',
  'plotly.min.js': 'plotly.js/dist/plotly.min.js',
  'widgets.js': '@jupyter-widgets/html-manager/dist/embed.js',
  'reveal/reveal.css': 'reveal.js/dist/reveal.css',
  'reveal/reveal.js': 'reveal.js/dist/reveal.js',
  'reveal/notes.js': 'reveal.js/plugin/notes/notes.js',
  'mathjax/MathJax.js': 'mathjax/MathJax.js',
  'mathjax/config/TeX-AMS_SVG.js': 'mathjax/config/TeX-AMS_SVG.js',
  'mathjax/jax/output/SVG/jax.js': 'mathjax/jax/output/SVG/jax.js',
  'mathjax/jax/output/SVG/autoload': 'mathjax/jax/output/SVG/autoload',
  'mathjax/jax/output/SVG/fonts/TeX': 'mathjax/jax/output/SVG/fonts/TeX',
  'mathjax/jax/element': 'mathjax/jax/element',
  'mathjax/extensions/TeX': 'mathjax/extensions/TeX',
  'mathjax/extensions/MathMenu.js': 'mathjax/extensions/MathMenu.js',
  'mathjax/extensions/MathZoom.js': 'mathjax/extensions/MathZoom.js',
  'mathjax/extensions/HelpDialog.js': 'mathjax/extensions/HelpDialog.js',
};

/** Copies the shared files into `folder`; throws, naming the package, where one is not installed. */
export function copyAssets(folder: string): void {
  for (const [to, from] of Object.entries(ASSETS)) copy(path.join(MODULES, from), path.join(folder, to));
  for (const file of fs.readdirSync(THEME)) copy(path.join(THEME, file), path.join(folder, file));
}

function copy(from: string, to: string): void {
  if (!fs.existsSync(from)) {
    throw new Error(`${path.relative(ROOT, from)} is missing, so pages would not work offline; run \`npm ci\``);
  }
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.cpSync(from, to, { recursive: true });
}
