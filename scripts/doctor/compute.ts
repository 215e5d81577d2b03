/** Started by the doctor: prints the device line after a product that has to be right. */
import { start, tf } from '../../lib/runtime';

async function main(): Promise<void> {
  const device = await start();
  const product = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).sum();
  const value = (await product.data())[0];
  if (value !== 64 ** 3) throw new Error(`a product of ones gave ${value}, expected ${64 ** 3}`);
  console.log(String(device));
}

void main();
