/** A way to a worker on which everything takes 40 ms longer: `slow-way.ts PORT` prints the port of its beginning. */
import net from 'node:net';

const target = Number(process.argv[2]);
const way = net.createServer(client => {
  const there = net.connect(target, '127.0.0.1');
  for (const [from, to] of [
    [client, there],
    [there, client],
  ] as const) {
    from.on('data', part => setTimeout(() => to.writable && to.write(part), 40));
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  }
});
way.listen(0, '127.0.0.1', () => console.log((way.address() as net.AddressInfo).port));
