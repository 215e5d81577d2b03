/** Controls on the page that change values in the kernel: `import { interact, slider } from './lib/widgets'`. */
export { Box, column, Output, row } from './containers';
export { button, checkbox, dropdown, progress, range, slider, text } from './controls';
export { interact } from './interact';
export { Widget } from './widget';
