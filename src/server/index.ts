// SPDX-License-Identifier: Apache-2.0
export { type LogLevel, openLog } from './log.ts';
export { createMetrics } from './metrics.ts';
export { startServer } from './serve.ts';
