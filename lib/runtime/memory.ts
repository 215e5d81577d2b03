/** How much memory is in use, in tensors and in the process. */
import { tf } from './tensorflow';

export interface MemoryReport {
  /** Tensors that exist now. */
  tensors: number;
  /** Bytes that they hold. */
  tensorBytes: number;
  /** Memory of the whole process, bytes. */
  rssBytes: number;
  /** The most that the process ever had, bytes. */
  peakRssBytes: number;
}

/**
 * @example memoryReport().tensors >= 0 // → true
 */
export function memoryReport(): MemoryReport {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, tensorBytes: numBytes, rssBytes: process.memoryUsage.rss(), peakRssBytes: peakRss() };
}

/** Kilobytes on Linux and Windows, bytes on macOS is what the system counts; Node gives kilobytes everywhere. */
const peakRss = (): number => process.resourceUsage().maxRSS * 1024;
