/** What cells can import in a page. */
import * as tf from '@tensorflow/tfjs';
import * as matrix from 'ml-matrix';
import * as lib from '../..';
import * as course from '../../course';
import * as data from '../../data';
import * as diffusion from '../../diffusion';
import * as formats from '../../formats';
import * as models from '../../models';
import * as nn from '../../nn';
import { execFileSync, fs, hasPage, os, PNG, path, spawn, spawnSync } from '../../platform';
import * as util from '../../platform/browser/builtins/util';
import * as hash from '../../platform/browser/hash';
import { zlib } from '../../platform/browser/zip';
import * as plot from '../../plot';
import * as specs from '../../plot/specs';
import * as probability from '../../probability';
import * as runtime from '../../runtime';
import * as text from '../../text';
import * as training from '../../training';
import * as widgets from '../../widgets';

if (!hasPage) throw new Error('this file is for the bundle of a page, in which lib/platform is the browser’s');

/** As compiled code expects of `require`: the whole as `default`. */
const asModule = (whole: object): object => ({ ...whole, default: whole, __esModule: true });

const NODE = {
  fs: asModule(fs),
  path: asModule(path),
  os: asModule(os),
  crypto: asModule(hash),
  util: asModule(util),
  zlib: asModule(zlib),
  child_process: asModule({ execFileSync, spawn, spawnSync }),
};

/** Packages that few cells want, in a script of their own. */
export const later: Record<string, string> = Object.fromEntries(
  ['BytePairEncodingCore', 'encoding/r50k_base', 'encoding/cl100k_base', 'encoding/o200k_base'].map(part => [
    `gpt-tokenizer/${part}`,
    'tokenizers.js',
  ]),
);

export const modules: Record<string, unknown> = {
  './lib': lib,
  './lib/course': course,
  './lib/data': data,
  './lib/diffusion': diffusion,
  './lib/formats': formats,
  './lib/models': models,
  './lib/nn': nn,
  './lib/plot': plot,
  './lib/plot/specs': specs,
  './lib/probability': probability,
  './lib/runtime': runtime,
  './lib/text': text,
  './lib/training': training,
  './lib/widgets': widgets,
  '@tensorflow/tfjs': tf,
  'ml-matrix': matrix,
  pngjs: asModule({ PNG }),
  ...NODE,
  ...Object.fromEntries(Object.entries(NODE).map(([name, module]) => [`node:${name}`, module])),
};
