/** Exercises of a lesson and their folded solutions: found, and put together, so that a test can run the answers. */
import ts from 'typescript';
import { type Cell, type Notebook, tagsOf } from './notebook';

export interface Exercise {
  /** The cell with the reader's place and the check. */
  cell: Cell;
  /** The solution's code, from the folded text below the cell; undefined where there is none. */
  solution: string | undefined;
}

/** Every cell tagged `exercise`, with the solution that the next text folds away. */
export function exercisesOf({ cells }: Notebook): Exercise[] {
  return cells.flatMap((cell, i) => {
    if (cell.cell_type !== 'code' || !tagsOf(cell).includes('exercise')) return [];
    const next = cells.slice(i + 1).find(other => other.cell_type === 'markdown');
    const folded = /<details>([\s\S]*?)<\/details>/.exec(next?.source ?? '')?.[1];
    return [{ cell, solution: folded && codeOf(folded.replace(/<summary>[\s\S]*?<\/summary>/, '')) }];
  });
}

/** The first block of code in a text, else the first inline code, else the first number in bold. */
function codeOf(text: string): string | undefined {
  const found =
    /```(?:ts|typescript)\n([\s\S]*?)```/.exec(text) ?? /`([^`\n]+)`/.exec(text) ?? /\*\*([\d.]+)\*\*/.exec(text);
  return found?.[1].trim();
}

/**
 * The exercise's code with the solution in the reader's place: declarations replace those of the same name, a bare
 * expression the first `undefined` or `todo()`. Throws where the solution has no such place.
 */
export function solved({ cell, solution }: Exercise): string {
  if (solution === undefined) throw new Error(`exercise '${cell.id}' has no folded solution with code below it`);
  const answer = parse(solution);
  const names = answer.statements.flatMap(namesOf);
  if (names.length > 0) return withDeclarations(cell, solution, names);
  const place = parse(cell.source).statements.flatMap(emptyPlaces)[0];
  if (!place) throw new Error(`exercise '${cell.id}': no '= undefined' or '= todo()' for the solution '${solution}'`);
  const expression = solution.replace(/;$/, '');
  return `${cell.source.slice(0, place.getStart())}${expression}${cell.source.slice(place.end)}`;
}

/** Names of the exercise's cell whose values the reader gives: those of the solution, or the first that waits for a value. */
export function answerNames({ cell, solution }: Exercise): string[] {
  const given = parse(solution ?? '').statements.flatMap(namesOf);
  const statements = [...parse(cell.source).statements];
  if (given.length > 0) return statements.flatMap(namesOf).filter(name => given.includes(name));
  const waiting = statements.find(statement => emptyPlaces(statement).length > 0);
  return waiting ? namesOf(waiting) : [];
}

export const parse = (text: string): ts.SourceFile =>
  ts.createSourceFile('cell.ts', text, ts.ScriptTarget.Latest, true);

function withDeclarations(cell: Cell, solution: string, names: string[]): string {
  const asked = parse(cell.source).statements.filter(s => namesOf(s).some(name => names.includes(name)));
  if (asked.length === 0)
    throw new Error(`exercise '${cell.id}' declares none of ${names.join(', ')}, which its solution gives`);
  const pieces = asked.reduceRight(
    (text, s) => `${text.slice(0, s.getStart())}${s === asked[0] ? solution : ''}${text.slice(s.end)}`,
    cell.source,
  );
  return pieces;
}

/** Names that a statement declares at the top of a cell. */
function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const named = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
}

/** Initial values that wait for the reader. */
function emptyPlaces(statement: ts.Statement): ts.Expression[] {
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ initializer }) =>
    initializer && /^(undefined|todo\(\))$/.test(initializer.getText()) ? [initializer] : [],
  );
}

/** Ways to pass a check without an answer, put in the reader's place; only for exercises that ask for a function. */
export interface Cheat {
  name: string;
  source: string;
}

/**
 * A function that always gives what the right one gives to the first question, and one that gives its first argument back:
 * a check that asks with one input only lets the first of them pass.
 */
export function cheats(exercise: Exercise): Cheat[] {
  const source = solved(exercise);
  const names = parse(exercise.solution ?? '').statements.flatMap(namesOf);
  const asked = parse(source).statements.filter(s => namesOf(s).some(name => names.includes(name)) && isFunction(s));
  const [statement] = asked;
  if (!statement) return [];
  const [name] = namesOf(statement);
  const honest = `honest_${name}`;
  const text = statement.getText().replace(new RegExp(`\\b${name}\\b`), honest);
  const put = (cheat: string) =>
    `${source.slice(0, statement.getStart())}${text}\nconst ${name} = (${cheat}) as never as typeof ${honest};${source.slice(statement.end)}`;
  return [
    {
      name: 'constant',
      source: put(
        `((kept: unknown[]) => (...given: unknown[]) => { if (kept.length === 0) kept.push((${honest} as never as (...all: unknown[]) => unknown)(...given)); return kept[0]; })([])`,
      ),
    },
    { name: 'argument', source: put('(first: unknown) => first') },
  ];
}

/** Does a statement declare a function, by name or as an arrow? */
function isFunction(statement: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(statement)) return true;
  if (!ts.isVariableStatement(statement)) return false;
  const { initializer } = statement.declarationList.declarations[0];
  return initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
}

/** A function that takes nothing is a constant: its check cannot tell it from one. */
export function takesNothing({ solution }: Exercise): boolean {
  return parse(solution ?? '').statements.some(statement => {
    if (!isFunction(statement)) return false;
    const made = ts.isFunctionDeclaration(statement)
      ? statement
      : ((statement as ts.VariableStatement).declarationList.declarations[0].initializer as ts.ArrowFunction);
    return made.parameters.length === 0;
  });
}
