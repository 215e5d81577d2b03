/** A text cell of the reader's own notebook: the common part of Markdown, as elements. HTML in it stays text. */

/** One piece of a line. */
export type Inline =
  | { kind: 'text' | 'strong' | 'em' | 'code'; text: string }
  | { kind: 'a'; text: string; to: string };

export type Block =
  | { kind: 'h1' | 'h2' | 'h3' | 'h4' | 'p'; text: string }
  | { kind: 'ul' | 'ol'; items: string[] }
  | { kind: 'pre'; text: string };

const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+/;

/** Paragraphs, headings, lists and fenced code, in order. */
export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  const parts = source.split(/^(?:```|~~~)[^\n]*$/m);
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 1) {
      blocks.push({ kind: 'pre', text: part.replace(/^\n|\n$/g, '') });
      continue;
    }
    for (const chunk of part.split(/\n\s*\n|\n(?=#{1,4} )|(?<=^#{1,4} [^\n]*)\n/m)) {
      const text = chunk.trim();
      const heading = /^(#{1,4}) (.*)$/.exec(text);
      const lines = text.split('\n');
      if (text === '') continue;
      if (heading) blocks.push({ kind: `h${heading[1].length}` as 'h1', text: heading[2] });
      else if (lines.every(line => ITEM.test(line))) {
        const kind = ITEM.exec(lines[0])![1] === undefined ? 'ul' : 'ol';
        blocks.push({ kind, items: lines.map(line => line.replace(ITEM, '')) });
      } else blocks.push({ kind: 'p', text: lines.join(' ') });
    }
  }
  return blocks;
}

const PIECE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]*)\]\((https?:[^\s)]+)\)/g;

/** Code, strong, emphasis, and links to the web; anything else is text. */
export function inlineOf(line: string): Inline[] {
  const pieces: Inline[] = [];
  let at = 0;
  const text = (to: number): void => {
    if (to > at) pieces.push({ kind: 'text', text: line.slice(at, to) });
  };
  for (const { 0: whole, 1: code, 2: strong, 3: em, 4: label, 5: to, index } of line.matchAll(PIECE)) {
    text(index);
    if (to !== undefined) pieces.push({ kind: 'a', text: label, to });
    else if (code !== undefined) pieces.push({ kind: 'code', text: code });
    else pieces.push(strong === undefined ? { kind: 'em', text: em } : { kind: 'strong', text: strong });
    at = index + whole.length;
  }
  text(line.length);
  return pieces;
}

function elementOf(piece: Inline): Node {
  if (piece.kind === 'text') return document.createTextNode(piece.text);
  const made = document.createElement(piece.kind);
  made.textContent = piece.text;
  if (piece.kind === 'a') (made as HTMLAnchorElement).href = piece.to;
  return made;
}

export function drawMarkdown(source: string, into: HTMLElement): void {
  const filled = (tag: string, line: string): HTMLElement => {
    const made = document.createElement(tag);
    made.append(...inlineOf(line).map(elementOf));
    return made;
  };
  const elements = blocksOf(source).map(block => {
    const made = document.createElement(block.kind);
    if ('items' in block) made.append(...block.items.map(item => filled('li', item)));
    else if (block.kind === 'pre') made.textContent = block.text;
    else return filled(block.kind, block.text);
    return made;
  });
  into.replaceChildren(...elements);
}
