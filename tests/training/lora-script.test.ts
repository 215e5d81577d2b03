/** The start scripts of the LoRA training: the one for this system is run, the others are read. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { drawnThings, porcelain, thingCaption } from '../../lib/data';
import { readSafetensors } from '../../lib/formats';
import { newFolder } from '../folder';

const ROOT = path.join(__dirname, '../..');
const SCRIPTS = path.join(ROOT, 'scripts/train');
const folder = newFolder('lora-script');

function launch(...words: string[]) {
  const windows = process.platform === 'win32';
  const [program, first] = windows
    ? ['cmd', ['/c', path.join(SCRIPTS, 'lora.cmd')]]
    : ['sh', [path.join(SCRIPTS, 'lora.sh')]];
  return spawnSync(program, [...first, ...words], { cwd: newFolder('elsewhere'), encoding: 'utf8' }); // from any folder
}

/** 2_porcelain with eight pictures and their captions. */
function writePictures(): string {
  const inside = path.join(folder, '2_porcelain');
  fs.mkdirSync(inside);
  for (const { pixels, thing } of drawnThings(['noto']).slice(0, 8).map(porcelain)) {
    const png = new PNG({ width: 32, height: 32 });
    for (let p = 0; p < 1024; p++) png.data.set([...pixels.subarray(3 * p, 3 * p + 3), 255], 4 * p);
    fs.writeFileSync(path.join(inside, `${thing}.png`), PNG.sync.write(png));
    fs.writeFileSync(path.join(inside, `${thing}.txt`), `${thingCaption({ thing })}, porcelain`);
  }
  return folder;
}

test('activates, trains with repeats and epochs as asked, writes the adapters', () => {
  const out = path.join(folder, 'style.safetensors');
  const { status, stdout, stderr } = launch(
    '--pictures',
    writePictures(),
    '--epochs',
    '1',
    '--rank',
    '2',
    '--word',
    'porcelain',
    '--out',
    out,
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /16 examples an epoch, 2 steps, 37920 parameters/); // 8 pictures × 2 repeats, batches of 8
  const { tensors, metadata } = readSafetensors(out);
  assert.equal(metadata.rank, '2');
  const down = Object.keys(tensors).filter(name => name.endsWith('.lora_down.weight'));
  assert.ok(down.every(name => name.startsWith('lora_unet_') && tensors[name].shape[0] === 2));
  for (const part of ['class_embedding', 'layout_embedding', 'time_emb_proj', 'attn2_to_k'])
    assert.ok(
      down.some(name => name.includes(part)),
      part,
    );
  const word = readSafetensors(path.join(folder, 'style-word.safetensors'));
  assert.deepEqual([word.metadata.word, word.tensors.emb_params.shape], ['porcelain', [1, 96]]);
  assert.match(stdout, /the word 'porcelain': .*style-word\.safetensors/);
});

test('says what is wrong', () => {
  assert.match(
    launch('--pictures', path.join(folder, 'none')).stderr,
    /holds no pictures; expected NAME.png and NAME.txt/,
  );
  assert.match(launch('--rank', 'two').stderr, /--rank must be a number above 0, got two/);
});

test('the scripts for the other systems do the same two things', () => {
  const read = (name: string) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8');
  assert.match(read('lora.sh'), /\. \.venv\/bin\/activate\s+exec node --import tsx scripts\/train\/lora\.ts "\$@"/);
  assert.match(
    read('lora.cmd'),
    /call \.venv\\Scripts\\activate\.bat\s+node --import tsx scripts\\train\\lora\.ts %\*/,
  );
  assert.match(
    read('lora.ps1'),
    /\. \(Resolve-Path \$activate\)\.Path\s+& node --import tsx scripts\/train\/lora\.ts @args\s+exit \$LASTEXITCODE/,
  );
});
