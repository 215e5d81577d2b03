/** The curriculum's items: a letter for the theme and a number. `covers:<id>` tags of cells name them. */

/**
 * Theme → how many items it has: T tensors and images, F functions, B probability, K information, N how networks learn,
 * C convolution and depth, V auto-encoders, G adversarial networks, D diffusion, L language, M model atlas, P programming.
 */
const ITEMS = { T: 5, F: 5, B: 7, K: 4, N: 8, C: 6, V: 12, G: 1, D: 12, L: 13, M: 1, P: 8 } as const;

/** Every id: T1, T2, …, P8. */
export const CURRICULUM: readonly string[] = Object.entries(ITEMS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
);
