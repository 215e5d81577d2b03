/**
 * Tools of the course for programs and models, over the Model Context Protocol. Not part of `./lib`, as its packages take a
 * third of a second to load: `import { courseServer, ToolClient } from './lib/tools'`.
 */
export { type CallOptions, type Reply, ToolClient, ToolError } from './client';
export { type DrawnDigit, drawDigit } from './digit';
export { expectJson, type JsonValue } from './json';
export { type Offer, offer, type Work } from './offer';
export { ORDERS, type Orders, obey, readOrders } from './orders';
export { inShort, type Passed, recorded } from './recorded';
export { type Ran, runTypeScript, type SandboxLimits } from './sandbox';
export { courseServer } from './server';
