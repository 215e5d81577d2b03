/** `npm run sweep`: a grid of small scripts, run here; what fails, what is stopped, what is done again. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readRows } from '../../scripts/classes/table';
import { gridOf, metricsIn } from '../../scripts/classes/trials';
import { inProject } from '../../scripts/setup/paths';
import { main } from '../../scripts/sweep';
import { newFolder } from '../folder';

const SCRIPT = `
import { appendFileSync } from 'node:fs';
const { lr, rank } = JSON.parse(process.env.LAB_TRIAL);
appendFileSync(process.env.SEEN, lr + ' ' + rank + '\\n');
console.log(JSON.stringify({ loss: 99, step: 1 }));
if (rank === 8 && lr > 1 && !process.env.MENDED) throw new TypeError('the loss is not finite');
console.log(JSON.stringify({ loss: lr * rank }));
`;

function makeScript(text: string): { script: string; table: string; seen: string } {
  const folder = newFolder('sweep');
  const script = path.join(folder, 'train.mjs');
  fs.writeFileSync(script, text);
  const seen = path.join(folder, 'seen');
  process.env.SEEN = seen;
  return { script, table: path.join(folder, 'train.sweep.csv'), seen };
}
const lines = (file: string): string[] => fs.readFileSync(file, 'utf8').trim().split('\n').sort();

describe('npm run sweep', () => {
  it('the grid is every combination; words that are none are named', () => {
    assert.deepEqual(gridOf(['lr=1e-3,3e-3', 'net=cnn']), [
      { lr: 0.001, net: 'cnn' },
      { lr: 0.003, net: 'cnn' },
    ]);
    assert.equal(gridOf(['a=1,2,3', 'b=1,2', 'c=x,y']).length, 12);
    for (const word of ['lr', 'lr=', 'lr=1,,2', '=3', '1a=3'])
      assert.throws(() => gridOf([word]), /name=value,value.*got/);
    assert.throws(() => gridOf(['a=1', 'a=2']), /a is there twice/);
  });

  it('metrics are lines of JSON, and nothing else', () => {
    assert.deepEqual(metricsIn('{"loss": 1.5, "ok": true, "curve": [1]}'), { loss: 1.5, ok: true });
    assert.deepEqual(metricsIn('{"loss": null}'), { loss: 'NaN' });
    for (const line of ['loss 3', '[1]', '{loss: 3}', '3', '']) assert.equal(metricsIn(line), undefined);
  });

  it('a failed trial is a row; run again, only what failed runs', async () => {
    const { script, table, seen } = makeScript(SCRIPT);
    const argv = [script, '--grid', 'lr=0.5,2', 'rank=1,8', '--at-once', '2'];
    assert.equal(await main(argv), 1);
    const rows = readRows(table);
    assert.deepEqual(
      rows.map(row => [row.lr, row.rank, row.state, row.loss]),
      [
        ['0.5', '1', 'done', '0.5'],
        ['0.5', '8', 'done', '4'],
        ['2', '1', 'done', '2'],
        ['2', '8', 'failed', '99'],
      ],
    );
    assert.match(rows[3].message, /exit 1: TypeError: the loss is not finite/);
    process.env.MENDED = '1';
    assert.equal(await main(argv), 0);
    delete process.env.MENDED;
    assert.equal(lines(seen).length, 5);
    assert.equal(readRows(table)[3].loss, '16');
    assert.equal(await main([...argv, '--fresh']), 1);
    assert.equal(lines(seen).length, 9);
  });

  it('stopped in the middle it keeps what is done, ends what runs, and goes on later', async () => {
    const { script, table, seen } = makeScript(
      `${SCRIPT}if (rank > 1 && !process.env.FAST) setInterval(() => {}, 1000);`,
    );
    const argv = [script, '--grid', 'lr=1', 'rank=1,2,3', '--at-once', '2'];
    const child = spawn(process.execPath, ['--import', 'tsx', inProject('scripts', 'sweep.ts'), ...argv], {
      stdio: 'ignore',
    });
    const over = new Promise<number | null>(resolve => child.on('exit', resolve));
    for (let i = 0; i < 600 && !(fs.existsSync(seen) && lines(seen).length === 3); i++) await pause(100);
    child.kill('SIGINT');
    assert.equal(await over, 130);
    assert.deepEqual(
      readRows(table).map(row => row.state),
      ['done', 'not run', 'not run'],
    );
    process.env.FAST = '1';
    assert.equal(await main(argv), 0);
    delete process.env.FAST;
    assert.deepEqual(lines(seen), ['1 1', '1 2', '1 2', '1 3', '1 3']);
  });

  it('a script that is not there or of another kind, and Ray that is not installed, are told', async () => {
    await assert.rejects(main(['nothing.ts', '--grid', 'a=1']), /no script nothing\.ts/);
    const file = path.join(newFolder('sweep'), 'train.rb');
    fs.writeFileSync(file, '');
    await assert.rejects(main([file, '--grid', 'a=1']), /expected a script that ends in \.ts/);
    const { script } = makeScript(SCRIPT);
    process.env.LAB_RAY_PYTHON = path.join(path.dirname(script), 'python');
    await assert.rejects(main([script, '--grid', 'lr=1', 'rank=1', '--ray', 'auto']), /has no Ray; install it/);
    process.env.LAB_RAY_PYTHON = '/bin/true'; // as if it had Ray
    await assert.rejects(main([script, '--grid', 'lr=1', 'rank=1', '--ray', '127.0.0.1:1']), /nobody answers at 127/);
    delete process.env.LAB_RAY_PYTHON;
  });
});
