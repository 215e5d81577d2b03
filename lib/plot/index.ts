export * from './bars';
export { Figure } from './figure';
export * from './functions';
export * from './images';
export * from './lines';
export { contrast, ink, palette } from './palette';
export * from './points';
export * from './table';
export { type VegaSpec, vegaFigure } from './vega';
