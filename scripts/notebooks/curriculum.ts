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

/** Items that belong to one of the last lessons: they must be covered as soon as it is there, all others always. */
export const LAST: Readonly<Record<string, readonly string[]>> = {
  '21-pretrain-finetune-reward': ['L12'],
  '22-r1': ['L13'],
  '23-objects': ['P1', 'P2', 'P3'],
  '24-kitchen': ['P4', 'P5'],
  '25-environments': ['P6', 'P7', 'P8'],
  '26-atlas': ['M1'],
};

/** The ids that must be covered in both languages, given the lessons that there are. */
export function requiredIds(lessons: readonly string[]): string[] {
  const open = Object.entries(LAST).flatMap(([lesson, ids]) => (lessons.includes(lesson) ? [] : ids));
  return CURRICULUM.filter(id => !open.includes(id));
}
