/**
 * `npm run chat -- --model smollm2`: a dialogue with a language model in the terminal, from a folder as Hugging Face
 * distributes it, a GGUF file, or SmolLM2 (`npm run fetch -- smollm2`). Ctrl-C stops an answer, and at the prompt ends it all.
 */
import readline from 'node:readline';
import { Dialogue, type GenerateOptions, LanguageModel } from '../lib/models/language-model';
import { HostRandom, memoryReport } from '../lib/runtime';
import { parseCommand, runCommand } from './notebooks/command';

const HELP = `npm run chat -- --model smollm2|FOLDER|FILE.gguf [options]
  --prompt "…"        one question, one answer; without it a dialogue: /new forgets it, Ctrl-C stops an answer
  --system "…"        what the model is told about itself
  --temperature 0.7   0 always takes the likeliest token
  --top-k 50          of so many of the likeliest tokens …
  --top-p 0.95        … that together have this probability
  --repetition 1.1    how much less likely what was there becomes; 1 changes nothing
  --tokens 256        length of an answer, at most
  --seed 1            the dice
  --xla               fuses the step first: seconds once (again whenever the text has doubled), then half the time a token`;
const VALUED = ['model', 'prompt', 'system', 'temperature', 'top-k', 'top-p', 'repetition', 'tokens', 'seed'];

/** What it writes to: the terminal, or a test's list. */
export type Write = (text: string) => void;

export async function main(argv: string[], write: Write = text => void process.stdout.write(text)): Promise<number> {
  const { words, options } = parseCommand(argv, VALUED, ['help', 'xla']);
  const place = options.get('model');
  if (words.length) throw new Error(`unexpected ${JSON.stringify(words[0])}; put the question in quotes\n${HELP}`);
  if (options.has('help') || !place) {
    write(`${HELP}\n`);
    return options.has('help') ? 0 : 1;
  }
  const how = readOptions(options);
  const model = LanguageModel.load(place);
  if (!model.talks) throw new Error(`${place} has no chat template: it was not trained for dialogues`);
  write(`${model.name}: ${model.net.parameterCount().toLocaleString('en')} parameters\n`);
  const dialogue = () => new Dialogue(model, { system: options.get('system'), xla: options.has('xla') });
  const question = options.get('prompt');
  if (question === undefined) await talk(dialogue, how, write);
  else await answer(dialogue(), question, how, write);
  return 0;
}

function readOptions(options: Map<string, string>): Omit<GenerateOptions, 'signal'> {
  const number = (name: string, otherwise?: number): number | undefined => {
    const given = options.get(name);
    if (given === undefined) return otherwise;
    if (given.trim() === '' || !Number.isFinite(Number(given))) {
      throw new Error(`--${name} must be a number, got ${given || 'nothing'}`);
    }
    return Number(given);
  };
  const seed = number('seed', 1)!;
  return {
    temperature: number('temperature', 0.7),
    topK: number('top-k', 50),
    topP: number('top-p', 0.95),
    repetition: number('repetition', 1.1),
    most: number('tokens', 256),
    random: new HostRandom(seed),
  };
}

/** One answer, as it comes; Ctrl-C stops it. */
async function answer(dialogue: Dialogue, question: string, how: GenerateOptions, write: Write): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.on('SIGINT', interrupt);
  let started = 0;
  let tokens = 0;
  try {
    const signal = stop.signal;
    const onLogits = () => {
      if (tokens++ === 0) started = performance.now(); // the question is read: what follows are single tokens
    };
    for await (const part of dialogue.ask(question, { ...how, signal, onLogits })) write(part);
  } finally {
    process.off('SIGINT', interrupt);
  }
  const rate = (1000 * (tokens - 1)) / (performance.now() - started);
  const memory = (memoryReport().peakRssBytes / 2 ** 30).toFixed(2);
  const note = stop.signal.aborted ? 'stopped, ' : '';
  write(`\n  (${note}${tokens} tokens, ${rate.toFixed(1)} a second, ${memory} GiB at most)\n`);
}

/** Question by question until the input ends, or Ctrl-C at the prompt. */
async function talk(begin: () => Dialogue, how: GenerateOptions, write: Write): Promise<void> {
  const lines = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  let busy = false;
  lines.on('SIGINT', () => (busy ? process.emit('SIGINT') : lines.close()));
  let dialogue = begin();
  lines.prompt();
  for await (const line of lines) {
    const question = line.trim();
    if (question === '/new') {
      dialogue.dispose();
      dialogue = begin();
    } else if (question) {
      busy = true;
      await answer(dialogue, question, how, write).finally(() => {
        busy = false;
      });
    }
    lines.prompt();
  }
  dialogue.dispose();
}

if (require.main === module) runCommand(main);
