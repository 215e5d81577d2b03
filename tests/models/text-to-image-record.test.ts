/** What a picture of `npm run text-to-image` says of itself, and making it again; sheets; damaged PNGs; memory. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import zlib from 'node:zlib';
import { PNG } from 'pngjs';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { version } from '../../package.json';
import { memorySentence } from '../../scripts/paint/memory';
import { textsOf, withTexts } from '../../scripts/paint/png-texts';
import { GAP } from '../../scripts/paint/sheet';
import { main } from '../../scripts/text-to-image';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const FOLDER = path.join(FIXTURES, 'tiny-stable-diffusion');
const LORA = path.join(FIXTURES, 'tiny-lora.safetensors');
const folder = newFolder('record');
const at = (name: string) => path.join(folder, name);
const bytes = (name: string) => fs.readFileSync(at(name));
const pixels = (name: string) => PNG.sync.read(bytes(name));
const PROMPT = 'a red heart, naïve; 红心 🍎';

const paint = (...more: string[]) =>
  main(['--model', FOLDER, '--prompt', PROMPT, '--negative', 'dogs', '--size', '16', '--steps', '2', ...more]);
const again = (from: string, out: string, ...more: string[]) => main(['--from', at(from), '--out', at(out), ...more]);

before(() => paint('--seed', '5-7', '--out', at('three.png')));

test('a picture says how it was made, in letters of any script', () => {
  const said = Object.fromEntries(textsOf(at('three-6.png')));
  assert.match(said.model, /^[0-9a-f]{16} .*tiny-stable-diffusion$/);
  assert.deepEqual(
    { ...said, model: '' },
    {
      Software: `LatentLab ${version}`,
      prompt: PROMPT,
      'negative prompt': 'dogs',
      seed: '6',
      steps: '2',
      guidance: '7.5',
      sampler: 'DDIM',
      size: '16x16',
      model: '',
    },
  );
});

test('--from makes the same file again, byte for byte, and options beside it change it', async () => {
  assert.equal(await again('three-6.png', 'again.png'), 0);
  assert.deepEqual(bytes('again.png'), bytes('three-6.png'));
  assert.equal(await again('three-6.png', 'other.png', '--seed', '7'), 0);
  assert.deepEqual(bytes('other.png'), bytes('three-7.png'));
  assert.notDeepEqual(pixels('other.png').data, pixels('again.png').data);
});

test('a sheet holds the very pixels of its pictures, white between them, and can be made again', async () => {
  assert.equal(await paint('--seed', '5,6,7', '--grid', '--out', at('sheet.png')), 0);
  assert.equal(await again('sheet.png', 'sheet-again.png'), 0);
  assert.deepEqual(bytes('sheet-again.png'), bytes('sheet.png'));
  const sheet = pixels('sheet.png');
  assert.deepEqual([sheet.width, sheet.height], [32 + GAP, 32 + GAP]);
  const cell = (column: number, row: number) => {
    const cut = new PNG({ width: 16, height: 16 });
    PNG.bitblt(sheet, cut, column * (16 + GAP), row * (16 + GAP), 16, 16, 0, 0);
    return cut.data;
  };
  const places = [
    [0, 0],
    [1, 0],
    [0, 1],
  ];
  places.forEach(([column, row], i) => {
    assert.deepEqual(cell(column, row), pixels(`three-${5 + i}.png`).data, `seed ${5 + i}`);
  });
  assert.ok(cell(1, 1).every(value => value === 255));
});

test('a repainted picture with a LoRA comes again, and not from files that are others now', async () => {
  fs.copyFileSync(at('three-5.png'), at('start.png'));
  fs.copyFileSync(at('three-5.png'), at('mask.png'));
  fs.copyFileSync(LORA, at('style.safetensors'));
  const how = ['--image', at('start.png'), '--strength', '0.6', '--mask', at('mask.png')];
  assert.equal(await paint(...how, '--lora', `${at('style.safetensors')}:0.5`, '--out', at('new.png')), 0);
  assert.equal(await again('new.png', 'new-again.png'), 0);
  assert.deepEqual(bytes('new-again.png'), bytes('new.png'));
  const weightless = await again('new.png', 'plain.png', '--lora', `${at('style.safetensors')}:0`);
  assert.equal(weightless, 0);
  assert.notDeepEqual(pixels('plain.png').data, pixels('new.png').data);
  assert.equal(await paint(...how, '--out', at('without.png')), 0);
  assert.deepEqual(pixels('plain.png').data, pixels('without.png').data, 'a weight of 0 is no LoRA');
  fs.copyFileSync(at('three-6.png'), at('start.png'));
  await assert.rejects(again('new.png', 'x.png'), /start.png is not the file that .*new.png was made from/);
  assert.equal(await again('new.png', 'moved.png', '--image', at('three-5.png')), 0);
  assert.deepEqual(pixels('moved.png').data, pixels('new.png').data);
});

test('another model under the same name is found out', async () => {
  const model = at('model');
  fs.cpSync(FOLDER, model, { recursive: true });
  const how = ['--prompt', 'cats', '--size', '8', '--steps', '1'];
  assert.equal(await main(['--model', model, ...how, '--out', at('cats.png')]), 0);
  const config = path.join(model, 'scheduler/scheduler_config.json');
  fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('0.012', '0.013'));
  await assert.rejects(again('cats.png', 'x.png'), /model is not the model that .*cats.png was made with; put it back/);
  assert.equal(await again('cats.png', 'x.png', '--model', FOLDER), 0);
  assert.deepEqual(pixels('x.png').data, pixels('cats.png').data);
});

test('texts of a PNG: written and read, packed ones too; damage is said with its place', async () => {
  const plain = PNG.sync.write(pixels('three-5.png'));
  const texts = { prompt: 'line\nline', author: 'naïve', more: '红心', empty: '' };
  const file = (name: string, data: Buffer) => {
    fs.writeFileSync(at(name), data);
    return at(name);
  };
  const good = withTexts(plain, texts);
  assert.deepEqual(Object.fromEntries(textsOf(file('texts.png', good))), texts);
  assert.deepEqual(PNG.sync.read(good).data, PNG.sync.read(plain).data);
  assert.throws(() => withTexts(plain, { 红: 'x' }), /a keyword of a PNG has 1 to 79 letters of Latin-1, got "红"/);

  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(zlib.crc32(body));
    return Buffer.concat([plain.subarray(0, 33), length, body, check, plain.subarray(33)]);
  };
  const packed = zlib.deflateSync(Buffer.from('红'.repeat(9)));
  const zipped = Buffer.concat([Buffer.from('a\0\x01\x00zh\0标题\0'), packed]);
  assert.equal(textsOf(file('zip.png', chunk('iTXt', zipped))).get('a'), '红'.repeat(9));
  const old = Buffer.concat([Buffer.from('b\0\0'), zlib.deflateSync(Buffer.from('naïve', 'latin1'))]);
  assert.equal(textsOf(file('old.png', chunk('zTXt', old))).get('b'), 'naïve');

  const fails = (name: string, data: Buffer, error: RegExp) => assert.throws(() => textsOf(file(name, data)), error);
  const changed = Buffer.from(good);
  changed[45] ^= 1;
  fails('bits.png', changed, /bits.png: chunk tEXt at byte 33 does not have its check sum; the file is damaged/);
  fails(
    'short.png',
    good.subarray(0, 60),
    /short.png ends inside a chunk that begins at byte 57|short.png ends inside/,
  );
  fails('none.png', Buffer.alloc(0), /none.png does not begin as a PNG does/);
  fails('key.png', chunk('tEXt', Buffer.from('\0x')), /a text without a keyword in its chunk tEXt/);
  fails('itxt.png', chunk('iTXt', Buffer.from('a\0\x02\0\0\0x')), /the text 'a' is not put together as iTXt is/);
  fails(
    'zip2.png',
    chunk('zTXt', Buffer.from('a\0\0nonsense')),
    /the text 'a' can't be unpacked \(.*\); the file is damaged/,
  );
  const bomb = Buffer.concat([Buffer.from('a\0\0'), zlib.deflateSync(Buffer.alloc(2 ** 24))]);
  fails('bomb.png', chunk('zTXt', bomb), /the text 'a' can't be unpacked/);
  const record = (change: Record<string, string>) =>
    withTexts(plain, { ...Object.fromEntries(textsOf(at('three-5.png'))), ...change });
  const from = (change: Record<string, string>) => main(['--from', file('odd.png', record(change))]);
  await Promise.all([
    assert.rejects(
      from({ model: 'nothing' }),
      /odd.png: its text 'model' is not as this command writes it, got "nothing"/,
    ),
    assert.rejects(from({ steps: 'many' }), /--steps must be a number, got many/),
    assert.rejects(from({ sampler: 'LMS' }), /--sampler must be one of ddim, euler, heun, dpm\+\+2m, got LMS/),
    assert.rejects(from({ Software: 'GIMP' }), /odd.png does not say how it was made/),
  ]);
});

test('memory is counted from the headers, and too little of it is said before a weight is read', () => {
  const plan = StableDiffusion.plan(FOLDER);
  const numbers = Object.values(plan.weights).reduce((a, b) => a + b, 0);
  const model = plan.load();
  const held = model.text.parameterCount() + model.unet.parameterCount() + model.vae.parameterCount();
  assert.equal(numbers, held + 77); // the text encoder's file counts its positions, too
  model.dispose();
  const full = { ...plan, weights: { unet: 859_520_964, vae: 83_653_863, text_encoder: 123_060_480 } };
  const said = memorySentence(full, { total: 16e9, free: 8e9 });
  assert.match(
    said,
    /Stable Diffusion 1 needs 4\.8 GB of memory \(1,066,235,307 weights of 4 bytes, .*has 16\.0 GB, 8\.0 GB of it free$/,
  );
  assert.match(memorySentence(full, { total: 16e9, free: 1e9 }), /free: close other programs/);
  assert.throws(
    () => memorySentence(full, { total: 4e9, free: 3e9 }),
    /needs 4\.8 GB .* this machine has 4\.0 GB, .*: too little/,
  );
});

test('folders of other painters are refused by file and field, though there is no weight in them', async () => {
  for (const [name, kind] of Object.entries({ sd3: 'StableDiffusion3Pipeline', flux: 'FluxPipeline' })) {
    fs.mkdirSync(at(name));
    fs.writeFileSync(path.join(at(name), 'model_index.json'), JSON.stringify({ _class_name: kind }));
    await assert.rejects(
      main(['--model', at(name), '--prompt', 'cats']),
      new RegExp(`${name}.model_index.json: _class_name is "${kind}", expected one of StableDiffusionPipeline, `),
    );
  }
});
