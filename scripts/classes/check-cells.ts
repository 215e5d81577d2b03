/**
 * The cells around a student's answer that ask the lesson's check. They run in the student's own process, so what they rely
 * on is taken before the answer runs and held fast, and questions with known answers are asked after each check: a check that
 * has come to say yes to everything is found. The result bears a word that no answer knows.
 */
import type { Text } from '../../lib/course/text';
import type { Language, Output } from '../notebooks/notebook';
import type { Task } from './answer';

export interface Reported {
  state: 'right' | 'wrong' | 'unsolved' | 'tampered';
  says: string;
}

/** Runs before everything else. */
export const openingCell = (secret: string): string => `
import { exercise as exercise_${secret} } from './lib';
const grade_${secret} = await (async () => {
  const ask = exercise_${secret};
  type Check = Parameters<typeof ask>[1];
  const { stringify } = JSON;
  const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  const wrong: Check[] = [
    is => is.near('', 1, 2), is => is.near('', undefined, 1), is => is.near('', [3, 4], [3, 5]),
    is => is.near('', Number.NaN, 1), is => is.equal('', 'a', 'b'), is => is.equal('', 1, true),
    is => is.shape('', { shape: [1] }, [2]), is => is.holds(false, ''),
  ];
  const right: Check = is => { is.near('', 2, 2); is.equal('', [1], [1]); is.holds(true, ''); };
  const verdict = await ask('', is => { Object.freeze(Object.getPrototypeOf(is)); });
  Object.freeze(Object.getPrototypeOf(verdict)); // what packages mend themselves (Number, JSON, Math) stays open
  return async (check: Check): Promise<string> => {
    const { state, says } = await ask('', check);
    let honest = (await ask('', right)).state === 'right';
    for (const one of wrong) honest = (await ask('', one)).state !== 'right' && honest;
    const said = { state: honest ? state : 'tampered', says };
    return '${secret}:' + encode(stringify(said)) + ':';
  };
})();`;

/** The rest of the lesson's cell and its check, after the answer. */
export const checkCell = ({ frame, check }: Task, secret: string): string =>
  `${frame}\nawait grade_${secret}(${check})`;

/** What the check said; undefined where it did not come to its end. */
export function reportIn(outputs: readonly Output[], secret: string, language: Language): Reported | undefined {
  for (const { output_type: type, data } of outputs) {
    const text = type === 'execute_result' ? String(data?.['text/plain'] ?? '') : '';
    const found = new RegExp(`${secret}:([A-Za-z0-9+/=]*):`).exec(text);
    if (!found) continue;
    const { state, says } = JSON.parse(Buffer.from(found[1], 'base64').toString('utf8')) as {
      state: Reported['state'];
      says: Text;
    };
    return { state, says: typeof says === 'string' ? says : says[language] };
  }
  return undefined;
}
