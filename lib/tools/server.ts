/** The tools of this course, offered by the Model Context Protocol. */
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { offer } from './offer';
import { runTypeScript } from './sandbox';

/** How often a letter stands in a text, capital or small. */
function countLetters(text: string, letter: string): number {
  const same = letter.toLowerCase();
  return [...text.toLowerCase()].filter(each => each === same).length;
}

/**
 * A server that offers `count_letters`, `run_typescript` and `sample_digit`; it speaks once a transport is connected.
 * @see docs/tools.md
 * @example const client = await ToolClient.to(courseServer());
 */
export function courseServer(): McpServer {
  const server = new McpServer({ name: 'latentlab', version: '1.0.0' });
  offer(
    server,
    'count_letters',
    {
      description: 'Counts how often a letter stands in a text, capital or small.',
      takes: z.strictObject({
        text: z.string().max(10_000).describe('where to look'),
        letter: z
          .string()
          .refine(letter => [...letter].length === 1, 'expected one letter')
          .describe('the letter, one character'),
      }),
      gives: z.object({ count: z.number().int() }),
    },
    ({ text, letter }) => ({ value: { count: countLetters(text, letter) } }),
  );
  offer(
    server,
    'run_typescript',
    {
      description:
        'Runs TypeScript in a sandbox without files and network; gives the value of the last expression and what was printed.',
      takes: z.strictObject({
        code: z.string().min(1).max(100_000).describe('a script'),
        milliseconds: z.number().int().min(1).max(10_000).optional().describe('longest run, 1000 unless said'),
      }),
      gives: z.object({ value: z.json(), printed: z.array(z.string()) }),
    },
    async ({ code, milliseconds }) => ({ value: { ...(await runTypeScript(code, { milliseconds })) } }),
  );
  offer(
    server,
    'sample_digit',
    {
      description:
        'Draws a handwritten digit with the diffusion model and the VAE of lesson 13, 28 x 28 pixels from 0 to 255.',
      takes: z.strictObject({
        digit: z.number().int().min(0).max(9),
        seed: z
          .number()
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .optional()
          .describe('another seed, another handwriting; 1 unless said'),
      }),
      gives: z.object({ pixels: z.array(z.array(z.number())) }),
    },
    async ({ digit, seed }, signal) => {
      const { drawDigit } = require('./digit') as typeof import('./digit'); // TensorFlow only where it is needed
      const { pixels, png } = await drawDigit(digit, seed, signal);
      return { value: { pixels }, pictures: [png] };
    },
  );
  return server;
}
