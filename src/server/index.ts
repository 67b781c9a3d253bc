// SPDX-License-Identifier: Apache-2.0
export { type LogLevel, openLog } from './log.ts';
export { createMetrics } from './metrics.ts';
export { type ServerOptions, startServer } from './serve.ts';
