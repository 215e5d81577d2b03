/**
 * Bayes' rule on tables of hypotheses, once and again, and tables of two variables.
 * @see lesson 03-bayes
 */
import { DISPLAY, type Displayable, html, type MimeBundle } from '../runtime';
import { expectNumber } from '../runtime/expect';
import { checkProbabilities } from './distributions';
import { logSumExp, sum } from './numeric';

/** A number for each name: probabilities of hypotheses, or likelihoods under them. */
export type Table<K extends string = string> = Record<K, number>;

export interface Posterior<K extends string> {
  /** P(hypothesis | evidence); sums to 1. */
  posterior: Table<K>;
  /** P(evidence): what the likelihoods average to under the prior. */
  evidence: number;
}

/**
 * posterior = likelihood × prior ÷ evidence, for every hypothesis.
 * `likelihood[h]` is P(what was seen | h); these need not sum to 1.
 * @example posterior({ rain: 0.2, dry: 0.8 }, { rain: 0.9, dry: 0.3 }).posterior.rain // → 0.4286
 */
export function posterior<K extends string>(prior: Table<K>, likelihood: Table<K>): Posterior<K> {
  const names = Object.keys(prior) as K[];
  checkProbabilities(Object.values(prior), 'the prior');
  const strange = Object.keys(likelihood).find(name => !Object.hasOwn(prior, name));
  if (strange !== undefined) throw new Error(`"${strange}" must be in the prior, which has ${names.join(', ')}`);
  for (const name of names) {
    const p = likelihood[name];
    if (!(p >= 0 && p <= 1)) throw new Error(`likelihood of "${name}" is ${p}; expected P(seen | ${name}), 0 to 1`);
  }
  const joint = names.map(name => prior[name] * likelihood[name]);
  const evidence = sum(joint);
  if (evidence === 0) throw new Error('what was seen is impossible under every hypothesis: evidence 0, no posterior');
  return {
    posterior: tableOf(
      names,
      joint.map(p => p / evidence),
    ),
    evidence,
  };
}

/**
 * Belief after each piece of evidence, the prior first: each posterior is the next prior.
 * Right only where the pieces are independent once the hypothesis is known.
 * @example updates({ rain: 0.5, dry: 0.5 }, [{ rain: 0.9, dry: 0.1 }])[1].rain // → 0.9
 */
export function updates<K extends string>(prior: Table<K>, likelihoods: readonly Table<K>[]): Table<K>[] {
  checkProbabilities(Object.values(prior), 'the prior');
  const beliefs = [prior];
  for (const likelihood of likelihoods) beliefs.push(posterior(beliefs[beliefs.length - 1], likelihood).posterior);
  return beliefs;
}

/**
 * Bayes' rule on logs, for evidence of many parts: log prior + log likelihood − log evidence, by index. −∞ is impossible.
 * @throws Error where the lists don't pair up, hold NaN or ∞, or what was seen is impossible under every hypothesis
 * @example logPosterior([Math.log(0.5), Math.log(0.5)], [Math.log(0.9), Math.log(0.1)]) // → [-0.1054, -2.3026]
 */
export function logPosterior(logPrior: readonly number[], logLikelihood: readonly number[]): number[] {
  if (logPrior.length === 0 || logPrior.length !== logLikelihood.length) {
    throw new Error(
      `expected one likelihood for each of the priors, got ${logLikelihood.length} for ${logPrior.length}`,
    );
  }
  for (const [name, values] of Object.entries({ 'log prior': logPrior, 'log likelihood': logLikelihood })) {
    const wrong = values.find(value => !(value < Number.POSITIVE_INFINITY));
    if (wrong !== undefined) throw new Error(`a ${name} must be a number below ∞, got ${wrong}; −∞ is impossible`);
  }
  const joint = logPrior.map((p, i) => p + logLikelihood[i]);
  const evidence = logSumExp(joint);
  if (evidence === Number.NEGATIVE_INFINITY) {
    throw new Error('what was seen must be possible under a hypothesis, got evidence 0: there is no posterior');
  }
  return joint.map(p => p - evidence);
}

/**
 * A joint distribution p(row, column) of two discrete variables, with all that follows from it.
 * @example new JointTable(['rain', 'dry'], ['cloud', 'sun'], [[0.3, 0.1], [0.2, 0.4]]).rowMarginal() // → { rain: 0.4, dry: 0.6 }
 */
export class JointTable implements Displayable {
  constructor(
    readonly rows: readonly string[],
    readonly columns: readonly string[],
    /** p[row][column]; all of them together sum to 1. */
    readonly p: readonly (readonly number[])[],
  ) {
    if (p.length !== rows.length || p.some(line => line.length !== columns.length)) {
      throw new Error(
        `expected ${rows.length} rows of ${columns.length} probabilities, got rows of ${p.map(l => l.length)}`,
      );
    }
    for (const [what, names] of Object.entries({ rows, columns })) {
      const twice = names.find((name, i) => names.indexOf(name) !== i);
      if (twice !== undefined) throw new Error(`expected different names of ${what}, got "${twice}" twice; rename one`);
    }
    checkProbabilities(p.flat(), 'the joint table');
  }

  /** Probabilities from counts of pairs: counts ÷ total. */
  static fromCounts(
    rows: readonly string[],
    columns: readonly string[],
    counts: readonly (readonly number[])[],
  ): JointTable {
    for (const count of counts.flat()) expectNumber('a count', count, { from: 0 });
    const total = sum(counts.flat());
    if (total === 0) throw new Error('a table must hold at least one pair, got counts of 0 only');
    return new JointTable(
      rows,
      columns,
      counts.map(line => line.map(n => n / total)),
    );
  }

  /** p(row, column). */
  at(row: string, column: string): number {
    return this.p[place(this.rows, row)][place(this.columns, column)];
  }

  /** p(row) = Σ_column p(row, column): the column is summed out. */
  rowMarginal(): Table {
    return tableOf(this.rows, this.p.map(sum));
  }

  /** p(column) = Σ_row p(row, column). */
  columnMarginal(): Table {
    return tableOf(
      this.columns,
      this.columns.map((_, c) => sum(this.p.map(line => line[c]))),
    );
  }

  /** p(column | row) for every column: the row, divided by its sum. */
  givenRow(row: string): Table {
    return tableOf(this.columns, normalised(this.p[place(this.rows, row)], row));
  }

  /** p(row | column) for every row. */
  givenColumn(column: string): Table {
    const c = place(this.columns, column);
    return tableOf(
      this.rows,
      normalised(
        this.p.map(line => line[c]),
        column,
      ),
    );
  }

  [DISPLAY](): MimeBundle {
    const digits = (p: number) => p.toFixed(4);
    const sums = this.columnMarginal();
    const columnSums = this.columns.map(column => sums[column]); // an object has names such as '10' in another order
    const lines = this.p.map((line, r) => [this.rows[r], ...line.map(digits), digits(sum(line))]);
    const all = [['', ...this.columns, 'Σ'], ...lines, ['Σ', ...columnSums.map(digits), '1']];
    const rows = all.map(
      (line, i) => html`<tr>${line.map((t, j) => (i && j ? html`<td>${t}</td>` : html`<th>${t}</th>`))}</tr>`,
    );
    return {
      'text/html': html`<table>${rows}</table>`.source,
      'text/plain': all.map(line => line.join('\t')).join('\n'),
    };
  }
}

function tableOf<K extends string>(names: readonly K[], values: readonly number[]): Table<K> {
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Table<K>;
}

function place(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new Error(`"${name}" is not in the table; it has ${names.join(', ')}`);
  return index;
}

function normalised(values: readonly number[], name: string): number[] {
  const total = sum(values);
  if (total === 0) throw new Error(`nothing can be said given "${name}": its probability is 0`);
  return values.map(p => p / total);
}
