/** The page on which JupyterLab opens: what this is, the lessons, what needs what, how far this reader has come, and the language. */
import { Widget } from '@lumino/widgets';
import type { Language } from '../../lib/i18n/language';
import { type CourseNotebook, course } from './course';
import { courseMap } from './course-map';
import { type Child, element } from './element';
import type { Progress } from './progress';
import { language, say } from './words';

export interface StartActions {
  /** Opens a notebook or shows a folder, by its path below notebooks/. */
  open(path: string): void;
  speak(language: Language): void;
}

const MAP = 'latentlab-map';

export class StartPage extends Widget {
  constructor(
    private readonly progress: Progress,
    private readonly actions: StartActions,
  ) {
    super();
    this.addClass('latentlab-start');
    this.draw();
    progress.onChange(() => this.draw());
  }

  private draw(): void {
    const { scrollTop } = this.node;
    const lessons = course.filter(({ name }) => /^\d/.test(name));
    this.node.lang = language() === 'zh' ? 'zh-CN' : 'en';
    this.node.replaceChildren(
      element('div', { class: 'latentlab-page' }, this.head(lessons), this.list(lessons), this.others()),
      this.map(lessons),
    );
    this.node.scrollTop = scrollTop;
  }

  private head(lessons: readonly CourseNotebook[]): HTMLElement {
    const choices = (['en', 'zh'] as const).map(wanted => {
      const chosen = wanted === language();
      const button = element(
        'button',
        { type: 'button', 'data-language': wanted, 'aria-pressed': String(chosen) },
        wanted === 'en' ? 'English' : '中文',
      );
      if (!chosen) button.addEventListener('click', () => this.actions.speak(wanted));
      return button;
    });
    const latest = lessons.find(({ name }) => name === this.progress.latest());
    const begin = this.link(latest ?? lessons[0], latest ? say('Go on: {lesson}') : say('Begin: {lesson}'), 'begin');
    return element(
      'header',
      {},
      element('div', { class: 'latentlab-languages', role: 'group' }, ...choices),
      element('h1', {}, 'LatentLab'),
      element(
        'p',
        {},
        say('From Bayes’ rule to a machine that draws what a sentence says, in {n} lessons.', undefined, {
          n: lessons.length,
        }),
      ),
      element(
        'p',
        {},
        say('A lesson is text, code and what the code shows. Read it, change a number, press Shift+Enter, watch.'),
      ),
      begin,
      this.aside(),
    );
  }

  private link({ name, title }: CourseNotebook, words = '{lesson}', kind = 'lesson'): HTMLElement {
    const path = language() === 'zh' ? `zh/${name}.ipynb` : `${name}.ipynb`;
    const said = words.replace('{lesson}', title[language()]);
    const anchor = element('a', { href: `#${path}`, class: `latentlab-${kind}`, 'data-path': path }, said);
    anchor.addEventListener('click', event => {
      event.preventDefault();
      this.actions.open(path);
    });
    return anchor;
  }

  private list(lessons: readonly CourseNotebook[]): HTMLElement {
    return element('ol', { class: 'latentlab-lessons' }, ...lessons.map(lesson => this.row(lesson, lessons)));
  }

  private row(lesson: CourseNotebook, lessons: readonly CourseNotebook[]): HTMLElement {
    const { reading, time } = lesson;
    const facts = [
      reading[language()] && say('read: {time}', undefined, { time: reading[language()] }),
      say('run: {time}', undefined, { time: time[language()] }),
    ].filter(Boolean);
    const needs = lessons.filter(({ name }) => lesson.needs.includes(name));
    const numbers = needs.flatMap((need, i): Child[] => [
      i === 0 ? `${say('after')} ` : ', ',
      this.link(need, need.name.slice(0, 2), 'need'),
    ]);
    return element(
      'li',
      { 'data-lesson': lesson.name },
      element('h2', {}, this.link(lesson)),
      element('p', {}, lesson.question[language()]),
      element(
        'p',
        { class: 'latentlab-facts' },
        this.standing(lesson),
        ` · ${facts.join(' · ')}`,
        ...(needs.length ? [' · '] : []),
        ...numbers,
      ),
    );
  }

  /** How far this reader has come. */
  private standing(lesson: CourseNotebook): HTMLElement {
    const reached = this.progress.of(lesson);
    const words = !reached
      ? say('not opened yet')
      : reached.done
        ? `✓ ${say('all {n} cells run', undefined, { n: lesson.codeCells })}`
        : reached.ran > 0
          ? say('{n} of {n2} cells run', undefined, { n: reached.ran, n2: lesson.codeCells })
          : say('opened');
    return element(
      'span',
      { class: reached?.done ? 'latentlab-done' : reached ? 'latentlab-begun' : 'latentlab-new' },
      words,
    );
  }

  private others(): HTMLElement {
    const rest = course.filter(({ name }) => !/^\d/.test(name)).map(notebook => this.link(notebook));
    return element('p', { class: 'latentlab-others' }, ...rest);
  }

  /** What the list below does not show at once: the reader's own folder, and the map at the page's end. */
  private aside(): HTMLElement {
    const folder = language() === 'zh' ? 'my-work/zh' : 'my-work';
    const own = element('a', { href: `#${folder}`, 'data-path': folder }, say('Your own work'));
    const map = element('a', { href: `#${MAP}` }, say('What needs what'));
    const does = (link: HTMLElement, action: () => void) =>
      link.addEventListener('click', event => {
        event.preventDefault();
        action();
      });
    does(own, () => this.actions.open(folder));
    does(map, () => this.node.querySelector(`#${MAP}`)?.scrollIntoView({ behavior: 'smooth' }));
    return element('p', { class: 'latentlab-aside' }, map, own);
  }

  /** All lessons as boxes with arrows; one that has been run through has a tick, one that was begun half a disc. */
  private map(lessons: readonly CourseNotebook[]): HTMLElement {
    const box = (lesson: CourseNotebook): HTMLElement => {
      const reached = this.progress.of(lesson);
      const mark = reached?.done ? '✓ ' : reached ? '◐ ' : '';
      const anchor = this.link(lesson, `${mark}${shortTitle(lesson.title[language()])}`, 'box');
      anchor.title = lesson.title[language()];
      return anchor;
    };
    return element(
      'section',
      { class: 'latentlab-map', id: MAP },
      element('h2', {}, say('What needs what')),
      element(
        'p',
        {},
        say('An arrow leads from a lesson to those that need it. Point at a lesson to see all that comes before it.'),
      ),
      element('p', {}, say('✓ all cells run · ◐ opened')),
      courseMap(lessons, box),
    );
  }
}

/** '03 · Bayes: how evidence …' → '03 Bayes'. */
const shortTitle = (title: string): string => title.split(/[:：]/)[0].replace(' · ', ' ');
