import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { codeLine } from '../../lib/course';

test('code is found in its file, and missed where it is gone', () => {
  const [file, line] = codeLine('models/vae.ts', 'encode(x').split(':');
  const lines = readFileSync(path.join(__dirname, '../..', file), 'utf8').split('\n');
  assert.match(lines[Number(line) - 1], /encode\(x: tf\.Tensor\)/);
  assert.throws(
    () => codeLine('models/vae.ts', 'no such code'),
    /lib\/models\/vae\.ts has no line with "no such code"/,
  );
});
