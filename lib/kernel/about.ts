/** What a kernel says about itself, in Node and in a page. */
export const PROTOCOL_VERSION = '5.3';

interface About {
  /** Of the course, and of TypeScript. */
  version: string;
  typescript: string;
  /** What runs it: 'Node 22.1.0'. */
  on: string;
  help: { text: string; url: string }[];
}

export const kernelInfo = ({ version, typescript, on, help }: About) => ({
  status: 'ok',
  protocol_version: PROTOCOL_VERSION,
  implementation: 'latentlab',
  implementation_version: version,
  language_info: {
    name: 'typescript',
    version: typescript,
    mimetype: 'text/typescript',
    file_extension: '.ts',
    pygments_lexer: 'typescript',
    codemirror_mode: { name: 'javascript', typescript: true },
    nbconvert_exporter: 'script',
  },
  banner: `LatentLab ${version}: TypeScript ${typescript} on ${on}`,
  debugger: false,
  supported_features: [] as string[], // no subshells: control and help are answered while a cell runs
  help_links: help,
});

export const HANDBOOK = { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/' };
export const TFJS = { text: 'TensorFlow.js reference', url: 'https://js.tensorflow.org/api/latest/' };

/** Why a cell's question gets no answer. */
export const nobodyAsks = (prompt: string): string =>
  `cannot ask ${JSON.stringify(prompt)}: nobody sits at this front end (allow_stdin is false); open the notebook in JupyterLab, or give the value in the cell`;
