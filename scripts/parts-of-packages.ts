// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Of large packages, the modules that hold what is used of them: loading the rest costs a process 15 MB. */
const PARTS: Readonly<Record<string, string>> = {
  undici: `
    import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
    import api from 'undici/lib/api/index.js';
    Object.assign(Dispatcher.prototype, api);
    export { Dispatcher };
    export { default as Agent } from 'undici/lib/dispatcher/agent.js';
    export { default as Pool } from 'undici/lib/dispatcher/pool.js';
    export { default as buildConnector } from 'undici/lib/core/connect.js';
    export { default as errors } from 'undici/lib/core/errors.js';`,
  'prom-client': `
    export { default as Counter } from 'prom-client/lib/counter.js';
    export { default as Gauge } from 'prom-client/lib/gauge.js';
    export { default as Registry } from 'prom-client/lib/registry.js';`,
};

/** Bundles these parts in place of their packages; the build fails where something else of them is imported. */
export function partsOfPackages(root: string): Plugin {
  const namespace = 'parts';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(?:${Object.keys(PARTS).join('|')})$`) }, ({ path }) => ({
        path,
        namespace,
      }));
      build.onLoad({ filter: /./, namespace }, ({ path }) => ({
        contents: PARTS[path] ?? '',
        resolveDir: join(root, 'node_modules'),
      }));
    },
  };
}
