import { zlib } from '../zip';

export default zlib;
/** By name as well: what is required finds no default. */
export const { deflateRawSync, inflateRawSync, deflateSync, inflateSync, gunzipSync } = zlib;
