/**
 * Words that stand beside outputs, in the notebook's own language. The style sheet says what a slider that no kernel answers
 * waits for, as after opening, and what is behind a folded output, where JupyterLab shows the first line of its markup; Vega says
 * what its menu offers; below a cell that ran stands when and how long.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { RendererOptions } from '@jupyterlab/rendermime';
import type { Language } from '../../lib/i18n/language';
import { languageOfPage, say } from './words';

const WORDS = {
  '--latentlab-run-to-move': 'Run the cell to move it.',
  '--latentlab-folded': 'Folded output: click to open it',
} as const;

/** The sentences stand in ::before; the page gives their words. */
export function giveWords(panel: NotebookPanel): void {
  const write = () => {
    const language = languageOfPage(panel.context.path);
    for (const [name, text] of Object.entries(WORDS) as [string, (typeof WORDS)[keyof typeof WORDS]][])
      panel.node.style.setProperty(name, JSON.stringify(say(text, language)));
  };
  void panel.context.ready.then(write);
}

/** What Vega's menu says, by the names that vega-embed has for it (https://github.com/vega/vega-embed, `i18n`). */
const MENU = {
  CLICK_TO_VIEW_ACTIONS: 'Click to view actions',
  COMPILED_ACTION: 'View Compiled Vega',
  EDITOR_ACTION: 'Open in Vega Editor',
  PNG_ACTION: 'Save as PNG',
  SOURCE_ACTION: 'View Source',
  SVG_ACTION: 'Save as SVG',
} as const;

/** An output's metadata with the words of Vega's menu; any other output's as it is. */
export function menuWords(
  metadata: Record<string, unknown>,
  { mimeType, resolver }: RendererOptions,
): Record<string, unknown> {
  if (!mimeType.startsWith('application/vnd.vega')) return metadata;
  const language = languageOfPage(resolver?.path ?? '');
  const i18n = Object.fromEntries(Object.entries(MENU).map(([name, text]) => [name, say(text, language)]));
  const own = metadata[mimeType] as { embed_options?: object } | undefined;
  return { ...metadata, [mimeType]: { ...own, embed_options: { i18n, ...own?.embed_options } } };
}

/** What jupyterlab-execute-time writes below a cell (it has no translations), most special first. */
const TIMES = [
  [/^Last executed at (.+) in (.+)$/, 'Last executed at {time} in {span}'],
  [/^Failed at (.+) in (.+)$/, 'Failed at {time} in {span}'],
  [/^Execution started at (.+)$/, 'Execution started at {time}'],
  [/^Execution queued at (.+)$/, 'Execution queued at {time}'],
] as const;

/** The same in another language; undefined where it stays as it is. */
export function timeWords(text: string, language: Language): string | undefined {
  if (language === 'en') return undefined;
  for (const [pattern, message] of TIMES) {
    const [, time, span] = pattern.exec(text) ?? [];
    if (time !== undefined) return say(message, language, { time, span });
  }
  return undefined;
}

/**
 * Says below each cell that ran when and how long, in the notebook's language. The words themselves stay for the extension that
 * wrote them, which reads them again to go on counting; the style sheet shows `data-said` in their place.
 */
export function giveTimes(panel: NotebookPanel): void {
  const observer = new MutationObserver(records => {
    for (const { target } of records) {
      const words = target as HTMLElement;
      const line = words.parentElement;
      if (!line?.classList.contains('execute-time') || line.firstElementChild !== words) continue;
      const said = timeWords(words.textContent ?? '', languageOfPage(panel.context.path));
      if (said === undefined) delete words.dataset.said;
      else words.dataset.said = said;
    }
  });
  observer.observe(panel.content.node, { childList: true, subtree: true });
  panel.disposed.connect(() => observer.disconnect());
}
