/**
 * The tools of the course for other programs: `npm run kitchen -- orders.json` does what a JSON file asks for;
 * `npx latentlab kitchen` offers them over stdin and stdout to any client of the Model Context Protocol (docs/tools.md).
 */
import path from 'node:path';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { ToolClient } from '../lib/tools/client';
import { obey, readOrders } from '../lib/tools/orders';
import { courseServer } from '../lib/tools/server';
import { parseCommand, runCommand } from './notebooks/command';

async function main(argv: string[]): Promise<number> {
  const { words } = parseCommand(argv, [], ['help']);
  if (words.length > 1) throw new Error(`expected one JSON file with orders, got ${words.join(', ')}`);
  if (words.length === 1) return fromFile(path.resolve(process.env.INIT_CWD ?? '.', words[0]));
  console.log = console.error; // stdout belongs to the protocol: whatever else is printed goes to stderr
  process.stdin.once('end', () => process.exit(0)); // the client is gone
  await courseServer().connect(new StdioServerTransport());
  return 0;
}

async function fromFile(file: string): Promise<number> {
  const orders = readOrders(file);
  const client = await ToolClient.to(courseServer());
  const failed = await obey(orders, client, path.dirname(file), line => console.log(line));
  await client.close();
  return failed > 0 ? 1 : 0;
}

if (require.main === module) runCommand(main);
