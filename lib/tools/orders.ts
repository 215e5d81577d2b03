/** Orders in a JSON file, and the program that does what the file says: the file is the interface, the script the program. */

import { z } from 'zod';
import { fs, path } from '../platform';
import { type ToolClient, ToolError } from './client';

/** What an order file holds; its JSON Schema is `z.toJSONSchema(ORDERS)`. */
export const ORDERS = z.strictObject({
  $schema: z.string().optional(),
  orders: z
    .array(
      z.strictObject({
        tool: z.string().min(1),
        arguments: z.record(z.string(), z.json()).default({}),
        save: z
          .string()
          .regex(/^[\w-]+\.png$/, 'expected a plain name such as seven.png, since pictures go beside the orders')
          .optional()
          .describe('where the picture goes, beside this file'),
      }),
    )
    .min(1),
});
export type Orders = z.infer<typeof ORDERS>;

/**
 * @throws Error with file and place: what is no JSON, and what is no order
 * @example
 * fs.writeFileSync('orders.json', '{ "orders": [{ "tool": "count_letters", "arguments": { "text": "egg", "letter": "g" } }] }');
 * readOrders('orders.json').orders.length // → 1
 */
export function readOrders(file: string): Orders {
  const text = fs.readFileSync(file, 'utf8');
  const name = path.basename(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const said = (error as Error).message.replace(/\s+/g, ' ');
    throw new Error(`${name} is no JSON: ${said}`);
  }
  const read = ORDERS.safeParse(value);
  if (read.success) return read.data;
  const [{ path: place, message }] = read.error.issues;
  const at = place.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  throw new Error(`${name} holds no orders at ${at.replace(/^\./, '') || 'the top'}: ${message}`);
}

/**
 * Does one order after the other; a failure is told and does not stop the next.
 * @param folder where pictures go
 * @returns how many failed
 */
export async function obey(
  { orders }: Orders,
  client: ToolClient,
  folder: string,
  say: (line: string) => void,
): Promise<number> {
  let failed = 0;
  for (const { tool, arguments: args, save } of orders) {
    try {
      const { text, pictures } = await client.call(tool, args);
      if (save && pictures.length === 0) throw new ToolError(`${tool} gives no picture to save as ${save}`);
      if (save) fs.writeFileSync(path.join(folder, save), pictures[0]);
      say(`✓ ${tool}: ${save ?? text}`);
    } catch (error) {
      failed++;
      say(`✗ ${(error as Error).message}`);
    }
  }
  return failed;
}
