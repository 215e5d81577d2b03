/**
 * What a failed command's output means, in plain words, and what to do about it.
 * Plain JavaScript, because scripts/lab.mjs needs it before anything is installed.
 */

/** @type {{ pattern: RegExp, meaning: string, remedy: string }[]} most specific first */
const KNOWN = [
  {
    pattern: /ENOSPC|No space left on device|os error 28|disk quota exceeded/i,
    meaning: 'the disk is full',
    remedy:
      'free about 4 GB (10 GB with CUDA) on the disk that holds this folder and the temporary folder, then run the same command again',
  },
  {
    pattern: /EACCES|EPERM|Permission denied|os error 13/i,
    meaning: 'a file or folder may not be written',
    remedy: 'make this folder yours (on Linux and macOS: sudo chown -R "$USER" .), then run the same command again',
  },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|self[- ]signed certificate|unable to get local issuer/i,
    meaning: "the package registry's certificate is not trusted here, as behind some company networks",
    remedy:
      "give the network's root certificate to both tools: NODE_EXTRA_CA_CERTS=/path/root.pem for npm, PIP_CERT and SSL_CERT_FILE for Python",
  },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|Temporary failure in name resolution|Name or service not known|NewConnectionError|Failed to establish a new connection|dns error|client error \(Connect\)|Network is unreachable|ReadTimeout|Connection refused/i,
    meaning: 'the package registry cannot be reached',
    remedy:
      'check the network (behind a proxy: set HTTPS_PROXY; with a mirror: set PIP_INDEX_URL and npm config set registry), then run the same command again: it goes on where it stopped',
  },
  {
    pattern:
      /No matching distribution found|no wheels? with a matching|has no (?:usable )?wheels|not a supported wheel/i,
    meaning: 'a package has no build for this Python or this kind of machine',
    remedy:
      'use Python 3.10 to 3.13, 64 bit (LAB_PYTHON=/path/to/python3.12 chooses one), or LAB_DEVICE=wasm to do without TensorFlow',
  },
  {
    pattern: /package\.json and package-lock\.json .* (?:are not )?in sync|EUSAGE/i,
    meaning: 'package.json and package-lock.json do not belong together',
    remedy: 'run npm install once, and commit the new package-lock.json',
  },
  {
    pattern: /ensurepip is not available|No module named (?:ensurepip|venv)/i,
    meaning: 'this Python came without its venv part',
    remedy: 'on Debian and Ubuntu: sudo apt-get install python3-venv; on Fedora: sudo dnf install python3-pip',
  },
];

/**
 * @param {string} output what the failed command printed
 * @returns {{ meaning: string, remedy: string } | undefined} undefined: nothing known, show the output itself
 */
function remedyFor(output) {
  return KNOWN.find(({ pattern }) => pattern.test(output));
}

/**
 * A failure told in plain words: what failed, why, what to do; the command's own last lines under it.
 * @param {string} what the step, e.g. 'installing the node modules'
 * @param {string} output
 * @returns {string}
 */
function explain(what, output) {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-8);
  const known = remedyFor(output);
  const told = known ? [`${what} failed: ${known.meaning}.`, `  What to do: ${known.remedy}.`] : [`${what} failed.`];
  return [...told, ...lines.map(line => `  | ${line}`)].join('\n');
}

module.exports = { explain, remedyFor };
