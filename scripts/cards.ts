/**
 * `npm run cards [-- --out FOLDER]`: every question of the lessons' quizzes as cards for spaced repetition, one file a language,
 * which Anki imports as it is.
 */
import fs from 'node:fs';
import path from 'node:path';
import { allCards, ankiFile } from './notebooks/cards';
import { parseCommand, runCommand } from './notebooks/command';
import { LANGUAGES, ROOT } from './notebooks/notebook';

export function main(argv: string[]): number {
  const { options } = parseCommand(argv, ['out']);
  const folder = path.resolve(process.env.INIT_CWD ?? '.', options.get('out') ?? path.join(ROOT, 'site', 'cards'));
  fs.mkdirSync(folder, { recursive: true });
  for (const language of LANGUAGES) {
    const cards = allCards(language);
    const file = path.join(folder, `latentlab-${language}.csv`);
    fs.writeFileSync(file, ankiFile(cards, language));
    const shown = path.relative(process.env.INIT_CWD ?? process.cwd(), file);
    console.log(`${shown}: ${cards.length} cards; in Anki: File, Import`);
  }
  return 0;
}

if (require.main === module) runCommand(main);
