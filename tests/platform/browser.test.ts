/** The browser's side of the platform against Node's own: the same bytes, the same names, the same errors. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import nodePath from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { PNG as NodePng } from 'pngjs';
import { surroundingsOfCells } from '../../lib/kernel/page/loader';
import {
  createHash,
  fromRoot,
  fs,
  listAlso,
  mount,
  net,
  PNG,
  path,
  randomUUID,
  spawnSync,
  wantNative,
} from '../../lib/platform/browser';
import { SourceMap } from '../../lib/platform/browser/builtins/module';
import { StringDecoder } from '../../lib/platform/browser/builtins/string_decoder';
import { deflateRawSync, inflateRawSync } from '../../lib/platform/browser/builtins/zlib';
import { crc32 } from '../../lib/platform/browser/crc';
import { REFUSALS } from '../../lib/platform/browser/refusal';
import { pngBytes } from '../../lib/platform/node/png';
import { WORDS } from '../../scripts/site/page/words';

test('hashes are Node’s, of messages of every length around a block', () => {
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1000]) {
    const message = crypto.randomBytes(length);
    for (const name of ['md5', 'sha256'])
      assert.equal(
        createHash(name).update(message).digest('hex'),
        crypto.createHash(name).update(message).digest('hex'),
      );
  }
  const parts = createHash('sha256')
    .update('a 汉')
    .update(Buffer.from([1, 2]))
    .digest('base64');
  assert.equal(
    parts,
    crypto
      .createHash('sha256')
      .update('a 汉')
      .update(Buffer.from([1, 2]))
      .digest('base64'),
  );
  assert.throws(() => createHash('sha1'), /no hash sha1 in a page; expected one of md5, sha256/);
  assert.match(randomUUID(), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test('what has arrived is checked by the checksum that gzip keeps', () => {
  for (const length of [0, 1, 255, 100_000]) {
    const message = crypto.randomBytes(length);
    assert.equal(crc32(message), zlib.gzipSync(message).readUInt32LE(zlib.gzipSync(message).length - 8));
  }
});

test('paths are as on Linux', () => {
  const part = fc.constantFrom('a', 'b.txt', '..', '.', '', '/', 'c/d', '/e', 'f/', 'g.tar.gz', '.h');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), parts => {
      const joined = parts.join('/').replace(/\/{2,}/g, '/');
      assert.equal(path.join(...parts), nodePath.posix.join(...parts));
      for (const name of ['dirname', 'basename', 'extname', 'isAbsolute'] as const)
        assert.equal(path[name](joined), nodePath.posix[name](joined), `${name}(${JSON.stringify(joined)})`);
      assert.equal(path.resolve('/', ...parts), nodePath.posix.resolve('/', ...parts));
      assert.equal(
        path.relative('/a/b', path.resolve('/', ...parts)),
        nodePath.posix.relative('/a/b', path.resolve('/', ...parts)),
      );
    }),
  );
  assert.equal(path.basename('a/b.txt', '.txt'), 'b');
});

test('pictures: what either side writes, the other reads', () => {
  for (const colorType of [0, 2, 4, 6] as const) {
    const [width, height] = [7, 5];
    const pixels = crypto.randomBytes(4 * width * height);
    if (!(colorType & 2)) for (let i = 0; i < pixels.length; i += 4) pixels[i + 1] = pixels[i + 2] = pixels[i];
    if (!(colorType & 4)) for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
    const [ours, theirs] = [new PNG({ width, height }), new NodePng({ width, height })];
    for (const png of [ours, theirs]) pixels.copy(png.data);
    assert.deepEqual(
      [...NodePng.sync.read(PNG.sync.write(ours, { colorType })).data],
      [...pixels],
      `colour type ${colorType}`,
    );
    const options = { colorType, inputColorType: 6 as const, filterType: -1 };
    assert.deepEqual([...PNG.sync.read(NodePng.sync.write(theirs, options)).data], [...pixels]);
  }
  assert.throws(() => PNG.sync.read(Buffer.from('no picture')));
});

test('pictures of one grey level a pixel, saved with each of the format’s filters, are Node’s row by row', () => {
  const grey = crypto.randomBytes(35);
  const saved = (png: { data: Buffer }, pack: typeof PNG.sync.write, filterType: number) => {
    png.data = grey;
    return pack(png as never, { colorType: 0, inputColorType: 0, inputHasAlpha: false, filterType });
  };
  const rows = (file: Buffer) => {
    const at = file.indexOf('IDAT') + 4;
    return [...zlib.inflateSync(file.subarray(at, at + file.readUInt32BE(at - 8)))];
  };
  for (const filter of [0, 1, 2, 3, 4]) {
    const here = saved(new PNG({ width: 7, height: 5 }), PNG.sync.write, filter);
    const there = saved(new NodePng({ width: 7, height: 5 }), NodePng.sync.write, filter);
    assert.deepEqual(rows(here), rows(there), `filter ${filter}`);
    assert.deepEqual(
      [...PNG.sync.read(here).data.filter((_, i) => i % 4 === 0)],
      [...grey],
      `filter ${filter}, read back`,
    );
  }
});

test('pictures are packed in as few bytes as the filters allow, and none of their pixels is lost', () => {
  const side = 64;
  const drawn: Record<string, (x: number, y: number) => number> = {
    'a square': (x, y) => (x > 20 && x < 40 && y > 10 && y < 50 ? 255 : 0),
    'a slope': (x, y) => 2 * x + y,
    noise: (x, y) => crypto.createHash('md5').update(`${x} ${y}`).digest()[0],
  };
  for (const [name, value] of Object.entries(drawn)) {
    const png = new NodePng({ width: side, height: side });
    for (let i = 0; i < side * side; i++) png.data.fill(value(i % side, Math.floor(i / side)), 4 * i, 4 * i + 3);
    for (let i = 0; i < side * side; i++) png.data[4 * i + 3] = 255;
    const bytes = pngBytes(png, 0);
    for (const filterType of [-1, 0]) {
      const usual = NodePng.sync.write(png, { deflateLevel: 9, colorType: 0, filterType }).length;
      assert.ok(bytes.length <= usual, `${name}: ${bytes.length} bytes, by filter ${filterType} ${usual}`);
    }
    assert.deepEqual([...NodePng.sync.read(bytes).data], [...png.data], name);
  }
});

test('files: what is written can be read, moved, listed and removed', () => {
  const file = (name: string) => fromRoot('shelf', name);
  assert.throws(() => fs.writeFileSync(file('a.txt'), 'a'), /ENOENT/);
  fs.mkdirSync(fromRoot('shelf', 'inner'), { recursive: true });
  fs.writeFileSync(file('a.txt'), 'a 汉');
  fs.appendFileSync(file('a.txt'), '!');
  assert.equal(fs.readFileSync(file('a.txt'), 'utf8'), 'a 汉!');
  assert.equal(fs.statSync(file('a.txt')).size, 6);
  assert.deepEqual(fs.readdirSync(fromRoot('shelf')), ['a.txt', 'inner']);
  assert.ok(fs.statSync(file('inner')).isDirectory());
  fs.writeFileSync(file('inner/deep.txt'), '');
  const all = fs.readdirSync(fromRoot('shelf'), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(all, ['a.txt', 'inner', 'inner/deep.txt']);
  const handle = fs.openSync(file('b.bin'), 'w');
  fs.writeFileSync(handle, Uint8Array.of(1, 2, 3));
  fs.writeFileSync(handle, Uint8Array.of(4));
  fs.closeSync(handle);
  fs.renameSync(file('b.bin'), file('c.bin'));
  const read = fs.openSync(file('c.bin'), 'r');
  const into = new Uint8Array(2);
  assert.equal(fs.readSync(read, into, 0, 2, 2), 2);
  assert.deepEqual([...into], [3, 4]);
  assert.equal(fs.fstatSync(read).size, 4);
  assert.equal(fs.existsSync(file('b.bin')), false);
  assert.equal(fs.statSync(file('b.bin'), { throwIfNoEntry: false }), undefined);
  assert.throws(() => fs.readFileSync(file('b.bin')), { code: 'ENOENT' });
  assert.throws(() => fs.readFileSync(file('inner')), { code: 'EISDIR' });
  fs.rmSync(fromRoot('shelf'), { recursive: true });
  assert.equal(fs.existsSync(file('a.txt')), false);
  mount('notes/x.txt', 'x');
  listAlso(['notes/y.txt']);
  assert.equal(fs.readFileSync(fromRoot('notes', 'x.txt'), 'utf8'), 'x');
  assert.deepEqual(fs.readdirSync(fromRoot('notes')), ['x.txt', 'y.txt']);
});

test('bytes of a character may come in two pieces; source maps tell places', () => {
  const decoder = new StringDecoder();
  const bytes = Buffer.from('汉');
  assert.equal(decoder.write(bytes.subarray(0, 2)) + decoder.write(bytes.subarray(2)), '汉');
  assert.equal(decoder.write(bytes.subarray(0, 2)), '');
  assert.equal(decoder.end(), '\ufffd');
  // column 4 of line 0 comes from line 2, column 8
  const map = new SourceMap({ mappings: ';AAAA,IAEQ' });
  assert.deepEqual(map.findEntry(1, 5), { generatedColumn: 4, originalLine: 2, originalColumn: 8 });
  assert.deepEqual(map.findEntry(0, 5), {});
});

test('what is required of zlib is there by name; a program that cannot be started is refused by the name the page knows', () => {
  const text = Buffer.from('packed as a zip archive packs it');
  assert.deepEqual(Buffer.from(inflateRawSync(deflateRawSync(text))), text);
  assert.deepEqual(zlib.inflateRawSync(deflateRawSync(text)), text);
  assert.throws(() => spawnSync('python3'), { name: 'NotInAPage', message: /JupyterLab on a computer only/ });
});

test('what a page cannot have is refused by a name that the page knows', () => {
  const fault = (act: () => unknown): Error => {
    try {
      act();
    } catch (error) {
      return error as Error;
    }
    assert.fail('it should have been refused');
  };
  const refused = [
    fault(() => spawnSync('python3')),
    fault(() => net.isIPv4('1.2.3.4')),
    fault(() => wantNative('a step')),
    fault(() => surroundingsOfCells({}).require('zod')),
    fault(() => surroundingsOfCells({}).require('/project/tmp/layer.ts')),
  ];
  assert.deepEqual(
    refused.map(({ name }) => REFUSALS[name as keyof typeof REFUSALS]),
    ['program', 'connection', 'library', 'package', 'file'],
  );
  for (const { message } of refused) assert.match(message, /: this cell runs in JupyterLab on a computer only$/);
  assert.deepEqual(Object.keys(WORDS.zh.elsewhere), Object.keys(WORDS.en.elsewhere));
  for (const reason of Object.values(REFUSALS)) assert.ok(reason in WORDS.en.elsewhere);
});
