/** `npm run text-to-image` on a folder with small random nets: from noise, from a picture, inside a mask; and its errors. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { PNG } from 'pngjs';
import { tf } from '../../lib/runtime';
import { fitted, opened, readPng, writePng } from '../../scripts/paint/pictures';
import { main } from '../../scripts/text-to-image';
import { newFolder } from '../folder';

const FOLDER = path.join(__dirname, 'fixtures/tiny-stable-diffusion');
const folder = newFolder('paint');
const at = (name: string) => path.join(folder, name);
const pixels = (name: string) => PNG.sync.read(fs.readFileSync(at(name)));

const paint = (...more: string[]) =>
  main(['--model', FOLDER, '--prompt', 'a red heart', '--size', '16', '--steps', '3', ...more]);

/** A PNG whose pixel (x, y) has the colour that `colour` says, three numbers in 0–255. */
function draw(name: string, width: number, height: number, colour: (x: number, y: number) => number[]): string {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) png.data.set([...colour(i % width, Math.floor(i / width)), 255], 4 * i);
  fs.writeFileSync(at(name), PNG.sync.write(png));
  return at(name);
}

const photo = draw('photo.png', 16, 16, (x, y) => [16 * x, 16 * y, 100]);
const mask = draw('mask.png', 16, 16, x => (x < 8 ? [255, 255, 255] : [0, 0, 0]));

test('from noise: a PNG, the same again for a seed, another for another; width x height', async () => {
  assert.equal(await paint('--out', at('a.png')), 0);
  assert.equal(await paint('--out', at('b.png'), '--seed', '1'), 0);
  assert.equal(await paint('--out', at('new/c.png'), '--seed', '2', '--size', '20x16'), 0);
  assert.deepEqual(pixels('a.png').data, pixels('b.png').data);
  const wide = pixels('new/c.png'); //   a folder that was not there is made
  assert.deepEqual([pixels('a.png').width, pixels('a.png').height, wide.width, wide.height], [16, 16, 20, 16]);
});

test('a prompt of several lines, as long as a book', async () => {
  const how = ['--steps', '1', '--size', '4', '--out', at('long.png')];
  assert.equal(await paint(`--prompt=a heart\n${'红心'.repeat(5000)}`, ...how), 0);
});

test('from a picture: strength decides how much of it stays', async () => {
  for (const strength of ['0', '0.5', '1']) {
    assert.equal(await paint('--out', at(`kept${strength}.png`), '--image', photo, '--strength', strength), 0);
  }
  assert.equal(await paint('--out', at('default.png'), '--image', photo), 0); // 0.8 · 3 and 0.67 · 3 make two steps
  assert.equal(await paint('--out', at('two.png'), '--image', photo, '--strength', '0.67'), 0);
  const [none, half, all] = ['0', '0.5', '1'].map(strength => pixels(`kept${strength}.png`).data);
  assert.notDeepEqual(none, half);
  assert.notDeepEqual(half, all);
  assert.deepEqual(pixels('default.png').data, pixels('two.png').data);
});

test('inside a mask: what is black keeps its pixels, what is white becomes new', async () => {
  assert.equal(await paint('--out', at('patched.png'), '--image', photo, '--mask', mask), 0);
  assert.equal(await paint('--out', at('less.png'), '--image', photo, '--mask', mask, '--strength', '0.7'), 0);
  const [before, after, less] = ['photo.png', 'patched.png', 'less.png'].map(name => pixels(name));
  const column = ({ data }: PNG, x: number) => Array.from({ length: 16 }, (_, y) => data[4 * (16 * y + x)]);
  for (let x = 8; x < 16; x++) assert.deepEqual(column(after, x), column(before, x));
  for (let x = 0; x < 8; x++) assert.notDeepEqual(column(after, x), column(before, x));
  assert.notDeepEqual(after.data, less.data);
});

test('pictures: read, cut in the middle, made smaller by means, written', () => {
  const wide = readPng(
    draw('wide.png', 8, 4, x => (x % 2 ? [255, 0, 255] : [0, 0, 255])),
    '--image',
  );
  assert.deepEqual(wide.shape, [1, 4, 8, 3]);
  const small = fitted(wide, [2, 2]); //                                    columns 2 to 5, two by two
  assert.deepEqual(small.shape, [1, 2, 2, 3]);
  assert.ok(
    small
      .sub(tf.tensor([0, -1, 1]))
      .abs()
      .max()
      .dataSync()[0] < 1e-6,
    `${small.dataSync()}`,
  );
  assert.deepEqual([...opened(wide).dataSync().slice(0, 2)], [0, 1]); // a third and two thirds of white
  writePng(at('again.png'), wide);
  assert.deepEqual(pixels('again.png').data, pixels('wide.png').data);
});

test('a PNG with other pixels than its header says is refused, and what is called transparent keeps its colour', () => {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(zlib.crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = fs.readFileSync(photo).subarray(0, 8);
  const header = (width: number, height: number, ...rest: number[]) =>
    chunk('IHDR', Buffer.from([0, 0, 0, width, 0, 0, 0, height, ...rest, 0, 0, 0]));
  const read = (bytes: number[], ...before: Buffer[]) => {
    const end = [chunk('IDAT', zlib.deflateSync(Buffer.from(bytes))), chunk('IEND', Buffer.alloc(0))];
    fs.writeFileSync(at('made.png'), Buffer.concat([signature, ...before, ...end]));
    return readPng(at('made.png'), '--image');
  };
  const rgb = header(2, 1, 8, 2); //    a filter, then two colours
  const clear = chunk('tRNS', Buffer.from([0, 255, 0, 0, 0, 0]));
  const told = read([0, 255, 0, 0, 0, 0, 255], rgb, clear).dataSync();
  assert.deepEqual([...told], [1, -1, -1, -1, -1, 1]);
  assert.throws(() => read([0, 255, 0, 0, 0, 0], rgb), /made.png .*it has 6 bytes of pixels, expected 7; the file is/);
  assert.throws(() => read(Array(1000).fill(0), rgb), /its pixels can't be unpacked/);
  assert.throws(() => read([0], header(0, 1, 8, 2)), /it has 0 × 1 pixels, between 1 and/);
  assert.throws(() => read([0], header(1, 1, 3, 2)), /colour type 2, depth 3 and interlace method 0, which no PNG has/);
});

test('what cannot be done is said before the model is loaded: value, expected, way out', async () => {
  const refused = (words: string[], error: RegExp) => assert.rejects(paint(...words), error);
  fs.writeFileSync(at('photo.jpg'), 'not a PNG');
  await refused(['--image', at('none.png')], /no picture at .*none.png; --image takes a PNG/);
  await refused(['--image', at('photo.jpg')], /photo.jpg can't be read as a PNG \(.*\); --image takes a PNG, save it/);
  await refused(['--image', photo, '--mask', at('none.png')], /no picture at .*none.png; --mask takes a PNG/);
  const damaged = (name: string, change: (bytes: Buffer) => Buffer): string => {
    fs.writeFileSync(at(name), change(fs.readFileSync(photo)));
    return at(name);
  };
  const short = damaged('short.png', bytes => bytes.subarray(0, bytes.length - 20));
  await refused(
    ['--image', short],
    /short.png can't be read as a PNG \(it ends inside a chunk that begins at byte \d+; the/,
  );
  const flipped = damaged('flipped.png', bytes => bytes.fill(bytes[60] ^ 1, 60, 61));
  await refused(
    ['--image', flipped],
    /flipped.png .*\(it: chunk IDAT at byte 33 does not have its check sum; the file is/,
  );
  const huge = damaged('huge.png', bytes => {
    bytes.writeUInt32BE(2 ** 30, 16);
    bytes.writeUInt32BE(zlib.crc32(bytes.subarray(12, 29)), 29);
    return bytes;
  });
  await refused(['--image', huge], /huge.png .*\(it has 1073741824 × 16 pixels, between 1 and 67108864 are read\)/);
  await refused(['--mask', mask], /--mask says where to repaint; give --image, too/);
  await refused(['--strength', '0.5'], /--strength is about a picture; give --image, too/);
  await refused(['--image', photo, '--strength', '1.5'], /--strength must be between 0 and 1, got 1.5/);
  const small = draw('small.png', 8, 16, () => [255, 255, 255]);
  await refused(['--image', photo, '--mask', small], /small.png has 8 × 16 pixels, .*photo.png has 16 × 16; they must/);
  const black = draw('black.png', 16, 16, () => [0, 0, 0]);
  await refused(['--image', photo, '--mask', black], /black.png is black all over; make white what is to be repainted/);
  await refused(['--steps', 'many'], /--steps must be a number, got many/);
  await refused(['--steps', '2.5'], /--steps must be a whole number of at least 1, got 2.5/);
  await refused(['--steps', '501'], /--steps: this spacing makes between 1 and 500 steps, got 501/);
  await refused(['--guidance'], /--guidance has no value/);
  await refused(['--negative', '--steps', '3'], /--negative has no value: --steps follows/);
  await refused(['--guidance='], /--guidance must be a number, got nothing/);
  await refused(['--guidance', '-1'], /--guidance must be between 0 and 1000, got -1/);
  await refused(['--colour', 'red'], /unknown option --colour; known: --model …/);
  await refused(['--seed', '4-2'], /--seed must be whole numbers of at most 4294967295, such as .*, got 4-2/);
  await refused(['--seed', '1,2,1-3'], /--seed 1,2,1-3: 1 is there twice/);
  await refused(['--seed', '0-999999999'], /--seed .*: at most 400 pictures at a time/);
  await refused(['--lora', at('none.safetensors')], /no file .*none.safetensors; --lora takes a LoRA as safetensors/);
  await refused(['--lora', `${photo}:much`], /--lora .*: the weight must be a number between -10 and 10, got much/);
  await refused(
    ['--from', photo],
    /photo.png does not say how it was made \(no text 'prompt', .*\); --from takes a PNG/,
  );
  await refused(
    ['--seed', Array.from({ length: 9000 }, (_, i) => `${400 * i}-${400 * i + 399}`).join()],
    /at most 400/,
  );
  await refused(['--sampler', 'constructor'], /--sampler must be one of ddim, euler, heun, dpm\+\+2m, got constructor/);
  await refused(['--grid=no'], /--grid takes no value, got no; leave it out for no/);
  await refused(['--size', 'large'], /--size must be pixels, such as 512 or 768x512 \(width x height\), got large/);
  await refused(['--size', '99996'], /a picture of 99996 × 99996 would have 9999200016 pixels, at most 67108864 are/);
  await refused(
    ['--size', '4096', '--seed', '1-5', '--grid'],
    /the sheet would have 83886080 pixels, .*, or fewer seeds/,
  );
  await refused(['--size', '18'], /pictures of 18 × 18 don't fit this model; use multiples of 4 pixels/);
  await refused(['--out', folder], /--out .* is a folder; give the name of a PNG file/);
  await refused(['--out', at('heart.jpg')], /--out .*heart.jpg is no name of a PNG file; end it with .png/);
  await refused(
    ['--out', `${photo}/heart.png`],
    /--out .*photo.png.heart.png can't be written \(.*\); give another place/,
  );
  fs.mkdirSync(at('two-2.png'));
  await refused(['--seed', '1,2', '--out', at('two.png')], /--out .*two-2.png is a folder/);
  await refused(['--image', `${photo}/in.png`], /no picture at .*photo.png.in.png; --image takes a PNG/);
  for (const option of ['--image', '--from']) await refused([option, folder], /is a folder; .* takes a PNG/);
  await refused(['--lora', photo], /photo.png: not a safetensors file/);
  const dot = draw('dot.png', 64, 16, x => (x === 0 ? [255, 255, 255] : [0, 0, 0]));
  const wide = draw('wide-photo.png', 64, 16, () => [9, 9, 9]);
  await refused(
    ['--image', wide, '--mask', dot],
    /--mask .*dot.png opens nothing of the middle that is painted, 16 × 16/,
  );
  await assert.rejects(main(['--model', FOLDER]), /--prompt is missing/);
  await refused(['heart'], /unexpected "heart"; put the prompt in quotes/);
  await refused(['--model', at('nowhere')], /no folder .*nowhere; give the one that holds unet, vae, text_encoder/);
});
