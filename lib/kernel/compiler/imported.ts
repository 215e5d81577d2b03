/**
 * Errors in the files that a cell imports: said at the import, before anything runs. What was found in order is kept
 * across kernels, so the project's lib is checked once after each change to it.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import ts from 'typescript';
import { readCached, writeCached } from '../cache';
import type { Diagnostic } from '../messages';
import { ROOT, shortPath } from '../paths';
import { stampOf } from '../stamp';
import { placeAt } from './cell';
import type { CellHost } from './host';

const KEPT = 'checked.json';
/** Changes whenever packages, and so their types, do. */
const PACKAGES = path.join(ROOT, 'node_modules', '.package-lock.json');
const MOST_KEPT = 2000;
/** What a module's text may hold although TypeScript, which takes it for CommonJS, objects: it runs. */
export const RUNS = new Set([1343, 1375, 1378, 1431, 1432, 1470, 2821, 2823, 2835, 5097, 7016]);

export class ImportedFiles {
  private readonly passed: Set<string>;
  /** Cell's import → what the disk was like when nothing below it was wrong. */
  private readonly inOrder = new Map<string, number>();
  private readonly hashes = new Map<string, { version: string; hash: string }>();

  private readonly environment = [ts.version, process.version, stampOf(PACKAGES)].join();

  constructor(
    private readonly host: CellHost,
    private readonly service: ts.LanguageService,
  ) {
    this.passed = new Set(passedBefore());
  }

  /** @param cell file whose imports, and all below them, are looked at. The innermost files come first. */
  faults(cell: string): Diagnostic[] {
    const roots = this.host.importsOf(cell).filter(file => this.isOwn(file));
    const open = roots.filter(file => this.inOrder.get(file) !== this.host.filesVersion);
    if (open.length === 0) return [];
    const found: Diagnostic[] = [];
    const news: string[] = [];
    for (const file of this.below(open)) this.check(file, found, news);
    this.keep(news);
    if (found.length === 0) for (const root of open) this.inOrder.set(root, this.host.filesVersion);
    return found;
  }

  /** The same ahead of time, file by file, so that whoever calls can do other things in between. Says nothing of what is wrong. */
  *ahead(cell: string): Generator<void> {
    const news: string[] = [];
    for (const file of this.below(this.host.importsOf(cell).filter(one => this.isOwn(one)))) {
      this.check(file, [], news);
      yield;
    }
    this.keep(news);
  }

  private check(file: string, found: Diagnostic[], news: string[]): void {
    const source = this.service.getProgram()!.getSourceFile(file);
    const key = this.keyOf(file);
    if (!source || this.passed.has(key)) return;
    const faults = this.faultsOf(source);
    found.push(...faults);
    if (faults.length === 0) news.push(key);
  }

  private faultsOf(source: ts.SourceFile): Diagnostic[] {
    const syntax = this.service.getSyntacticDiagnostics(source.fileName);
    const found = syntax.length ? syntax.slice(0, 1) : this.service.getSemanticDiagnostics(source.fileName);
    return found
      .filter(d => d.category === ts.DiagnosticCategory.Error && d.start !== undefined && !RUNS.has(d.code))
      .map(d => ({
        start: placeAt(source.text, d.start!),
        end: placeAt(source.text, d.start! + (d.length ?? 1)),
        message: ts.flattenDiagnosticMessageText(d.messageText, '\n'),
        code: d.code,
        file: { name: shortPath(source.fileName), text: source.text, runsAnyway: syntax.length === 0 },
      }));
  }

  /** The files and all that they import, each behind what it imports. */
  private below(roots: readonly string[]): string[] {
    const seen = new Set<string>();
    const order: string[] = [];
    const visit = (file: string): void => {
      if (seen.has(file) || !this.isOwn(file)) return;
      seen.add(file);
      for (const used of this.host.importsOf(file)) visit(used);
      order.push(file);
    };
    for (const root of roots) visit(root);
    return order;
  }

  private isOwn(file: string): boolean {
    return !this.host.isCell(file) && !file.includes('/node_modules/') && !file.endsWith('.d.ts');
  }

  /** Stands for a file and all that it imports, as they are. */
  private keyOf(file: string): string {
    const texts = this.below([file]).map(one => `${one} ${this.hashOf(one)}`);
    return sha([this.environment, ...texts.sort()].join('\n'));
  }

  private hashOf(file: string): string {
    const version = this.host.getScriptVersion(file);
    const known = this.hashes.get(file);
    if (known?.version === version) return known.hash;
    const hash = sha(this.host.readFile(file) ?? '');
    this.hashes.set(file, { version, hash });
    return hash;
  }

  private keep(news: readonly string[]): void {
    if (news.length === 0) return;
    for (const key of news) this.passed.add(key);
    writeCached(KEPT, JSON.stringify([...new Set([...passedBefore(), ...this.passed])].slice(-MOST_KEPT)));
  }
}

function passedBefore(): string[] {
  try {
    return JSON.parse(readCached(KEPT) ?? '[]') as string[];
  } catch {
    return [];
  }
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
