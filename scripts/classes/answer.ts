/**
 * An exercise taken apart: what the course asks, what a student has written, and the cells that hold the one against the
 * other. The student's cell gives the values of the answer's names and nothing else: its other names stay inside a function,
 * so that neither a changed check nor a name of the check's own, declared anew, changes what is asked.
 */
import ts from 'typescript';
import { answerNames, exercisesOf, parse } from '../notebooks/exercises';
import { type Cell, type Notebook, tagsOf } from '../notebooks/notebook';
import { checkOf, declared, isWhole, type Source, sourceOf, standsOn, used } from './code';

export interface Task {
  /** Id of the exercise's cell. */
  id: string;
  /** Its name in the check: exercise('name', …). */
  name: string;
  /** Its place among the lesson's cells. */
  place: number;
  /** The cell as the lesson has it. */
  source: string;
  /** Names whose values the student gives. */
  answers: string[];
  /** What the cell declares beside them; the check may use it. */
  frame: string;
  /** Arguments of the check's call, from the function on. */
  check: string;
}

/** All exercises of a lesson. */
export function tasksOf(lesson: Notebook): Task[] {
  return exercisesOf(lesson).flatMap(exercise => {
    const { cell } = exercise;
    const answers = answerNames(exercise);
    const statements = [...parse(cell.source).statements];
    const call = statements.map(checkOf).find(found => found !== undefined);
    if (!call || call.arguments.length < 2) return [];
    const [name, check] = call.arguments;
    const frame = statements.filter(one => !checkOf(one) && !declared(one).some(given => answers.includes(given)));
    return [
      {
        id: cell.id,
        name: ts.isStringLiteralLike(name) ? name.text : cell.id,
        place: lesson.cells.indexOf(cell),
        source: cell.source,
        answers,
        frame: frame.map(one => one.getText()).join('\n'),
        check: check.getText(),
      },
    ];
  });
}

/** The student's cell for an exercise: the one of its id, or, where that is gone or untouched, a copy with the same check. */
export function cellFor(task: Task, { cells }: Notebook): Cell | undefined {
  const code = cells.filter(cell => cell.cell_type === 'code');
  const asks = (cell: Cell) => new RegExp(`\\bexercise\\(\\s*['"\`]${escaped(task.name)}['"\`]`).test(cell.source);
  const found = [
    ...code.filter(cell => cell.id === task.id),
    ...code.filter(cell => cell.id !== task.id && asks(cell)),
  ];
  return found.find(cell => !isUntouched(task, cell.source)) ?? found[0];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isUntouched = (task: Task, source: string): boolean => bare(source) === bare(task.source);
const bare = (text: string): string => text.replace(/\s+/g, '');

/** What there is to say of an answer before anything runs. */
export type Fault = { kind: 'unsolved' } | { kind: 'nameless'; names: string[] } | { kind: 'shadows'; names: string[] };

/** The student's code for one exercise, ready to run, or what is wrong with it. */
export function answerOf(task: Task, cell: Cell, student: Notebook, lesson: Notebook): { code: string } | Fault {
  if (isUntouched(task, cell.source)) return { kind: 'unsolved' };
  if (!isWhole(cell.source)) return { code: cell.source }; // the kernel says where it is broken
  const own = [...parse(cell.source).statements].filter(one => !checkOf(one));
  const given = own.flatMap(declared);
  const missing = task.answers.filter(name => !given.includes(name));
  if (missing.length > 0) return { kind: 'nameless', names: missing };
  const statements = [...helpersOf(own, student, lesson, cell), ...own];
  const imports = statements.filter(ts.isImportDeclaration);
  const shadows = shadowedBy(imports, task, lesson);
  if (shadows.length > 0) return { kind: 'shadows', names: shadows };
  const body = statements.filter(one => !ts.isImportDeclaration(one)).map(one => `  ${withoutExport(one)}`);
  const names = task.answers.join(', ');
  const lines = [
    ...imports.map(one => one.getText()),
    `const { ${names} } = await (async () => {`,
    ...body,
    `  return { ${names} };`,
    '})();',
  ];
  return { code: lines.join('\n') };
}

const withoutExport = (statement: ts.Statement): string => statement.getText().replace(/^export\s+(?:default\s+)?/, '');

/** Declarations from cells of the student's own that the answer uses and the lesson does not make; theirs in turn first. */
function helpersOf(own: ts.Statement[], student: Notebook, lesson: Notebook, cell: Cell): ts.Statement[] {
  const known = new Set(
    lesson.cells.flatMap(one => (one.cell_type === 'code' ? [...sourceOf(one.source).declares] : [])),
  );
  const others = student.cells.filter(one => one.cell_type === 'code' && one !== cell && isWhole(one.source));
  const statements = others.flatMap(one => [...parse(one.source).statements]).reverse();
  const taken = new Set<ts.Statement>();
  const local = new Set(own.flatMap(declared));
  const ask = (names: Iterable<string>): void => {
    for (const name of names) {
      if (known.has(name) || local.has(name)) continue;
      const helper = statements.find(one => declared(one).includes(name));
      if (!helper || taken.has(helper)) continue;
      taken.add(helper);
      ask(used(helper));
    }
  };
  for (const one of own) ask(used(one));
  return statements.filter(one => taken.has(one)).reverse();
}

/** Imports stand outside of the function: one that takes a name of the check's may only be the lesson's own. */
function shadowedBy(imports: ts.ImportDeclaration[], task: Task, lesson: Notebook): string[] {
  const asked = used(parse(`${task.frame}\n(${task.check})`));
  const ours = new Set(lesson.cells.flatMap(one => (one.cell_type === 'code' ? importsOf(one.source) : [])));
  return imports.flatMap(one => {
    const pairs = importPairs(one);
    return pairs.filter(pair => asked.has(pair.name) && !ours.has(pair.whole)).map(pair => pair.name);
  });
}

const importsOf = (source: string): string[] =>
  [...parse(source).statements].filter(ts.isImportDeclaration).flatMap(one => importPairs(one).map(pair => pair.whole));

/** `import { a as b } from 'c'` → name b, whole 'a as b from c'. */
function importPairs(statement: ts.ImportDeclaration): { name: string; whole: string }[] {
  const from = statement.moduleSpecifier.getText();
  const { namedBindings } = statement.importClause ?? {};
  const elements = namedBindings && ts.isNamedImports(namedBindings) ? [...namedBindings.elements] : [];
  return declared(statement).map(name => {
    const element = elements.find(one => one.name.text === name);
    return { name, whole: `${element ? (element.propertyName ?? element.name).text : '*'} as ${name} from ${from}` };
  });
}

/** Places of the lesson's cells that the answers and their checks stand on. */
export function preparation(lesson: Notebook, tasks: readonly { task: Task; code: string }[]): number[] {
  const sources = lesson.cells.map((cell): Source | undefined =>
    cell.cell_type === 'code' && !tagsOf(cell).includes('exercise') ? sourceOf(cell.source) : undefined,
  );
  const places = tasks.flatMap(({ task, code }) => {
    const names = used(parse(`${code}\n${task.frame}\n(${task.check})`));
    return [...standsOn(names, sources, task.place)];
  });
  return [...new Set(places)].sort((a, b) => a - b);
}
