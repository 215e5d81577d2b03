/** Errors name cells by the count of runs, which JupyterLab shows beside them and a page does not: here they bear their places. */

const NAMED = /((?:\bcell|单元格) \[)(\d+)(?=\])/g;

/** @param placeOf the cell that ran as the nth; 0 where it stands here no more */
export function inPlaces(
  content: Record<string, unknown>,
  placeOf: (count: number) => number,
): Record<string, unknown> {
  const { traceback } = content;
  if (!Array.isArray(traceback)) return content;
  const renamed = (line: unknown) =>
    String(line).replace(NAMED, (_, before: string, count: string) => `${before}${placeOf(Number(count)) || count}`);
  return { ...content, traceback: traceback.map(renamed) };
}
