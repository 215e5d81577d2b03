/** How a tool is offered to whoever speaks the Model Context Protocol: what it takes and gives is said in schemas and kept. */
import type { McpServer } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { expectJson } from './json';

export interface Offer<In extends z.ZodObject, Out extends z.ZodObject> {
  /** For whoever chooses: a person, or a model. */
  description: string;
  /** What it takes. Of `z.strictObject`, so that an argument that nobody knows is refused and not dropped. */
  takes: In;
  gives: Out;
}

export interface Work<Out> {
  value: Out;
  /** PNG pictures that go with it. */
  pictures?: readonly Buffer[];
}

/**
 * Registers a tool. The answer goes out twice, as the protocol wants it: as text for models, structured for programs.
 * A mistake in the arguments, an error that `work` throws and a result that JSON cannot carry become an answer with
 * `isError`: whoever asked can read it and try again.
 * @param work gets the checked arguments, and a signal that tells when nobody waits any more
 * @example
 * offer(server, 'double', { description: 'n times two', takes: z.strictObject({ n: z.number() }), gives: z.object({ is: z.number() }) },
 *   ({ n }) => ({ value: { is: 2 * n } }));
 */
export function offer<In extends z.ZodObject, Out extends z.ZodObject>(
  server: McpServer,
  name: string,
  { description, takes, gives }: Offer<In, Out>,
  work: (args: z.infer<In>, signal: AbortSignal) => Work<z.infer<Out>> | Promise<Work<z.infer<Out>>>,
): void {
  const config = { description, inputSchema: takes as z.ZodObject, outputSchema: gives as z.ZodObject };
  server.registerTool(name, config, async (args, context) => {
    const { value, pictures = [] } = await work(args as z.infer<In>, context.mcpReq.signal);
    expectJson(`the result of ${name}`, value);
    const images = pictures.map(png => ({
      type: 'image' as const,
      data: png.toString('base64'),
      mimeType: 'image/png',
    }));
    const text = { type: 'text' as const, text: JSON.stringify(value) };
    return { content: [text, ...images], structuredContent: value as Record<string, unknown> };
  });
}
