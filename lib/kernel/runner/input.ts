/** `await input('your guess?')`: a question to the reader, through Jupyter's stdin channel. */
import { context } from './context';
import { currentCell, send } from './link';
import { flushStreams } from './streams';

type Answer = { value: string } | { refused: string };
let answers: ((answer: Answer) => void)[] = [];

export async function input(prompt = '', password = false): Promise<string> {
  flushStreams();
  const answer = await new Promise<Answer>(resolve => {
    answers.push(resolve);
    send({ kind: 'input', cell: context.getStore()?.cell ?? currentCell(), prompt: String(prompt), password });
  });
  if ('refused' in answer) throw new Error(answer.refused);
  return answer.value;
}

export function answerInput(answer: Answer): void {
  answers.shift()?.(answer);
}

/** A cell ended, perhaps by an interrupt: nobody waits for its questions any more. */
export function forgetQuestions(): void {
  answers = [];
}
