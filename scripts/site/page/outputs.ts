/** The outputs of one cell, drawn into its place in the page as the exported ones are. */
type Bundle = Record<string, unknown>;
type Content = Record<string, unknown>;

/** Draws a widget's view into an element; undefined while there are no widgets. */
export type DrawWidget = (model: string, into: HTMLElement) => void;

interface Page {
  drawFigures(parent: Element): Promise<void>;
  formulas(): Promise<void>;
  openAnswers(): void;
}
const page = (): Partial<Page> => (window as unknown as { latentlab?: Page }).latentlab ?? {};

const ESCAPE = String.fromCharCode(27);
const COLOURS: Record<string, string> = {
  31: 'var(--warn)',
  32: 'var(--string)',
  33: 'var(--number)',
  34: 'var(--function)',
  35: 'var(--keyword)',
  36: 'var(--function)',
};

/** Text with terminal colours, as a <pre>. */
function terminalText(text: string, className: string): HTMLPreElement {
  const pre = document.createElement('pre');
  pre.className = className;
  const [first, ...parts] = text.split(`${ESCAPE}[`);
  pre.append(first);
  let style = '';
  for (const part of parts) {
    const [, codes = '', rest = part] = /^([\d;]*)m([\s\S]*)$/.exec(part) ?? [];
    for (const code of codes.split(';')) {
      if (COLOURS[code]) style = `color: ${COLOURS[code]}`;
      else if (code === '1') style += '; font-weight: 600';
      else if (code === '2') style = 'opacity: 0.65';
      else style = '';
    }
    const span = document.createElement('span');
    span.style.cssText = style;
    span.textContent = rest;
    pre.append(span);
  }
  return pre;
}

/** What a carriage return goes back on is written anew. */
const settled = (text: string): string =>
  text
    .split('\n')
    .map(line =>
      line
        .replace(/\r+$/, '')
        .split('\r')
        .reduce((before, next) => next + before.slice(next.length), ''),
    )
    .join('\n');

const LIVE = /^application\/vnd\.(vega|vegalite|plotly)\.v\d+\+json$/;
const WIDGET = 'application/vnd.jupyter.widget-view+json';

function picture(data: Bundle, alt: string): HTMLImageElement | undefined {
  const image = document.createElement('img');
  image.alt = alt;
  if (typeof data['image/svg+xml'] === 'string')
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(data['image/svg+xml'])}`;
  else if (typeof data['image/png'] === 'string') image.src = `data:image/png;base64,${data['image/png']}`;
  else return undefined;
  return image;
}

function figure(data: Bundle, mime: string): HTMLElement {
  const alt = String(data['text/plain'] ?? '').split('\n\n')[0];
  const made = document.createElement('figure');
  const live = document.createElement('div');
  const spec = document.createElement('script');
  live.className = 'lab-live';
  live.dataset.kind = LIVE.exec(mime)![1];
  live.setAttribute('role', 'img');
  live.setAttribute('aria-label', alt);
  spec.type = 'application/json';
  spec.textContent = JSON.stringify(data[mime]);
  made.append(live, spec);
  const still = data['image/svg+xml'] === undefined ? undefined : picture(data, alt);
  made.className = still ? 'lab-figure' : 'lab-figure lab-no-still';
  if (still) {
    const box = document.createElement('div');
    box.className = 'lab-still';
    box.append(still);
    made.append(box);
  }
  return made;
}

/** HTML as an output has it; scripts in it run, as they would in Jupyter. */
function markup(source: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'html';
  box.innerHTML = source;
  for (const dead of Array.from(box.querySelectorAll('script:not([type]), script[type="text/javascript"]'))) {
    const live = document.createElement('script');
    live.textContent = dead.textContent;
    dead.replaceWith(live);
  }
  return box;
}

export class Outputs {
  private waitsToClear = false;
  private readonly byId = new Map<string, HTMLElement>();
  private last: { name: string; text: string; element: HTMLElement } | undefined;

  constructor(
    readonly place: HTMLElement,
    private readonly drawWidget: DrawWidget,
  ) {}

  clear(): void {
    this.place.replaceChildren();
    this.byId.clear();
    this.last = undefined;
    this.waitsToClear = false;
  }

  /** One message of the kernel's, in the notebook format's words. */
  add(type: string, content: Content): void {
    if (type === 'clear_output') {
      if (content.wait) this.waitsToClear = true;
      else this.clear();
      return;
    }
    if (type === 'update_display_data') {
      const known = this.byId.get(String((content.transient as Content)?.display_id));
      if (known) this.fill(known, content.data as Bundle);
      return;
    }
    if (this.waitsToClear) this.clear();
    if (type === 'stream') {
      this.print(String(content.name), String(content.text));
      return;
    }
    this.last = undefined;
    const box = this.box(type);
    if (type === 'error') {
      box.append(terminalText((content.traceback as string[]).join('\n'), 'error'));
      return;
    }
    const id = (content.transient as Content | undefined)?.display_id;
    if (id !== undefined) this.byId.set(String(id), box);
    this.fill(box, content.data as Bundle);
  }

  private box(type: string): HTMLElement {
    const box = document.createElement('div');
    box.className = `output output-${type}`;
    this.place.append(box);
    return box;
  }

  private print(name: string, text: string): void {
    if (this.last?.name !== name) this.last = { name, text: '', element: this.box('stream') };
    this.last.text += text;
    this.last.element.replaceChildren(terminalText(settled(this.last.text), name));
  }

  private fill(box: HTMLElement, data: Bundle): void {
    const height = box.offsetHeight; // a chart that is drawn anew must not make the page jump
    box.style.minHeight = `${height}px`;
    box.replaceChildren();
    const mime = Object.keys(data).find(key => LIVE.test(key));
    const widget = data[WIDGET] as { model_id?: string } | undefined;
    if (widget?.model_id) this.drawWidget(widget.model_id, box);
    else if (mime) box.append(figure(data, mime));
    else if (typeof data['text/html'] === 'string') box.append(markup(data['text/html']));
    else {
      const alt = String(data['text/plain'] ?? '');
      box.append(picture(data, alt) ?? terminalText(alt, 'result'));
      if (data['image/png'] !== undefined && data['image/svg+xml'] === undefined)
        box.append(terminalText(alt, 'result'));
    }
    if (box.querySelector('.lab-choice')) page().openAnswers?.();
    void page()
      .drawFigures?.(box)
      .finally(() => box.style.removeProperty('min-height'));
  }
}
