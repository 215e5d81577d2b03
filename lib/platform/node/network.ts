/** Connections to other programs and machines. */
import http2 from 'node:http2';
import net from 'node:net';

export { http2, net };
