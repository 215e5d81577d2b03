/** The editor of a cell: TypeScript in the page's colours, completion by the page's own compiler. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { javascript } from '@codemirror/lang-javascript';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintKeymap } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';
import type { Completions } from '../../../lib/kernel/messages';
import type { Fault } from '../../../lib/kernel/page/client';

export interface EditorOptions {
  source: string;
  /** For screen readers. */
  label: string;
  changed(source: string): void;
  /** Shift-Enter or Ctrl-Enter. */
  run(): void;
  complete(code: string, offset: number): Promise<Completions>;
  /** What is wrong with it; asked when nobody has typed for a while. */
  check(code: string): Promise<Fault[]>;
}

/** The colours of exported code (lesson.css). */
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.bool, tags.null, tags.self], color: 'var(--keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--string)' },
  { tag: tags.number, color: 'var(--number)' },
  { tag: tags.comment, color: 'var(--comment)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--function)' },
]);

const LOOK = EditorView.theme({
  '&': { border: '1px solid var(--link)', borderRadius: '6px', background: 'var(--panel)', fontSize: '0.8em' },
  '&.cm-focused': { outline: '2px solid var(--link)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { padding: '0.75em 0.5em', caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-tooltip': { background: 'var(--paper)', border: '1px solid var(--line)', color: 'var(--ink)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--link)', color: 'var(--paper)' },
});

/** TypeScript's kinds → the icons that CodeMirror knows. */
const ICONS: Record<string, string> = { const: 'constant', let: 'variable', var: 'variable', method: 'method' };

async function proposals(
  context: CompletionContext,
  complete: EditorOptions['complete'],
): Promise<CompletionResult | null> {
  const asked = context.explicit || context.matchBefore(/[\w$.]+$/);
  if (!asked) return null;
  const { start, items } = await complete(context.state.doc.toString(), context.pos);
  if (items.length === 0) return null;
  const options = items.map(
    ({ name, kind, signature }): Completion => ({ label: name, type: ICONS[kind] ?? kind, detail: signature }),
  );
  return { from: start, options, validFor: /^[\w$]*$/ };
}

/** Nobody has typed for so long, in ms. */
const PAUSE = 600;

async function faults(view: EditorView, check: EditorOptions['check']): Promise<Diagnostic[]> {
  const found = await check(view.state.doc.toString()).catch(() => []); // the compiler says so when the cell is run
  const { length } = view.state.doc;
  return found.map(({ from, to, message }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity: 'error',
    message,
  }));
}

export function makeEditor({ source, label, changed, run, complete, check }: EditorOptions): EditorView {
  const act = () => {
    run();
    return true;
  };
  const keys = ['Shift-Enter', 'Mod-Enter', 'Ctrl-Enter'].map(key => ({ key, run: act }));
  return new EditorView({
    state: EditorState.create({
      doc: source,
      extensions: [
        Prec.highest(keymap.of(keys)),
        minimalSetup,
        javascript({ typescript: true }),
        syntaxHighlighting(COLOURS),
        LOOK,
        autocompletion({ override: [context => proposals(context, complete)] }),
        linter(view => faults(view, check), { delay: PAUSE }),
        keymap.of(lintKeymap),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of(update => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
}
