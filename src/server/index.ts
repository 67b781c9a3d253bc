// SPDX-License-Identifier: Apache-2.0
export { type Log, type LogLevel, openLog } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export type { Engine } from './review-doors.ts';
export { type RunningServer, type ServerOptions, type ServerTiming, startServer } from './serve.ts';
