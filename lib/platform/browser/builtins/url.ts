const FILE = /^file:\/\//;

export const fileURLToPath = (url: string): string => decodeURIComponent(String(url).replace(FILE, ''));
export const pathToFileURL = (file: string): URL => new URL(`file://${encodeURI(file)}`);
