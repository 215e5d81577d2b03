/** The visible strings of Vega-Lite and Plotly specifications, data values that become labels included. */
import type { Change } from './markup';

type Json = unknown;
type JsonObject = Record<string, Json>;
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every string inside a value. */
const all = (value: Json, change: Change): Json => {
  if (typeof value === 'string') return value.startsWith('data:image/') ? value : change(value); // a picture is no text
  if (Array.isArray(value)) return value.map(item => all(item, change));
  return isObject(value) ? mapped(value, (_, item) => all(item, change)) : value;
};

const mapped = (object: JsonObject, change: (key: string, value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]));

/** Keys of Vega-Lite whose strings are words, or values of the data that scales and selections name again. */
const VEGA_WORDS = new Set([
  'title',
  'subtitle',
  'description',
  'text',
  'labels',
  'domain',
  'sort',
  'oneOf',
  'equal',
  'datum',
  'values',
  'datasets',
  'placeholder',
]);
/** Keys under which values of the data are written inside an expression. */
const EXPRESSIONS = new Set(['calculate', 'expr', 'labelExpr', 'test', 'filter', 'update', 'signal']);
/** Channels that name their axis, legend or line of a tooltip; the far ends x2 and y2 add nothing to the title of x and y. */
const CHANNELS = new Set([
  'x',
  'y',
  'color',
  'fill',
  'stroke',
  'size',
  'shape',
  'opacity',
  'strokeDash',
  'column',
  'row',
  'facet',
  'tooltip',
  'angle',
  'xOffset',
  'yOffset',
]);
/** An expression under one of these says where something is drawn, 'right' or 'top': no word. */
const WHERE = new Set(['align', 'baseline', 'orient', 'anchor']);
/** Sorting by a channel or an order is no value of the data. */
const ORDERS = new Set(['ascending', 'descending', 'x', '-x', 'y', '-y', 'color', '-color']);

/** Titles, labels, tooltips, descriptions, legends; names of series are changed alike in data, domains, filters and expressions. */
export function changeVega(spec: Json, change: Change, under = ''): Json {
  if (Array.isArray(spec)) return spec.map(item => changeVega(item, change, under));
  if (!isObject(spec)) return spec;
  const changed = mapped(spec, (key, value) => {
    if (key === 'values' && under !== 'data' && under !== 'axis' && under !== 'legend' && under !== 'key') return value;
    if (key === 'expr' && WHERE.has(under)) return value;
    if (EXPRESSIONS.has(key) && typeof value === 'string') return changeExpression(value, change);
    if (key === 'sort')
      return typeof value === 'string'
        ? value
        : Array.isArray(value)
          ? all(value, v => (ORDERS.has(v) ? v : change(v)))
          : value;
    if (key === 'name' && under === 'bind') return all(value, change);
    if (key === 'options' && under === 'bind') return all(value, change);
    if (key === 'value' && (under === 'params' || under === 'text')) return all(value, change);
    if (key === 'config' || key === '$schema') return value;
    if (VEGA_WORDS.has(key) && !(isObject(value) && hasLogic(key, value))) return all(value, change);
    return changeVega(value, change, key);
  });
  if (under === 'params') return withLabel(changed, change);
  return CHANNELS.has(under) ? withTitle(changed, change) : changed;
}

/** A list or slider without a name of its own is labelled with that of its parameter. */
function withLabel(param: JsonObject, change: Change): JsonObject {
  const { name, bind } = param;
  if (typeof name !== 'string' || !isObject(bind) || !('input' in bind) || 'name' in bind) return param;
  const said = change(name);
  return said === name ? param : { ...param, bind: { ...bind, name: `${said} ` } };
}

/** `title: { text, … }` and `text: { field, … }` are objects of their own, not words. */
const hasLogic = (key: string, value: JsonObject): boolean =>
  'field' in value ||
  'condition' in value ||
  'expr' in value ||
  'value' in value ||
  (key === 'title' && 'text' in value) ||
  'param' in value ||
  'signal' in value;

/** A channel without a title shows the name of its field. */
function withTitle(channel: JsonObject, change: Change): JsonObject {
  const { field, title } = channel;
  if (typeof field !== 'string' || title !== undefined || channel.axis === null || channel.legend === null)
    return channel;
  const axis = (channel.axis ?? channel.legend ?? channel.header) as JsonObject | undefined;
  if (axis && 'title' in axis) return channel;
  const said = change(field);
  return said === field ? channel : { ...channel, title: said };
}

/** Values in quotes; a quoted name of a field, `datum['mean loss']`, stays. */
const changeExpression = (expression: string, change: Change): string =>
  expression.replace(
    /(\[\s*)?(['"])((?:(?!\2)[^\\])*)\2/g,
    (whole, bracket: string | undefined, quote: string, text: string) =>
      bracket || /^[.,\d%~a-z]{0,4}$/.test(text) ? whole : quote + change(text).replaceAll(quote, '’') + quote,
  );

const PLOTLY_WORDS = new Set([
  'title',
  'text',
  'name',
  'hovertext',
  'hovertemplate',
  'texttemplate',
  'label',
  'labels',
  'ticktext',
  'categoryarray',
  'customdata',
  'legendgroup',
  'prefix',
  'suffix',
  'meta',
]);
const PLOTLY_DATA = new Set(['x', 'y', 'z', 'labels']);

/** What Plotly's buttons say beside a chart in the plane or in space. */
const PLOTLY_BUTTONS = [
  'Download plot as a PNG',
  'Preparing image - this may take a few seconds',
  'Image download succeeded',
  'Sorry, there was a problem downloading your image!',
  'Zoom',
  'Pan',
  'Box Select',
  'Lasso Select',
  'Zoom in',
  'Zoom out',
  'Autoscale',
  'Reset axes',
  'Double-click to zoom back out',
  'Double-click on legend to isolate one trace',
  'Orbital rotation',
  'Turntable rotation',
  'Reset camera to default',
  'Reset camera to last save',
  'Share chart...',
  'Share chart',
  'Share',
  'Cancel',
];

/** Titles, names, hover texts and labels of a Plotly figure; its buttons by a locale of its own, which no page need load. */
export function changePlotly(figure: Json, change: Change): Json {
  const changed = changedPlotly(figure, change);
  const dictionary = Object.fromEntries(PLOTLY_BUTTONS.map(text => [text, change(text)]));
  if (!isObject(changed) || dictionary.Zoom === 'Zoom') return changed;
  const locales = { 'zh-CN': { moduleType: 'locale', name: 'zh-CN', dictionary } };
  return { ...changed, config: { ...(changed.config as JsonObject | undefined), locale: 'zh-CN', locales } };
}

function changedPlotly(figure: Json, change: Change): Json {
  if (Array.isArray(figure)) return figure.map(item => changedPlotly(item, change));
  if (!isObject(figure)) return figure;
  return mapped(figure, (key, value) => {
    if (PLOTLY_WORDS.has(key) && !isObject(value)) return all(value, change);
    if (PLOTLY_DATA.has(key) && Array.isArray(value) && typeof value[0] === 'string') return all(value, change);
    return changedPlotly(value, change);
  });
}
