/**
 * What node:test tells, shortened: failures in full, slow test files by name. The counts go to the file named by
 * LAB_TEST_COUNTS, from which scripts/test.ts adds them up. (Plain JavaScript: the test runner loads it itself.)
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';

export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const printed = new Map(); // the last words of each file, shown when the file itself fails
  let cancelled = 0; // told in one line, with what cancelled them
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      printed.set(data.file, ((printed.get(data.file) ?? '') + data.message).slice(-3000));
      if (process.env.LAB_TEST_VERBOSE) yield data.message;
      continue;
    }
    const isTest = (type === 'test:pass' || type === 'test:fail') && data.details?.type !== 'suite';
    const why = type === 'test:fail' ? data.details?.error?.failureType : undefined;
    if (!isTest) {
      if (why !== undefined && !OF_OTHERS.has(why)) {
        counts.failed++; // a hook of the suite, which may be all that failed
        yield failure(data) + alsoCancelled(cancelled);
        cancelled = 0;
      }
      if (type === 'test:diagnostic' && /^note: /.test(data.message)) yield `    ${data.message.slice(6)}\n`;
      continue;
    }
    if (data.skip !== undefined) counts.skipped++;
    else if (type === 'test:pass' || data.todo !== undefined) counts.passed++;
    else counts.failed++;
    if (data.skip !== undefined) yield `    skipped: ${data.name} (${data.skip})\n`;
    if (why === 'cancelledByParent') cancelled++;
    else if (why !== undefined && data.skip === undefined) yield failure(data, printed.get(data.file));
    if (data.details.duration_ms > 10_000)
      yield `    ${(data.details.duration_ms / 1000).toFixed(1)} s  ${data.name}\n`;
  }
  yield alsoCancelled(cancelled);
  if (process.env.LAB_TEST_COUNTS) writeFileSync(process.env.LAB_TEST_COUNTS, JSON.stringify(counts));
}

/** A suite's failures that others tell: its tests, and whatever cancelled it. */
const OF_OTHERS = new Set(['subtestsFailed', 'cancelledByParent']);

const alsoCancelled = n => (n > 0 ? `        so ${n} test${n === 1 ? '' : 's'} did not run: counted as failed\n` : '');

/** The failing test's name, place and cause. A failed parent only repeats its children: one line. */
function failure(data, output = '') {
  const error = data.details.error;
  const where = data.file ? ` (${path.relative(process.cwd(), data.file)}${data.line ? `:${data.line}` : ''})` : '';
  if (error?.failureType === 'subtestsFailed') return `    ✗ ${data.name}: ${error.message}\n`;
  const wholeFile = /\.test\.\w+$/.test(data.name); // it crashed, or could not be loaded
  const told = `${inspect(error?.cause ?? error, { depth: 4 })}${wholeFile ? `\n${output.trimEnd()}` : ''}`;
  const cause = told
    .split('\n')
    .map(line => `        ${line}`)
    .join('\n');
  return `    ✗ ${data.name}${where}\n${cause}\n`;
}
