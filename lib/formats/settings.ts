/**
 * A JSON file of settings, read field by field. What is not read at the end is refused: a setting that is accepted and
 * ignored gives a model that runs, and answers wrongly.
 */
import { fs } from '../platform';
import { statOf } from './files';

type Json = Record<string, unknown>;

/** Who wrote a file and with what: never a setting. */
const ABOUT = new Set([
  '_class_name',
  '_diffusers_version',
  '_name_or_path',
  '_use_default_values',
  '_commit_hash',
  'architectures',
  'dtype',
  'model_type',
  'torch_dtype',
  'transformers_version',
]);

/** Far above any net's, and so few that a damaged or hostile file can't fill the memory while a net is built. */
const MOST = 2 ** 24;
const MOST_LAYERS = 1000;
const MOST_WIDTH = 2 ** 16;
const MOST_LISTED = 16;

/**
 * @example new Settings('config.json', { layers: 12 }).whole('layers') // → 12
 */
export class Settings {
  private readonly read = new Set<string>();

  /** @param name the file as errors name it */
  constructor(
    readonly name: string,
    private readonly values: Json,
  ) {}

  /** @throws Error where the file is no JSON object */
  static open(file: string): Settings {
    let values: unknown;
    const stat = statOf(file);
    if (stat && !stat.isFile()) throw new Error(`${file} is a folder, a device or a pipe, expected a file of settings`);
    try {
      values = JSON.parse(fs.readFileSync(file, 'utf8'));
    } catch (error) {
      throw new Error(`${file} is no JSON (${(error as Error).message}); copy the folder again`);
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values))
      throw new Error(`${file}: expected an object { … } of settings, got ${short(values)}`);
    return new Settings(file, values as Json);
  }

  /** The field as it stands; undefined where it is missing or null, which means the same in these files. */
  value(field: string): unknown {
    this.read.add(field);
    return Object.hasOwn(this.values, field) ? (this.values[field] ?? undefined) : undefined;
  }

  /** A number; without `otherwise` the field must be there. */
  number(field: string, otherwise?: number): number {
    const value = this.given(field, otherwise);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.wrong(field, value, 'a number');
    return value;
  }

  /** A whole number of at least `least` and at most `most`. */
  whole(field: string, otherwise?: number, least = 1, most = MOST): number {
    const value = this.given(field, otherwise);
    if (!Number.isSafeInteger(value) || (value as number) < least)
      throw this.wrong(field, value, `a whole number of at least ${least}`);
    if ((value as number) > most) throw this.wrong(field, value, `a whole number of at most ${most}`);
    return value as number;
  }

  /** How many layers there are. */
  layers(field: string, otherwise?: number): number {
    return this.whole(field, otherwise, 1, MOST_LAYERS);
  }

  /** A list of whole numbers of at least 1, of widths and the like. */
  wholes(field: string): number[] {
    const value = this.given(field);
    const fits =
      Array.isArray(value) && value.length > 0 && value.every(each => Number.isSafeInteger(each) && each > 0);
    if (!fits) throw this.wrong(field, value, 'a list of whole numbers');
    if (value.length > MOST_LISTED || Math.max(...value) > MOST_WIDTH)
      throw this.wrong(field, value, `at most ${MOST_LISTED} numbers of at most ${MOST_WIDTH}`);
    return value;
  }

  flag(field: string, otherwise: boolean): boolean {
    const value = this.given(field, otherwise);
    if (typeof value !== 'boolean') throw this.wrong(field, value, 'true or false');
    return value;
  }

  /** One of the values that `known` names, and what it stands for here. */
  oneOf<T>(field: string, known: Record<string, T>, otherwise?: string): T {
    const value = this.given(field, otherwise);
    if (typeof value !== 'string' || !Object.hasOwn(known, value))
      throw this.wrong(field, value, `one of ${Object.keys(known).join(', ')}`);
    return known[value];
  }

  /** Fields that must have just this value, which is also what they mean where they are missing. */
  must(wanted: Json): void {
    for (const [field, value] of Object.entries(wanted)) {
      const given = this.value(field) ?? value;
      if (JSON.stringify(given) !== JSON.stringify(value))
        throw new Error(
          `${this.name}: ${field} is ${short(given)}, and this course's nets are made for ${short(value)}`,
        );
    }
  }

  /** Fields that change nothing here, whatever they are. */
  ignore(...fields: string[]): void {
    for (const field of fields) this.read.add(field);
  }

  /** @throws Error naming the fields that nobody has asked for, unless they are null: switched off */
  done(): void {
    const strange = Object.keys(this.values).filter(
      field => !this.read.has(field) && !ABOUT.has(field) && this.values[field] !== null,
    );
    if (strange.length === 0) return;
    const each = strange.slice(0, 5).map(field => `${field} = ${short(this.values[field])}`);
    throw new Error(
      `${this.name}: ${each.join(', ')}${strange.length > 5 ? ' …' : ''}: unknown here, and ignoring it could change the result; take it out if it is known to change nothing`,
    );
  }

  private given(field: string, otherwise?: unknown): unknown {
    const value = this.value(field) ?? otherwise;
    if (value === undefined) throw new Error(`${this.name} has no ${field}, without which the net can't be built`);
    return value;
  }

  private wrong(field: string, value: unknown, expected: string): Error {
    return new Error(`${this.name}: ${field} is ${short(value)}, expected ${expected}`);
  }
}

const short = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100);
